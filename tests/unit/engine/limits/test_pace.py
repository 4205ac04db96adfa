"""How fast a limit lets calls through, and how it learns."""

import pytest

from turnout.engine.limits.pace import SLOWEST_SECONDS, Pace


def test_a_rate_lets_one_through_every_interval() -> None:
    pace = Pace(0.1)
    assert pace.take_if_free(5.0) <= 0
    assert pace.take_if_free(5.0) == pytest.approx(0.1)
    assert pace.take_if_free(5.1) <= 0
    pace.take(5.2, turns=3)
    assert pace.wait(5.2) == pytest.approx(0.3)


def test_refusals_of_one_moment_halve_the_rate_once() -> None:
    pace = Pace(0.1)
    for began in (1.0, 1.1, 1.2):
        pace.refuse(2.0, began, 0.5)
    assert pace.gap == pytest.approx(0.2)
    assert pace.wait(2.0) == pytest.approx(0.5)
    pace.refuse(4.0, 3.0, 0.0)
    assert pace.gap == pytest.approx(0.4)


def test_it_recovers_up_to_the_declared_rate() -> None:
    pace = Pace(0.1)
    pace.refuse(2.0, 1.0, 0.0)
    gaps = []
    while pace.slowed():
        pace.accept(3.0)
        gaps.append(pace.gap)
    assert len(gaps) in (25, 26)
    assert gaps == sorted(gaps, reverse=True)
    assert pace.gap == 0.1


def test_without_a_declared_rate_what_went_through_is_taken() -> None:
    pace = Pace()
    for _ in range(20):
        assert pace.take_if_free(10.0) <= 0
    pace.refuse(10.1, 10.0, 1.0)
    assert 1 / pace.gap == pytest.approx(10)
    for _ in range(200):
        pace.accept(12.0)
    assert pace.gap == 0.0


def test_successes_from_before_the_cut_teach_nothing() -> None:
    pace = Pace(0.1)
    pace.refuse(2.0, 1.0, 0.0)
    pace.accept(1.5)
    assert pace.gap == pytest.approx(0.2)


def test_it_never_stops_altogether() -> None:
    pace = Pace(0.1)
    for moment in range(1, 100):
        pace.refuse(float(moment), moment - 0.5, 0.0)
    assert pace.gap == SLOWEST_SECONDS


def test_others_take_over_what_it_knows_but_nothing_of_an_earlier_boot() -> None:
    pace, other, later = Pace(0.1), Pace(0.1), Pace(0.1)
    pace.take(5000.0)
    pace.refuse(5000.0, 4999.0, 3.0)
    other.load(pace.dump(), 5001.0)
    assert other.wait(5001.0) == pytest.approx(2.0)
    assert other.gap == pytest.approx(0.2)
    later.load(pace.dump(), 12.0)
    assert later.wait(12.0) <= 0
    later.load("nonsense", 12.0)
    later.load("1 2", 12.0)
    assert later.gap == 0.1


def test_a_clock_that_goes_back_makes_nobody_wait_for_it() -> None:
    pace = Pace(0.1)
    pace.take(3600.0)
    pace.refuse(3600.0, 3599.0, 5.0)
    assert pace.wait(100.0) <= 0
    pace.take(100.0)
    assert pace.wait(100.0) == pytest.approx(0.2)
