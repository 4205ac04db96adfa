"""`core.ports.Runs`: insertion, state with history and event, filters, leases, tokens."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.contract.factories import NAMESPACE, START, ManualClock, ids, insert, move, new_run
from turnout.core.errors import Conflict, IllegalTransition
from turnout.core.ports import Store
from turnout.core.records import FlowRun, HistoryEntry, Namespace, Page, Policy, RunFilter, RunSpec
from turnout.core.states import ACTIVE, FINAL, RunState

S = RunState


def test_a_run_comes_back_as_it_was_stored(store: Store) -> None:
    run = new_run(
        deployment=None,
        pool=None,
        parameters={"state": "Österreich", "deep": [{"x": None}], "quote": "'\"\\"},
        tags=("nightly", "b"),
        due_at=START + timedelta(days=30, microseconds=1),
        reason="asked for",
        trigger="script",
        spec=RunSpec(
            entrypoint="sql/a.sql",
            bundle="d" * 64,
            commit="e" * 40,
            release=7,
            connection="warehouse",
            secrets=("van", "sheets"),
            policy=Policy(retries=2, retry_delay_seconds=0.5, timeout_seconds=60.0, on_crash="resume", crash_limit=3),
        ),
    )
    assert store.write(lambda tx: tx.runs.insert(run, "local:ada"))
    assert store.read(lambda tx: tx.runs.get(run.id)) == run


def test_an_unknown_run_is_none(store: Store) -> None:
    assert store.read(lambda tx: tx.runs.get("0" * 32)) is None


def test_inserting_writes_history_and_event(store: Store) -> None:
    run = store.write(insert)
    assert store.read(lambda tx: tx.runs.history(run.id)) == [
        HistoryEntry(version=1, attempt=1, state=S.SCHEDULED, name="Scheduled", reason=None, at=START, by="admin:ada")
    ]
    [event] = store.read(lambda tx: tx.outbox.after(0, 10))
    assert (event["run_id"], event["version"], event["state"]) == (run.id, 1, "scheduled")


@pytest.mark.parametrize("occurrence", [None, START])
def test_an_id_that_another_run_has_is_refused_and_writes_nothing(store: Store, occurrence: datetime | None) -> None:
    """No occurrence may pass for made because of an id: it would have no run."""
    run = store.write(insert)
    other = replace(run, name="other", tags=("t",), schedule="nightly", occurrence=occurrence)
    with pytest.raises(Conflict, match=f"the id {run.id} is another run's"):
        store.write(lambda tx: tx.runs.insert(other, "admin:bo"))
    assert store.read(lambda tx: tx.runs.get(run.id)) == run
    assert len(store.read(lambda tx: tx.outbox.after(0, 10))) == 1


def test_the_same_occurrence_under_the_same_id_is_there_already(store: Store) -> None:
    run = store.write(lambda tx: insert(tx, schedule="nightly", occurrence=START))
    assert not store.write(lambda tx: tx.runs.insert(run, "system:scheduler"))
    assert store.read(lambda tx: tx.runs.get(run.id)) == run
    assert len(store.read(lambda tx: tx.outbox.after(0, 10))) == 1


def test_an_occurrence_is_made_once_a_deployment_and_schedule(store: Store) -> None:
    key = {"schedule": "nightly", "occurrence": START}
    store.write(lambda tx: insert(tx, **key))
    assert not store.write(lambda tx: tx.runs.insert(new_run(**key), "system:scheduler"))
    for other in (
        {"deployment": "export"},
        {"schedule": "weekly"},
        {"occurrence": START + timedelta(seconds=1)},
        {"environment": "staging"},
        {"project": "other"},
    ):
        assert store.write(lambda tx, other=other: tx.runs.insert(new_run(**{**key, **other}), "system:scheduler"))


def test_runs_without_an_occurrence_are_never_the_same(store: Store) -> None:
    store.write(lambda tx: [insert(tx, schedule=None), insert(tx, schedule=None)])
    assert store.read(lambda tx: tx.runs.count(RunFilter())) == {"scheduled": 2}


def test_only_scheduled_runs_are_inserted(store: Store) -> None:
    with pytest.raises(IllegalTransition):
        store.write(lambda tx: tx.runs.insert(new_run(state=S.RUNNING), "x"))


def test_a_scripts_run_keeps_its_own_time_and_author(store: Store) -> None:
    run = new_run(trigger="script", deployment=None)
    first = HistoryEntry(
        version=1,
        attempt=1,
        state=S.SCHEDULED,
        name="Scheduled",
        reason=None,
        at=START - timedelta(minutes=5),
        by="local:script",
    )
    for _ in range(2):
        store.write(lambda tx: tx.runs.record_script(run, [first]))
    assert store.read(lambda tx: tx.runs.history(run.id)) == [first]
    assert store.read(lambda tx: tx.runs.get(run.id)) == run


def test_set_state_writes_row_history_and_event_together(store: Store, clock: ManualClock) -> None:
    run = store.write(insert)
    clock.advance(3)
    lease = clock.now() + timedelta(seconds=30)
    changed = store.write(
        lambda tx: move(tx, run, S.PENDING, reason="claimed", worker="w1", lease_until=lease, lease_key="k1", attempt=2)
    )
    assert changed == replace(
        run,
        state=S.PENDING,
        state_name="Pending",
        reason="claimed",
        state_at=clock.now(),
        version=2,
        attempt=2,
        worker="w1",
        lease_until=lease,
    )
    assert store.read(lambda tx: tx.runs.get(run.id)) == changed
    assert store.read(lambda tx: tx.runs.history(run.id))[-1] == HistoryEntry(
        version=2, attempt=2, state=S.PENDING, name="Pending", reason="claimed", at=clock.now(), by="system:test"
    )
    event = store.read(lambda tx: tx.outbox.after(0, 10))[-1]
    assert (event["state"], event["version"], event["attempt"], event["by"]) == ("pending", 2, 2, "system:test")


def test_set_state_refuses_a_run_that_moved(store: Store) -> None:
    run = store.write(insert)
    store.write(lambda tx: move(tx, run, S.PENDING))
    with pytest.raises(Conflict):
        store.write(lambda tx: move(tx, run, S.CANCELLED))
    assert [entry.version for entry in store.read(lambda tx: tx.runs.history(run.id))] == [1, 2]
    assert len(store.read(lambda tx: tx.outbox.after(0, 10))) == 2


def test_set_state_refuses_a_run_that_is_not_there(store: Store) -> None:
    with pytest.raises(Conflict):
        store.write(lambda tx: move(tx, new_run(), S.PENDING))


def test_versions_have_no_gaps(store: Store) -> None:
    run = store.write(insert)

    def live(tx: object) -> FlowRun:
        moved = run
        for state in (S.PENDING, S.RUNNING, S.FAILED, S.SCHEDULED, S.PENDING):
            moved = move(tx, moved, state)  # type: ignore[arg-type]
        return moved

    assert store.write(live).version == 6
    history = store.read(lambda tx: tx.runs.history(run.id))
    assert [entry.version for entry in history] == [1, 2, 3, 4, 5, 6]


def test_what_no_database_can_keep_is_made_visible(store: Store) -> None:
    run = store.write(lambda tx: insert(tx, parameters={"x": "\ud800\0"}, name="a\0b"))
    store.write(lambda tx: move(tx, run, S.FAILED, reason="bad \udce4 byte"))
    found = store.read(lambda tx: tx.runs.get(run.id))
    assert found is not None
    assert (found.name, found.reason) == (r"a\x00b", r"bad \udce4 byte")
    assert found.parameters == {"x": "\ud800\0"}


def test_find_lists_newest_first_and_pages(store: Store) -> None:
    runs = store.write(lambda tx: [insert(tx) for _ in range(5)])
    newest = ids(reversed(runs))
    first = store.read(lambda tx: tx.runs.find(RunFilter(), Page(limit=2)))
    assert ids(first) == newest[:2]
    rest = store.read(lambda tx: tx.runs.find(RunFilter(), Page(limit=9, after=first[-1].id)))
    assert ids(rest) == newest[2:]


@pytest.mark.parametrize(
    ("where", "names"),
    [
        (RunFilter(), "abcd"),
        (RunFilter(project="field"), "abc"),
        (RunFilter(project="other"), "d"),
        (RunFilter(environment="staging"), "b"),
        (RunFilter(deployment="export"), "c"),
        (RunFilter(flow_name="turf"), "a"),
        (RunFilter(states=(S.PENDING,)), "b"),
        (RunFilter(states=(S.PENDING, S.SCHEDULED)), "abcd"),
        (RunFilter(states=(S.FAILED,)), ""),
        (RunFilter(tags=("x",)), "ab"),
        (RunFilter(tags=("x", "y")), "a"),
        (RunFilter(tags=("x", "z")), ""),
        (RunFilter(text="EXP"), "c"),
        (RunFilter(text="tur"), "a"),
        (RunFilter(text="100%"), "d"),
        (RunFilter(text="_"), ""),
        (RunFilter(text="' OR 1=1 --"), ""),
        (RunFilter(since=START + timedelta(hours=1)), "cd"),
        (RunFilter(until=START + timedelta(hours=1)), "ab"),
        (RunFilter(project="field", tags=("x",), states=(S.SCHEDULED,), text="a"), "a"),
    ],
)
def test_every_filter_holds_alone_and_joined(store: Store, where: RunFilter, names: str) -> None:
    def prepare(tx: object) -> None:
        insert(tx, name="a", flow_name="turf", tags=("x", "y", "x"))  # type: ignore[arg-type]
        b = insert(tx, name="b", environment="staging", tags=("x",))  # type: ignore[arg-type]
        insert(tx, name="c", deployment="export", created_at=START + timedelta(hours=1))  # type: ignore[arg-type]
        insert(tx, name="d 100%", project="other", created_at=START + timedelta(hours=2))  # type: ignore[arg-type]
        move(tx, b, S.PENDING)  # type: ignore[arg-type]

    store.write(prepare)
    found = store.read(lambda tx: tx.runs.find(where, Page()))
    assert "".join(reversed([run.name[0] for run in found])) == names
    assert sum(store.read(lambda tx: tx.runs.count(where)).values()) == len(names)


def test_count_groups_by_state(store: Store) -> None:
    runs = store.write(lambda tx: [insert(tx) for _ in range(3)])
    store.write(lambda tx: move(tx, runs[0], S.COMPLETED))
    assert store.read(lambda tx: tx.runs.count(RunFilter())) == {"completed": 1, "scheduled": 2}


def test_claims_are_found_by_key_while_they_are_pending(store: Store) -> None:
    one, two = store.write(lambda tx: [insert(tx), insert(tx)])
    pending = store.write(lambda tx: move(tx, one, S.PENDING, worker="w", lease_key="k"))
    store.write(lambda tx: move(tx, two, S.PENDING, worker="w", lease_key="other"))
    assert ids(store.read(lambda tx: tx.runs.claimed_with("k"))) == [one.id]
    assert len(store.read(lambda tx: tx.runs.held_by("w"))) == 2
    running = store.write(lambda tx: move(tx, pending, S.RUNNING, worker="w", lease_key="k"))
    assert store.read(lambda tx: tx.runs.claimed_with("k")) == []
    store.write(lambda tx: move(tx, running, S.COMPLETED, worker="w"))
    assert ids(store.read(lambda tx: tx.runs.held_by("w"))) == [two.id]


@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_leases_lapse_in_active_states(store: Store, clock: ManualClock, state: RunState) -> None:
    run = store.write(insert)
    store.write(lambda tx: move(tx, run, state, lease_until=START + timedelta(seconds=30)))
    clock.advance(30)
    assert store.read(lambda tx: tx.runs.lapsed(10)) == []
    clock.advance(0.000001)
    assert ids(store.read(lambda tx: tx.runs.lapsed(10))) == [run.id]


def test_leases_mean_nothing_elsewhere(store: Store, clock: ManualClock) -> None:
    for state in FINAL:
        run = store.write(insert)
        store.write(lambda tx, run=run, state=state: move(tx, run, state, lease_until=START))
    no_lease = store.write(insert)
    store.write(lambda tx: move(tx, no_lease, S.RUNNING))
    clock.advance(60)
    assert store.read(lambda tx: tx.runs.lapsed(10)) == []


def test_the_longest_lapsed_comes_first(store: Store, clock: ManualClock) -> None:
    for seconds in (20, 10, 30):
        run = store.write(insert)
        until = START + timedelta(seconds=seconds)
        store.write(lambda tx, run=run, until=until: move(tx, run, S.RUNNING, lease_until=until))
    clock.advance(60)
    found = store.read(lambda tx: tx.runs.lapsed(2))
    assert [run.lease_until for run in found] == [START + timedelta(seconds=10), START + timedelta(seconds=20)]


def test_renewal_extends_the_lease_of_the_attempt_that_holds_the_run(store: Store) -> None:
    run = store.write(insert)
    held = store.write(lambda tx: move(tx, run, S.RUNNING, attempt=2, lease_until=START))
    later = START + timedelta(seconds=90)
    assert not store.write(lambda tx: tx.runs.renew(run.id, 1, later))
    assert store.write(lambda tx: tx.runs.renew(run.id, 2, later))
    renewed = store.read(lambda tx: tx.runs.get(run.id))
    assert renewed == replace(held, lease_until=later)
    store.write(lambda tx: move(tx, held, S.COMPLETED, lease_until=None))
    assert not store.write(lambda tx: tx.runs.renew(run.id, 2, later))


def test_grace_only_ever_extends(store: Store) -> None:
    short, long, final = store.write(lambda tx: [insert(tx) for _ in range(3)])
    grace = START + timedelta(seconds=30)
    store.write(lambda tx: move(tx, short, S.RUNNING, lease_until=START))
    store.write(lambda tx: move(tx, long, S.RUNNING, lease_until=grace + timedelta(hours=1)))
    store.write(lambda tx: move(tx, final, S.COMPLETED, lease_until=START))
    store.write(lambda tx: tx.runs.grace(grace))
    found = [store.read(lambda tx, run=run: tx.runs.get(run.id)).lease_until for run in (short, long, final)]
    assert found == [grace, grace + timedelta(hours=1), START]


def test_a_lengthened_lease_is_so_much_longer(store: Store) -> None:
    held, final = store.write(lambda tx: [insert(tx) for _ in range(2)])
    store.write(lambda tx: move(tx, held, S.RUNNING, lease_until=START))
    store.write(lambda tx: move(tx, final, S.COMPLETED, lease_until=START))
    store.write(lambda tx: tx.runs.lengthen(timedelta(seconds=7.5)))
    found = [store.read(lambda tx, run=run: tx.runs.get(run.id)).lease_until for run in (held, final)]
    assert found == [START + timedelta(seconds=7.5), START]


def test_live_and_queued_are_of_one_deployment_oldest_first(store: Store) -> None:
    first, second, third = store.write(lambda tx: [insert(tx) for _ in range(3)])
    store.write(
        lambda tx: [insert(tx, deployment="export"), insert(tx, environment="staging"), insert(tx, project="p")]
    )
    assert ids(store.read(lambda tx: tx.runs.queued(NAMESPACE, "load"))) == ids([first, second, third])
    store.write(lambda tx: [move(tx, second, S.RUNNING), move(tx, first, S.CANCELLING)])
    assert ids(store.read(lambda tx: tx.runs.live(NAMESPACE, "load"))) == ids([first, second])
    assert ids(store.read(lambda tx: tx.runs.queued(NAMESPACE, "load"))) == [third.id]


def test_latest_is_the_newest_of_any_state_or_of_one(store: Store) -> None:
    old, new = store.write(lambda tx: [insert(tx), insert(tx)])
    store.write(lambda tx: move(tx, old, S.COMPLETED))
    found = store.read(lambda tx: tx.runs.latest(NAMESPACE, "load"))
    assert found is not None
    assert found.id == new.id
    completed = store.read(lambda tx: tx.runs.latest(NAMESPACE, "load", S.COMPLETED))
    assert completed is not None
    assert completed.id == old.id
    assert store.read(lambda tx: tx.runs.latest(NAMESPACE, "load", S.FAILED)) is None
    assert store.read(lambda tx: tx.runs.latest(Namespace(project="none"), "load")) is None


def test_tokens_name_their_attempt_also_when_it_is_fenced(store: Store) -> None:
    run = store.write(insert)
    pending = store.write(lambda tx: move(tx, run, S.PENDING, token_hash="t1"))
    later = store.write(lambda tx: move(tx, pending, S.PENDING, attempt=2, token_hash="t2"))
    running = store.write(lambda tx: move(tx, later, S.RUNNING))
    assert store.read(lambda tx: tx.runs.token_holder("t1")) == (running, 1)
    assert store.read(lambda tx: tx.runs.token_holder("t2")) == (running, 2)
    assert store.read(lambda tx: tx.runs.token_holder("t3")) is None


def test_a_run_that_is_over_can_be_given_something_else_to_execute(store: Store) -> None:
    run = store.write(lambda tx: move(tx, insert(tx, parameters={"states": 3}), RunState.FAILED))
    spec = replace(run.spec, commit="d" * 40, release=2)
    store.write(lambda tx: tx.runs.amend(run, parameters={"states": 5}, spec=spec, pool="large"))
    found = store.read(lambda tx: tx.runs.get(run.id))
    assert found == replace(run, parameters={"states": 5}, spec=spec, pool="large")
    stale = replace(run, version=run.version - 1)
    with pytest.raises(Conflict, match="changed since"):
        store.write(lambda tx: tx.runs.amend(stale, parameters={}, spec=spec, pool=None))
    assert store.read(lambda tx: tx.runs.get(run.id)) == found
