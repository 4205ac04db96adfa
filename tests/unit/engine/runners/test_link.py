import os
import sys

from turnout.engine.runners.link import Link, join


def test_the_end_of_a_run_waits_until_every_worker_has_closed_its_stream() -> None:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # threads take turns at every line: one in a hundred rounds lost a worker once
    try:
        for number in range(300):
            assert closed_by_the_end_of(f"test-{os.getpid()}-{number}") == [0, 1, 2]
    finally:
        sys.setswitchinterval(usual)


def closed_by_the_end_of(crew: str) -> list[int]:
    link = Link(crew)
    closed: list[int] = []
    for number in range(3):
        assert join(link.name, lambda number=number: closed.append(number))  # type: ignore[misc]
    assert closed == []
    link.close()
    return sorted(closed)


def test_nobody_there() -> None:
    assert not join("\0turnout-nobody-listens-here", lambda: None)
