"""A program written for Prefect runs after its imports are changed, as docs/how-to/move-from-prefect.md says."""

import re
import types
from pathlib import Path
from typing import Any

import pytest

from turnout.testing import Harness

PROGRAM = """
import asyncio
from collections.abc import Iterator
from datetime import timedelta

import prefect.runtime
from prefect import Flow, Task, allow_failure, flow, get_run_logger, tags, task, unmapped
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.blocks.core import Block
from prefect.blocks.system import Secret
from prefect.cache_policies import INPUTS, NO_CACHE, RUN_ID, TASK_SOURCE
from prefect.concurrency.asyncio import concurrency as aconcurrency
from prefect.concurrency.sync import concurrency, rate_limit
from prefect.context import FlowRunContext, get_run_context
from prefect.deployments import run_deployment
from prefect.events import emit_event
from prefect.exceptions import MissingContextError, PrefectException
from prefect.futures import PrefectFuture, PrefectFutureList, as_completed, wait
from prefect.input import RunInput
from prefect.logging import disable_run_logger
from prefect.main import State
from prefect.runtime import flow_run, task_run
from prefect.schedules import Cron, Interval, RRule
from prefect.states import Completed, Failed, StateType
from prefect.task_runners import ConcurrentTaskRunner, ThreadPoolTaskRunner
from prefect.tasks import exponential_backoff, task_input_hash
from prefect.transactions import transaction
from prefect.utilities.annotations import quote
from prefect.variables import Variable

told = []


def tell(flow, flow_run, state):
    told.append((flow.name, flow_run.name, state.name, state.is_completed()))


def only_network(task, task_run, state) -> bool:
    return isinstance(state.result(raise_on_failure=False), ConnectionError)


tries = {"fetch": 0}


@task(
    name="Fetch", tags=["api"], retries=3, retry_delay_seconds=exponential_backoff(backoff_factor=0),
    retry_jitter_factor=0.5, retry_condition_fn=only_network, task_run_name="fetch-{state}",
)
def fetch(state: str, size: int = 1) -> list[str]:
    tries["fetch"] += 1
    if tries["fetch"] == 1:
        raise ConnectionError("first time")
    get_run_logger().info("fetched %s", task_run.name)
    return [f"{state}-{number}" for number in range(size)]


@task(timeout_seconds=60)
async def score(person: str) -> int:
    await asyncio.sleep(0)
    return len(person)


@task
def total(scores: list[int], broken=None) -> int:
    return sum(scores)


@task(retries=0)
def fragile() -> None:
    raise ValueError("broken")


@task
def pages() -> Iterator[int]:
    yield from range(3)


@flow(log_prints=True)
def report(total: int) -> State:
    print(f"total {total}")
    create_markdown_artifact(key="report", markdown=f"# {total}", description="how many")
    create_table_artifact(key="people", table=[{"total": total}])
    return Completed(message="reported", data=total)


@flow(
    name="Nightly Load", flow_run_name="nightly-{day}", description="All of it", retries=1, retry_delay_seconds=0,
    task_runner=ThreadPoolTaskRunner(max_workers=4), on_completion=[tell], version="2",
)
def nightly(day: str, states: list[str], size: int = 2) -> dict:
    with tags("nightly"):
        people = fetch.map(states, size=unmapped(size))
    assert isinstance(people, PrefectFutureList) and isinstance(people[0], PrefectFuture)
    done, not_done = wait(people)
    assert len(done) == len(states) and not not_done
    names = [name for found in people.result() for name in found]
    scores = score.map(names)
    ordered = sorted(future.result() for future in as_completed(scores))
    bad = fragile.submit()
    summed = total.submit(scores, broken=allow_failure(bad), wait_for=[people])
    state = report(summed, return_state=True)
    assert state.type == StateType.COMPLETED and state.message == "reported"
    assert get_run_context().flow_run.name == FlowRunContext.get().flow_run.name == prefect.runtime.flow_run.name
    return {"names": names, "scores": ordered, "total": state.result(), "pages": list(pages()), "run": flow_run.name,
            "quoted": total(quote([1, 2]))}


@nightly.on_failure
def alarm(flow, flow_run, state):
    told.append("alarm")


@flow
async def gathering(names: list[str]) -> list[int]:
    direct = await asyncio.gather(*[score(name) for name in names])
    submitted = [await future for future in score.map(names)]
    return [*direct, *submitted]


class Warehouse(Block):
    host: str
    port: int = 5432


class Approval(RunInput):
    ok: bool


looked_up = []


@task(cache_policy=INPUTS + TASK_SOURCE + RUN_ID - "session", cache_expiration=timedelta(days=1), persist_result=True)
def look_up(state: str, session: object) -> str:
    looked_up.append(state)
    return state.lower()


@task(cache_key_fn=task_input_hash, persist_result=True)
def hashed(x: int) -> int:
    looked_up.append(x)
    return x


@task(cache_policy=NO_CACHE)
def write(name: str) -> str:
    told.append(("wrote", name))
    return name


@write.on_rollback
def unwrite(transaction):
    told.append(("rolled back", transaction.get("name")))


@write.on_commit
def confirm(transaction):
    told.append(("committed", transaction.get("name")))


@flow
def cached() -> list:
    first = [look_up("OH", object()), look_up("OH", object())]
    return first + [hashed(987_655), hashed(987_655)]


@flow
def transacted(fail: bool) -> None:
    told.clear()
    with transaction() as txn:
        txn.set("name", "people.csv")
        write("people.csv")
        if fail:
            raise ValueError("after it was written")


@flow
def judged(ok: bool):
    return Completed(data="fine") if ok else Failed(message="not today")
"""


def moved(source: str) -> Any:
    """The program with its imports changed, as a module."""
    text = re.sub(r"\bprefect\.", "turnout.", re.sub(r"\b(from|import) prefect\b", r"\1 turnout", source))
    module = types.ModuleType("moved_program")
    module.__file__ = __file__
    exec(compile(text, str(Path(__file__)), "exec"), module.__dict__)
    return module


@pytest.mark.parametrize("strict", ["0", "1"])
def test_a_moved_program_runs(records: Harness, monkeypatch: pytest.MonkeyPatch, strict: str) -> None:
    monkeypatch.setenv("TURNOUT_STRICT", strict)
    program = moved(PROGRAM)
    assert program.nightly(day="monday", states=("OH", "PA")) == {
        "names": ["OH-0", "OH-1", "PA-0", "PA-1"],
        "scores": [4, 4, 4, 4],
        "total": 16,
        "pages": [0, 1, 2],
        "run": "nightly-monday",
        "quoted": 3,
    }
    assert program.told == [("Nightly Load", "nightly-monday", "Completed", True)]
    run = records.run
    assert sorted(task.name for task in run.tasks if task.function == "Fetch") == ["fetch-OH", "fetch-PA"]
    assert {task.tags for task in run.tasks if task.function == "Fetch"} == {("api", "nightly")}
    assert "total 16" in [line.message for line in run.logs]
    assert program.cached() == ["oh", "oh", 987_655, 987_655]
    assert program.looked_up == ["OH", 987_655]
    program.transacted(False)
    assert program.told == [("wrote", "people.csv"), ("committed", "people.csv")]
    with pytest.raises(ValueError, match="after it was written"):
        program.transacted(True)
    assert program.told == [("wrote", "people.csv"), ("rolled back", "people.csv")]
    assert program.Warehouse(host="db").port == 5432
    assert program.Cron("0 4 * * *", timezone="America/New_York").cron == "0 4 * * *"
    assert program.asyncio.run(program.gathering(["a", "bb"])) == [1, 2, 1, 2]
    assert program.judged(True) == "fine"
    assert program.judged(False, return_state=True).message == "not today"
    with pytest.raises(program.PrefectException):
        program.judged(False)
