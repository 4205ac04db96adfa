"""The repository that is followed: one follower at a time, and news that are told once."""

from datetime import timedelta

from tests.unit.orchestration.world import ANN, World
from turnout.orchestration import source


def take(world: World, holder: str) -> bool:
    return world.write(lambda tx: source.take(tx, holder, ANN))


def test_one_follows_until_it_is_not_heard_of(world: World) -> None:
    assert take(world, "a")
    assert not take(world, "b")
    world.clock.advance(seconds=source.HELD.total_seconds() - 1)
    assert take(world, "a"), "asked again, it stays"
    world.clock.advance(seconds=source.HELD.total_seconds() - 1)
    assert not take(world, "b")
    world.clock.advance(seconds=1)
    assert take(world, "b")
    assert not take(world, "a")


def test_a_clock_that_was_set_back_keeps_nobody_out(world: World) -> None:
    assert take(world, "a")
    world.clock.time -= timedelta(days=1)
    assert take(world, "b")


def test_a_delivery_is_heard_once(world: World) -> None:
    def told(delivery: str | None) -> bool:
        return world.write(lambda tx: source.ask(tx, "webhook", delivery))

    assert [told("1"), told("1"), told("2"), told(None), told(None)] == [True, False, True, True, True]
    assert world.read(source.source).asked == 4
