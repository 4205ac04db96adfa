"""The databases that the conformance suites run on: every test that takes `store` runs on each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.factories import HintLog, ManualClock
from turnout.store import Store, open_store


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def hints() -> HintLog:
    return HintLog()


@pytest.fixture(params=["sqlite", "sqlite-inline", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Where the store is: a folder, or the URL of a fresh database."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return tmp_path / "data"


@pytest.fixture
def store(request: pytest.FixtureRequest, target: str | Path, clock: ManualClock, hints: HintLog) -> Iterator[Store]:
    threaded = request.node.callspec.params["target"] != "sqlite-inline"
    with open_store(target, clock=clock, hints=hints, threaded=threaded) as opened:
        yield opened
