"""One task runner beside the library that it stands on: `runners_program.py KIND TASKS ROUNDS` prints microseconds a
task of both, in turns, as JSON. Both pools, or the cluster, are up before anything is timed."""

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from typing import Any

from turnout import flow, task
from turnout.task_runners import ProcessPoolTaskRunner, TaskRunner, ThreadPoolTaskRunner

WORKERS = 2


def bare(number: int) -> int:
    return number


@task
def one(number: int) -> int:
    return number


@flow
def mapped(count: int) -> float:
    started = time.perf_counter()
    assert sum(one.map(range(count)).result()) == sum(range(count))
    return time.perf_counter() - started


def main() -> None:
    kind, count, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with ExitStack() as stack:
        runner, library = MAKERS[kind](stack)
        ours = mapped.with_options(task_runner=runner)
        ours(20), library(20)
        pairs = [(ours(count), library(count)) for _ in range(rounds)]
    print(json.dumps([[1e6 * seconds / count for seconds in pair] for pair in pairs]))


Maker = Callable[[ExitStack], tuple[TaskRunner, Callable[[int], float]]]


def threads(stack: ExitStack) -> tuple[TaskRunner, Callable[[int], float]]:
    return ThreadPoolTaskRunner(WORKERS), executor(stack.enter_context(ThreadPoolExecutor(WORKERS)))


def processes(stack: ExitStack) -> tuple[TaskRunner, Callable[[int], float]]:
    pool = ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn"))
    return ProcessPoolTaskRunner(WORKERS), executor(stack.enter_context(pool))


def executor(pool: Executor) -> Callable[[int], float]:
    def measure(count: int) -> float:
        started = time.perf_counter()
        assert sum(pool.map(bare, range(count))) == sum(range(count))
        return time.perf_counter() - started

    return measure


def dask(stack: ExitStack) -> tuple[TaskRunner, Callable[[int], float]]:
    from distributed import Client, LocalCluster

    from turnout.dask import DaskTaskRunner

    cluster = stack.enter_context(LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None))
    client = stack.enter_context(Client(cluster))

    def measure(count: int) -> float:
        started = time.perf_counter()
        futures = [client.submit(bare, number, pure=False) for number in range(count)]
        assert sum(client.gather(futures)) == sum(range(count))
        return time.perf_counter() - started

    return stack.enter_context(DaskTaskRunner(cluster=cluster)), measure


def ray(stack: ExitStack) -> tuple[TaskRunner, Callable[[int], float]]:
    import ray as library

    from turnout.ray import RayTaskRunner

    runner = stack.enter_context(RayTaskRunner(init_kwargs={"num_cpus": WORKERS}))
    remote: Any = library.remote(bare)

    def measure(count: int) -> float:
        started = time.perf_counter()
        assert sum(library.get([remote.remote(number) for number in range(count)])) == sum(range(count))
        return time.perf_counter() - started

    return runner, measure


MAKERS: dict[str, Maker] = {"threads": threads, "processes": processes, "dask": dask, "ray": ray}

if __name__ == "__main__":
    main()
