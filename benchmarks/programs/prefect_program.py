"""Prefect's side of `./dev bench engine`; the server is the one of PREFECT_API_URL.

After the clock has stopped, the server is asked for the run's completed task runs (or log lines) until all are there or
nothing has been added for half a minute: `recorded` of `expected`, `settle_seconds` after the flow's return.
"""

import asyncio
import json
import os
import sys
import time

from prefect import flow, get_run_logger, task
from prefect.futures import wait
from prefect.runtime import flow_run

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
    log = get_run_logger()
    began = time.perf_counter()
    for number in range(count):
        log.info("line %d of the benchmark, which is some sixty characters long", number)
    return time.perf_counter() - began


@flow
def hello(name: str = "world"):
    return one(f"hello {name}")


@flow
def direct(count: int):
    run["id"] = str(flow_run.id)
    for number in range(count):
        one(number)


@flow
def mapped(count: int):
    run["id"] = str(flow_run.id)
    assert sum(one.map(range(count)).result()) == sum(range(count))


@flow
async def gather(count: int):
    run["id"] = str(flow_run.id)
    await asyncio.gather(*[one_async(number) for number in range(count)])


@flow
def chain(count: int):
    run["id"] = str(flow_run.id)
    future = add.submit(0)
    for _ in range(count - 1):
        future = add.submit(future)
    wait([future])
    assert future.result() == count


@flow
def logs(count: int):
    run["id"] = str(flow_run.id)
    return talk(count)


def harness(_count):
    from prefect.testing.utilities import prefect_test_harness

    began = time.perf_counter()
    with prefect_test_harness():
        ready = time.perf_counter()
        assert hello() == "hello world"
        return {"seconds": ready - began, "flow_seconds": time.perf_counter() - ready}


def measure(workload, count):
    if workload == "harness":
        return harness(count)
    if workload == "hello":
        assert hello() == "hello world"
        return {"seconds": 0}
    began = time.perf_counter()
    emitted = asyncio.run(gather(count)) if workload == "gather" else globals()[workload](count)
    took = time.perf_counter() - began
    found = {"seconds": emitted, "whole_seconds": took} if workload == "logs" else {"seconds": took}
    return {**found, **settled(workload, count)}


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
    import httpx

    wanted = {
        "flow_runs": {"id": {"any_": [run["id"]]}},
        "task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
    }
    return httpx.post(os.environ["PREFECT_API_URL"] + "/task_runs/count", json=wanted, timeout=120).json()


def lines_of():
    import httpx

    found = offset = 0
    while True:
        wanted = {"logs": {"flow_run_id": {"any_": [run["id"]]}}, "limit": 200, "offset": offset}
        page = httpx.post(os.environ["PREFECT_API_URL"] + "/logs/filter", json=wanted, timeout=120).json()
        found += sum(line["message"].startswith("line ") for line in page)
        offset += 200
        if len(page) < 200:
            return found


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
