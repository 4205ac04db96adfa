"""`core.ports.Journal`: ingestion in order, once, whole; what is refused, and what is kept all the same."""

import json
from typing import Any

import pytest

from tests.contract.factories import AT, START, ManualClock, created, header, insert, lines, log, step
from turnout.core.errors import Conflict, ParameterError
from turnout.core.ports import Ingested, Store
from turnout.core.records import FlowRun, Page, TaskRun
from turnout.core.states import RunState
from turnout.core.steps import LEGAL_STEPS

S = RunState


@pytest.fixture
def run(store: Store) -> FlowRun:
    return store.write(insert)


def put(
    store: Store, run: FlowRun, *entries: Any, first: int = 1, attempt: int = 1, stream: int = 0, raw: bool = False
) -> Ingested:
    """Store entries as lines `first`.. of a stream whose header is there."""
    if first == 1:
        store.write(lambda tx: tx.journal.store(run.id, attempt, stream, 0, lines(header(run, attempt, stream))))
    made = list(entries) if raw else lines(*entries)
    return store.write(lambda tx: tx.journal.store(run.id, attempt, stream, first, made))


def tasks(store: Store, run: FlowRun, attempt: int | None = 1) -> list[TaskRun]:
    return store.read(lambda tx: tx.journal.tasks(run.id, attempt, Page(limit=200)))


def only_task(store: Store, run: FlowRun) -> TaskRun:
    [task] = tasks(store, run)
    return task


def messages(store: Store, run: FlowRun, attempt: int | None = None) -> list[str]:
    return [line.message for line in store.read(lambda tx: tx.journal.logs(run.id, attempt, None, 1000))]


class TestOrder:
    def test_nothing_is_acknowledged_at_first(self, store: Store, run: FlowRun) -> None:
        assert store.read(lambda tx: tx.journal.acked(run.id, 1, 0)) == -1

    def test_the_header_is_handed_out_and_acknowledged(self, store: Store, run: FlowRun) -> None:
        found = store.write(lambda tx: tx.journal.store(run.id, 1, 0, 0, lines(header(run))))
        assert (found.acked, found.header, found.ended) == (0, header(run), False)
        assert store.read(lambda tx: tx.journal.acked(run.id, 1, 0)) == 0

    def test_streams_and_attempts_count_for_themselves(self, store: Store, run: FlowRun) -> None:
        put(store, run, log("a"), log("b"))
        put(store, run, log("c"), stream=2)
        acked = [store.read(lambda tx, at=at: tx.journal.acked(run.id, *at)) for at in ((1, 0), (1, 2), (2, 0))]
        assert acked == [2, 1, -1]

    def test_lines_are_stored_once(self, store: Store, run: FlowRun) -> None:
        entries = [created(1), log("hello"), step(0, "running"), ["a", 0, AT, "link", "k", {"href": "x"}]]
        first = put(store, run, *entries)
        again = put(store, run, *entries)
        assert (first.acked, again.acked) == (4, 4)
        assert len(first.flow_entries) == 1
        assert (list(again.flow_entries), again.header, again.ended) == ([], None, False)
        assert messages(store, run) == ["hello"]
        assert len(store.read(lambda tx: tx.journal.artifacts(run.id))) == 1

    def test_of_an_overlapping_batch_the_new_part_is_stored(self, store: Store, run: FlowRun) -> None:
        put(store, run, log("1"), log("2"))
        assert put(store, run, log("2"), log("3"), first=2).acked == 3
        assert messages(store, run) == ["1", "2", "3"]

    def test_a_gap_is_refused_and_says_what_is_missing(self, store: Store, run: FlowRun) -> None:
        put(store, run, log("1"))
        with pytest.raises(Conflict, match="lines 2 to 3"):
            put(store, run, log("4"), first=4)

    def test_an_empty_batch_is_nothing(self, store: Store, run: FlowRun) -> None:
        assert put(store, run, first=0).acked == -1

    def test_lines_count_with_and_without_their_newline(self, store: Store, run: FlowRun) -> None:
        put(store, run, *[line.rstrip() for line in lines(log("a"), log("b"))], raw=True)
        assert messages(store, run) == ["a", "b"]


class TestFlow:
    def test_the_flows_own_steps_are_handed_out_in_order(self, store: Store, run: FlowRun) -> None:
        found = put(store, run, step(0, "running", AT), step(0, "failed", AT + 1, reason="it broke"), ["e", AT + 1])
        assert list(found.flow_entries) == [("running", AT, {}), ("failed", AT + 1, {"reason": "it broke"})]
        assert found.ended
        assert tasks(store, run) == []


class TestTasks:
    def test_a_task_in_one_batch(self, store: Store, run: FlowRun) -> None:
        put(
            store,
            run,
            created(1, parent=0, key="load#0", name="load", state="scheduled", extra={"upstream": [4], "tags": ["t"]}),
            step(1, "running", AT + 2),
            step(1, "completed", AT + 3, result={"inline": {"rows": [1, None]}}, inputs="d" * 32),
        )
        task = only_task(store, run)
        assert (task.id, task.kind, task.parent, task.key, task.name) == (f"{run.id}-1-1", "task", 0, "load#0", "load")
        assert (task.state, task.state_name, task.reason, task.tries) == (S.COMPLETED, "Completed", None, 1)
        assert [moment.timestamp() for moment in (task.created_at, task.started_at, task.ended_at) if moment] == [
            AT + 1,
            AT + 2,
            AT + 3,
        ]
        assert (task.upstream, task.tags, task.result) == ((4,), ("t",), {"inline": {"rows": [1, None]}})
        assert task.timeline == (
            ("scheduled", "Scheduled", AT + 1),
            ("running", "Running", AT + 2),
            ("completed", "Completed", AT + 3),
        )

    def test_it_makes_no_difference_how_entries_are_cut_into_batches(self, store: Store, run: FlowRun) -> None:
        entries = [
            created(1),
            step(1, "running", AT + 1, **{"try": 1}),
            created(2, kind="flow", key="subflow#0", name="sub", extra={"tags": ["x"]}),
            step(1, "scheduled", AT + 2, name="AwaitingRetry", reason="ValueError: no"),
            step(1, "running", AT + 3, **{"try": 2}),
            step(2, "running", AT + 4),
            step(1, "completed", AT + 5, result={"unstored": "a socket"}, reused=1),
            step(2, "failed", AT + 6, error={"type": "KeyError", "message": "'a'", "traceback": "..."}),
        ]
        put(store, run, *entries)
        for number, entry in enumerate(entries, 1):
            put(store, run, entry, first=number, attempt=2)
        whole, cut = tasks(store, run, 1), tasks(store, run, 2)
        assert [vars(task) | {"attempt": 0} for task in whole] == [vars(task) | {"attempt": 0} for task in cut]
        assert [(task.state, task.tries, task.reason) for task in whole] == [
            (S.COMPLETED, 2, None),
            (S.FAILED, 1, "KeyError: 'a'"),
        ]
        assert whole[0].timeline[2] == ("scheduled", "AwaitingRetry", AT + 2)

    def test_a_task_made_running_has_started(self, store: Store, run: FlowRun) -> None:
        put(store, run, created(1, state="running"))
        task = only_task(store, run)
        assert (task.tries, task.started_at) == (1, task.created_at)

    @pytest.mark.parametrize("before", list(RunState))
    @pytest.mark.parametrize("after", list(RunState))
    def test_the_table_of_steps_decides(self, store: Store, run: FlowRun, before: RunState, after: RunState) -> None:
        put(store, run, created(1, state=before.value), step(1, after.value, AT + 9, name="Word"))
        task = only_task(store, run)
        legal = after in LEGAL_STEPS[before]
        assert task.state == (after if legal else before)
        assert task.timeline[-1] == (after.value, "Word" if legal else "Refused (Word)", AT + 9)

    def test_a_completed_task_may_be_rolled_back_and_is_completed_still(self, store: Store, run: FlowRun) -> None:
        put(store, run, created(1, state="running"), step(1, "completed", AT + 5, result={"inline": 1}, inputs="d"))
        ended = only_task(store, run).ended_at
        put(store, run, step(1, "completed", AT + 9, name="RolledBack", result={"unstored": "it was"}), first=3)
        task = only_task(store, run)
        assert (task.state, task.state_name, task.ended_at) == (S.COMPLETED, "RolledBack", ended)
        assert task.result == {"unstored": "it was"}
        assert store.read(lambda tx: list(tx.journal.checkpoints(run.id, 2))) == []

    def test_a_result_by_reference_is_kept_and_handed_to_the_next_attempt(self, store: Store, run: FlowRun) -> None:
        said = {"ref": "s3://bucket/a", "format": "parquet", "digest": "0" * 64, "size": 3}
        put(store, run, created(1, state="running"), step(1, "completed", AT + 5, result=said, inputs="d"))
        assert only_task(store, run).result == said
        (found,) = store.read(lambda tx: list(tx.journal.checkpoints(run.id, 2)))
        assert found.result == said

    def test_a_step_may_arrive_before_its_tasks_creation(self, store: Store, run: FlowRun) -> None:
        put(store, run, step(3, "running", AT + 5), stream=2)
        assert (only_task(store, run).number, only_task(store, run).state) == (3, S.RUNNING)
        put(store, run, created(3, key="late#0", name="late"))
        put(store, run, step(3, "completed", AT + 6), stream=2, first=2)
        task = only_task(store, run)
        assert (task.key, task.name, task.state) == ("late#0", "late", S.COMPLETED)
        assert [state for state, _, _ in task.timeline] == ["pending", "running", "completed"]

    def test_tasks_are_paged_by_number(self, store: Store, run: FlowRun) -> None:
        put(store, run, *[created(number) for number in (3, 1, 10, 2)])
        first = store.read(lambda tx: tx.journal.tasks(run.id, 1, Page(limit=2)))
        rest = store.read(lambda tx: tx.journal.tasks(run.id, 1, Page(limit=9, after=str(first[-1].number))))
        assert [task.number for task in [*first, *rest]] == [1, 2, 3, 10]

    def test_no_attempt_means_the_latest_that_has_tasks(self, store: Store, run: FlowRun) -> None:
        assert tasks(store, run, None) == []
        for attempt in (1, 2):
            put(store, run, created(attempt), attempt=attempt)
        assert [(task.attempt, task.number) for task in tasks(store, run, None)] == [(2, 2)]

    def test_counts_are_by_state_and_attempt(self, store: Store, run: FlowRun) -> None:
        put(store, run, created(1), created(2), step(2, "running"), created(3))
        put(store, run, created(1), attempt=2)
        assert store.read(lambda tx: tx.journal.task_counts(run.id, 1)) == {"pending": 2, "running": 1}

    @pytest.mark.slow
    def test_ten_thousand_tasks_in_one_batch(self, store: Store, run: FlowRun) -> None:
        numbers = range(1, 10_001)
        put(store, run, *[entry for n in numbers for entry in (created(n), step(n, "completed", result={"inline": n}))])
        assert store.read(lambda tx: tx.journal.task_counts(run.id, 1)) == {"completed": 10_000}


class TestClosing:
    def test_open_tasks_of_the_attempt_are_closed(self, store: Store, run: FlowRun, clock: ManualClock) -> None:
        put(store, run, created(1), created(2), step(2, "running"), created(3), step(3, "completed"))
        put(store, run, created(1), attempt=2)
        clock.advance(5)
        assert store.write(lambda tx: tx.journal.close_open_tasks(run.id, 1, S.CRASHED, "killed")) == 2
        found = tasks(store, run)
        assert [(task.state, task.reason) for task in found] == [
            (S.CRASHED, "killed"),
            (S.CRASHED, "killed"),
            (S.COMPLETED, None),
        ]
        assert found[0].ended_at == clock.now()
        assert found[0].timeline[-1] == ("crashed", "Crashed", clock.now().timestamp())
        assert tasks(store, run, 2)[0].state == S.PENDING
        assert store.write(lambda tx: tx.journal.close_open_tasks(run.id, 1, S.CRASHED, "again")) == 0

    def test_what_the_process_wrote_itself_wins_over_a_presumption(self, store: Store, run: FlowRun) -> None:
        put(store, run, created(1), step(1, "running"))
        store.write(lambda tx: tx.journal.close_open_tasks(run.id, 1, S.CRASHED, "lease lapsed"))
        put(store, run, step(1, "completed", AT + 9, result={"inline": 1}), first=3)
        task = only_task(store, run)
        assert (task.state, task.reason, task.result) == (S.COMPLETED, None, {"inline": 1})
        assert task.ended_at is not None
        assert task.ended_at.timestamp() == AT + 9
        assert [state for state, _, _ in task.timeline] == ["pending", "running", "crashed", "completed"]


class TestLogs:
    def test_lines_come_back_whole_and_in_order(self, store: Store, run: FlowRun) -> None:
        odd = "NUL \0, surrogate \ud800, é, " + "x" * 70_000
        put(store, run, log("one", level=10), created(1), log(odd, number=1, at=AT + 1), log("three", at=AT - 5))
        found = store.read(lambda tx: tx.journal.logs(run.id, 1, None, 10))
        assert [(line.seq, line.number, line.level, line.at) for line in found] == [
            (1, 0, 10, AT),
            (3, 1, 20, AT + 1),
            (4, 0, 20, AT - 5),
        ]
        assert found[1].message == odd.replace("\ud800", "\\ud800")
        assert {(line.attempt, line.stream, line.logger) for line in found} == {(1, 0, "turnout.flow")}

    @pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
    @pytest.mark.parametrize("attempt", [None, 1, 2])
    def test_a_cursor_walks_over_every_line_once(
        self, store: Store, run: FlowRun, limit: int, attempt: int | None
    ) -> None:
        put(store, run, *[log(f"1.0.{n}") for n in range(5)])
        put(store, run, *[log(f"1.1.{n}") for n in range(3)], stream=1)
        put(store, run, *[log(f"1.0.{n}") for n in range(5, 7)], first=6)
        put(store, run, *[log(f"2.0.{n}") for n in range(4)], attempt=2)
        wanted = messages(store, run, attempt)
        assert len(wanted) == {None: 14, 1: 10, 2: 4}[attempt]
        seen: list[str] = []
        after = None
        while found := store.read(lambda tx, after=after: tx.journal.logs(run.id, attempt, after, limit)):
            assert len(found) <= limit
            seen.extend(line.message for line in found)
            after = (found[-1].attempt, found[-1].stream, found[-1].seq)
        assert seen == wanted

    def test_a_tail_misses_nothing_that_arrives_from_a_slower_stream(self, store: Store, run: FlowRun) -> None:
        put(store, run, log("a", at=AT + 10))
        tail = store.read(lambda tx: tx.journal.logs(run.id, 1, None, 10))
        put(store, run, log("b", at=AT), stream=1)
        after = (tail[-1].attempt, tail[-1].stream, tail[-1].seq)
        assert [line.message for line in store.read(lambda tx: tx.journal.logs(run.id, 1, after, 10))] == ["b"]

    @pytest.mark.parametrize("limit", [1, 3, 100])
    def test_in_the_order_of_arrival_a_cursor_walks_over_every_line_once(
        self, store: Store, run: FlowRun, limit: int
    ) -> None:
        put(store, run, log("a"), log("b"))
        put(store, run, log("c"), attempt=2)
        put(store, run, log("late"), first=3)
        put(store, run, log("d"), log("e"), attempt=2, first=2)
        seen, after = "", None
        while found := store.read(lambda tx, after=after: tx.journal.logs(run.id, None, after, limit, arrival=True)):
            assert len(found) <= limit
            seen += " ".join(["", *(line.message for line in found)])
            after = (found[-1].attempt, found[-1].stream, found[-1].seq)
        assert seen.split() == ["a", "b", "c", "late", "d", "e"]
        of_one = store.read(lambda tx: tx.journal.logs(run.id, 2, None, 100, arrival=True))
        assert [line.message for line in of_one] == ["c", "d", "e"]

    def test_output_is_open_until_its_supervisor_ends_it(self, store: Store, run: FlowRun) -> None:
        def is_open() -> bool:
            return store.read(lambda tx: tx.journal.has_open_output(run.id, 1))

        put(store, run, log("of the flow"))
        assert not is_open()
        put(store, run, log("printed"), stream=1)
        assert is_open()
        put(store, run, ["e", AT], stream=1, first=2)
        assert not is_open()

    def test_runs_do_not_mix(self, store: Store, run: FlowRun) -> None:
        other = store.write(insert)
        put(store, run, log("mine"))
        put(store, other, log("theirs"))
        assert messages(store, run) == ["mine"]


class TestArtifacts:
    def test_they_come_back_in_order(self, store: Store, run: FlowRun) -> None:
        data = {"rows": [["a", 1.5, None, "\0\ud800"]]}
        put(store, run, ["a", 2, AT, "table", "result", data], ["a", 0, AT, "markdown", "note", {"text": "hi"}])
        found = store.read(lambda tx: tx.journal.artifacts(run.id))
        assert [(item.number, item.key, item.kind) for item in found] == [
            (2, "result", "table"),
            (0, "note", "markdown"),
        ]
        assert found[0].data == {"rows": [["a", 1.5, None, "\0\\ud800"]]}
        assert (found[0].run_id, found[0].attempt, found[0].at.timestamp()) == (run.id, 1, AT)


class TestCheckpoints:
    def test_the_newest_inline_result_of_each_key_and_inputs(self, store: Store, run: FlowRun) -> None:
        def done(number: int, key: str, result: Any, inputs: str | None = "i") -> list[Any]:
            return [created(number, key=key), step(number, "completed", result=result, inputs=inputs)]

        put(
            store,
            run,
            *done(1, "a#0", {"inline": 1}),
            *done(2, "b#0", {"inline": 2}),
            *done(3, "c#0", {"unstored": "x"}),
        )
        put(store, run, *done(1, "a#0", {"inline": None}, None), *done(2, "b#0", {"unstored": "y"}), attempt=2)
        put(store, run, created(1, key="d#0"), step(1, "failed", result={"inline": 9}), attempt=3, first=1)
        put(store, run, *done(1, "a#0", {"inline": "too new"}), attempt=4)
        found = store.read(lambda tx: list(tx.journal.checkpoints(run.id, 4)))
        assert {(item.key, item.attempt, item.inputs, json.dumps(item.result)) for item in found} == {
            ("a#0", 1, "i", '{"inline": 1}'),
            ("a#0", 2, None, '{"inline": null}'),
            ("b#0", 1, "i", '{"inline": 2}'),
        }

    def test_a_deep_result_is_kept(self, store: Store, run: FlowRun) -> None:
        deep: Any = 0
        for _ in range(400):
            deep = [deep]
        put(store, run, created(1), step(1, "completed", result={"inline": deep}))
        assert only_task(store, run).result == {"inline": deep}

    def test_a_result_that_is_no_number_is_kept(self, store: Store, run: FlowRun) -> None:
        put(store, run, created(1), step(1, "completed", result={"inline": float("inf")}))
        assert only_task(store, run).result == {"inline": float("inf")}


class TestMalformed:
    @pytest.mark.parametrize(
        "line",
        [
            b"",
            b"{",
            b"nonsense",
            b"\xff",
            b"null",
            b"[]",
            b"{}",
            b'["?",1]',
            b'["l",0]',
            b'["l",0,1.0,"INFO","a","b"]',
            b'["l",0,1.0,20,"a",null]',
            b'["s",1,"sleeping",1.0,null]',
            b'["s",1,"running",-1,null]',
            b'["s",1,"running",1e300,null]',
            b'["s",1,"running",NaN,null]',
            b'["s",1.5,"running",1.0,null]',
            b'["s",[],"running",1.0,null]',
            b'["s",99999999999999999999,"running",1.0,null]',
            b'["s",1,"running",1.0,"extra"]',
            b'["c",0,0,"task","k","n",1.0,"pending",null]',
            b'["c",1,0,"job","k","n",1.0,"pending",null]',
            b'["c",1,0,"task",5,"n",1.0,"pending",null]',
            b'["c",1,0,"task","k","n",1.0,"pending",{"upstream":["x"]}]',
            b'["a",0,1.0,"link",5,{}]',
            b'["a",0,1.0,"link","k",[]]',
            b'["a",0,1.0,"link","k",null]',
            b'["l",0,1.0,%d,"a","b"]' % 10**30,
            b'["l",0,1.0,20,"a","\xed\xa0\x80"]',
            b'["s",0,"sleeping",1.0,null]',
            b'["s",0,"failed",1.0,{"reason":5}]',
            b'["s",0,"failed",1.0,{"error":"x"}]',
            b'["s",1,"failed",1.0,{"reason":{"a":1}}]',
            b'["s",1,"running",1.0,{"name":7}]',
            b'["s",1,"completed",1.0,{"result":5}]',
            b'["s",1,"failed",1.0,{"error":{"type":[],"message":"m"}}]',
            b'["e",1.0],["e",1.0]',
            b'["e",1.0],9007199254740993,["e",1.0]',
            b"[" * 100_000,
        ],
    )
    def test_a_line_is_named_and_nothing_of_its_batch_is_kept(self, store: Store, run: FlowRun, line: bytes) -> None:
        good = lines(created(7), log("before"))
        with pytest.raises(ParameterError, match=r"^line 3 of the journal"):
            put(store, run, *good, line, *lines(log("after")), raw=True)
        assert store.read(lambda tx: tx.journal.acked(run.id, 1, 0)) == 0
        assert (tasks(store, run), messages(store, run)) == ([], [])

    def test_lines_that_only_together_are_json_are_refused(self, store: Store, run: FlowRun) -> None:
        whole = b'["l",0,1.0,20,"a","b"]'
        with pytest.raises(ParameterError, match=r"^line 1 of the journal"):  # three lines, three values, not one each
            put(store, run, whole + b"," + whole, b'["l",0,1.0,20,"a"', b'"b"]', raw=True)
        assert messages(store, run) == []

    def test_escaped_text_beyond_ascii_is_what_it_says(self, store: Store, run: FlowRun) -> None:
        put(store, run, log("turn\U0001f682out"), log("\udfff"))
        assert messages(store, run) == ["turn\U0001f682out", "\\udfff"]

    def test_a_task_is_created_once(self, store: Store, run: FlowRun) -> None:
        with pytest.raises(ParameterError, match="line 2"):
            put(store, run, created(1), created(1))

    def test_a_protocol_of_the_future_is_refused(self, store: Store, run: FlowRun) -> None:
        with pytest.raises(ParameterError, match="protocol 2"):
            store.write(lambda tx: tx.journal.store(run.id, 1, 0, 0, lines({**header(run), "protocol": 2})))

    def test_odd_names_are_made_storable(self, store: Store, run: FlowRun) -> None:
        put(store, run, created(1, key="k\0#0", name="\ud800"), step(1, "failed", name="\0", reason="\0\udce4"))
        task = only_task(store, run)
        assert (task.key, task.name, task.state_name, task.reason) == ("k\\x00#0", "\\ud800", "\\x00", "\0\\udce4")

    def test_start_is_where_the_times_of_the_suite_begin(self) -> None:
        assert START.timestamp() < AT
