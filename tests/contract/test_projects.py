"""`core.ports.Projects`: releases, deployments and schedules of a namespace."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.contract.factories import NAMESPACE, START, ManualClock, deploy, deployment, release
from turnout.core.errors import StoreError
from turnout.core.ports import Store, Tx
from turnout.core.queueing import Limit
from turnout.core.records import Namespace, Page, Pause, ScheduleRow
from turnout.core.snapshot import Concurrency, ConnectionSpec, PoolSpec, ScheduleSpec, SecretSpec, Snapshot

OTHER = Namespace(project="field", environment="staging")
FULL = deployment(
    "export",
    description="Writes the lists",
    pool="big",
    connection="warehouse",
    schedules=(ScheduleSpec(slug="s", cron="0 6 * * *", timezone="America/New_York", parameters={"n": 1}),),
    parameters={"state": "${var:state}"},
    parameter_schema={"type": "object"},
    after=("load", "turf"),
    tags=("nightly",),
    secrets=("van",),
    retries=2,
    retry_delay_seconds=1.5,
    timeout_seconds=60.0,
    on_crash="resume",
    catch_up="within:3600",
    concurrency=Concurrency(limit=1, on_collision="queue-latest"),
)


def schedule(**changes: object) -> ScheduleRow:
    row = ScheduleRow(
        project=NAMESPACE.project,
        environment=NAMESPACE.environment,
        deployment="load",
        slug="nightly",
        spec={"slug": "nightly", "cron": "0 6 * * *"},
        watermark=START,
        next_due=START + timedelta(hours=1),
        paused=False,
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def test_nothing_is_deployed_at_first(store: Store) -> None:
    assert store.read(lambda tx: tx.projects.names()) == []
    assert store.read(lambda tx: tx.projects.snapshot(NAMESPACE)) is None
    assert store.read(lambda tx: tx.projects.deployments(NAMESPACE)) == []
    assert store.read(lambda tx: tx.projects.next_schedule_due()) is None


def test_the_snapshot_is_that_of_the_newest_release(store: Store) -> None:
    snapshot = Snapshot(
        project="field",
        timezone="UTC",
        variables={"state": "OH", "deep": {"a": [1, None]}},
        secrets={"van": SecretSpec(fields=("api_key",))},
        connections={"warehouse": ConnectionSpec(type="duckdb", options={"database": "w.db"})},
        pools={"big": PoolSpec(concurrency=3)},
        deployments={"export": FULL},
    )
    store.write(lambda tx: tx.projects.write_release(release(1), Snapshot(project="field")))
    store.write(lambda tx: tx.projects.write_release(release(2), snapshot))
    store.write(lambda tx: tx.projects.write_release(release(9, environment="staging"), Snapshot(project="field")))
    assert store.read(lambda tx: tx.projects.snapshot(NAMESPACE)) == (2, snapshot)
    assert store.read(lambda tx: tx.projects.names()) == [NAMESPACE, OTHER]


def test_a_release_number_is_used_once(store: Store) -> None:
    store.write(lambda tx: tx.projects.write_release(release(1), Snapshot(project="field")))
    with pytest.raises(StoreError):
        store.write(lambda tx: tx.projects.write_release(release(1), Snapshot(project="field")))


def test_releases_are_paged_newest_first(store: Store) -> None:
    made = [release(number, summary={"created": number}, message=None) for number in (1, 2, 3, 10)]
    store.write(lambda tx: [tx.projects.write_release(item, Snapshot(project="field")) for item in made])
    store.write(lambda tx: tx.projects.write_release(release(7, environment="staging"), Snapshot(project="field")))
    first = store.read(lambda tx: tx.projects.releases(NAMESPACE, Page(limit=3)))
    rest = store.read(lambda tx: tx.projects.releases(NAMESPACE, Page(limit=3, after=str(first[-1].number))))
    assert [*first, *rest] == made[::-1]


def test_a_release_comes_back_with_what_it_declared(store: Store) -> None:
    declared = [Snapshot(project="field", variables={"number": number}) for number in (1, 2)]
    for number, snapshot in enumerate(declared, 1):
        store.write(lambda tx, n=number, s=snapshot: tx.projects.write_release(release(n), s))  # type: ignore[misc]
    assert store.read(lambda tx: tx.projects.release(NAMESPACE, 1)) == (release(1), declared[0])
    assert store.read(lambda tx: tx.projects.release(NAMESPACE, 2)) == (release(2), declared[1])
    assert store.read(lambda tx: tx.projects.release(NAMESPACE, 3)) is None
    assert store.read(lambda tx: tx.projects.release(OTHER, 1)) is None


def test_a_deployment_comes_back_as_it_was_put_with_its_release(store: Store) -> None:
    applied = store.write(lambda tx: deploy(tx, FULL, deployment("load")))
    assert store.read(lambda tx: tx.projects.deployment(NAMESPACE, "export")) == (FULL, applied)
    assert store.read(lambda tx: tx.projects.deployments(NAMESPACE)) == [(FULL, applied), (deployment("load"), applied)]
    assert store.read(lambda tx: tx.projects.deployment(OTHER, "export")) is None
    assert store.read(lambda tx: tx.projects.deployments(OTHER)) == []


def test_putting_again_changes_the_deployment_and_keeps_its_last_start(store: Store) -> None:
    store.write(lambda tx: deploy(tx, deployment("load")))
    store.write(lambda tx: tx.projects.set_last_automatic_start(NAMESPACE, "load", START))
    changed = deployment("load", retries=3)
    applied = store.write(lambda tx: deploy(tx, changed, number=2))
    assert store.read(lambda tx: tx.projects.deployment(NAMESPACE, "load")) == (changed, applied)
    assert store.read(lambda tx: tx.projects.last_automatic_start(NAMESPACE, "load")) == START


def test_the_last_automatic_start_is_none_until_there_was_one(store: Store) -> None:
    store.write(lambda tx: deploy(tx, deployment("load")))
    assert store.read(lambda tx: tx.projects.last_automatic_start(NAMESPACE, "load")) is None
    assert store.read(lambda tx: tx.projects.last_automatic_start(NAMESPACE, "gone")) is None


def test_removing_a_deployment_removes_its_schedules(store: Store) -> None:
    store.write(lambda tx: deploy(tx, deployment("load"), deployment("export")))
    store.write(lambda tx: [tx.projects.put_schedule(schedule(deployment=name)) for name in ("load", "export")])
    store.write(lambda tx: tx.projects.remove_deployment(NAMESPACE, "load"))
    assert [spec.name for spec, _ in store.read(lambda tx: tx.projects.deployments(NAMESPACE))] == ["export"]
    assert store.read(lambda tx: tx.projects.schedules(NAMESPACE, "load")) == []
    assert len(store.read(lambda tx: tx.projects.schedules(NAMESPACE, "export"))) == 1


def test_dependents_name_the_deployment_in_after(store: Store) -> None:
    store.write(lambda tx: deploy(tx, FULL, deployment("chart", after=("load",)), deployment("loader", after=("x",))))
    assert store.read(lambda tx: tx.projects.dependents(NAMESPACE, "load")) == ["chart", "export"]
    assert store.read(lambda tx: tx.projects.dependents(NAMESPACE, "loa")) == []
    assert store.read(lambda tx: tx.projects.dependents(OTHER, "load")) == []


def test_a_schedule_comes_back_and_is_replaced(store: Store) -> None:
    store.write(lambda tx: [tx.projects.put_schedule(schedule()), tx.projects.put_schedule(schedule(slug="a"))])
    moved = schedule(watermark=START + timedelta(days=1), next_due=None, paused=True, spec={"every": 5.0})
    store.write(lambda tx: tx.projects.put_schedule(moved))
    assert store.read(lambda tx: tx.projects.schedules(NAMESPACE, "load")) == [schedule(slug="a"), moved]
    store.write(lambda tx: tx.projects.remove_schedule(NAMESPACE, "load", "a"))
    assert store.read(lambda tx: tx.projects.schedules(NAMESPACE, "load")) == [moved]


def test_due_schedules_are_unpaused_and_the_longest_due_first(store: Store, clock: ManualClock) -> None:
    def prepare(tx: object) -> None:
        for slug, hours, paused in (("a", 2, False), ("b", 1, False), ("c", 0, True), ("d", 3, False)):
            row = schedule(slug=slug, next_due=START + timedelta(hours=hours), paused=paused)
            tx.projects.put_schedule(row)  # type: ignore[attr-defined]
        tx.projects.put_schedule(schedule(slug="over", next_due=None))  # type: ignore[attr-defined]

    store.write(prepare)
    assert store.read(lambda tx: tx.projects.due_schedules(10)) == []
    assert store.read(lambda tx: tx.projects.next_schedule_due()) == START + timedelta(hours=1)
    clock.advance(2 * 3600)
    assert [row.slug for row in store.read(lambda tx: tx.projects.due_schedules(10))] == ["b", "a"]
    assert [row.slug for row in store.read(lambda tx: tx.projects.due_schedules(1))] == ["b"]


def _retries(store: Store) -> tuple[int | None, frozenset[str]]:
    """What a write transaction sees of the deployment `load` and of the tags that limits name."""

    def look(tx: Tx) -> tuple[int | None, frozenset[str]]:
        found = tx.projects.deployment(NAMESPACE, "load")
        return found and found[0].retries, tx.limits.tags(NAMESPACE)

    return store.write(look)


def _declare(tx: Tx, retries: int, tag: str, number: int) -> None:
    deploy(tx, deployment(retries=retries), number=number)
    tx.limits.declare(
        NAMESPACE, [Limit(environment="production", kind="limit", name="api", concurrency=1, tags=(tag,))]
    )


def test_writes_see_what_is_declared_before_and_within_them(store: Store) -> None:
    assert _retries(store) == (None, frozenset())
    store.write(lambda tx: _declare(tx, 1, "a", 1))
    assert _retries(store) == _retries(store) == (1, frozenset({"a"}))

    def again(tx: Tx) -> tuple[int, frozenset[str]]:
        _declare(tx, 2, "b", 2)
        found = tx.projects.deployment(NAMESPACE, "load")
        assert found
        return found[0].retries, tx.limits.tags(NAMESPACE)

    assert store.write(again) == (2, frozenset({"b"}))
    assert _retries(store) == (2, frozenset({"b"}))
    store.write(lambda tx: tx.projects.remove_deployment(NAMESPACE, "load"))
    store.write(lambda tx: tx.limits.declare(NAMESPACE, []))
    assert _retries(store) == (None, frozenset())


def test_what_was_declared_and_undone_is_not_seen(store: Store) -> None:
    store.write(lambda tx: _declare(tx, 1, "a", 1))

    def undone(tx: Tx) -> None:
        _declare(tx, 2, "b", 2)
        tx.projects.deployment(NAMESPACE, "load")
        tx.limits.tags(NAMESPACE)
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            store.write(undone)
        assert _retries(store) == (1, frozenset({"a"}))
    store.write(lambda tx: _declare(tx, 3, "c", 2))
    assert _retries(store) == (3, frozenset({"c"}))


def test_pauses_that_end_by_themselves_are_found_in_any_namespace_the_next_one_first(store: Store) -> None:
    elsewhere = Namespace(project="other")
    hours = ((NAMESPACE, "b", 2), (elsewhere, "a", 1), (NAMESPACE, "c", None))

    def pause(tx: Tx) -> None:
        for namespace, slug, after in hours:
            until = START + timedelta(hours=after) if after else None
            tx.projects.pause(
                namespace, Pause(deployment="load", schedule=slug, at=tx.now, by="ann", reason="why", until=until)
            )

    store.write(pause)
    found = store.read(lambda tx: tx.projects.ending_pauses(5))
    assert [(namespace, one.schedule, one.until) for namespace, one in found] == [
        (elsewhere, "a", START + timedelta(hours=1)),
        (NAMESPACE, "b", START + timedelta(hours=2)),
    ]
    assert store.read(lambda tx: tx.projects.ending_pauses(1)) == found[:1]
    assert store.read(lambda tx: tx.projects.pauses(elsewhere)) == [found[0][1]]
