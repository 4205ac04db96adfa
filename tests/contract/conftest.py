"""The databases that the conformance suites run on. PostgreSQL becomes another parameter of `store`."""

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


@pytest.fixture(params=["sqlite", "sqlite-inline"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock, hints: HintLog) -> Iterator[Store]:
    with open_store(tmp_path / "data", clock=clock, hints=hints, threaded=request.param == "sqlite") as opened:
        yield opened
