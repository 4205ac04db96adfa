"""Turnout's and Prefect's side of `./dev bench engine`: the same flows, but for the import.

BENCH_PACKAGE names the package. For Prefect the server is the one of PREFECT_API_URL; after the clock has stopped it is
asked for the run's completed task runs (or log lines) until all are there or nothing has been added for half a minute:
`recorded` of `expected`, `settle_seconds` after the flow's return.
"""

import asyncio
import json
import os
import sys
import time
from importlib import import_module

PACKAGE = os.environ["BENCH_PACKAGE"]
engine = import_module(PACKAGE)
flow, task = engine.flow, engine.task
run = {}


@task
def one(number):
    return number


@task
def add(number):
    return number + 1


@task
async def one_async(number):
    return number


@task
def talk(count):
    log = engine.get_run_logger()
    began = time.perf_counter()
    for number in range(count):
        log.info("line %d of the benchmark, which is some sixty characters long", number)
    return time.perf_counter() - began


@flow
def hello(name: str = "world"):
    return one(f"hello {name}")


@flow
def direct(count: int):
    remember()
    for number in range(count):
        one(number)


@flow
def mapped(count: int):
    remember()
    assert sum(one.map(range(count)).result()) == sum(range(count))


@flow
async def gather(count: int):
    remember()
    await asyncio.gather(*[one_async(number) for number in range(count)])


@flow
def chain(count: int):
    remember()
    future = add.submit(0)
    for _ in range(count - 1):
        future = add.submit(future)
    import_module(f"{PACKAGE}.futures").wait([future])
    assert future.result() == count


@flow
def logs(count: int):
    remember()
    return talk(count)


def acknowledged_local(count):
    direct.with_options(acknowledge="local")(count)


def acknowledged_server(count):
    direct.with_options(acknowledge="server")(count)


def remember():
    if PACKAGE == "prefect":
        run["id"] = str(engine.runtime.flow_run.id)


def harness():
    prefect_test_harness = import_module(f"{PACKAGE}.testing.utilities").prefect_test_harness
    began = time.perf_counter()
    with prefect_test_harness(server_startup_timeout=120):
        ready = time.perf_counter()
        assert hello() == "hello world"
        return {"seconds": ready - began, "flow_seconds": time.perf_counter() - ready}


def measure(workload, count):
    if workload == "harness":
        return harness()
    if workload == "hello":
        assert hello() == "hello world"
        return {"seconds": 0}
    began = time.perf_counter()
    emitted = asyncio.run(gather(count)) if workload == "gather" else globals()[workload](count)
    took = time.perf_counter() - began
    found = {"seconds": emitted, "whole_seconds": took} if workload == "logs" else {"seconds": took}
    return found if PACKAGE == "turnout" else {**found, **settled(workload, count)}


def settled(workload, count):
    ask = lines_of if workload == "logs" else tasks_of
    began = last_change = time.perf_counter()
    recorded = -1
    while recorded < count and time.perf_counter() - last_change < 30:
        now = ask()
        if now != recorded:
            recorded, last_change = now, time.perf_counter()
        time.sleep(0.2)
    return {"recorded": recorded, "expected": count, "settle_seconds": last_change - began}


def tasks_of():
    wanted = {
        "flow_runs": {"id": {"any_": [run["id"]]}},
        "task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
    }
    return ask_server("/task_runs/count", wanted)


def lines_of():
    found = offset = 0
    while True:
        page = ask_server(
            "/logs/filter", {"logs": {"flow_run_id": {"any_": [run["id"]]}}, "limit": 200, "offset": offset}
        )
        found += sum(line["message"].startswith("line ") for line in page)
        offset += 200
        if len(page) < 200:
            return found


def ask_server(path, wanted):
    import httpx

    return httpx.post(os.environ["PREFECT_API_URL"] + path, json=wanted, timeout=120).json()


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
