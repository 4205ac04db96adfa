"""The fixtures of the conformance suite, on the model."""

import os

import pytest

from tests.contract.factories import HintLog, ManualClock
from tests.simulation.model_store import ModelStore


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def hints() -> HintLog:
    return HintLog()


@pytest.fixture
def store(clock: ManualClock, hints: HintLog) -> ModelStore:
    return ModelStore(clock, hints, os.urandom)
