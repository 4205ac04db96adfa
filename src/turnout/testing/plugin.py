"""The pytest plugin: it is loaded wherever Turnout is installed, and loads the engine when a test asks for a fixture.

Fixtures: `turnout_harness` records the test's flows in memory; `turnout_clock` makes it jump over waits;
`turnout_variables` and `turnout_secrets` say what flows find, and are there to be overridden in a `conftest.py`. When a
test fails, the runs that its flows recorded are part of the report.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from turnout.testing.clock import FakeClock
    from turnout.testing.recording import Harness

_HARNESS = pytest.StashKey["Harness"]()


@pytest.fixture
def turnout_variables() -> Mapping[str, Any]:
    """What `Variable.get` finds in the flows of `turnout_harness`: name -> value. Override it."""
    return {}


@pytest.fixture
def turnout_secrets() -> Mapping[str, Mapping[str, str]]:
    """What `secret(name).field` finds in the flows of `turnout_harness`: name -> field -> value. Override it."""
    return {}


@pytest.fixture
def turnout_clock() -> Iterator["FakeClock"]:
    """A clock that jumps over the waits of retries; `waits` lists them, `advance(seconds)` moves it."""
    from turnout.testing.clock import FakeClock

    with FakeClock().installed() as clock:
        yield clock


@pytest.fixture
def turnout_harness(
    request: pytest.FixtureRequest,
    turnout_variables: Mapping[str, Any],
    turnout_secrets: Mapping[str, Mapping[str, str]],
) -> Iterator["Harness"]:
    """Records the flows that the test calls, in memory: `turnout_harness.run` is the latest."""
    from turnout.testing.recording import harness

    with harness(variables=turnout_variables, secrets=turnout_secrets) as made:
        request.node.stash[_HARNESS] = made
        yield made


def pytest_collection_finish() -> None:
    """Let processes that tests start find this package also where `conftest.py` lies beside a `turnout.py`: pytest puts
    that folder before everything else."""
    hiding = [folder for folder in sys.path if os.path.isfile(os.path.join(folder, "turnout.py"))]
    sys.path[:] = [*(folder for folder in sys.path if folder not in hiding), *hiding]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Add the recorded runs to the report of a test that failed."""
    report = yield
    made = item.stash.get(_HARNESS, None)
    if made is not None and report.failed:  # type: ignore[attr-defined]
        for run in made.runs:
            report.sections.append(("Turnout run", run.describe()))  # type: ignore[attr-defined]
    return report
