"""Turnout's side of `./dev bench engine`: `turnout_program.py WORKLOAD COUNT` prints what it took as JSON."""

import json
import sys
import time

from turnout import flow, get_run_logger, task
from turnout.futures import wait


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
    for number in range(count):
        one(number)


@flow
def mapped(count: int):
    assert sum(one.map(range(count)).result()) == sum(range(count))


@flow
async def gather(count: int):
    import asyncio

    await asyncio.gather(*[one_async(number) for number in range(count)])


@flow
def chain(count: int):
    future = add.submit(0)
    for _ in range(count - 1):
        future = add.submit(future)
    wait([future])
    assert future.result() == count


@flow
def logs(count: int):
    return talk(count)


def acknowledged_local(count):
    direct.with_options(acknowledge="local")(count)


def acknowledged_server(count):
    direct.with_options(acknowledge="server")(count)


def harness(_count):
    from turnout.testing.utilities import prefect_test_harness

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
    if workload == "gather":
        import asyncio

        began = time.perf_counter()
        asyncio.run(gather(count))
        return {"seconds": time.perf_counter() - began}
    began = time.perf_counter()
    emitted = globals()[workload](count)
    took = time.perf_counter() - began
    return {"seconds": emitted, "whole_seconds": took} if workload == "logs" else {"seconds": took}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
