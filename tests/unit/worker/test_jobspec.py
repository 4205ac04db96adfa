import json
from dataclasses import replace
from pathlib import Path

from tests.unit.worker.running import new_job
from turnout.core.tokens import flow_token
from turnout.worker.jobspec import Surroundings, build_order, job_file, reduce_environment

AROUND = Surroundings(
    data_dir=Path("/data"), server_url="http://server:4747", grace_seconds=10.0, environment={"PATH": "/bin"}
)


def test_environment_is_what_is_allowed_and_what_is_named() -> None:
    environ = {
        "PATH": "/bin",
        "LC_ALL": "C",
        "TURNOUT_TOKEN": "tn_admin_x",
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_PROFILE": "field",
        "OTHER": "x",
    }
    assert reduce_environment(environ, ("AWS_PROFILE",)) == {"PATH": "/bin", "LC_ALL": "C", "AWS_PROFILE": "field"}


def test_order_of_a_job() -> None:
    job = new_job("hello", timeout=60.0, resume=True)
    order = build_order(
        job,
        surroundings=AROUND,
        bundle_dir=Path("/code"),
        secrets={"VAN_API_KEY": "value"},
        mask=["value"],
        claimed_at=5.0,
    )
    engine_job = order.pop("job")
    assert order == {
        "run_id": job.run.id,
        "attempt": 1,
        "spool": "/data/spool",
        "server_url": "http://server:4747",
        "ca_file": None,
        "token": job.token,
        "lease_seconds": 3.0,
        "claimed_at": 5.0,
        "grace_seconds": 10.0,
        "timeout_seconds": 60.0,
        "resume": True,
        "mask": ["value", flow_token(job.token)],
        "engine": "turnout.engine.__main__",
        "environment": {
            "PATH": "/bin",
            "VAN_API_KEY": "value",
            "TURNOUT_RUN": f"{job.run.id}.1",
            "TURNOUT_DATA": "/data",
            "TURNOUT_API_URL": "http://server:4747",
            "TURNOUT_API_KEY": flow_token(job.token),
        },
    }
    assert engine_job["run"]["spec"]["entrypoint"] == "bodies.py:hello"
    assert engine_job["run"]["due_at"] == "2026-11-03T12:00:00Z"
    assert {key: engine_job[key] for key in ("data_dir", "bundle_dir", "spool", "mask", "env")} == {
        "data_dir": "/data",
        "bundle_dir": "/code",
        "spool": "/data/spool",
        "mask": ["value", flow_token(job.token)],
        "env": {"VAN_API_KEY": "value"},
    }


def test_user_code_never_gets_the_run_token() -> None:
    job = new_job()
    order = build_order(job, surroundings=AROUND, bundle_dir=None, secrets={}, mask=[], claimed_at=5.0)
    assert job.token not in json.dumps(order["job"]) + json.dumps(order["environment"])


def test_order_travels_as_json() -> None:
    order = build_order(new_job(), surroundings=AROUND, bundle_dir=None, secrets={}, mask=[], claimed_at=5.0)
    assert json.loads(json.dumps(order))["job"]["run"]["name"] == "brisk-heron"


def test_job_file_says_whose_it_is_and_holds_no_secret() -> None:
    job = replace(new_job(), secrets={"van": ("api_key",)})
    found = json.loads(job_file(job, "w1"))
    assert (found["worker_id"], found["run"]["id"], found["secrets"]) == ("w1", job.run.id, {"van": ["api_key"]})
