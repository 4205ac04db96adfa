"""What the pages of runs ask of a server: one run at a glance, its log by rows, tasks in columns, many runs at once."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serving import PROJECT, Served, deployment, register, served, snapshot
from turnout.client import HttpAdminApi
from turnout.core.jobs import Job

AT = 1_790_000_000.0
VIEWS = "/api/v1/views/runs"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        yield running


@pytest.fixture
def api(server: Served) -> Iterator[HttpAdminApi]:
    with server.admin() as admin:
        yield admin


@pytest.fixture
def http(server: Served) -> Iterator[httpx.Client]:
    with server.http(server.token()) as client:
        yield client


def bundle(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)


def deploy(api: HttpAdminApi, commit: str, files: Mapping[str, bytes]) -> None:
    content = bundle(files)
    digest = hashlib.sha256(content).hexdigest()
    api.put_bundle(digest, content)
    wanted = snapshot(deployment("load"), deployment("turf"))
    api.apply(wanted, bundle=digest, commit=commit * 40, author="Ada", message=f"Commit {commit}")


def execute(server: Served, api: HttpAdminApi, *entries: object, **trigger: Any) -> Job:
    """A run of `load` of which a worker tells these entries; without an end among them it goes on."""
    api.trigger("load", namespace=PROJECT, **trigger)
    return tell(server, *entries)


def tell(server: Served, *entries: object) -> Job:
    with server.worker() as worker:
        register(worker)
        key = f"k-{datetime.now(UTC).timestamp()}"
        (job,) = worker.claim(worker_id="w1", key=key, slots=1, wait=10)
    head = {"protocol": 1, "run": job.run.id, "attempt": job.run.attempt, "stream": 0, "pid": 1, "flow": "load",
            "run_name": job.run.name, "at": AT, "parameters": {}, "tags": [], "entrypoint": "f.py:f",
            "project": "field-plan", "trigger": "manual"}  # fmt: skip
    lines = b"".join(json.dumps(entry).encode() + b"\n" for entry in (head, *entries))
    with server.run(job.token) as mine:
        mine.ship(job.run.id, job.run.attempt, 0, 0, lines)
    return job


BEGUN = ["s", 0, "running", AT, None]
DONE = (["s", 0, "completed", AT + 2, None], ["e", AT + 2])
ERROR = {"type": "ValueError", "message": "no state 'XX'"}
FAILED = (
    ["c", 1, 0, "task", "read#0", "read", AT, "pending", None],
    ["s", 1, "running", AT, {"inputs": "a"}],
    ["s", 1, "completed", AT + 1, {"result": {"inline": 1}, "inputs": "a"}],
    ["c", 2, 0, "task", "load#0", "load", AT, "pending", {"upstream": [1]}],
    ["s", 2, "running", AT + 1, None],
    ["l", 2, AT + 1, 20, "turnout", "loading XX"],
    ["l", 2, AT + 1, 40, "turnout", "it went wrong"],
    ["s", 2, "failed", AT + 2, {"error": ERROR}],
    ["a", 2, AT, "markdown", "note", {"markdown": "# so far"}],
    ["s", 0, "failed", AT + 2, {"error": ERROR}],
    ["e", AT + 2],
)


def got(http: httpx.Client, path: str, **query: Any) -> Any:
    answer = http.get(f"{VIEWS}{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_failed_run_at_a_glance(server: Served, api: HttpAdminApi, http: httpx.Client) -> None:
    deploy(api, "a", {"flows/load.py": b"one\ntwo\n", "turnout.yaml": b"x"})
    good = execute(server, api, BEGUN, *DONE)
    deploy(api, "b", {"flows/load.py": b"one\n2\n", "turnout.yaml": b"x", "image.png": b"\0\1"})
    job = execute(server, api, BEGUN, *FAILED)
    run = f"/{job.run.id}"
    seen = got(http, run)
    assert seen["sentence"].startswith("Failed")
    assert seen["sentence"].endswith("task 'load': ValueError: no state 'XX'")
    assert [task["name"] for task in seen["failed"]] == ["load"]
    assert (seen["tasks"], seen["log_lines"], seen["first_error"]) == ({"completed": 1, "failed": 1}, 2, 1)
    assert [row[1]["message"] for row in seen["log_end"]] == ["loading XX", "it went wrong"]
    assert (seen["release"]["commit"], seen["last_good"], seen["deployed"]) == ("b" * 40, good.run.id, True)
    assert [item["data"] for item in seen["artifacts"]] == [{"markdown": "# so far"}]
    assert [attempt["state"] for attempt in seen["attempts"]] == ["failed"]

    bars = got(http, run + "/tasks", attempt=1, upstream=True)
    assert [bars["names"][place] for place in bars["name"]] == ["read", "load"]
    assert [bars["states"][place] for place in bars["state"]] == ["completed", "failed"]
    assert (bars["upstream"], bars["number"], bars["next"]) == ([[], [1]], [1, 2], None)

    changes = got(http, run + "/changes")
    assert (changes["base"]["id"], changes["same"], changes["unknown"]) == (good.run.id, False, None)
    assert [(each["path"], each["kind"]) for each in changes["files"]] == [
        ("flows/load.py", "changed"),
        ("image.png", "added"),
    ]
    assert changes["files"][0]["diff"].splitlines()[1:] == [" one", "-two", "+2"]
    assert "not a text" in changes["files"][1]["note"]
    assert got(http, f"/{good.run.id}/changes")["base"] is None


def test_a_log_by_rows_and_its_search(server: Served, api: HttpAdminApi, http: httpx.Client) -> None:
    deploy(api, "a", {"turnout.yaml": b"x"})
    told = [["l", number % 3, AT + number, 20, "turnout", f"line {number}"] for number in range(2500)]
    job = execute(server, api, BEGUN, *told, *DONE)
    log = f"/{job.run.id}/log"
    part = got(http, log, attempt=1, first=2000, limit=3)
    assert (part["first"], part["size"], [line[6] for line in part["lines"]]) == (
        2000,
        2500,
        ["line 2000", "line 2001", "line 2002"],
    )
    assert got(http, log, attempt=1, first=9000)["lines"] == []
    found = got(http, log + "/search", attempt=1, text="LINE 24", lines=True)
    assert found["rows"] == [24, *range(240, 250), *range(2400, 2500)]
    assert (found["lines"][0][6], found["next"]) == ("line 24", None)
    assert got(http, log + "/search", attempt=1, task=1, limit=2) == {"rows": [1, 4], "lines": [], "next": 5}
    text = http.get(f"{VIEWS}{log}/text", params={"attempt": 1})
    assert text.headers["content-disposition"].startswith('attachment; filename="load-')
    assert len(text.text.splitlines()) == 2500
    assert text.text.splitlines()[7].endswith(" INFO turnout: line 7")


def test_running_again_with_other_parameters(server: Served, api: HttpAdminApi, http: httpx.Client) -> None:
    deploy(api, "a", {"turnout.yaml": b"x"})
    job = execute(server, api, BEGUN, *FAILED, parameters={"states": 3})
    deploy(api, "b", {"turnout.yaml": b"y"})
    seen = got(http, f"/{job.run.id}/rerun")
    assert (seen["possible"], seen["reused"], seen["again"]) == (True, {"read": 1}, {"load": 1})
    assert (seen["own"], seen["newest"]) == ("a" * 40, "b" * 40)
    retry = f"/api/v1/runs/{job.run.id}/retry"
    refused = http.post(retry, json={"parameters": {"states": "many"}})
    assert refused.status_code == 422
    assert api.run(job.run.id).attempt == 1, "nothing happened"
    again = http.post(retry, json={"parameters": {"states": 5}, "newest": True})
    assert again.status_code == 200, again.text
    second = tell(server, ["s", 0, "running", AT, None])
    assert (second.parameters, second.run.attempt, second.resume) == ({"states": 5}, 2, True)
    assert second.run.spec.commit == "b" * 40
    assert got(http, f"/{job.run.id}/rerun")["why_not"].startswith("it is not over")


def test_many_runs_at_once(server: Served, api: HttpAdminApi, http: httpx.Client) -> None:
    deploy(api, "a", {"turnout.yaml": b"x"})
    for number in range(120):
        api.trigger("load", namespace=PROJECT, tags=["odd" if number % 2 else "even"])
    for _ in range(5):
        api.trigger("turf", namespace=PROJECT)
    assert got(http, "/count", not_tag="odd") == {"states": {"scheduled": 65}, "complete": True}
    assert got(http, "/count", action="retry")["states"] == {}
    rows = got(http, "", not_deployment="load", limit=3)
    assert [row["deployment"] for row in rows["items"]] == ["turf"] * 3
    assert "no worker" in rows["items"][0]["why"]
    body: dict[str, Any] = {"action": "cancel", "deployment": "load", "tag": ["even"]}
    done, after = 0, None
    while done == 0 or after is not None:
        answer = http.post(f"{VIEWS}/actions", json={**body, "after": after}).json()
        done, after = done + answer["done"], answer["next"]
        assert answer["refused"] == []
    assert done == 60
    assert got(http, "/count")["states"] == {"cancelled": 60, "scheduled": 65}
