import errno
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pydantic import BaseModel

from turnout import flow, task
from turnout.core.errors import ConfigurationError, ResultUnavailable
from turnout.engine.context.scopes import Root
from turnout.engine.journal.spool import MemoryJournal
from turnout.engine.results import storage
from turnout.engine.results.restoring import restore
from turnout.engine.results.storage import FolderStorage, MemoryStorage, ObjectStorage, UrlStorage, resolve_storage
from turnout.engine.results.stored import pack, unpack
from turnout.engine.results.typed_json import NotStorable, typed_json
from turnout.engine.reuse.checkpoints import Checkpoints
from turnout.filesystems import LocalFileSystem
from turnout.results import ResultStore
from turnout.serializers import (
    CompressedJSONSerializer,
    CompressedPickleSerializer,
    CompressedSerializer,
    JSONSerializer,
    PickleSerializer,
    Serializer,
)
from turnout.testing import Harness
from turnout.testing.recorded import RecordedRun


@dataclass
class Point:
    x: int


class Model(BaseModel):
    a: int
    b: list[str] = []


class Extra(BaseModel, extra="allow"):
    _hidden: int = 1


class FullDisk(MemoryStorage):
    def write(self, key: str, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


FRAMES = [
    pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=[10, 20]),
    pd.DataFrame({"t": pd.to_datetime(["2026-01-01", "2026-01-02"]), "c": pd.Categorical(["u", "v"])}),
    pd.Series([1.5, 2.5], name="s"),
    pd.Series([1, 2]),
    pl.DataFrame({"a": [1, 2], "b": [["x"], []]}),
    pl.Series("s", [1, None]),
    pa.table({"a": [1, 2]}),
]


def executed(main: Any, checkpoints: Checkpoints | None = None, attempt: int = 1, results: Any = None) -> RecordedRun:
    """A run as under a worker: its steps may be reused by a later attempt."""
    journal = MemoryJournal()
    root = Root(journal=journal, run_id="r", attempt=attempt, digests=True, checkpoints=checkpoints)
    root.results = results
    main.run_in(root, {})
    return RecordedRun(["{}", *journal.lines])


def checkpoints_of(run: RecordedRun, path: Path) -> Checkpoints:
    steps = [
        {"key": each.key, "attempt": 1, **{name: each.facts.get(name) for name in ("inputs", "code", "result")}}
        for each in run.tasks
    ]
    path.write_text("".join(json.dumps(step) + "\n" for step in steps))
    return Checkpoints(str(path))


@pytest.mark.parametrize("value", [Model(a=1), Model(a=1, b=["x"]), Extra(z=3), [Model(a=2)]])
def test_pydantic_models_come_back(value: Any) -> None:
    again = restore(json.loads(typed_json(value)))
    assert again == value
    if isinstance(value, BaseModel):
        assert again.model_fields_set == value.model_fields_set


def test_a_model_of_a_function_is_not_storable() -> None:
    class Local(BaseModel):
        a: int

    with pytest.raises(NotStorable, match="inside a function"):
        typed_json(Local(a=1))


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: f"{type(frame).__module__}.{type(frame).__name__}")
def test_frames_come_back(frame: Any) -> None:
    again = unpack(pack(frame, None)[0]).result
    assert type(again) is type(frame)
    if isinstance(frame, pd.DataFrame):
        pd.testing.assert_frame_equal(again, frame)
    elif isinstance(frame, pd.Series):
        pd.testing.assert_series_equal(again, frame)
    else:
        assert again.equals(frame)


def test_a_frame_without_parquet_is_not_storable() -> None:
    with pytest.raises(NotStorable, match=r"this pandas\.DataFrame has no Parquet form"):
        pack(pd.DataFrame({"a": [object()]}), None)


@pytest.mark.parametrize(
    "serializer",
    [JSONSerializer(), PickleSerializer(), PickleSerializer(picklelib="pickle"), CompressedJSONSerializer(),
     CompressedPickleSerializer(), CompressedSerializer("json", "gzip"), JSONSerializer(dumps_kwargs={"indent": 1})],
    ids=str,
)  # fmt: skip
def test_serializers(serializer: Serializer) -> None:
    value: Any = {"a": [1, 2]} if getattr(serializer, "dumps_kwargs", None) else {"a": Point(1)}
    data, said = pack(value, serializer)
    record = unpack(data, serializer)
    assert (record.result, said.format) == (value, serializer.type)


def test_what_is_no_serializer_is_refused() -> None:
    for wrong in ("yaml", object()):
        with pytest.raises(ConfigurationError):
            task(lambda: 1, result_serializer=wrong)
    with pytest.raises(ConfigurationError, match="default"):
        JSONSerializer(dumps_kwargs={"default": str})


def test_a_torn_or_foreign_file_is_said_to_be_one() -> None:
    data = pack([1, 2], None)[0]
    for broken in (b"", b"hello", data[:-1], data.partition(b"\n")[0]):
        with pytest.raises(ResultUnavailable):
            unpack(broken)
    with pytest.raises(ResultUnavailable, match="digest"):
        unpack(data, digest="0" * 64)


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A bucket of moto's S3, as a URL."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    given = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(name, value)
        boto3.client("s3").create_bucket(Bucket="results")
        yield "s3://results/prefix"
    server.stop()


@pytest.fixture(params=["folder", "s3", "file", "block", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A place for results."""
    if request.param == "s3":
        return UrlStorage(request.getfixturevalue("bucket"))
    if request.param == "block":
        return ObjectStorage(LocalFileSystem(basepath=str(tmp_path)))
    made = {"folder": FolderStorage(str(tmp_path)), "file": UrlStorage(f"file://{tmp_path}"), "memory": MemoryStorage()}
    return made[request.param]


@pytest.mark.filterwarnings("ignore")
def test_storages(place: Any) -> None:
    assert not place.exists("a/b")
    with pytest.raises(OSError):
        place.read("a/b")
    place.write("a/b", b"1")
    place.write("a/b", b"22")
    assert (place.exists("a/b"), place.read("a/b")) == (True, b"22")


def test_a_write_that_fails_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = FolderStorage(str(tmp_path))
    files.write("a", b"old")

    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.os, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        files.write("a", b"new")
    assert files.read("a") == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_key_does_not_lead_out_of_its_folder(tmp_path: Path) -> None:
    for key in ("../x", "/etc/x", "."):
        with pytest.raises(ConfigurationError, match="leads out"):
            FolderStorage(str(tmp_path)).write(key, b"")


def test_what_result_storage_takes(tmp_path: Path) -> None:
    assert resolve_storage(tmp_path).url == str(tmp_path)
    assert resolve_storage(f"file://{tmp_path}").url == str(tmp_path)
    assert resolve_storage(LocalFileSystem(basepath=str(tmp_path))).url == str(tmp_path)
    for wrong in (3, "nowhere://x", "local-file-system/missing"):
        with pytest.raises(ConfigurationError):
            resolve_storage(wrong)


@pytest.mark.filterwarnings("ignore")
def test_results_go_to_s3_and_come_back(records: Harness, bucket: str) -> None:
    from turnout.cache_policies import INPUTS

    calls: list[int] = []

    @task(cache_policy=INPUTS, result_storage=bucket)
    def load(x: int) -> Any:
        calls.append(x)
        return pd.DataFrame({"x": [x]})

    @flow
    def main() -> list[int]:
        return [int(load(1)["x"][0]), int(load(1)["x"][0])]

    assert main() == [1, 1]
    assert calls == [1]
    fact = records.run.tasks[0].facts["result"]
    assert fact["ref"].startswith("s3://results/prefix/")
    assert (fact["format"], sorted(fact)) == ("parquet", ["digest", "format", "ref", "size"])


def test_a_key_template_names_the_file(records: Harness, tmp_path: Path) -> None:
    @task(result_storage=tmp_path, result_storage_key="{parameters[day]}/{task_run.task_name}.json")
    def load(day: str) -> int:
        return 1

    @flow
    def main() -> None:
        load("monday")

    main()
    assert unpack((tmp_path / "monday/load.json").read_bytes()).result == 1


def test_a_flow_says_where_its_tasks_store(records: Harness, tmp_path: Path) -> None:
    @task
    def load() -> Point:
        return Point(3)

    @flow(result_storage=tmp_path, result_serializer="pickle")
    def main() -> None:
        load()

    main()
    fact = records.run.task("load").facts["result"]
    assert fact["format"] == "pickle"
    assert Path(fact["ref"]).is_relative_to(tmp_path)


def test_results_that_do_not_stay_in_memory(records: Harness, tmp_path: Path) -> None:
    @task(result_storage=tmp_path, cache_result_in_memory=False)
    def load() -> list[int]:
        return [1]

    @flow
    def main() -> tuple[Any, Any, bool]:
        future = load.submit()
        return future.result(), load(), future.result() is future.result()

    assert main() == ([1], [1], False)


@pytest.mark.parametrize("insists", [True, False])
def test_a_full_store_fails_only_who_insists(records: Harness, insists: bool) -> None:
    @task(result_storage=FullDisk(), persist_result=True if insists else None)
    def load() -> int:
        return 1

    @flow
    def main() -> int:
        return int(load())

    if insists:
        with pytest.raises(ResultUnavailable, match=r"the result of task 'load' cannot be stored: .*No space left"):
            main()
        assert records.run.task("load").state == "failed"
    else:
        assert main() == 1
        assert "No space left" in records.run.task("load").facts["result"]["unstored"]


def test_a_result_with_a_secret_stays_out_of_the_store(tmp_path: Path) -> None:
    from turnout.testing import harness

    @task(result_storage=tmp_path)
    def load() -> str:
        return "hunter22"

    with harness(mask=["hunter22"]) as records:
        flow(lambda: load(), name="main")()
    assert "secret" in records.run.task("load").facts["result"]["unstored"]
    assert not list(tmp_path.iterdir())


def test_exceptions_and_results_that_do_not_pickle_end_in_a_right_state(records: Harness) -> None:
    class Odd(Exception):
        def __reduce__(self) -> Any:
            raise TypeError("no")

    @task(result_serializer="pickle")
    def load(fails: bool) -> Any:
        if fails:
            raise Odd("x")
        return Odd("y")

    @flow
    def main() -> None:
        load(False)
        assert load(True, return_state=True).is_failed()

    main()
    first, second = records.run.tasks
    assert "it does not pickle" in first.facts["result"]["unstored"]
    assert (first.state, second.state) == ("completed", "failed")


@pytest.mark.parametrize("value", [pd.DataFrame({"a": [1]}), "x" * 1_100_000], ids=["frame", "large"])
def test_a_resumed_run_reads_by_reference_what_was_too_much_for_the_record(tmp_path: Path, value: Any) -> None:
    calls, results = [], FolderStorage(str(tmp_path / "results"))

    @task
    def load() -> Any:
        calls.append(1)
        return value

    @flow
    def main() -> int:
        return len(load())

    first = executed(main, results=results)
    fact = first.task("load").facts["result"]
    assert sorted(fact) == ["digest", "format", "ref", "size"]
    again = executed(main, checkpoints_of(first, tmp_path / "c"), 2, results)
    assert (again.task("load").state_name, len(calls)) == ("Reused", 1)
    assert again.task("load").facts["result"] == fact
    file = Path(fact["ref"])
    file.write_bytes(file.read_bytes()[:-1])
    damaged = executed(main, checkpoints_of(first, tmp_path / "c"), 3, results)
    assert "its digest is another" in str(damaged.task("load").reason)
    file.unlink()
    gone = executed(main, checkpoints_of(first, tmp_path / "c"), 4, results)
    assert "its stored result is gone" in str(gone.task("load").reason)
    assert len(calls) == 3


def test_a_subflow_that_gives_a_frame_is_reused(tmp_path: Path) -> None:
    calls, results = [], FolderStorage(str(tmp_path / "results"))

    @flow
    def inner() -> Any:
        calls.append(1)
        return pd.DataFrame({"a": [1]})

    @flow
    def main() -> int:
        return len(inner())

    first = executed(main, results=results)
    again = executed(main, checkpoints_of(first, tmp_path / "c"), 2, results)
    assert (again.task("inner").state_name, len(calls)) == ("Reused", 1)


def test_a_rolled_back_step_is_not_reused(tmp_path: Path) -> None:
    from turnout.transactions import transaction

    calls: list[int] = []

    @task
    def write() -> None:
        calls.append(1)

    @flow
    def main() -> None:
        with transaction():
            write()
            raise ValueError("after")

    first = executed(main)
    executed(main, checkpoints_of(_stored(first), tmp_path / "c"), 2)
    assert len(calls) == 2


def _stored(run: RecordedRun) -> RecordedRun:
    assert run.task("write").facts["result"] == {"unstored": "it was rolled back"}
    return run


def test_a_reused_step_is_rolled_back_with_the_transaction_around_it(tmp_path: Path) -> None:
    from turnout.transactions import transaction

    undone: list[int] = []

    @task
    def write() -> int:
        return 1

    @write.on_rollback
    def undo(_txn: Any) -> None:
        undone.append(1)

    def body(fails: bool) -> None:
        with transaction():
            write()
            if fails:
                raise ValueError("after")

    first = executed(flow(name="main")(lambda: body(False)))
    again = executed(flow(name="main")(lambda: body(True)), checkpoints_of(first, tmp_path / "c"), 2)
    assert [name for _, name in again.task("write").states] == ["Running", "Reused", "RolledBack"]
    assert undone == [1]


def test_a_result_store_keeps_values_by_key(tmp_path: Path) -> None:
    store = ResultStore(result_storage=tmp_path)
    store.write(Point(1), key="a")
    assert store.read("a").result == Point(1)
    record = store.create_result_record([1], key="b")
    store.persist_result_record(record)
    assert (store.exists("b"), store.exists("c")) == (True, False)
    with pytest.raises(ResultUnavailable, match="nothing is stored under 'c'"):
        store.read("c")
    with pytest.raises(ConfigurationError, match="no lock manager"):
        store.acquire_lock("a")
