"""What is shown of what is deployed."""

import io
import tarfile
from datetime import timedelta

import pytest

from tests.unit.orchestration.world import ANN, FIELD, World, deployment, project
from turnout.core.errors import NotFound, ParameterError, TooLarge
from turnout.core.snapshot import ConnectionSpec, LimitSpec, LimitUse, PoolSpec, ScheduleSpec, SecretSpec
from turnout.core.states import RunState
from turnout.orchestration import bundle_files, holding, inventory, misfits, overrides, pausing, places, releases
from turnout.orchestration.calendar import calendar

NIGHTLY = ScheduleSpec(slug="nightly", cron="0 5 * * *", timezone="UTC")
FORM = {
    "type": "object",
    "properties": {
        "states": {"type": "array", "items": {"type": "string", "maxLength": 2}},
        "count": {"type": "integer"},
        "day": {"type": "string", "format": "date"},
    },
    "required": ["count"],
}


def archive(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as made:
        for name, content in files.items():
            entry = tarfile.TarInfo(name.replace("__", "/") + ".py")
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def test_the_inventory_says_what_runs_and_since_when(world: World) -> None:
    load = deployment("load", schedules=(NIGHTLY,), limits=(LimitUse(name="van"),))
    limits = {"van": LimitSpec(concurrency=1), "night": LimitSpec(rate="1/s", tags=("slow",))}
    world.apply(project(load, deployment("send"), limits=limits), commit="c1")
    world.apply(project(load, deployment("send", tags=("slow",)), limits=limits), commit="c2")
    good = world.execute("load")
    failed = world.trigger("load")
    first, send = world.read(lambda tx: inventory.inventory(tx, FIELD, 5))
    assert [bar.id for bar in first.runs] == [failed.id, good.id]
    assert first.last_success == first.runs[1]
    assert (first.since.number if first.since else 0, send.since.number if send.since else 0) == (1, 2)
    assert (first.release, first.commit, first.entrypoint) == (2, "c2", "flows/load.py:run")
    assert (first.limits, send.limits) == (("van",), ("night",)), "by name, and by tag"
    [schedule] = first.schedules
    assert (schedule.slug, schedule.paused, schedule.next_run) == ("nightly", False, first.next_run)
    assert world.read(lambda tx: inventory.inventory(tx, FIELD, 0))[0].runs == ()


def test_a_pause_tells_who_and_why(world: World) -> None:
    world.deploy(deployment("load", schedules=(NIGHTLY,)))
    world.write(lambda tx: pausing.pause(tx, FIELD, "load", "nightly", ANN, "the vendor is down"))
    shown = world.read(lambda tx: inventory.detail(tx, FIELD, "load"))
    [schedule] = shown.thing.schedules
    assert (schedule.paused, schedule.declared_paused, schedule.next_run) == (True, False, None)
    assert [pause and pause.reason for pause in (schedule.pause, shown.thing.pause)] == ["the vendor is down", None]
    assert shown.next_runs == ()
    world.write(lambda tx: pausing.resume(tx, FIELD, "load", "nightly", ANN))
    assert len(world.read(lambda tx: inventory.detail(tx, FIELD, "load")).next_runs) == inventory.NEXT_RUNS
    with pytest.raises(NotFound):
        world.read(lambda tx: inventory.detail(tx, FIELD, "gone"))


def test_every_wrong_parameter_is_told_with_its_place(world: World) -> None:
    world.deploy(deployment("load", parameter_schema=FORM, parameters={"day": "2026-01-01"}))
    told = world.read(lambda tx: misfits.misfits(tx, FIELD, "load", {"states": ["PA", "Ohio"], "day": "x", "no": 1}))
    assert {(one.path, one.message.split(" ")[0]) for one in told} == {
        (("no",), "the"), (("count",), "is"), (("states", 1), "is"), (("day",), "is"),
    }  # fmt: skip
    assert world.read(lambda tx: misfits.misfits(tx, FIELD, "load", {"count": 1})) == []
    with pytest.raises(TooLarge):
        world.read(lambda tx: misfits.misfits(tx, FIELD, "load", {"day": "x" * 300_000}))


def test_a_file_of_the_deployed_code(world: World) -> None:
    bundle = archive(flows__load=b"def run(): ...\n", other=b"\xff\0")
    world.write(lambda tx: tx.bundles.put("d" * 64, bundle))
    world.apply(project(deployment("load")), bundle="d" * 64, commit="c1")
    content, path, commit = world.read(lambda tx: bundle_files.deployed_code(tx, FIELD, "load"))
    assert content is not None
    found = bundle_files.read_file(content, path, commit)
    assert (found.text, found.commit, found.files) == ("def run(): ...\n", "c1", ("flows/load.py", "other.py"))
    assert bundle_files.read_file(content, "other.py", None).binary
    for path in ("gone.py", "../etc/passwd"):
        with pytest.raises(NotFound):
            bundle_files.read_file(content, path, None)
    with pytest.raises(TooLarge):
        bundle_files.read_file(archive(big=b"x" * (bundle_files.FILE_BYTES + 1)), "big.py", None)


def test_what_a_release_changed(world: World) -> None:
    world.apply(project(deployment("load")), commit="c1")
    world.apply(project(deployment("load", retries=2), deployment("send")), commit="c2")
    shown = world.read(lambda tx: releases.release_detail(tx, FIELD, 2))
    assert [(one["op"], one["name"]) for one in shown.operations] == [("change", "load"), ("create", "send")]
    assert shown.operations[0]["fields"] == [{"path": "retries", "before": 0, "after": 2}]
    assert (shown.previous, shown.previous_commit, shown.newest, shown.deployments) == (1, "c1", 2, 2)
    assert [one["op"] for one in world.read(lambda tx: releases.release_detail(tx, FIELD, 1)).operations] == ["create"]


def test_a_calendar_counts_by_local_days(world: World) -> None:
    late = ScheduleSpec(slug="late", cron="30 23 * * *", timezone="America/New_York")
    often = ScheduleSpec(slug="often", cron="* * * * *")
    world.deploy(deployment("load", schedules=(NIGHTLY, often)), deployment("send", schedules=(late,)))
    start = world.clock.now()
    shown = world.read(lambda tx: calendar(tx, FIELD, start, start + timedelta(days=4), "America/New_York"))
    assert [(day.date.day, day.runs, day.hours[23], day.hours[0]) for day in shown.days] == [
        (3, 1, 1, 0), (4, 2, 1, 1), (5, 2, 1, 1), (6, 2, 1, 1), (7, 1, 0, 1),
    ]  # fmt: skip
    assert [(one.deployment, one.schedule) for one in shown.often] == [("load", "often")]
    assert (shown.total, shown.unknown) == (8, ("load", "send"))
    world.write(lambda tx: pausing.pause(tx, FIELD, "send", None, ANN))
    shown = world.read(lambda tx: calendar(tx, FIELD, start, start + timedelta(days=4), "UTC"))
    assert (shown.total, shown.paused) == (4, ("send/late",))
    with pytest.raises(ParameterError):
        world.read(lambda tx: calendar(tx, FIELD, start, start + timedelta(days=400), "UTC"))


def test_pools_connections_and_secrets_know_their_users(world: World) -> None:
    load = deployment("load", pool="big", connection="dw", secrets=("van",))
    world.deploy(
        load,
        deployment("send", secrets=("van",)),
        pools={"big": PoolSpec(concurrency=3)},
        secrets={"van": SecretSpec(fields=("key",))},
        connections={"dw": ConnectionSpec(type="duckdb", options={"database": "a.duckdb"})},
    )
    world.register("w1", capacity=4)
    found = {pool.name: pool for pool in world.read(lambda tx: places.pools(tx, FIELD))}
    assert (found["big"].concurrency, found["big"].deployments, found["big"].online) == (3, ("load",), 0)
    assert (found["default"].declared, found["default"].online, found["default"].places) == (False, 1, 4)
    [secret] = world.read(lambda tx: places.secrets(tx, FIELD))
    assert (secret.name, secret.fields, secret.used_by) == ("van", ("key",), ("load", "send"))
    [connection] = world.read(lambda tx: places.connections(tx, FIELD))
    assert (connection.name, connection.used_by) == ("dw", ("load",))


def test_a_limit_names_who_waits_first(world: World) -> None:
    world.deploy(deployment("load", limits=(LimitUse(name="van"),)), limits={"van": LimitSpec(concurrency=1)})
    held, first, second = (world.trigger("load") for _ in range(3))
    world.register()
    assert [job.run.id for job in world.claim()] == [held.id]
    [limit] = world.read(lambda tx: holding.limit_statuses(tx, FIELD))
    assert [one.run_id for one in limit.line] == [first.id, second.id]
    assert (limit.waiting, [one.run_id for one in limit.holders]) == (2, [held.id])
    assert world.run(first).state == RunState.SCHEDULED


def test_a_form_begins_with_what_holds_on_the_server(world: World) -> None:
    world.deploy(deployment("load", parameter_schema=FORM, parameters={"count": 1}))
    world.write(lambda tx: overrides.put(tx, FIELD, "parameter", "load", "count", 7, ANN))
    assert world.read(lambda tx: inventory.detail(tx, FIELD, "load")).parameters == {"count": 7}
    assert world.read(lambda tx: misfits.misfits(tx, FIELD, "load", {})) == []


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"type": "integer"}, "z", "must be a whole number"),
        ({"type": ["string", "null"]}, 3, "must be a text or nothing"),
        ({"enum": ["append", "replace"]}, "x", "must be one of append, replace"),
        ({"type": "integer", "minimum": 1}, 0, "must be at least 1"),
        ({"type": "number", "exclusiveMaximum": 1}, 1, "must be less than 1"),
        ({"type": "string", "maxLength": 2}, "Ohio", "is too long: at most 2 characters"),
        ({"type": "array", "minItems": 2}, [1], "has too little: at least 2 items"),
        ({"type": "string", "format": "date"}, "tomorrow", "is no date, like 2026-01-31"),
        ({"type": "string", "pattern": "^a"}, "b", "'b' does not match '^a'"),
    ],
)
def test_what_is_wrong_is_said_in_words_of_forms(world: World, schema: object, value: object, said: str) -> None:
    world.deploy(deployment("load", parameter_schema={"type": "object", "properties": {"x": schema}}))
    [wrong] = world.read(lambda tx: misfits.misfits(tx, FIELD, "load", {"x": value}))
    assert (wrong.path, wrong.message) == (("x",), said)
