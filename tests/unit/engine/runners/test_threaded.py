"""The threads of a runner: how many there are, and what each leaves behind."""

import threading
from queue import SimpleQueue
from typing import Any

from turnout.engine.futures.futures import blocked
from turnout.engine.runners.threaded import ThreadedRunner

LONG = 30.0


class Calling(ThreadedRunner):
    """Its jobs are functions."""

    def __init__(self, threads: int) -> None:
        super().__init__(threads)
        self.left: SimpleQueue[int] = SimpleQueue()

    def give(self, job: Any) -> None:
        self._queue.put(job)
        self._grow()

    def _serve(self) -> None:
        while (job := self._queue.get()) is not None:
            job()
        self._threads -= 1
        self.left.put(threading.get_ident())


def test_no_more_threads_than_allowed() -> None:
    runner, seen, go_on = Calling(2), SimpleQueue[int](), threading.Event()

    def job() -> None:
        seen.put(threading.get_ident())
        assert go_on.wait(LONG)

    for _ in range(4):
        runner.give(job)
    first = {seen.get(timeout=LONG), seen.get(timeout=LONG)}
    assert seen.empty()
    go_on.set()
    assert len(first) == 2
    assert {seen.get(timeout=LONG), seen.get(timeout=LONG)} <= first
    runner.close()
    assert {runner.left.get(timeout=LONG), runner.left.get(timeout=LONG)} == first


def test_who_waits_makes_room_for_one_more() -> None:
    runner, met = Calling(1), threading.Barrier(2)

    def waits() -> None:
        runner.worker_blocks()
        met.wait(LONG)
        runner.worker_resumes()

    runner.give(waits)
    runner.give(lambda: met.wait(LONG))  # one thread alone would never get here
    runner.close()
    runner.left.get(timeout=LONG)


def test_a_thread_knows_its_runner() -> None:
    runner, found = Calling(1), SimpleQueue[Any]()
    runner.give(lambda: found.put(blocked.pools[threading.get_ident()]))
    assert found.get(timeout=LONG) is runner
    runner.close()
    runner.left.get(timeout=LONG)
