import pytest

from tests.unit.orchestration.world import FIELD, World, deployment
from turnout.core.snapshot import Concurrency
from turnout.core.states import RunState
from turnout.orchestration.after import waiting


@pytest.fixture
def chain(world: World) -> World:
    """c starts after a and b; d after c."""
    world.deploy(deployment("a"), deployment("b"), deployment("c", after=("a", "b")), deployment("d", after=("c",)))
    return world


def why(world: World, name: str) -> str | None:
    return world.read(lambda tx: waiting(tx, FIELD, name))


def fail(world: World, name: str) -> None:
    world.trigger(name)
    job = world.claim_one()
    world.start(job)
    world.fail(job, "ValueError: no\nand more")


def test_starts_once_every_upstream_has_completed(chain: World) -> None:
    chain.execute("a")
    assert chain.runs_of("c") == []
    chain.execute("b")
    [run] = chain.runs_of("c")
    assert (run.trigger, run.created_by, run.state) == ("after", "system:after", RunState.SCHEDULED)


def test_starts_in_the_transaction_of_the_completion(chain: World) -> None:
    chain.execute("a")
    chain.trigger("b")
    job = chain.claim_one()
    chain.start(job)
    chain.hints.topics.clear()
    chain.complete(job)
    assert chain.runs_of("c")
    assert chain.hints.topics.count("pool:field/default") == 1


def test_needs_each_of_them_again_for_the_next_start(chain: World) -> None:
    chain.execute("a")
    chain.execute("b")
    chain.clock.advance(hours=1)
    chain.execute("b")
    chain.execute("b")
    assert len(chain.runs_of("c")) == 1
    chain.execute("a")
    assert len(chain.runs_of("c")) == 2


def test_the_order_in_one_instant_does_not_matter(chain: World) -> None:
    for _ in range(3):
        chain.execute("a")
        chain.execute("b")
        chain.clock.advance(microseconds=1)
    assert len(chain.runs_of("c")) == 3


def test_a_chain_goes_on(chain: World) -> None:
    chain.execute("a")
    chain.execute("b")
    [job] = chain.claim()
    chain.start(job)
    chain.complete(job)
    assert len(chain.runs_of("d")) == 1


def test_a_manual_run_neither_waits_nor_counts(chain: World) -> None:
    chain.execute("a")
    chain.execute("c")
    chain.execute("b")
    assert [run.trigger for run in chain.runs_of("c")] == ["manual", "after"]


@pytest.mark.parametrize("strategy", ["skip", "queue"])
def test_admission_holds_for_it_too(world: World, strategy: str) -> None:
    limit = Concurrency(limit=1, on_collision=strategy)  # type: ignore[arg-type]
    world.deploy(deployment("a"), deployment("c", after=("a",), concurrency=limit))
    world.execute("a")
    world.execute("a")
    states = [run.state for run in world.runs_of("c")]
    assert states[0] in (RunState.SCHEDULED, RunState.PENDING)
    assert (states[1] == RunState.SKIPPED) is (strategy == "skip")


def test_what_a_dependent_lacks_does_not_hurt_the_completion(world: World) -> None:
    schema = {"properties": {"size": {"type": "integer"}}, "required": ["size"]}
    world.deploy(deployment("a"), deployment("c", after=("a",), parameter_schema=schema))
    assert world.execute("a").state == RunState.COMPLETED
    [run] = world.runs_of("c")
    assert run.state == RunState.SKIPPED
    assert "'size' is missing" in (run.reason or "")


class TestWaiting:
    def test_without_after_there_is_nothing_to_wait_for(self, chain: World) -> None:
        assert why(chain, "a") is None
        assert why(chain, "nobody") is None

    def test_names_each_upstream_that_is_missing(self, chain: World) -> None:
        assert why(chain, "c") == "waits for 'a', which has not run yet; waits for 'b', which has not run yet"
        chain.execute("a")
        assert why(chain, "c") == "waits for 'b', which has not run yet"

    def test_says_that_an_upstream_failed_and_why(self, chain: World) -> None:
        chain.execute("a")
        fail(chain, "b")
        said = why(chain, "c") or ""
        assert "'b', whose run" in said
        assert said.endswith("ended failed: ValueError: no")
        assert chain.runs_of("c") == []

    def test_says_that_an_upstream_is_at_it(self, chain: World) -> None:
        chain.execute("a")
        chain.trigger("b")
        chain.start(chain.claim_one())
        assert (why(chain, "c") or "").endswith("is running")

    def test_after_a_start_waits_for_the_next_completions(self, chain: World) -> None:
        chain.execute("a")
        chain.execute("b")
        assert "the next completion of 'a'" in (why(chain, "c") or "")
