"""A script that waits for a person, with nobody but the command line: no server, no worker."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.faults.cluster import wait_until

SCRIPT = """\
from turnout import flow
from turnout.flow_runs import pause_flow_run
from turnout.input import RunInput


class Approval(RunInput):
    send: bool
    batch: int = 500


@flow
def texts():
    found = pause_flow_run(wait_for_input=Approval.with_initial_data(description="12 texts are ready"), timeout=60)
    print("sent", found.send, found.batch)


texts()
"""


def test_a_script_is_paused_shown_and_resumed(tmp_path: Path) -> None:
    (tmp_path / "turnout.yaml").write_text("project: field\n")
    (tmp_path / "texts.py").write_text(SCRIPT)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TURNOUT_")}

    def turnout(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "turnout", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60)

    script = subprocess.Popen(
        [sys.executable, "texts.py"], cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        wait_until(lambda: "paused" in turnout("runs", "ls", "--json").stdout, 30.0, "the pause")
        shown = turnout("runs", "show", "latest").stdout
        assert "12 texts are ready" in shown
        assert "send" in shown
        assert "boolean" in shown
        assert "500 unless given" in shown
        assert "turnout runs resume" in shown
        assert json.loads(turnout("runs", "show", "latest", "--json").stdout)["question"]["form"]["required"] == [
            "send"
        ]
        wrong = turnout("runs", "resume", "latest", "--input", "send=perhaps")
        assert wrong.returncode != 0
        assert "the input 'send' does not fit" in wrong.stderr
        assert "there is no input 'sned'" in turnout("runs", "resume", "latest", "-i", "sned=true").stderr
        done = turnout("runs", "resume", "latest", "--input", "send=true", "--input", "batch=7")
        assert done.returncode == 0, done.stderr
        said, errors = script.communicate(timeout=30)
        assert b"sent True 7" in said, errors
    finally:
        script.kill()
        script.communicate()
    ended = json.loads(turnout("runs", "show", "latest", "--json").stdout)
    assert [entry["name"] for entry in ended["history"]] == [
        "Scheduled",
        "Pending",
        "Running",
        "Paused",
        "Running",
        "Completed",
    ]
    assert "is not paused" in turnout("runs", "resume", "latest").stderr
