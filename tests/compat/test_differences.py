"""Each intended difference from Prefect: the better default, what the strict switch makes of it, and its row."""

import inspect
import logging
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

import turnout
from tests.compat import programs
from turnout import Variable, flow, get_run_logger, runtime, task
from turnout.core.errors import ConfigurationError, FlowRunFailed, NotFound, ParameterError, TurnoutError
from turnout.exceptions import PrefectException, TaskRunTimeoutError
from turnout.flows import load_flow_from_entrypoint
from turnout.states import Failed, StateType
from turnout.testing import Harness, harness

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "differences-from-prefect.md"
Test = TypeVar("Test", bound=Callable[..., Any])


def difference(row: str) -> Callable[[Test], Test]:
    """Marks the test of a row of the page. Modules of tests/compat may import it."""
    assert row
    return lambda test: test


def rows() -> list[str]:
    """The first cells of the page's tables."""
    cells = [line.split("|")[1].strip() for line in PAGE.read_text().splitlines() if line.startswith("|")]
    return [cell for cell in cells if cell != "what" and set(cell) != {"-"}]


def test_every_row_has_a_test_and_every_test_a_row() -> None:
    sources = "".join(path.read_text() for path in PAGE.parents[2].joinpath("tests", "compat").glob("test_*.py"))
    tested = re.findall(r'^@difference\("([^"]+)"\)', sources, re.MULTILINE)
    assert sorted(set(rows())) == sorted(rows()), "a row is there twice"
    assert set(rows()) - set(tested) == set(), "rows without a test"
    assert set(tested) - set(rows()) == set(), "tests without a row"


@pytest.fixture
def strictly(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Turns the strict switch on."""
    return lambda: monkeypatch.setenv("TURNOUT_STRICT", "1")


@task
def fails() -> None:
    raise ValueError("broken")


@task
def echo(x: Any) -> Any:
    return x


@difference("unread failures")
def test_an_unread_failure_fails_the_flow(records: Harness, strictly: Callable[[], None]) -> None:
    @flow
    def main() -> None:
        fails.submit()

    with pytest.raises(FlowRunFailed, match="'fails'"):
        main()
    strictly()
    assert main(return_state=True).is_completed()


@difference("the logger outside a run")
def test_a_logger_outside_a_run(strictly: Callable[[], None]) -> None:
    assert get_run_logger().name == "turnout"  # type: ignore[union-attr]
    strictly()
    with pytest.raises(RuntimeError):
        get_run_logger()


@difference("downstream of a failure")
def test_a_task_downstream_of_a_failure_has_an_end(records: Harness, strictly: Callable[[], None]) -> None:
    @flow
    def main() -> Any:
        state = echo.submit(fails.submit()).wait().state
        return state.type, state.name, state.is_final()

    assert main() == ("skipped", "NotReady", True)
    strictly()
    assert main() == ("pending", "NotReady", False)
    assert records.run.task("echo#0").state == "skipped", "the record has an end in any case"


@difference("timeouts of submitted tasks")
def test_a_timeout_does_not_wait_for_stuck_code(records: Harness) -> None:
    release = threading.Event()

    @task(timeout_seconds=0.1)
    def stuck() -> None:
        release.wait(30)

    @flow
    def main() -> None:
        with pytest.raises(TaskRunTimeoutError):
            stuck.submit().result()
        assert not release.is_set()
        release.set()

    main()  # strict: tests/compat/test_probes.py


@difference("what a retry runs again")
def test_a_further_attempt_goes_on_from_what_succeeded(tmp_path: Path, strictly: Callable[[], None]) -> None:
    program = programs.Program((programs.Step("load", 1), programs.Step("send", 2)), (("load", 1), ("send", 1)))
    first = programs.run(program, tmp_path)
    stored = programs.checkpoints_of(first.record, 1)
    assert programs.run(program, tmp_path, stored, 2).calls == [("send", 2)]
    strictly()
    assert programs.run(program, tmp_path, stored, 2).calls == [("load", 1), ("send", 2)]


@difference("loggers of the standard library")
def test_a_librarys_lines_are_in_the_log(
    records: Harness, strictly: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    @flow
    def main() -> None:
        logging.getLogger("library.part").info("said")
        get_run_logger().info("told")

    def heard() -> list[str]:
        main()
        return [line.message for line in records.run.logs]

    assert heard() == ["said", "told"]
    strictly()
    assert heard() == ["told"]
    monkeypatch.setenv("TURNOUT_LOGGING_EXTRA_LOGGERS", "other,library")
    assert heard() == ["said", "told"]


@difference("variables that are not there")
def test_a_missing_variable_is_an_error(strictly: Callable[[], None]) -> None:
    @flow
    def main() -> Any:
        return Variable.get("there_is_none")

    with harness(variables={}), pytest.raises(NotFound):
        main()
    strictly()
    with harness(variables={}):
        assert main() is None


@difference("Cloud")
def test_there_is_no_cloud() -> None:
    assert not hasattr(turnout.main, "get_cloud_client")


@difference("map over a dict")
def test_a_dict_goes_whole_to_every_call(records: Harness, strictly: Callable[[], None]) -> None:
    @task
    def pair(x: Any, options: Any) -> Any:
        return x, options

    @flow
    def main() -> Any:
        return pair.map([1, 2], {"a": 1, "b": 2}).result()

    assert main() == [(1, {"a": 1, "b": 2}), (2, {"a": 1, "b": 2})]
    strictly()
    assert main() == [(1, "a"), (2, "b")]


@difference("types of states")
def test_types_of_states_are_words() -> None:
    state = Failed(message="no")
    assert state.type == "failed" == StateType.FAILED
    assert repr(state) == "State('failed', name='Failed', reason='no')"


@difference("errors")
def test_errors_say_what_where_and_how_to_mend_it() -> None:
    assert PrefectException is TurnoutError
    with pytest.raises(ConfigurationError) as caught:
        task(retires=3)(len)  # type: ignore[call-overload]
    assert "retires" in caught.value.what
    assert caught.value.fix == "did you mean retries?"


@difference("log_prints of a task")
def test_a_task_prints_as_its_flow_does(records: Harness) -> None:
    assert inspect.signature(type(echo)).parameters["log_prints"].default is None

    @flow(log_prints=True)
    def main() -> None:
        print("flow")
        task(lambda: print("task"))()

    main()
    assert [line.message for line in records.run.logs] == ["flow", "task"]


@difference("message processors")
def test_a_process_pool_takes_no_message_processors() -> None:
    from turnout.task_runners import ProcessPoolTaskRunner

    assert "subprocess_message_processor_factories" not in inspect.signature(ProcessPoolTaskRunner).parameters


@difference("tasks outside of flows")
def test_a_task_outside_of_a_flow_is_not_recorded(records: Harness) -> None:
    assert echo(1) == 1
    assert records.runs == []


@difference("background tasks")
def test_background_tasks_are_refused_by_name() -> None:
    calls = (lambda: echo.delay(1), lambda: echo.apply_async((1,)), echo.serve, lambda: echo.map([1], deferred=True))
    for call in calls:
        with pytest.raises(ConfigurationError, match=r"echo\..* task worker") as caught:
            call()
        assert "submit()" in str(caught.value.fix)


@difference("sys.exit")
def test_leaving_by_sys_exit_is_no_crash(records: Harness) -> None:
    @flow
    def main(code: int) -> None:
        raise SystemExit(code)

    states = []
    for code in (0, 3):
        with pytest.raises(SystemExit):
            main(code)
        states.append(records.run.state)
    assert states == ["completed", "failed"]


@difference("states of generators")
def test_a_generators_state_holds_its_values(records: Harness) -> None:
    @task
    def numbers() -> Iterator[int]:
        yield from (1, 2)

    @flow
    def main() -> Any:
        return numbers(return_state=True).result()

    assert main() == [1, 2]


@difference("ids")
def test_a_step_has_its_runs_id(records: Harness) -> None:
    @task
    def own() -> Any:
        return runtime.task_run.id, runtime.flow_run.id

    @flow
    def main() -> Any:
        return own()

    step, run = main()
    assert step == f"{run}-1-1"


@difference("visualize")
def test_visualize_prints_the_graph(capsys: pytest.CaptureFixture[str]) -> None:
    @flow
    def main() -> None:
        echo(echo.submit(1))

    main.visualize()
    assert capsys.readouterr().out.splitlines()[-2] == "  n0 -> n1;"


@difference("flows that cannot be loaded")
def test_a_flow_that_cannot_be_loaded_is_an_error_at_once(tmp_path: Path) -> None:
    broken = tmp_path / "broken_flow.py"
    broken.write_text("import there_is_no_such_module")
    with pytest.raises(ModuleNotFoundError, match="there_is_no_such_module"):
        load_flow_from_entrypoint(f"{broken}:main")


@difference("arguments that do not fit")
def test_arguments_are_refused_before_there_is_a_run(records: Harness) -> None:
    @flow
    def main(number: int) -> None: ...

    for call in (lambda: main("x"), lambda: main(other=1), lambda: main()):  # type: ignore[call-arg, arg-type]
        with pytest.raises(ParameterError):
            call()
    assert records.runs == []
