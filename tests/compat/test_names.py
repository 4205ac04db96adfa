"""Names of runs: templates, and functions that ask what run they are to name."""

from typing import Any

import pytest

from tests.compat.test_differences import difference
from turnout import flow, task
from turnout.core.errors import ConfigurationError
from turnout.engine.context.scopes import Root
from turnout.engine.journal.spool import MemoryJournal
from turnout.runtime import flow_run, task_run
from turnout.testing import Harness


def name_of_task() -> str:
    return f"{flow_run.flow_name}-{task_run.task_name}-{task_run.parameters['x']}"


def name_of_flow() -> str:
    return f"{flow_run.flow_name}-{flow_run.parameters['day']}"


def test_functions_know_the_run_they_name(records: Harness) -> None:
    @task(task_run_name=name_of_task)
    def load(x: int) -> Any:
        return task_run.name

    @flow(flow_run_name=name_of_flow)
    def inner(day: str) -> Any:
        return flow_run.name

    @flow(flow_run_name=name_of_flow)
    def main(day: str) -> Any:
        return flow_run.name, load(1), load.submit(x=2).result(), inner("tuesday")

    assert main("monday") == ("main-monday", "main-load-1", "main-load-2", "inner-tuesday")
    assert records.run.header["run_name"] == "main-monday"


def test_functions_are_given_the_parameters(records: Harness) -> None:
    @task(task_run_name=lambda parameters: f"load-{parameters['x']}")
    def load(x: int) -> Any:
        return task_run.name

    @flow
    def main() -> Any:
        return load(7)

    assert main() == "load-7"


def test_templates_know_attributes_and_formats(records: Harness) -> None:
    @task(task_run_name="{x.real:03}-{y}")
    def load(x: int, y: str = "z") -> Any:
        return task_run.name

    @flow
    def main() -> Any:
        return load(7)

    assert main() == "007-z"


def test_a_template_that_does_not_fit_says_what_there_is(records: Harness) -> None:
    @task(task_run_name="load-{table}")
    def load(x: int) -> None: ...

    @flow
    def main() -> None:
        load(1)

    with pytest.raises(ConfigurationError, match="of 'load' does not fit its parameters") as caught:
        main()
    assert caught.value.fix == "use {name} with one of: x"


@difference("names of deployed runs")
def test_a_deployed_run_keeps_the_name_it_was_made_with() -> None:
    @flow(flow_run_name="nightly-{day}")
    def main(day: str) -> Any:
        return flow_run.name

    root = Root(journal=MemoryJournal(), run_id="0" * 32, name="brisk-heron")
    assert main.run_in(root, {"day": "monday"}).data == "brisk-heron"
