"""Flows as graphs: the flow's function runs, its tasks do not."""

import asyncio
from typing import Any

import pytest

from turnout import allow_failure, flow, task, unmapped
from turnout.core.errors import ConfigurationError
from turnout.engine.definitions.drawing import drawn
from turnout.testing import Harness


@task
def load(state: str) -> Any:
    raise AssertionError("it ran")


@task(viz_return_value=["a", "b"])
def names() -> Any:
    raise AssertionError("it ran")


@task
async def send(rows: Any, *more: Any) -> Any:
    raise AssertionError("it ran")


@flow
def inner(rows: Any) -> Any:
    raise AssertionError("it ran")


@flow
def main(state: str = "OH") -> None:
    rows = load(state)
    future = load.submit(state)
    listed = names()
    sent = send.map(listed, unmapped(rows))
    inner({"rows": [future.result()]})
    send(allow_failure(future), wait_for=[sent])


def test_who_needs_whom(records: Harness) -> None:
    drawing = drawn(main, (), {})
    assert drawing.steps == ["load", "load", "names", "send", "inner", "send"]
    assert drawing.edges == [(0, 3), (2, 3), (1, 4), (1, 5), (3, 5)]
    assert records.runs == []


def test_the_languages_of_graphs(capsys: pytest.CaptureFixture[str]) -> None:
    @flow(name='say "hi"')
    def two() -> None:
        load(load.submit("a"))

    two.visualize()
    nodes = ['  n0 [label="load"];', '  n1 [label="load"];']
    assert capsys.readouterr().out.splitlines() == [
        'digraph "say \\"hi\\"" {', "  rankdir=LR;", *nodes, "  n0 -> n1;", "}",
    ]  # fmt: skip
    mermaid = 'graph LR\n  n0["load"]\n  n1["load"]\n  n0 --> n1'
    assert two.generate_mermaid_graph() == asyncio.run(two.agenerate_mermaid_graph()) == mermaid
    asyncio.run(two.avisualize())
    assert "n0 -> n1" in capsys.readouterr().out


def test_an_async_flow() -> None:
    @flow
    async def fetching() -> None:
        one = await send("x")
        await send.submit(one)

    assert drawn(fetching, (), {}).edges == [(0, 1)]


@pytest.mark.parametrize(
    "look", [lambda rows: list(rows), lambda rows: rows.name_of, lambda rows: rows["a"], bool, len]
)
def test_looking_into_a_result_says_what_to_do(look: Any) -> None:
    @flow
    def looks() -> None:
        look(load("OH"))

    with pytest.raises(ConfigurationError, match="looks into the result of 'load'") as caught:
        looks.visualize()
    assert "viz_return_value" in str(caught.value.fix)


def test_a_flow_that_fails_while_it_is_drawn_leaves_tasks_as_they_were(records: Harness) -> None:
    @flow
    def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ConfigurationError, match="flow 'fails' cannot be drawn: ValueError: no"):
        fails.visualize()

    @task
    def one() -> int:
        return 1

    @flow
    def runs() -> int:
        return one() + one.submit().result()

    assert runs() == 2
