from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.schedules.cases import profile
from tests.unit.schedules.oracle import CASES, at
from turnout.core.errors import ScheduleError
from turnout.schedules import CatchUp, Policy, catch_up, format_policy, parse_policy

NOW = at("2027-06-01 12:00")
HOURS = tuple(NOW - timedelta(hours=n) for n in (4, 3, 2, 1))


@pytest.mark.parametrize(
    ("policy", "run"),
    [
        ("all", 4),
        ("latest", 1),
        ("none", 0),
        (timedelta(hours=2), 2),
        (timedelta(minutes=5), 0),
        (timedelta(days=9), 4),
    ],
)
def test_policies(policy: Policy, run: int) -> None:
    answer = catch_up(policy, HOURS, NOW)
    assert answer.run == HOURS[4 - run :]
    assert answer.skipped == HOURS[: 4 - run]
    assert (answer.reason is None) == (run == 4)


def test_reasons_name_the_policy() -> None:
    assert "latest" in (catch_up("latest", HOURS, NOW).reason or "")
    assert "none" in (catch_up("none", HOURS, NOW).reason or "")
    assert "2h" in (catch_up(timedelta(hours=2), HOURS, NOW).reason or "")
    assert "more than 3" in (catch_up("all", HOURS, NOW, limit=3).reason or "")


def test_nothing_missed_is_nothing_to_do() -> None:
    for policy in ("all", "latest", "none", timedelta(hours=1)):
        assert catch_up(parse_policy(policy) if isinstance(policy, str) else policy, [], NOW) == CatchUp(
            run=(), skipped=()
        )


@pytest.mark.parametrize("policy", ["all", "latest", "none", timedelta(seconds=1)])
def test_what_is_due_now_is_not_late(policy: Policy) -> None:
    missed = [*HOURS, NOW - timedelta(seconds=8), NOW - timedelta(seconds=2)]
    answer = catch_up(policy, missed, NOW, on_time=timedelta(seconds=10))
    assert answer.run[-2:] == tuple(missed[-2:])
    assert catch_up(policy, [NOW], NOW).run == (NOW,)


POLICIES = st.one_of(st.sampled_from(("all", "latest", "none")), st.timedeltas(timedelta(seconds=1), timedelta(days=3)))


@profile(CASES // 5)
@given(
    POLICIES,
    st.lists(st.integers(0, 300_000), max_size=150, unique=True),
    st.integers(0, 120),
    st.timedeltas(timedelta(), timedelta(hours=1)),
)
def test_every_occurrence_is_dealt_with_once_and_the_latest_run(
    policy: Policy, ages: list[int], limit: int, on_time: timedelta
) -> None:
    missed = sorted(NOW - timedelta(seconds=age) for age in ages)
    answer = catch_up(policy, missed, NOW, limit=limit, on_time=on_time)
    assert [*answer.skipped, *answer.run] == missed
    assert len(answer.run) <= limit
    assert bool(answer.reason) == bool(answer.skipped)
    wanted = {due for due in missed if due >= NOW - on_time or _wants(policy, due, missed)}
    assert set(answer.run) == set(sorted(wanted)[max(len(wanted) - limit, 0) :])


def _wants(policy: Policy, due: datetime, missed: list[datetime]) -> bool:
    if isinstance(policy, timedelta):
        return NOW - due <= policy
    return policy == "all" or (policy == "latest" and due == missed[-1])


@pytest.mark.parametrize(
    ("value", "policy"),
    [
        ("all", "all"),
        ("latest", "latest"),
        ("none", "none"),
        ({"within": "2h"}, timedelta(hours=2)),
        ({"within": 90}, timedelta(seconds=90)),
        ("within:7200", timedelta(hours=2)),
        ("within: 2h", timedelta(hours=2)),
        ("within:1.23457e+06", timedelta(seconds=1234570)),
    ],
)
def test_policies_are_read(value: object, policy: Policy) -> None:
    assert parse_policy(value) == policy
    assert parse_policy(format_policy(policy)) == policy


@pytest.mark.parametrize(
    "value",
    [
        "",
        "always",
        None,
        True,
        5,
        {},
        {"within": 0},
        {"within": "soon"},
        {"within": "2h", "x": 1},
        {"before": "2h"},
        "within:",
        "within:-5",
        "within:1e+99",
        ["all"],
        "x" * 1_000_000,
    ],
)
def test_other_policies_are_refused(value: object) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_policy(value)
    assert "latest" in f"{caught.value.fix}" or "15m" in f"{caught.value.fix}" or "none" in f"{caught.value.fix}"
    assert len(str(caught.value)) < 300
