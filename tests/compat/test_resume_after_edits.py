"""A run resumed with edited code is equal to a run of that code from the beginning, and repeats nothing needlessly."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.compat.programs import MUTATIONS, Program, Step, checkpoints_of, generate, mutate, run

CASES = 40
"""Generated programs for each kind of edit."""


def calls_of(program: Program, values: list[Any]) -> list[tuple[str, Any]]:
    """Every call of a program: the task and its argument."""
    return [(step.name, step.argument if step.uses is None else values[step.uses]) for step in program.steps]


@pytest.mark.parametrize("kind", MUTATIONS)
def test_every_edit(kind: str, tmp_path: Path) -> None:
    rng = random.Random(f"edits-{kind}")
    for number in range(CASES):
        program = generate(rng)
        edited = mutate(program, kind, rng)
        first = run(program, tmp_path / f"{number}a")
        acked = rng.randint(0, len(program.steps))
        known = checkpoints_of(first.record, acked)
        fresh = run(edited, tmp_path / f"{number}b")
        again = run(edited, tmp_path / f"{number}c", known, attempt=2)
        assert (again.state, again.value) == ("completed", fresh.value), (number, program, edited)
        stored = Counter(map(repr, calls_of(program, first.value)[:acked]))
        changed = {name for name, version in edited.versions if program.tasks.get(name, version) != version}
        for call, ran in Counter(map(repr, again.calls)).items():
            wanted = Counter(map(repr, calls_of(edited, fresh.value)))[call]
            if not changed:
                assert ran == max(0, wanted - stored[call]), (number, call, program, edited)


def test_a_changed_step_says_so_and_takes_those_after_it_along(tmp_path: Path) -> None:
    steps = (Step("load", 1, submitted=True), Step("clean", 0, uses=0, submitted=True), Step("send", 7))
    program = Program(steps, (("load", 1), ("clean", 1), ("send", 1)))
    known = checkpoints_of(run(program, tmp_path / "a").record, 3)
    again = run(Program(steps, (("load", 2), ("clean", 1), ("send", 1))), tmp_path / "b", known, attempt=2)
    assert [name for name, _ in again.calls] == ["load", "clean"]
    assert again.record.task("load#0").facts["reason"] == "ran again after attempt 1: its code changed"
    assert any("'load' was completed in attempt 1 and runs again" in text for text in again.record.messages)
    assert again.record.task("send#0").state_name == "Reused"


def test_a_future_of_a_changed_step_runs_its_dependents_even_with_an_equal_value(tmp_path: Path) -> None:
    steps = (Step("poll", 1, submitted=True), Step("clean", 0, uses=0, submitted=True))
    program = Program(steps, (("poll", 1), ("clean", 1)))
    known = checkpoints_of(run(program, tmp_path / "a").record, 2)
    known[0]["code"] = known[0]["code"].replace(known[0]["code"].split(":")[1], "0" * 16)
    again = run(program, tmp_path / "b", known, attempt=2)
    assert again.value == [1, ["clean", 1, 1]]
    assert [name for name, _ in again.calls] == ["poll", "clean"]
    assert again.record.task("clean#0").facts["reason"] == "ran again after attempt 1: 'poll' before it ran again"


POLLS = Program((Step("poll", 0), Step("load", 1), Step("poll", 0), Step("poll", 0)), (("poll", 1), ("load", 1)))


def test_equal_calls_keep_their_turns_while_the_flow_is_as_it_was(tmp_path: Path) -> None:
    known = checkpoints_of(run(POLLS, tmp_path / "a").record, 3)
    again = run(POLLS, tmp_path / "b", known, attempt=2)
    assert again.value == [1, ["load", 1, 1], 2, 1]
    assert again.calls == [("poll", 0)]


@pytest.mark.parametrize("edit", ["remove", "add"])
def test_equal_calls_with_different_results_are_refused_in_an_edited_flow(edit: str, tmp_path: Path) -> None:
    known = checkpoints_of(run(POLLS, tmp_path / "a").record, 4)
    steps = POLLS.steps[1:] if edit == "remove" else (Step("load", 5), *POLLS.steps)
    again = run(Program(steps, POLLS.versions), tmp_path / "b", known, attempt=2)
    assert (again.state, again.state_name) == ("failed", "ResumeRefused")
    assert "'poll' 3 times with the same arguments and different results" in str(again.record.reason)
    assert ("poll", 0) not in again.calls


def test_equal_calls_with_equal_results_are_not_refused(tmp_path: Path) -> None:
    program = Program((Step("load", 0), Step("load", 0), Step("send", 1)), (("load", 1), ("send", 1)))
    known = checkpoints_of(run(program, tmp_path / "a").record, 3)
    again = run(Program(program.steps[1:], program.versions), tmp_path / "b", known, attempt=2)
    assert (again.value, again.calls) == ([["load", 1, 0], ["send", 1, 1]], [])


def test_a_comment_changes_nothing(tmp_path: Path) -> None:
    from turnout.engine.reuse.step_code import digest

    spaces: dict[str, Any] = {}
    commented = "\n\ndef f(x):\n    'Says.'\n    # so\n    return x in {'a', 'b'}"
    for text in ("def f(x):\n    return x in {'b', 'a'}", commented):
        exec(text, spaces)

        class Made:
            fn = staticmethod(spaces["f"])

        spaces.setdefault("digests", []).append(digest(Made()))
    assert spaces["digests"][0] == spaces["digests"][1]


def test_the_third_attempt_uses_what_the_second_reused(tmp_path: Path) -> None:
    program = Program((Step("load", 1), Step("load", 2), Step("load", 3)), (("load", 1),))
    first = checkpoints_of(run(program, tmp_path / "a").record, 2)
    swapped = Program((Step("load", 2), Step("load", 1), Step("load", 3)), program.versions)
    second = run(swapped, tmp_path / "b", first, attempt=2)
    assert second.calls == [("load", 3)]
    newest = checkpoints_of(second.record, 1, attempt=2)
    third = run(swapped, tmp_path / "c", [*newest, *first], attempt=3)
    assert third.calls == [("load", 3)]
    assert third.value == second.value


SUBFLOWS = """
from turnout import flow, task
said = []

@task
def step(x):
    said.append(("step", x))
    return x

@flow
def inner(n):
    said.append(("inner", n))
    return [step(n), step(10)]

@flow
def main():
    return [inner(1), inner(2), step(3)]
"""


def subflow_run(
    folder: Path, source: str, known: list[dict[str, Any]] | None, attempt: int, bundle: str = "b1"
) -> tuple[Any, list[Any], Any]:
    import json

    from turnout.engine.context.scopes import Root
    from turnout.engine.definitions.load import load_module
    from turnout.engine.journal.spool import MemoryJournal
    from turnout.engine.reuse.checkpoints import Checkpoints
    from turnout.testing import RecordedRun

    folder.mkdir()
    file = folder / f"subflows_{folder.name}.py"
    file.write_text(source)
    module = load_module(str(file))
    reusable = None
    if known is not None:
        path = folder / "checkpoints"
        path.write_text("".join(json.dumps(step) + "\n" for step in known))
        reusable = Checkpoints(str(path))
    journal = MemoryJournal()
    journal.write("{}\n")
    root = Root(
        journal=journal, run_id="0" * 32, attempt=attempt, digests=True, checkpoints=reusable, bundle=bundle * 32
    )
    state = module.main.run_in(root, {})
    return state.data, list(module.said), RecordedRun(journal.lines)


def test_a_completed_subflow_is_reused_without_entering_it(tmp_path: Path) -> None:
    _, _, first = subflow_run(tmp_path / "a", SUBFLOWS, None, 1)
    known = [step for step in checkpoints_of(first, 99) if not step["key"].startswith("inner#1")]
    value, said, record = subflow_run(tmp_path / "b", SUBFLOWS, known, 2)
    assert value == [[1, 10], [2, 10], 3]
    assert said == [("inner", 2), ("step", 2), ("step", 10)]
    assert record.task("inner#0").state_name == "Reused"


def test_a_subflow_of_another_release_is_entered_and_its_steps_are_reused(tmp_path: Path) -> None:
    _, _, first = subflow_run(tmp_path / "a", SUBFLOWS, None, 1)
    value, said, _ = subflow_run(tmp_path / "b", SUBFLOWS, checkpoints_of(first, 99), 2, bundle="b2")
    assert value == [[1, 10], [2, 10], 3]
    assert said == [("inner", 1), ("inner", 2)]


def test_steps_of_subflows_that_changed_places_keep_their_results(tmp_path: Path) -> None:
    _, _, first = subflow_run(tmp_path / "a", SUBFLOWS, None, 1)
    swapped = SUBFLOWS.replace("inner(1), inner(2)", "inner(0), inner(2), inner(1)")
    value, said, _ = subflow_run(tmp_path / "b", swapped, checkpoints_of(first, 99), 2)
    assert value == [[0, 10], [2, 10], [1, 10], 3]
    assert said == [("inner", 0), ("step", 0), ("step", 10)]
