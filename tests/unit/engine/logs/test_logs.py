import io
import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from turnout import flow, get_run_logger, task
from turnout.core.limits import LOG_LINE_BYTES
from turnout.testing import Harness, harness


def test_everything_that_logs_is_recorded(records: Harness) -> None:
    @task
    def work() -> None:
        get_run_logger().warning("from %s", "a task")
        logging.getLogger("some.library").info("from a library")
        logging.getLogger("some.library").debug("too fine")

    @flow
    def main() -> None:
        get_run_logger().info({"not": "text"})
        work()
        work.submit().result()

    main()
    lines = [(line.number, line.level, line.logger, line.message) for line in records.run.logs]
    assert lines == [
        (0, 20, "turnout.run", "{'not': 'text'}"),
        (1, 30, "turnout.run", "from a task"),
        (1, 20, "some.library", "from a library"),
        (2, 30, "turnout.run", "from a task"),
        (2, 20, "some.library", "from a library"),
    ]
    assert logging.getLogger().level == logging.WARNING


def test_outside_a_run_it_is_the_standard_logger(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        get_run_logger().info("in a test of %s", "fn")
    assert caplog.messages == ["in a test of fn"]


def test_caplog_sees_run_lines(records: Harness, caplog: pytest.LogCaptureFixture) -> None:
    @flow
    def main() -> None:
        get_run_logger().info("seen")
        logging.getLogger("lib").info("not asked for")

    main()
    assert caplog.messages == ["seen"]
    assert caplog.records[0].funcName == "main"
    assert records.run.messages == ["seen", "not asked for"]


def test_exceptions_and_broken_formats_are_kept(records: Harness) -> None:
    @flow
    def main() -> None:
        try:
            raise ValueError("why")
        except ValueError:
            get_run_logger().exception("it broke")
        logging.raiseExceptions = False
        logging.getLogger("lib").info("%d items", "many")

    try:
        main()
    finally:
        logging.raiseExceptions = True
    assert records.run.messages[0].startswith("it broke\nTraceback")
    assert records.run.messages[1] == "'%d items' % ('many',)"


def test_prints_become_log_lines_where_asked(records: Harness, capsys: pytest.CaptureFixture[str]) -> None:
    @task
    def inherits() -> None:
        print("a", 1, sep="-")

    @task(log_prints=False)
    def refuses() -> None:
        print("plain")

    @flow(log_prints=True)
    def main() -> None:
        inherits()
        inherits.submit().result()
        refuses()
        buffer = io.StringIO()
        print("elsewhere", file=buffer)
        assert buffer.getvalue() == "elsewhere\n"

    main()
    print("after")
    assert records.run.messages == ["a-1", "a-1"]
    assert capsys.readouterr().out == "plain\nafter\n"


def test_an_oversize_line_is_cut_with_a_marker(records: Harness) -> None:
    @flow
    def main() -> None:
        get_run_logger().info("ü" * 5_000_000)

    main()
    message = records.run.messages[0]
    assert len(message.encode()) <= LOG_LINE_BYTES
    assert message.endswith("of 10,000,000 bytes dropped]")


def test_nul_bytes_and_invalid_text_are_kept_visibly(records: Harness) -> None:
    @flow
    def main() -> None:
        get_run_logger().info(
            "nul \0 byte " + b"\xff\xfe".decode("utf-8", "surrogateescape") + " lone \ud800 sep \u2028"
        )

    main()
    assert records.run.messages == ["nul \0 byte \\xff\\xfe lone \\ud800 sep \u2028"]


def test_secrets_are_masked() -> None:
    with harness(mask=["s3cret", "s3cret-and-more"]) as records:

        @task
        def leak() -> str:
            return "it is s3cret"

        @flow
        def main(password: str) -> None:
            get_run_logger().info("using %s", password)
            logging.getLogger("lib").info("x" * (LOG_LINE_BYTES - 100) + "s3cret-and-more")
            leak()
            raise ValueError(f"bad {password}")

        with pytest.raises(ValueError):
            main("s3cret")
    assert "s3cret" not in "".join(records.run.lines)
    assert "secret" in records.run.task("leak").facts["result"]["unstored"]


def test_threads_of_the_users_own_are_heard(records: Harness) -> None:
    @flow
    def main() -> None:
        thread = threading.Thread(target=lambda: logging.getLogger("lib").warning("from a thread"))
        thread.start()
        thread.join()

    main()
    assert records.run.messages == ["from a thread"]


def test_the_users_own_handlers_see_what_they_did(records: Harness) -> None:
    seen: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record.getMessage())

    own, collect = logging.getLogger("own"), Collect()
    own.addHandler(collect)
    try:

        @flow
        def main() -> None:
            own.info("quiet")
            own.warning("loud")
            own.setLevel(logging.INFO)
            own.info("asked for")

        main()
    finally:
        own.removeHandler(collect)
        own.setLevel(logging.NOTSET)
    assert seen == ["loud", "asked for"]
    assert records.run.messages == ["quiet", "loud", "asked for"]
    assert collect.filters == []


SCRIPT = """
import logging, sys
{setup}
from turnout import flow, get_run_logger
@flow(log_prints=True)
def main():
    get_run_logger().info("one")
    logging.getLogger("lib").warning("two")
    print("three")
main()
"""


@pytest.mark.parametrize("setup", ["", "logging.basicConfig(level=20, format='%(message)s')"])
def test_a_script_shows_every_line_once(tmp_path: Path, setup: str) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(setup=setup))
    done = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        env={"TURNOUT_DATA": str(tmp_path / "data")},
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert [line.rpartition(" | ")[2] for line in done.stderr.splitlines()] == ["one", "two", "three"]
