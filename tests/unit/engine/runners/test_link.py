import os

from turnout.engine.runners.link import Link, join


def test_the_end_of_a_run_waits_until_every_worker_has_closed_its_stream() -> None:
    link = Link(f"test-{os.getpid()}")
    closed: list[int] = []
    for number in range(3):
        assert join(link.name, lambda number=number: closed.append(number))
    assert closed == []
    link.close()
    assert sorted(closed) == [0, 1, 2]


def test_nobody_there() -> None:
    assert not join("\0turnout-nobody-listens-here", lambda: None)
