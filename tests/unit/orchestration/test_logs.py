import pytest

from tests.unit.orchestration.world import POOL, World, deployment, line
from turnout.core.errors import NotFound, ParameterError
from turnout.core.jobs import Job
from turnout.core.records import LogLine
from turnout.orchestration.logs import read_logs


@pytest.fixture
def job(world: World) -> Job:
    world.deploy(deployment("load"))
    world.trigger("load")
    made = world.claim_one()
    world.start(made)
    return made


def say(world: World, job: Job, *messages: str) -> None:
    world.say(job, *(("l", 0, world.seconds, 20, "flow", message) for message in messages))


def read(world: World, job: Job, cursor: str | None = None, limit: int = 100) -> tuple[list[LogLine], str | None]:
    found = world.read(lambda tx: read_logs(tx, job.run.id, None, cursor, limit))
    return found.lines, found.cursor


def test_a_cursor_goes_on_where_the_last_portion_ended(world: World, job: Job) -> None:
    say(world, job, *"abcde")
    read_so_far, cursor = "", None
    for _ in range(3):
        lines, cursor = read(world, job, cursor, limit=2)
        read_so_far += "".join(line.message for line in lines)
    assert read_so_far == "abcde"


def test_without_news_the_cursor_stays(world: World, job: Job) -> None:
    lines, start = read(world, job)
    assert lines == []
    assert start is not None
    say(world, job, "a")
    lines, cursor = read(world, job, start)
    assert [line.message for line in lines] == ["a"]
    assert read(world, job, cursor) == ([], cursor)


def test_the_cursor_is_none_once_all_was_read_of_a_run_that_is_over(world: World, job: Job) -> None:
    say(world, job, "a", "b")
    world.complete(job)
    world.clock.advance(seconds=2)
    _, cursor = read(world, job, limit=2)
    assert cursor is not None
    assert read(world, job, cursor, limit=2) == ([], None)


def test_the_last_lines_of_a_run_may_come_after_its_end(world: World, job: Job) -> None:
    say(world, job, "a")
    world.complete(job)
    _, cursor = read(world, job)
    assert cursor is not None
    world.clock.advance(seconds=2)
    assert read(world, job, cursor) == ([], None)


def test_lines_that_come_days_later_are_found_at_the_position(world: World, job: Job) -> None:
    say(world, job, "a")
    world.complete(job)
    world.clock.advance(days=1)
    found = world.read(lambda tx: read_logs(tx, job.run.id, None, None, 100))
    assert found.cursor is None
    say(world, job, "late")
    lines, _ = read(world, job, found.position)
    assert [line.message for line in lines] == ["late"]


def test_what_an_earlier_attempt_tells_late_is_found_in_the_order_of_arrival(world: World) -> None:
    world.deploy(deployment("load", on_crash="resume"))
    world.trigger("load")
    first = world.claim_one()
    world.start(first)
    say(world, first, "a")
    world.report(first, "lost")
    second = world.claim_one()
    world.start(second)
    say(world, second, "b")
    seen = world.read(lambda tx: read_logs(tx, first.run.id, None, None, 100, arrival=True))
    assert [line.message for line in seen.lines] == ["a", "b"]
    late = line("l", 0, world.seconds, 20, "flow", "late")
    world.ship(first, [late], first=3, by=POOL)
    say(world, second, "c")
    found = world.read(lambda tx: read_logs(tx, first.run.id, None, seen.cursor, 100, arrival=True))
    assert [line.message for line in found.lines] == ["late", "c"]
    assert [line.message for line in read(world, first)[0]] == ["a", "late", "b", "c"]


def print_line(world: World, job: Job, message: str) -> None:
    printed = line("l", 0, world.seconds, 20, "stdout", message)
    world.ship(job, [world.header(job), printed], stream=1)


def test_output_that_a_supervisor_has_not_ended_is_waited_for(world: World, job: Job) -> None:
    print_line(world, job, "b")
    world.complete(job)
    world.clock.advance(seconds=20)
    _, cursor = read(world, job)
    assert cursor is not None
    last = [line("l", 0, world.seconds, 20, "stdout", "at exit"), line("e", world.seconds)]
    world.ship(job, last, stream=1, first=2)
    lines, cursor = read(world, job, cursor)
    assert ([entry.message for entry in lines], cursor) == (["at exit"], None)


def test_a_supervisor_that_never_ends_its_output_is_not_waited_for_for_ever(world: World, job: Job) -> None:
    print_line(world, job, "b")
    world.complete(job)
    world.clock.advance(seconds=31)
    assert read(world, job)[1] is None


@pytest.mark.parametrize("cursor", ["1", "a.b.c", "1.2.3.4", "1.2.x", "9" * 500])
def test_what_is_no_cursor_is_refused(world: World, job: Job, cursor: str) -> None:
    with pytest.raises(ParameterError, match="cursor"):
        read(world, job, cursor)


def test_of_a_run_that_is_not_there(world: World) -> None:
    with pytest.raises(NotFound):
        world.read(lambda tx: read_logs(tx, "f" * 32, None, None, 10))
