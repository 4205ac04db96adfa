"""The oracle: a busy, healthy database has no findings, and each promise that is broken is found by name."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.orchestration.world import deployment
from tests.unit.store.busy_field import BusyField
from turnout.core.records import Page
from turnout.core.snapshot import Concurrency
from turnout.store import open_reader
from turnout.store.invariants import check, invariant_names

FILES = sorted((Path(__file__).parents[3] / "src" / "turnout" / "store" / "sql" / "invariants").glob("*.sql"))


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BusyField]:
    target = tmp_path / "data" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    made = BusyField(target)
    yield made
    made.store.close()


LIVE = "deployment = 'single' AND state = 'running'"
DONE = "(SELECT min(id) FROM flow_run WHERE deployment = 'load' AND state = 'completed')"
TASKS = "(SELECT min(run_id) FROM task_run)"
INSERTED = "INSERT INTO {table} SELECT {columns} FROM {table}"

BROKEN: dict[str, tuple[str, ...]] = {
    "i03_occurrence_key": ("DROP INDEX flow_run_occurrence",),
    "i03_one_run_an_occurrence": (
        "DROP INDEX flow_run_occurrence",
        "UPDATE flow_run SET occurrence = (SELECT min(occurrence) FROM flow_run) WHERE occurrence IS NOT NULL",
    ),
    "i03_within_watermark": ("UPDATE schedule SET watermark = watermark - 7200000000",),
    "i03_due_once": ("UPDATE schedule SET next_due = watermark",),
    "i03_nothing_overdue": ("UPDATE schedule SET next_due = next_due - 7200000000, watermark = 0",),
    "i06_tokens": ("UPDATE run_token SET attempt = 9",),
    "i07_leased": (f"UPDATE flow_run SET lease_until = NULL WHERE {LIVE}",),
    "i07_nobody_forgotten": (f"UPDATE flow_run SET lease_until = 1 WHERE {LIVE}",),
    "i07_somebody_can_start_it": ("UPDATE flow_run SET pool = NULL WHERE state = 'scheduled'",),
    "i09_final_is_final": (
        f"""INSERT INTO flow_run_history SELECT run_id, version + 1, attempt, 'running', 'Running', NULL, at, by
        FROM flow_run_history WHERE run_id = {DONE} AND state = 'completed'""",
        f"UPDATE flow_run SET version = version + 1, state = 'running', state_name = 'Running' WHERE id = {DONE}",
    ),
    "i10_state_is_fold": (f"UPDATE flow_run SET state = 'failed' WHERE id = {DONE}",),
    "i10_counts_are_fold": ("UPDATE flow_run SET failures = 7 WHERE deployment = 'flaky'",),
    "i10_history_without_gaps": (f"DELETE FROM flow_run_history WHERE run_id = {DONE} AND version = 2",),
    "i10_history_begins": (f"UPDATE flow_run_history SET state = 'pending' WHERE run_id = {DONE} AND version = 1",),
    "i10_history_is_legal": (f"UPDATE flow_run_history SET state = 'paused' WHERE run_id = {DONE} AND version = 2",),
    "i10_tasks_end_with_their_attempt": (f"UPDATE task_run SET state = 'running' WHERE run_id = {TASKS}",),
    "i10_children_end_with_their_parent": ("UPDATE task_run SET state = 'running' WHERE number = 2",),
    "i10_timelines_are_legal": (
        "UPDATE task_run SET detail = replace(detail, 'pending', 'completed') WHERE number = 2",
    ),
    "i14_deployments_within_limits": ("UPDATE object SET concurrency_limit = 0 WHERE name = 'single'",),
    "i14_limits_within": ("UPDATE slot SET weight = 2, taken_at = taken_at + 1",),
    "i14_limits_held": ("DELETE FROM slot",),
    "i15_slots_let_go": ("UPDATE slot SET attempt = attempt + 1",),
    "i14_limits_hold": ("UPDATE slot SET weight = 9, taken_at = taken_at + 1",),
    "i15_slots_come_back": ("UPDATE slot SET attempt = 7",),
    "i15_nothing_held_after_the_end": (f"UPDATE flow_run SET lease_until = 1 WHERE id = {DONE}",),
    "i18_log_in_order": ("UPDATE log_chunk SET last_seq = 99",),
    "i18_log_acknowledged": ("UPDATE journal_stream SET acked = 0",),
    "i18_artifacts_acknowledged": ("UPDATE artifact SET seq = 99",),
    "i24_nothing_left_over": ("UPDATE artifact SET run_id = 'gone'",),
    "i28_pinned": (f"UPDATE flow_run SET spec = replace(spec, '\"release\"', '\"forgotten\"') WHERE id = {DONE}",),
    "i28_deployed_bundle": ("DELETE FROM bundle",),
    "i29_paused_is_held": ("INSERT INTO pause VALUES ('field', 'production', 'single', '', 1, 'ann', NULL, NULL)",),
    "i29_nothing_held_back_for_ever": ("UPDATE flow_run SET lane = NULL WHERE state = 'scheduled'",),
    "i30_every_step_is_told": (f"DELETE FROM outbox WHERE run_id = {DONE}",),
    "i30_every_event_is_true": ("UPDATE outbox SET payload = replace(payload, 'completed', 'failed')",),
    "i30_told_once_in_order": (
        f"""INSERT INTO outbox (at, kind, run_id, payload)
        SELECT at, kind, run_id, payload FROM outbox WHERE run_id = {DONE}""",
    ),
    "i32_times_fit_the_state": (f"UPDATE flow_run SET ended_at = NULL WHERE id = {DONE}",),
}
"""Invariant -> statements after which it is found broken (others may be, too)."""
ELSEWHERE = {
    "i01_database_sound": "test_a_damaged_file_is_found",
    "i01_durable_settings": "test_unsafe_settings_are_found",
    "i01_references": "test_a_dangling_reference_is_found",
}


def test_a_busy_healthy_database_has_no_findings(world: BusyField) -> None:
    states = {run.state for name in ("load", "clean", "flaky", "single") for run in world.runs_of(name)}
    assert {"completed", "scheduled", "running", "crashed", "cancelled"} <= states
    assert world.read(lambda tx: len(tx.journal.tasks(world.with_tasks.id, 1, Page(limit=100)))) == 2
    assert world.findings() == []


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_promise_is_found(world: BusyField, name: str) -> None:
    world.break_it(*BROKEN[name])
    found = {finding.invariant: finding for finding in world.findings()}
    assert name[4:] in found, sorted(found)
    finding = found[name[4:]]
    assert finding.promise == f"I{int(name[1:3])}"
    assert finding.count >= len(finding.ids) == len(finding.details) > 0
    assert all(finding.ids)
    assert finding.what.endswith(".")
    assert finding.fix


def test_a_lowered_limit_breaks_nothing(world: BusyField) -> None:
    """Those that run when a limit is lowered go on."""
    world.break_it("UPDATE object SET concurrency_limit = 0 WHERE name = 'single'")
    assert [found.invariant for found in world.findings()] == ["deployments_within_limits"]
    world.clock.advance(seconds=1)
    world.deploy(deployment("single", concurrency=Concurrency(limit=2)))
    world.break_it("UPDATE object SET concurrency_limit = 0 WHERE name = 'single'")
    assert world.findings() == []


def test_a_database_at_rest_is_not_blamed_for_the_missing_server(world: BusyField) -> None:
    world.clock.advance(days=1)
    assert {found.invariant for found in world.findings()} == {"nobody_forgotten", "nothing_overdue"}
    assert world.findings(serving=False) == []


def test_pruned_events_are_not_missed(world: BusyField) -> None:
    world.break_it("DELETE FROM outbox WHERE seq <= 3")
    assert [found.invariant for found in world.findings()] == ["every_step_is_told"]
    world.break_it("INSERT INTO store_mark SELECT 'events_pruned_at', max(at) FROM flow_run_history")
    assert world.findings() == []


def test_a_dangling_reference_is_found(tmp_path: Path) -> None:
    world = BusyField(tmp_path / "data")
    with sqlite3.connect(tmp_path / "data" / "turnout.db") as other:
        other.execute("INSERT INTO run_tag VALUES ('t', 'gone')")
    other.close()
    assert [found.invariant for found in world.findings()] == ["references"]
    world.store.close()


def test_a_damaged_file_is_found(tmp_path: Path) -> None:
    world = BusyField(tmp_path / "data")
    world.break_it("DROP INDEX flow_run_worker")
    world.break_it("PRAGMA writable_schema = ON")
    world.break_it("DELETE FROM sqlite_master WHERE name = 'flow_run_lease'")
    world.store.close()
    world.store = open_reader(tmp_path / "data", clock=world.clock)
    assert "database_sound" in [found.invariant for found in world.findings()]
    world.store.close()


def test_unsafe_settings_are_found(tmp_path: Path) -> None:
    world = BusyField(tmp_path / "data")
    assert "durable_settings" not in [found.invariant for found in world.write(check)]
    world.store._writer._commits._connection.execute("PRAGMA synchronous = NORMAL")  # type: ignore[union-attr]
    assert [found.invariant for found in world.write(check)] == ["durable_settings"]
    world.store.close()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_every_invariant_has_a_database_that_breaks_it(dialect: str) -> None:
    assert set(invariant_names(dialect)) <= {*BROKEN, *ELSEWHERE}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_says_what_is_wrong_and_how_to_mend_it(path: Path) -> None:
    assert re.fullmatch(r"i\d\d(_[a-z]+)+(\.(sqlite|postgresql))?\.sql", path.name)
    what, fix, *body = path.read_text().splitlines()
    assert re.fullmatch(r"-- [A-Z].*\.", what)
    assert re.fullmatch(r"-- [A-Z].*[.)E]", fix)
    statement = "\n".join(body)
    assert "--" not in statement
    assert ";" not in statement
    assert statement.endswith("LIMIT :limit")
    assert not re.search(r"\b(insert|update|delete|create|drop|alter)\b", statement, re.IGNORECASE)
