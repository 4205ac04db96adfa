import pytest

from turnout.server.auth import throttle
from turnout.server.auth.throttle import Guesses, TooManyGuesses


class Time:
    """Seconds that a test moves."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def refused(guesses: Guesses, address: str) -> bool:
    try:
        guesses.check(address)
    except TooManyGuesses:
        return True
    return False


def test_ten_thousand_guesses_are_throttled() -> None:
    time = Time()
    guesses = Guesses(time)
    heard = 0
    for _ in range(10_000):
        time.seconds += 0.01
        if not refused(guesses, "192.0.2.1"):
            guesses.wrong("192.0.2.1")
            heard += 1
    assert heard <= throttle.ADDRESS_BURST + 100 * throttle.ADDRESS_PER_SECOND + 1
    assert not refused(guesses, "192.0.2.2"), "another address is heard"


def test_guesses_from_everywhere_are_throttled_together() -> None:
    guesses = Guesses(Time())
    for number in range(10_000):
        if not refused(guesses, f"192.0.2.{number}"):
            guesses.wrong(f"192.0.2.{number}")
    assert refused(guesses, "198.51.100.1")


def test_who_waits_is_heard_again() -> None:
    time = Time()
    guesses = Guesses(time)
    while not refused(guesses, "a"):
        guesses.wrong("a")
    with pytest.raises(TooManyGuesses) as raised:
        guesses.check("a")
    time.seconds += raised.value.seconds
    guesses.check("a")


def test_addresses_are_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "ADDRESSES", 10)
    guesses = Guesses(Time())
    for number in range(100):
        guesses.wrong(str(number))
    assert len(guesses._addresses) == 10
