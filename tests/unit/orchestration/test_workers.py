from tests.unit.orchestration.world import World
from turnout.orchestration.workers import list_workers


def test_a_worker_is_online_while_it_is_heard_of(world: World) -> None:
    world.register("early")
    world.clock.advance(seconds=40)
    world.register("late")
    assert {worker.id: worker.state for worker in world.read(list_workers)} == {"late": "online", "early": "offline"}
