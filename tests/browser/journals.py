"""Runs to look at: told to a real server as its workers would, through the API alone."""

import gzip
import hashlib
import io
import itertools
import json
import tarfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tests.serving import PROJECT, Served, deployment, register, snapshot
from turnout.client import HttpAdminApi
from turnout.core.jobs import Job
from turnout.core.snapshot import DeploymentSpec

AT = time.time() - 3600
BATCH = 5_000
_keys = itertools.count()

BEGUN = ["s", 0, "running", AT, None]
DONE: tuple[Any, ...] = (["s", 0, "completed", AT + 2, None], ["e", AT + 2])
HOSTILE = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>'
"""A text that does something where it is taken for markup."""


def bundle(files: Mapping[str, str]) -> bytes:
    """A code bundle."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return gzip.compress(packed.getvalue(), mtime=0)


def deploy(api: HttpAdminApi, commit: str, files: Mapping[str, str], *specs: DeploymentSpec, message: str = "") -> None:
    """Apply deployments (`load` and `turf` if none are given) with this code."""
    content = bundle(files)
    digest = hashlib.sha256(content).hexdigest()
    api.put_bundle(digest, content)
    wanted = snapshot(*(specs or (deployment("load"), deployment("turf"))))
    api.apply(wanted, bundle=digest, commit=commit, author="Ada Lovelace", message=message or "Load the roll")


def execute(server: Served, api: HttpAdminApi, of: str, entries: Iterable[Any], **trigger: Any) -> Job:
    """A run of a deployment of which a worker tells these entries."""
    api.trigger(of, namespace=PROJECT, **trigger)
    return tell(server, entries)


def tell(server: Served, entries: Iterable[Any]) -> Job:
    """Take the next run and tell these entries of it; without an end among them it goes on."""
    with server.worker() as worker:
        register(worker)
        (job,) = worker.claim(worker_id="w1", key=f"k{next(_keys)}", slots=1, wait=10)
    ship(server, job, [header(job), *entries], 0)
    return job


def ship(server: Served, job: Job, entries: Sequence[Any], first: int) -> int:
    """Tell more of a run that goes on; the number of the line that comes after."""
    with server.run(job.token) as mine:
        for start in range(0, len(entries), BATCH):
            part = b"".join(json.dumps(entry).encode() + b"\n" for entry in entries[start : start + BATCH])
            mine.ship(job.run.id, job.run.attempt, 0, first + start, part)
    return first + len(entries)


def header(job: Job) -> dict[str, Any]:
    """Line 0."""
    return {
        "protocol": 1, "run": job.run.id, "attempt": job.run.attempt, "stream": 0, "pid": 1, "flow": "load",
        "run_name": job.run.name, "at": AT, "parameters": {}, "tags": [], "entrypoint": "flows/load.py:main",
        "project": PROJECT.project, "trigger": "manual",
    }  # fmt: skip


def task(number: int, name: str, begin: float, end: float | None, state: str = "completed", **extra: Any) -> list[Any]:
    """The entries of a task that ran for a while."""
    upstream = {"upstream": extra.pop("upstream")} if "upstream" in extra else None
    made: list[Any] = [
        ["c", number, 0, "task", f"{name}#{number}", name, AT + begin, "pending", upstream],
        ["s", number, "running", AT + begin, None],
    ]
    if end is not None:
        made.append(["s", number, state, AT + end, extra or None])
    return made


def log(message: str, number: int = 0, at: float = 0, level: int = 20, logger: str = "turnout.flow") -> list[Any]:
    """A log line."""
    return ["l", number, AT + at, level, logger, message]


def failing(error: str = "no state 'XX' in the voter file") -> Iterator[Any]:
    """Forty tasks of which one fails, with its traceback in the log."""
    problem = {"type": "ValueError", "message": error}
    yield BEGUN
    for number in range(1, 41):
        begin = (number - 1) // 8 * 1.2 + number % 8 * 0.1
        yield log(f"read batch {number}: {number * 137} rows", number, begin)
        if number == 37:
            yield from task(number, "load_batch", begin, begin + 0.7, "failed", error=problem, upstream=[1])
            yield log("batch 37 could not be loaded", number, begin + 0.6, 40)
            yield log(
                'Traceback (most recent call last):\n  File "flows/load.py", line 12, in load_batch\n'
                f"    raise ValueError(...)\nValueError: {error}",
                number, begin + 0.7, 40,
            )  # fmt: skip
            continue
        result = {"result": {"inline": number}, "inputs": f"i{number}"}
        up = {"upstream": [number - 8]} if number > 8 else {}
        yield from task(number, "extract" if number <= 8 else "load_batch", begin, begin + 0.9, **result, **up)
    yield ["a", 3, AT + 1, "markdown", "summary", {"markdown": "# Loaded so far\n\n- **39** batches\n- `1` failed"}]
    rows = [{"state": state, "rows": 1000 + place} for place, state in enumerate(("PA", "MI", "WI"))]
    yield ["a", 3, AT + 1, "table", "per-state", {"table": rows}]
    yield ["s", 0, "failed", AT + 7, {"error": problem}]
    yield ["e", AT + 7]


def many_tasks(count: int, failed: int = 5) -> Iterator[Any]:
    """So many tasks over 64 lanes, some of which failed."""
    yield BEGUN
    every = max(1, count // failed)
    for number in range(1, count + 1):
        begin = number // 64 * 0.5 + number % 7 * 0.03
        bad = number % every == every - 1
        extra: dict[str, Any] = {"error": {"type": "OSError", "message": "timed out"}} if bad else {}
        yield from task(number, f"step_{number % 12}", begin, begin + 0.4, "failed" if bad else "completed", **extra)
    yield ["s", 0, "failed", AT + count / 128 + 2, {"error": {"type": "OSError", "message": "timed out"}}]
    yield ["e", AT + count / 128 + 3]


def many_lines(count: int) -> Iterator[Any]:
    """A log of so many lines; one says "needle" near the end, every 20,000th is an error."""
    yield BEGUN
    for number in range(count):
        level = 40 if number % 20_000 == 19_999 else 30 if number % 997 == 0 else 20
        colour = "\x1b[32mok\x1b[0m" if number % 11 == 0 else "ok"
        word = "the needle" if number == count - 1234 else "a straw"
        yield log(f"line {number} is {colour} and holds {word}", at=number / 1000, level=level)
    yield from DONE


def hostile() -> Iterator[Any]:
    """A run whose every text tries to be markup."""
    yield BEGUN
    yield log(HOSTILE, 1)
    yield log(f"\x1b]8;;javascript:window.hurt=1\x07link\x1b]8;;\x07 \x1b[31m{HOSTILE}\x1b[0m", 1)
    yield from task(1, HOSTILE, 0, 1, "failed", error={"type": HOSTILE, "message": HOSTILE})
    shown = [
        ("markdown", {"markdown": f"{HOSTILE}\n\n[a link](javascript:window.hurt=1) ![x](javascript:window.hurt=1)"}),
        ("table", {"table": [{HOSTILE: HOSTILE}]}),
        ("link", {"link": "javascript:window.hurt=1", "link_text": HOSTILE}),
        ("image", {"image_url": "javascript:window.hurt=1"}),
        ("image", {"base64": "PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+", "media_type": "image/svg+xml"}),
        ("progress", {"progress": HOSTILE}),
        (HOSTILE, {HOSTILE: HOSTILE}),
    ]
    for place, (kind, data) in enumerate(shown):
        yield ["a", 1, AT + 1, kind, f"key-{place}", {**data, "description": HOSTILE}]
    yield ["s", 0, "failed", AT + 2, {"error": {"type": "ValueError", "message": HOSTILE}}]
    yield ["e", AT + 2]
