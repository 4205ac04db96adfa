"""A worker's surroundings: a spool on disk, a stub server, and a zygote that is really forked from."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.worker.running import Running
from tests.unit.worker.stub_server import StubServer
from turnout.worker import process_tree


@pytest.fixture
def stub() -> Iterator[StubServer]:
    server = StubServer()
    yield server
    server.close()


@pytest.fixture
def running(tmp_path: Path, stub: StubServer) -> Iterator[Running]:
    made = Running(tmp_path, stub)
    yield made
    made.close()
    left = [p for p in process_tree.every_process() if p.alive and p.pid in made.processes()]
    process_tree.send(left, signal.SIGKILL)
    assert not left, f"left behind by {os.getpid()}: {left}"
