"""What is read to be shown: the newest runs of every deployment, since when each is as it is, credentials."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from tests.contract.factories import NAMESPACE, START, ManualClock, deploy, deployment, insert, move, release
from turnout.core.inventory import CREDENTIAL_ID
from turnout.core.ports import Store, Tx
from turnout.core.records import Namespace, ScheduleRow
from turnout.core.snapshot import Snapshot
from turnout.core.states import RunState

OTHER = Namespace(project="field", environment="preview")


def test_the_newest_runs_of_every_deployment(store: Store) -> None:
    store.write(lambda tx: deploy(tx, deployment("load"), deployment("send"), deployment("idle")))
    store.write(lambda tx: _deploy_elsewhere(tx))
    first, second, third = (store.write(lambda tx: insert(tx, deployment="load")) for _ in range(3))
    sent = store.write(lambda tx: insert(tx, deployment="send"))
    store.write(lambda tx: insert(tx, deployment="load", environment="preview"))
    store.write(lambda tx: insert(tx, deployment="gone"))
    done = store.write(
        lambda tx: move(tx, second, RunState.COMPLETED, started_at=START, ended_at=START + timedelta(seconds=3))
    )
    found = store.read(lambda tx: tx.runs.recent(NAMESPACE, 2))
    assert {name: [bar.id for bar in bars] for name, bars in found.items()} == {
        "load": [third.id, second.id],
        "send": [sent.id],
    }
    bar = found["load"][1]
    assert (bar.name, bar.state, bar.started_at, bar.ended_at) == (done.name, done.state, START, done.ended_at)
    of_one = store.read(lambda tx: tx.runs.recent(NAMESPACE, 9, deployment="load"))
    assert [bar.id for bar in of_one["load"]] == [third.id, second.id, first.id]
    assert set(of_one) == {"load"}
    completed = store.read(lambda tx: tx.runs.recent(NAMESPACE, 9, state=RunState.COMPLETED))
    assert {name: [bar.id for bar in bars] for name, bars in completed.items()} == {"load": [second.id]}
    assert store.read(lambda tx: tx.runs.recent(NAMESPACE, 0)) == {}


def test_how_long_completed_runs_took(store: Store) -> None:
    store.write(lambda tx: deploy(tx, deployment("load"), deployment("send"), deployment("idle")))
    store.write(lambda tx: _deploy_elsewhere(tx))
    for name, environment, state, seconds in (
        ("load", "production", RunState.COMPLETED, 3),
        ("load", "production", RunState.FAILED, 4),
        ("load", "preview", RunState.COMPLETED, 5),
        ("load", "production", RunState.COMPLETED, 6),
        ("load", "production", RunState.COMPLETED, 7),
        ("send", "production", RunState.COMPLETED, 8),
        ("gone", "production", RunState.COMPLETED, 9),
    ):
        store.write(partial(_ended, deployment=name, environment=environment, state=state, seconds=seconds))
    store.write(lambda tx: move(tx, insert(tx, deployment="load"), RunState.COMPLETED))  # it never began
    found = store.read(lambda tx: tx.runs.durations(NAMESPACE, 3))
    assert {name: sorted(span.seconds for span in spans) for name, spans in found.items()} == {
        "load": [6, 7],
        "send": [8],
    }
    assert store.read(lambda tx: tx.runs.durations(NAMESPACE, 9, deployment="send")).keys() == {"send"}
    assert store.read(lambda tx: tx.runs.durations(NAMESPACE, 0)) == {}


def test_since_when_a_deployment_is_as_it_is(store: Store) -> None:
    store.write(lambda tx: deploy(tx, deployment("load"), deployment("send"), number=1))
    store.write(lambda tx: deploy(tx, deployment("load"), deployment("send", retries=3), number=2))
    store.write(lambda tx: deploy(tx, deployment("load"), deployment("new"), number=3))
    found = store.read(lambda tx: tx.projects.since(NAMESPACE))
    assert {name: release.number for name, release in found.items()} == {"load": 1, "new": 3, "send": 2}
    store.write(lambda tx: tx.projects.remove_deployment(NAMESPACE, "new"))
    store.write(lambda tx: deploy(tx, deployment("new"), number=4))
    assert store.read(lambda tx: tx.projects.since(NAMESPACE))["new"].number == 4
    assert store.read(lambda tx: tx.projects.since(OTHER)) == {}


def test_the_schedules_of_all_deployments(store: Store) -> None:
    row = ScheduleRow(
        project="field", environment="production", deployment="load", slug="b", spec={"cron": "0 5 * * *"},
        watermark=START, next_due=START, paused=False,
    )  # fmt: skip
    others = [replace(row, slug="a"), replace(row, deployment="early"), replace(row, environment="preview")]
    for one in [row, *others]:
        store.write(lambda tx, one=one: tx.projects.put_schedule(one))
    found = store.read(lambda tx: tx.projects.all_schedules(NAMESPACE))
    assert [(one.deployment, one.slug) for one in found] == [("early", "b"), ("load", "a"), ("load", "b")]
    assert found[2] == row


def test_credentials_are_listed_without_what_opens_anything(store: Store, clock: ManualClock) -> None:
    end = START + timedelta(seconds=10)
    hashes = {name: name * 64 for name in "abcd"}
    store.write(lambda tx: tx.credentials.put(hashes["a"], "session", "ada", "99", end))
    store.write(lambda tx: tx.credentials.put(hashes["b"], "jti", "used", None, end))
    clock.advance(1)
    store.write(lambda tx: tx.credentials.put(hashes["c"], "deploy", "github:x", "apply field production", None))
    store.write(lambda tx: tx.credentials.put(hashes["a"], "session", "ada", "99", end))
    found = store.read(lambda tx: tx.credentials.all(9))
    assert [(one.id, one.kind, one.name) for one in found] == [
        ("c" * CREDENTIAL_ID, "deploy", "github:x"),
        ("a" * CREDENTIAL_ID, "session", "ada"),
    ]
    assert (found[1].created_at, found[1].expires_at) == (START, end), "renewed, not new"
    assert [one.kind for one in store.read(lambda tx: tx.credentials.all(1))] == ["deploy"]
    assert store.write(lambda tx: tx.credentials.revoke("a" * CREDENTIAL_ID))
    assert not store.write(lambda tx: tx.credentials.revoke("a" * CREDENTIAL_ID))
    assert store.read(lambda tx: tx.credentials.get(hashes["a"])) is None
    clock.advance(3600)
    assert [one.kind for one in store.read(lambda tx: tx.credentials.all(9))] == ["deploy"]


def _ended(tx: Tx, *, deployment: str, environment: str, state: RunState, seconds: int) -> None:
    run = insert(tx, deployment=deployment, environment=environment)
    move(tx, run, state, started_at=START, ended_at=START + timedelta(seconds=seconds))


def _deploy_elsewhere(tx: Tx) -> None:
    made = release(environment="preview")
    tx.projects.write_release(made, Snapshot(project="field", environment="preview"))
    tx.projects.put_deployment(OTHER, deployment("load"), made)
