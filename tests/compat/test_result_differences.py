"""The differences from Prefect that concern results, caching and transactions."""

from pathlib import Path
from typing import Any

import pytest

from tests.compat.test_differences import difference
from turnout import flow, task
from turnout.cache_policies import INPUTS
from turnout.core.errors import ParameterError
from turnout.testing import Harness
from turnout.transactions import transaction


def twice(call: Any) -> Any:
    @flow
    def main() -> None:
        call()
        call()

    return main


@difference("caching of stored results")
def test_stored_results_are_cached_if_asked(records: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    load = _counting(calls, persist_result=True)
    twice(lambda: load(1))()
    assert calls == [1, 1]
    monkeypatch.setenv("TURNOUT_STRICT", "1")
    twice(lambda: load(1))()
    assert calls == [1, 1, 1]


@difference("a result_storage_key")
def test_a_storage_key_is_a_name(records: Harness, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    calls: list[int] = []
    load = _counting(calls, result_storage=tmp_path, result_storage_key="{parameters[x]}.json")
    twice(lambda: load(1))()
    assert calls == [1, 1]
    monkeypatch.setenv("TURNOUT_STRICT", "1")
    twice(lambda: load(1))()
    assert calls == [1, 1]


@difference("arguments without a hash")
def test_arguments_without_a_hash(records: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Lock

    calls: list[Any] = []
    load = _counting(calls, cache_policy=INPUTS)
    with pytest.raises(ParameterError, match="task 'load': argument 'x'"):
        twice(lambda: load(Lock()))()
    monkeypatch.setenv("TURNOUT_STRICT", "1")
    twice(lambda: load(Lock()))()
    assert len(calls) == 2


@difference("stored results")
def test_pickle_is_asked_for(records: Harness) -> None:
    class Odd:
        pass

    @task(persist_result=None, result_serializer="pickle")
    def asked() -> Any:
        return Odd

    @task
    def unasked() -> Any:
        return Odd

    twice(lambda: (asked(), unasked()))()
    assert records.run.task("asked").facts["result"]["format"] == "pickle"
    assert "unstored" in records.run.task("unasked").facts["result"]


@difference("failed tries in transactions")
def test_failed_tries_undo_nothing(records: Harness) -> None:
    undone: list[int] = []
    tries: list[int] = []

    @task(on_rollback=[lambda _txn: undone.append(1)])
    def write() -> None: ...

    @task(retries=1)
    def flaky() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("not yet")

    @flow
    def main() -> None:
        with transaction():
            write()
            flaky()

    main()
    assert undone == []


def _counting(calls: list[Any], **options: Any) -> Any:
    @task(**options)
    def load(x: Any) -> int:
        calls.append(x)
        return 1

    return load
