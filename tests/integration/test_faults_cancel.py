"""A few bodies of the harness `cancel`, at every change; the campaign tries all of them often."""

import argparse

import pytest

from tests.faults import cancel

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "words",
    [
        ["--bodies", "stubborn,daemon", "--how", "cancel", "--special", "before-start,queued"],
        ["--bodies", "native,ignores", "--how", "flow", "--special", ""],
        ["--bodies", "tree,threads", "--how", "run,task", "--special", ""],
    ],
    ids=["cancel", "flow-timeout", "run-and-task-timeout"],
)
def test_stopped_and_gone(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    cancel.add_arguments(parser)
    [outcome] = cancel.run(parser.parse_args(words))
    assert outcome.faults == ()
    assert outcome.details["cases"] >= 2
