import os
import signal

import pytest

from tests.faults import __main__ as command


def test_a_harness_that_is_told_to_stop_is_no_failure_of_what_it_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypothesis catches SystemExit and tries the example again; it lets KeyboardInterrupt through."""
    before = signal.getsignal(signal.SIGTERM)
    seen: list[type[BaseException]] = []

    def harness(name: str, arguments: list[str]) -> int:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except BaseException as error:
            seen.append(type(error))
            raise
        return 0

    monkeypatch.setattr(command, "run_harness", harness)
    try:
        assert command.main(["stateful"]) == 143
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen == [KeyboardInterrupt]
