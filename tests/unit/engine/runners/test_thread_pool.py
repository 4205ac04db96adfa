"""When the pool adds threads, and which thread goes on with what."""

import threading
from typing import Any

from turnout import flow, task
from turnout.engine.runners.thread_pool import STRETCH
from turnout.task_runners import ThreadPoolTaskRunner
from turnout.testing import Harness

LONG = 30.0


@task
def thread_of(*_: Any) -> int:
    return threading.get_ident()


def test_a_burst_that_blocks_gets_all_its_threads(records: Harness) -> None:
    together = threading.Barrier(8)

    @task
    def meet(_: int) -> None:
        together.wait(LONG)

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=8))
    def main() -> None:
        meet.map(range(16)).result()  # each eight need eight threads at once

    main()


def test_a_task_behind_one_that_takes_its_time_gets_a_thread(records: Harness) -> None:
    go_on = threading.Event()

    @task
    def hold(_: int) -> None:
        assert go_on.wait(LONG)

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=2))
    def main() -> None:
        held = hold.submit(0)
        others = thread_of.map(range(300))
        others.result()
        go_on.set()
        held.result()

    main()


def test_who_ends_a_task_goes_on_with_the_next_of_its_chain(records: Harness) -> None:
    begin = threading.Event()

    @task
    def first() -> int:
        assert begin.wait(LONG)
        return threading.get_ident()

    @flow
    def main() -> set[int]:
        chain: list[Any] = [first.submit()]
        for _ in range(50):
            chain.append(thread_of.submit(chain[-1]))
        begin.set()
        return {future.result() for future in chain}

    main.fn.__annotations__.clear()
    assert len(main()) == 1


def test_a_callback_that_blocks_holds_up_nothing(records: Harness) -> None:
    begin, go_on = threading.Event(), threading.Event()
    seen: list[bool] = []

    @task
    def first() -> None:
        assert begin.wait(LONG)

    @task
    def second(_: Any) -> None:
        go_on.set()

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=1))
    def main() -> None:
        upstream = first.submit()
        downstream = second.submit(upstream)
        upstream.add_done_callback(lambda _: seen.append(go_on.wait(LONG)))
        begin.set()
        downstream.result()

    main()
    assert seen == [True]


def test_a_pool_of_one_stays_with_the_order_in_which_tasks_became_ready(records: Harness) -> None:
    begin = threading.Event()
    order: list[str] = []

    @task
    def note(what: str, *_: Any) -> None:
        order.append(what)

    @task
    def first() -> None:
        assert begin.wait(LONG)

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=1))
    def main() -> None:
        upstream = first.submit()
        after = note.submit("after", upstream)
        waiting = note.map([f"waiting {number}" for number in range(3)])
        begin.set()
        waiting.result()
        after.result()

    main()
    assert order == ["waiting 0", "waiting 1", "waiting 2", "after"]


def test_tasks_run_although_whoever_submits_them_never_pauses(records: Harness) -> None:
    """The only thread stands aside for a burst, but not for ever."""
    ran: list[int] = []

    @task
    def count(number: int) -> None:
        ran.append(number)

    @flow
    def main() -> None:
        futures = []
        while len(ran) < 2 * STRETCH and len(futures) < 200 * STRETCH:
            futures.append(count.submit(len(futures)))
        assert len(ran) >= 2 * STRETCH
        for future in futures:
            future.result()

    main()


def test_jobs_for_threads_that_rest_are_all_taken_at_once(records: Harness) -> None:
    """Threads that were counted on for one job and got another must not leave it behind."""
    sizes = [1, 3, 2, 4, 4, 1, 4, 3] * 4

    @task
    def meet(together: threading.Barrier) -> None:
        together.wait(LONG)

    @flow(task_runner=ThreadPoolTaskRunner(max_workers=4))
    def main() -> None:
        for size in sizes:
            together = threading.Barrier(size)
            for future in [meet.submit(together) for _ in range(size)]:
                future.result()

    main()
