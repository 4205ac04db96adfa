"""What tests of moved code import under the names that they know."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from turnout.engine import connect

_SETTINGS = ("TURNOUT_DATA", "TURNOUT_DATABASE", "TURNOUT_RECORD", "TURNOUT_API_URL", "TURNOUT_API_KEY")


@contextmanager
def prefect_test_harness(server_startup_timeout: int | None = 30) -> Iterator[None]:
    """Keep everything that happens inside in a data folder of its own, which is removed at the end.

    Flows are recorded there, and clients, variables and blocks find what was made inside and nothing else. There is no
    server to wait for: `server_startup_timeout` is taken and not needed.
    """
    before = {name: os.environ.get(name) for name in _SETTINGS}
    ingest = connect.INGEST
    with tempfile.TemporaryDirectory(prefix="turnout-test-", ignore_cleanup_errors=True) as folder:
        for name in _SETTINGS:
            os.environ.pop(name, None)
        os.environ["TURNOUT_DATA"] = folder
        connect.INGEST = f"{__name__}:leave_in_spool"
        try:
            yield
        finally:
            connect.INGEST = ingest
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def leave_in_spool(_folder: str) -> None:
    """Store nothing at a run's end: who asks for it stores it first, and most tests do not ask."""
