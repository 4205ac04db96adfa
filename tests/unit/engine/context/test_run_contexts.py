"""What code asks of the run around it: contexts, runtime and its stand-ins, loggers."""

import datetime as dt
import importlib
import logging
from typing import Any

import pytest

import turnout
from turnout import flow, get_run_logger, runtime, tags, task
from turnout.context import FlowRunContext, TagsContext, TaskRunContext, get_run_context
from turnout.core.errors import ConfigurationError, MissingContext
from turnout.logging import LogEavesdropper, disable_run_logger, get_logger
from turnout.testing import Harness


def test_contexts_inside_a_run(records: Harness) -> None:
    @task
    def step(x: int) -> Any:
        context: Any = get_run_context()
        assert type(context) is TaskRunContext
        assert (context.task, context.parameters, context.task_run.task_name) == (step, {"x": 3}, "step")
        around: Any = FlowRunContext.get()
        return context.task_run.flow_run_id == around.flow_run.id, around.flow.name, around.parameters

    @flow
    def main(name: str) -> Any:
        context: Any = get_run_context()
        assert (type(context), TaskRunContext.get()) == (FlowRunContext, None)
        assert context.start_time.tzinfo is dt.UTC
        return step(3)

    assert main("a") == (True, "main", {"name": "a"})


def test_no_context_outside() -> None:
    assert (FlowRunContext.get(), TaskRunContext.get()) == (None, None)
    with pytest.raises(MissingContext):
        get_run_context()
    with tags("a", "b"):
        assert TagsContext.get().current_tags == {"a", "b"}


def test_runtime_of_subflows(records: Harness) -> None:
    @flow(version="7")
    def inner(x: int) -> Any:
        run = runtime.flow_run
        return run.parent_flow_run_id, run.root_flow_run_id, run.flow_version, run.get_parameters(), run.run_count

    @flow
    def main() -> Any:
        return runtime.flow_run.id, inner(1)

    own, inside = main()
    assert inside == (own, own, "7", {"x": 1}, 1)


@pytest.mark.parametrize("prefix", ["TURNOUT", "PREFECT"])
def test_variables_stand_in_for_a_run(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    for name, value in {
        "FLOW_RUN__NAME": "nightly", "FLOW_RUN__RUN_COUNT": "3", "FLOW_RUN__TAGS": "a, b",
        "FLOW_RUN__PARAMETERS": '{"x": 1}', "TASK_RUN__ID": "t", "DEPLOYMENT__NAME": "prod",
        "FLOW_RUN__SCHEDULED_START_TIME": "2026-11-03T04:05:06+00:00",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"{prefix}__RUNTIME__{name}", value)
    run = runtime.flow_run
    assert (run.name, run.get_run_count(), run.tags, run.parameters) == ("nightly", 3, ["a", "b"], {"x": 1})
    assert run.scheduled_start_time.hour == 4
    assert (runtime.task_run.id, runtime.deployment.name) == ("t", "prod")
    monkeypatch.setenv(f"{prefix}__RUNTIME__FLOW_RUN__RUN_COUNT", "many")
    with pytest.raises(ConfigurationError, match="'many' is no int"):
        _ = run.run_count


def test_runtime_modules_and_unknown_facts() -> None:
    assert importlib.import_module("turnout.runtime.flow_run") is runtime.flow_run
    with pytest.raises(AttributeError, match="no attribute 'nam'"):
        _ = runtime.flow_run.nam
    assert (runtime.flow_run.id, runtime.deployment.parameters, runtime.task_run.get_task_run_api_url()) == (
        None,
        {},
        None,
    )


def test_submodules_and_names_of_the_package() -> None:
    for module in ("states", "context", "runtime", "utilities", "main", "futures"):
        assert getattr(turnout, module).__name__ == f"turnout.{module}"
    assert importlib.import_module("turnout.main").flow is flow


def test_loggers(records: Harness) -> None:
    assert (get_logger().name, get_logger("mine").name, get_logger("turnout.mine").name) == (
        "turnout",
        "turnout.mine",
        "turnout.mine",
    )
    with LogEavesdropper("some.library", logging.INFO) as heard:
        logging.getLogger("some.library").info("one")
        logging.getLogger("some.library").debug("two")
    logging.getLogger("some.library").warning("three")
    assert heard.text() == "one"


def test_a_disabled_run_logger(records: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURNOUT_STRICT", "1")

    @task
    def step() -> int:
        get_run_logger().info("said")
        return 3

    @flow
    def main() -> None:
        with disable_run_logger():
            step()
        step()

    with disable_run_logger():
        assert step.fn() == 3
    main()
    assert [line.message for line in records.run.logs] == ["said"]


def test_the_logger_of_a_context(records: Harness) -> None:
    @flow
    def main() -> None:
        context: Any = get_run_context()

        @task
        def step() -> None:
            get_run_logger(context).info("of the flow")
            get_run_logger(more=1).info("of the task")

        step()

    main()
    assert [(line.message, line.number) for line in records.run.logs] == [("of the flow", 0), ("of the task", 1)]
