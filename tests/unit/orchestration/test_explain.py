from datetime import timedelta

from tests.unit.orchestration.world import ANN, NOON, World, deployment
from turnout.core.records import FlowRun
from turnout.core.snapshot import Concurrency, LimitSpec, LimitUse, PoolSpec
from turnout.orchestration import runs
from turnout.orchestration.explain import explained, wait_reason


def why(world: World, run: FlowRun) -> str | None:
    now = world.run(run)
    return world.read(lambda tx: wait_reason(tx, now))


def test_a_run_for_later_says_when(world: World) -> None:
    world.deploy(deployment("load"))
    assert why(world, world.trigger("load", due_at=NOON + timedelta(minutes=3))) == "due in 3m"
    assert why(world, world.trigger("load", due_at=NOON + timedelta(days=4, hours=1, minutes=5))) == "due in 4d1h"


def test_a_retry_says_which_when_and_after_what(world: World) -> None:
    world.deploy(deployment("load", retries=3, retry_delay_seconds=240))
    run = world.trigger("load")
    job = world.claim_one()
    world.start(job)
    world.fail(job, "ValueError: no")
    assert why(world, run) == "in 4m: retry 1 of 3 after: ValueError: no"


def test_a_pool_without_workers_is_named(world: World) -> None:
    world.deploy(deployment("load"))
    run = world.trigger("load")
    assert "no worker of pool 'default' has ever been heard of" in (why(world, run) or "")
    world.register()
    assert why(world, run) == "next to be taken by a worker of pool 'default'"
    world.clock.advance(minutes=2)
    assert why(world, run) == "no worker of pool 'default' has been heard of since 12:00 UTC"
    world.clock.advance(days=1)
    assert (why(world, run) or "").endswith("since 2026-11-03 12:00 UTC")


def test_a_full_pool_is_said_to_be_full(world: World) -> None:
    world.deploy(deployment("load"))
    world.trigger("load")
    world.register(capacity=1)
    world.claim()
    assert why(world, world.trigger("load")) == "all 1 places of pool 'default' are taken"


def test_the_holder_of_a_limit_is_named(world: World) -> None:
    world.deploy(deployment("load", concurrency=Concurrency(limit=1)))
    world.trigger("load")
    holder = world.claim_one().run
    world.clock.advance(seconds=61)
    held = f"limit 1 of 'load' is held by run {holder.name} since 12:00 UTC"
    first, second = world.trigger("load"), world.trigger("load")
    assert why(world, first) == f"{held}, it is the next"
    assert why(world, second) == f"{held}, 1 before it"
    urgent = world.trigger("load", priority=1)
    assert why(world, urgent) == f"{held}, it is the next"
    assert why(world, second) == f"{held}, 2 before it"


def test_every_limit_that_holds_a_run_back_is_named(world: World) -> None:
    world.deploy(
        deployment("load", limits=(LimitUse(name="api"),), concurrency=Concurrency(limit=1)),
        deployment("send", tags=("van",)),
        limits={"api": LimitSpec(concurrency=1, tags=("van",))},
        pools={"default": PoolSpec(concurrency=1)},
    )
    world.trigger("load")
    holder = world.claim_one().run
    sending, again = world.trigger("send"), world.trigger("load")
    by = f"is held by run {holder.name} since 12:00 UTC"
    assert why(world, sending) == f"limit 1 of pool 'default' {by}, it is the next; limit 1 'api' {by}, it is the next"
    assert f"limit 1 of 'load' {by}, it is the next" in (why(world, again) or "")
    assert f"limit 1 'api' {by}, 1 before it" in (why(world, again) or "")


def test_a_rate_says_when_the_next_one_is_let_through(world: World) -> None:
    world.deploy(deployment("load", limits=(LimitUse(name="api"),)), limits={"api": LimitSpec(rate="5/m")})
    world.trigger("load")
    world.claim_one()
    run = world.trigger("load")
    assert why(world, run) == "the rate of 'api' lets the next one through in 12s, it is the next"
    world.clock.advance(seconds=12)
    assert why(world, run) == "next to be taken by a worker of pool 'default'"


def test_a_heavy_run_says_how_much_is_left(world: World) -> None:
    world.deploy(
        deployment("load", limits=(LimitUse(name="memory", weight=3),)),
        deployment("send", limits=(LimitUse(name="memory"),)),
        limits={"memory": LimitSpec(concurrency=3)},
    )
    world.trigger("send")
    world.claim_one()
    heavy = world.trigger("load")
    assert why(world, heavy) == "limit 3 'memory' has 2 left, too little for it, it is the next"


def test_a_worker_is_offline_once_it_was_silent_for_the_lease_that_it_was_told(world: World) -> None:
    world.deploy(deployment("load"))
    run = world.trigger("load")
    world.register(lease_seconds=300.0)
    world.clock.advance(minutes=2)
    assert why(world, run) == "next to be taken by a worker of pool 'default'"
    world.register(lease_seconds=2.0)
    world.clock.advance(seconds=3)
    assert why(world, run) == "no worker of pool 'default' has been heard of since 12:02 UTC"


def test_a_claimed_run_names_its_worker(world: World) -> None:
    world.deploy(deployment("load"))
    run = world.trigger("load")
    job = world.claim_one()
    assert why(world, run) == "worker name-of-w1 is starting it"
    world.start(job)
    assert why(world, run) is None
    world.write(lambda tx: runs.cancel(tx, run.id, ANN, "enough"))
    assert why(world, run) == "worker name-of-w1 is stopping it: enough"


def test_no_scheduled_run_is_without_a_reason(world: World) -> None:
    world.deploy(deployment("load", concurrency=Concurrency(limit=1)), deployment("send"))
    for name in ("load", "send", "load"):
        world.trigger(name)
    found = [*world.runs_of("load"), *world.runs_of("send")]
    waiting = world.read(lambda tx: explained(tx, found))
    assert all(run.wait_reason for run in waiting)
    assert len(waiting) == 3
