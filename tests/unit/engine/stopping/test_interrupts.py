"""Interrupts reach user code and nothing else."""

import contextlib
import sys
import threading
from collections.abc import Iterator
from queue import Empty, SimpleQueue

import pytest

from turnout.engine.runs.instructions import Call
from turnout.engine.stopping.interrupts import Interrupt, Interruptible

ROUNDS = 300
MOST = 1_000_000
"""Calls until an interrupt has to have come, on a machine that leaves its thrower no time for very long."""


def test_a_thread_outside_user_code_is_left_alone() -> None:
    interruptible = Interruptible()
    assert interruptible.call(Call(lambda: 1, (), {}, False)) == 1
    interruptible.interrupt()
    assert sum(range(1000)) == 499_500


@pytest.fixture
def hectic_switching() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hectic_switching")
def test_an_interrupt_ends_in_the_call_even_when_it_comes_as_the_call_ends() -> None:
    interruptible, escaped, seen = Interruptible(), [], []
    entered: SimpleQueue[None] = SimpleQueue()  # in C: an Interrupt inside leaves no lock taken

    def work() -> None:
        try:
            for done in range(MOST):
                if done >= ROUNDS and seen:
                    break
                try:
                    interruptible.call(Call(step, (), {}, False))
                except Interrupt:
                    seen.append(1)
        except BaseException as error:
            escaped.append(error)

    def step() -> int:
        entered.put(None)
        return sum(number for number in range(500))

    thread = threading.Thread(target=work)
    thread.start()
    while thread.is_alive():
        with contextlib.suppress(Empty):
            entered.get(timeout=0.001)
        interruptible.interrupt()
    thread.join()
    assert not escaped
    assert seen, "no interrupt arrived: the test shows nothing"
