"""Who decides whether a run is strict: the nearest flow that says so, else the environment."""

import pytest

from turnout import flow, get_run_logger, task
from turnout.core.errors import FlowRunFailed, MissingContext
from turnout.engine.context.scopes import current
from turnout.engine.strict import is_strict
from turnout.testing import Harness


@task
def strict_here() -> bool:
    return is_strict(current.get())


@task
def broken() -> None:
    raise ValueError("no")


def test_a_flow_says_it_for_all_that_runs_inside(records: Harness) -> None:
    @flow
    def inner() -> bool:
        return strict_here()

    @flow(strict=True)
    def outer() -> list[bool]:
        return [strict_here(), strict_here.submit().result(), inner(), inner.with_options(strict=False)()]

    assert outer() == [True, True, True, False]
    assert inner() is False


@pytest.mark.parametrize(("value", "strict"), [("1", True), ("true", True), ("0", False), ("", False)])
def test_the_environment_decides_for_the_rest(
    records: Harness, monkeypatch: pytest.MonkeyPatch, value: str, strict: bool
) -> None:
    monkeypatch.setenv("TURNOUT_STRICT", value)

    @flow
    def plain() -> bool:
        return strict_here()

    assert (is_strict(None), plain(), plain.with_options(strict=not strict)()) == (strict, strict, not strict)


def test_an_unread_failure_is_silent_only_where_it_is_strict(records: Harness) -> None:
    @flow
    def careless() -> None:
        broken.submit()

    with pytest.raises(FlowRunFailed, match="nobody read"):
        careless()
    assert careless.with_options(strict=True)(return_state=True).is_completed()


def test_a_logger_outside_a_run_is_missing_only_where_it_is_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    assert get_run_logger().name == "turnout"  # type: ignore[union-attr]
    monkeypatch.setenv("TURNOUT_STRICT", "1")
    with pytest.raises(MissingContext):
        get_run_logger()
