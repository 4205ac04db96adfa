from datetime import timedelta

from tests.unit.orchestration.world import Hints, World, deployment
from turnout.services.outbox import OutboxRelay


def test_repeats_the_hints_of_what_was_committed_since_it_started(world: World) -> None:
    world.deploy(deployment("load"))
    world.trigger("load")
    hints = Hints()
    relay = OutboxRelay(hints, timedelta(seconds=1))
    relay.tick(world.store, world.clock.now())
    assert hints.topics == []
    job = world.claim_one()
    world.start(job)
    relay.tick(world.store, world.clock.now())
    assert hints.topics == [f"run:{job.run.id}"] * 2
    world.complete(job)
    relay.tick(world.store, world.clock.now())
    assert hints.topics[2:] == [f"run:{job.run.id}", f"log:{job.run.id}"]
    relay.tick(world.store, world.clock.now())
    assert len(hints.topics) == 4
