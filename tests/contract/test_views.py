"""`core.ports.Views`: what pages look at, a portion at a time, whatever is stored."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.contract.factories import START, created, header, insert, lines, log, move, step
from turnout.core.home import HourCount
from turnout.core.ports import Store
from turnout.core.records import FlowRun, Namespace, RunFilter
from turnout.core.states import RunState
from turnout.core.views import LogRow, LogSearch
from turnout.store.ingest import CHUNK_LINES


def ship(store: Store, run: FlowRun, first: int, *entries: object, stream: int = 0, attempt: int = 1) -> None:
    """Store entries as lines `first`.. of a stream; line 0 is its header."""
    if first == 1:
        store.write(lambda tx: tx.journal.store(run.id, attempt, stream, 0, lines(header(run, attempt, stream))))
    store.write(lambda tx: tx.journal.store(run.id, attempt, stream, first, lines(*entries)))


def ship_log(store: Store, run: FlowRun) -> None:
    """Seven lines in four chunks of two streams, other entries between; errors in rows 2 and 5."""
    ship(store, run, 1, log("begin"), created(1), log("Größe 5 %", 1))
    ship(store, run, 1, log("spoken by a child", level=40), stream=1)
    ship(store, run, 4, created(2), log('say "HELLO"', 2), log("hello again", 2))
    ship(store, run, 7, log("broken", 1, level=50), log("end"))


MESSAGES = ["begin", "Größe 5 %", "spoken by a child", 'say "HELLO"', "hello again", "broken", "end"]


def test_a_log_by_rows(store: Store) -> None:
    run = store.write(insert)
    ship_log(store, run)
    ship(store, run, 1, log("another attempt"), attempt=2)

    def rows(first: int, limit: int) -> list[str]:
        return [line.message for line in store.read(lambda tx: tx.views.log_rows(run.id, 1, first, limit))]

    assert store.read(lambda tx: [tx.views.log_size(run.id, attempt) for attempt in (1, 2, 3)]) == [7, 1, 0]
    assert rows(0, 100) == MESSAGES
    for first in range(8):
        for limit in range(4):
            assert rows(first, limit) == MESSAGES[first : first + limit], (first, limit)
    [line] = store.read(lambda tx: tx.views.log_rows(run.id, 1, 2, 1))
    assert (line.attempt, line.stream, line.seq, line.number, line.level) == (1, 1, 1, 0, 40)


def test_a_long_batch_is_read_by_its_parts(store: Store) -> None:
    run = store.write(insert)
    count = 2 * CHUNK_LINES + 7
    ship(store, run, 1, *(log(f"line {number}", level=40 if number == CHUNK_LINES else 20) for number in range(count)))
    assert store.read(lambda tx: tx.views.log_size(run.id, 1)) == count
    near = store.read(lambda tx: tx.views.log_rows(run.id, 1, CHUNK_LINES - 1, 3))
    assert [line.message for line in near] == [f"line {CHUNK_LINES + step}" for step in (-1, 0, 1)]
    assert [line.seq for line in near] == [CHUNK_LINES + step for step in (0, 1, 2)]
    found, after = portion(store, run, LogSearch(level=40), 0, 10, count)
    assert ([row.row for row in found], after) == ([CHUNK_LINES], None)
    everything = store.read(lambda tx: tx.journal.logs(run.id, 1, None, count + 1))
    assert [line.message for line in everything] == [f"line {number}" for number in range(count)]


@pytest.mark.parametrize(
    ("wanted", "rows"),
    [
        (LogSearch(), [0, 1, 2, 3, 4, 5, 6]),
        (LogSearch(text="hello"), [3, 4]),
        (LogSearch(text='"Hell'), [3]),
        (LogSearch(text="GRÖSSE"), []),
        (LogSearch(text="größe"), [1]),
        (LogSearch(text="5 %"), [1]),
        (LogSearch(level=40), [2, 5]),
        (LogSearch(level=50), [5]),
        (LogSearch(number=0), [0, 2, 6]),
        (LogSearch(number=1, level=20), [1, 5]),
        (LogSearch(text="e", level=40, number=1), [5]),
        (LogSearch(text="nowhere"), []),
    ],
)
def test_a_log_is_searched_whole_and_in_portions(store: Store, wanted: LogSearch, rows: list[int]) -> None:
    run = store.write(insert)
    ship_log(store, run)
    for limit, scanned in ((100, 100), (1, 100), (2, 1), (100, 1)):
        found = list(searched(store, run, wanted, limit, scanned))
        assert [hit.row for hit in found] == rows, (limit, scanned)
        assert all(hit.line.message == MESSAGES[hit.row] for hit in found)


def searched(store: Store, run: FlowRun, wanted: LogSearch, limit: int, scanned: int) -> Iterator[LogRow]:
    """Every hit, portion by portion."""
    first: int | None = 0
    while first is not None:
        before = first
        hits, first = portion(store, run, wanted, before, limit, scanned)
        assert len(hits) <= limit
        assert first is None or first > before, "the search does not get on"
        yield from hits


def portion(
    store: Store, run: FlowRun, wanted: LogSearch, first: int, limit: int, scanned: int
) -> tuple[list[LogRow], int | None]:
    return store.read(lambda tx: tx.views.search_log(run.id, 1, wanted, first, limit, scanned))


def test_tasks_as_bars(store: Store) -> None:
    run = store.write(insert)
    ship(store, run, 1, created(1), created(2, extra={"upstream": [1]}), step(1, "running", 1_790_000_010.5))
    plain = store.read(lambda tx: tx.views.tasks(run.id, 1, 0, 10))
    assert [(row.number, row.state, row.upstream) for row in plain] == [(1, "running", ()), (2, "pending", ())]
    assert plain[0].started_at == 1_790_000_010_500_000
    full = store.read(lambda tx: tx.views.tasks(run.id, 1, 1, 10, upstream=True))
    assert [(row.number, row.upstream, row.key) for row in full] == [(2, (1,), "work#2")]
    assert len(store.read(lambda tx: tx.views.tasks(run.id, 1, 0, 1))) == 1
    assert list(store.read(lambda tx: tx.views.tasks(run.id, 2, 0, 9))) == []


def test_what_a_later_attempt_finds_again(store: Store) -> None:
    run = store.write(insert)
    kept = {"result": {"inline": 1}}
    ship(
        store, run, 1, *(created(number) for number in range(1, 8)),
        step(1, "completed", inputs="a", **kept),
        step(2, "completed", inputs="b", result={"ref": "a/file"}),
        step(3, "completed", inputs="c", result={"inline": float("nan")}),
        step(4, "completed", inputs="d", result={"unstored": "too large"}),
        step(5, "completed", **kept),
        step(6, "completed", result={"inline": {"inputs": "a trap"}}),
        step(7, "failed", inputs="e", **kept),
    )  # fmt: skip
    again = {"parent": 0, "key": "work#1"}
    ship(store, run, 1, created(1, **again), step(1, "completed", inputs="z", **kept), attempt=2)
    ship(store, run, 3, created(2, **again), step(2, "completed", inputs="a", **kept), attempt=2)

    def keys(before: int, limit: int) -> tuple[list[str], bool]:
        return store.read(lambda tx: tx.views.reusable(run.id, before, limit))

    assert keys(2, 20) == (["work#1", "work#2", "work#3"], True)
    assert keys(3, 20) == (["work#1", "work#1", "work#2", "work#3"], True), "of both inputs"
    assert keys(3, 2) == (["work#1", "work#1"], False), "the newest"
    assert keys(1, 20) == ([], True)


def test_what_did_not_complete_by_name(store: Store) -> None:
    run = store.write(insert)
    entries = [created(number, name="load" if number < 4 else "send") for number in range(1, 6)]
    ship(store, run, 1, *entries, created(6, kind="flow", name="sub"), step(1, "completed"), step(2, "failed"))
    assert store.read(lambda tx: tx.views.unfinished(run.id, 1)) == {"load": 2, "send": 2}
    assert store.read(lambda tx: tx.views.unfinished(run.id, 2)) == {}


def test_what_failed_first_stands_in_front(store: Store) -> None:
    run = store.write(insert)
    steps = [step(number, "running") for number in (1, 2, 3, 4)]
    error = {"type": "ValueError", "message": "no such state"}
    ends = [step(3, "failed", 1_790_000_200.0), step(1, "failed", 1_790_000_300.0, error=error), step(4, "completed")]
    ship(store, run, 1, *(created(number) for number in (1, 2, 3, 4)), *steps, *ends)
    found = store.read(lambda tx: tx.views.troubled(run.id, 1, 10))
    assert [(task.number, task.reason) for task in found] == [(3, None), (1, "ValueError: no such state")]
    assert [task.number for task in store.read(lambda tx: tx.views.troubled(run.id, 1, 1))] == [3]


def test_what_completed_before(store: Store) -> None:
    runs = [store.write(insert) for _ in range(4)]
    other = store.write(lambda tx: insert(tx, deployment="send"))
    for each in (runs[0], runs[1], runs[3], other):
        ended = START + timedelta(seconds=9)
        store.write(lambda tx, each=each, at=ended: move(tx, each, RunState.COMPLETED, started_at=START, ended_at=at))
    found = store.read(lambda tx: tx.views.completed_before(runs[3], 10))
    assert [(done.id, done.started_at, done.ended_at) for done in found] == [
        (run.id, START, START + timedelta(seconds=9)) for run in (runs[1], runs[0])
    ]
    assert [done.id for done in store.read(lambda tx: tx.views.completed_before(runs[3], 1))] == [runs[1].id]
    script = store.write(lambda tx: insert(tx, deployment=None))
    assert store.read(lambda tx: tx.views.completed_before(script, 10)) == []


def test_artifacts_with_their_data_where_they_are_small(store: Store) -> None:
    run = store.write(insert)
    small, large = {"markdown": "# done"}, {"markdown": "x" * 500}
    made = [["a", 1, 1_790_000_000.0 + at, "markdown", f"note-{at}", data] for at, data in enumerate((small, large))]
    ship(store, run, 1, created(1), *made)
    found = store.read(lambda tx: tx.views.artifacts(run.id, 10, 100))
    assert [(item.key, item.data, item.stream, item.seq) for item in found] == [
        ("note-0", small, 0, 2),
        ("note-1", None, 0, 3),
    ]
    assert found[1].size > 500
    assert [item.key for item in store.read(lambda tx: tx.views.artifacts(run.id, 1, 100))] == ["note-1"]
    assert store.read(lambda tx: tx.views.artifact(run.id, 1, 0, 3)) == large
    assert store.read(lambda tx: tx.views.artifact(run.id, 1, 0, 99)) is None


def test_runs_are_counted_by_state(store: Store) -> None:
    runs = [store.write(insert) for _ in range(3)]
    store.write(lambda tx: move(tx, runs[0], RunState.FAILED))
    found = store.read(lambda tx: tx.views.count(RunFilter(project="field")))
    assert (dict(found.states), found.complete) == ({"failed": 1, "scheduled": 2}, True)
    without = store.read(lambda tx: tx.views.count(RunFilter(not_states=(RunState.SCHEDULED,))))
    assert dict(without.states) == {"failed": 1}


def test_runs_by_the_hour_in_which_they_were_due(store: Store) -> None:
    made = [store.write(lambda tx, n=n: insert(tx, due_at=START + timedelta(minutes=40 * n))) for n in range(4)]
    store.write(lambda tx: insert(tx, deployment=None, flow_name="script"))
    store.write(lambda tx: move(tx, made[0], RunState.PENDING))
    where = Namespace(project=made[0].project, environment=made[0].environment)
    hour = int(START.timestamp() // 3600)
    name = made[0].deployment

    def hours(first: str, limit: int) -> list[HourCount]:
        return store.read(lambda tx: tx.views.hours(where, first, limit))

    assert hours("", 100) == [
        HourCount(name, hour, RunState.PENDING, 1, made[0].id),
        HourCount(name, hour, RunState.SCHEDULED, 1, made[1].id),
        HourCount(name, hour + 1, RunState.SCHEDULED, 1, made[2].id),
        HourCount(name, hour + 2, RunState.SCHEDULED, 1, made[3].id),
    ]
    assert [cell.newest for cell in hours(made[2].id, 100)] == [made[2].id, made[3].id]
    assert [cell.newest for cell in hours("", 2)] == [made[3].id], "the newest, of which one is a script"
    assert hours("", 0) == []
    other = Namespace(project="elsewhere", environment="production")
    assert store.read(lambda tx: tx.views.hours(other, "", 100)) == []
