"""DBOS's side of `./dev bench engine`: a workflow's steps, each committed to the database of BENCH_DATABASE."""

import asyncio
import json
import os
import sys
import time

from dbos import DBOS

DBOS(config={"name": "bench", "system_database_url": os.environ["BENCH_DATABASE"], "log_level": "WARNING"})


@DBOS.step()
def one(number):
    return number


@DBOS.step()
async def one_async(number):
    return number


@DBOS.workflow()
def child(number):
    return number


@DBOS.workflow()
def hello(_count):
    assert one("hello world") == "hello world"


@DBOS.workflow()
def direct(count):
    for number in range(count):
        one(number)


@DBOS.workflow()
def mapped(count):
    """Its nearest to a map: a child workflow an element."""
    handles = [DBOS.start_workflow(child, number) for number in range(count)]
    assert sum(handle.get_result() for handle in handles) == sum(range(count))


@DBOS.workflow()
async def gather(count):
    await asyncio.gather(*[one_async(number) for number in range(count)])


def measure(workload, count):
    began = time.perf_counter()
    if workload == "gather":
        asyncio.run(gather(count))
    else:
        globals()[workload.removesuffix("_local").removesuffix("_server").replace("acknowledged", "direct")](count)
    return {"seconds": time.perf_counter() - began}


if __name__ == "__main__":
    DBOS.launch()
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
    DBOS.destroy()
