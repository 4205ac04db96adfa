import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from turnout.core.errors import Conflict
from turnout.deploy.follow import apply_folder, problems_of
from turnout.deploy.mirror import Mirror


@pytest.fixture
def commit(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "turnout.yaml").write_text("project: field\n")
    return folder


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """What is run instead of `turnout apply`."""
    program = folder / "python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


def test_a_server_that_is_away_is_no_fault_of_the_commit(
    tmp_path: Path, commit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, monkeypatch, "echo 'error: no server answered' >&2; exit 75")
    with pytest.raises(Conflict, match="no server answered"):
        apply_folder(commit, {})


def test_what_is_wrong_with_a_commit_is_told_without_its_folder(
    tmp_path: Path, commit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, monkeypatch, 'echo "error: broken\n  where: $PWD/flows/a.py:3" >&2; exit 1')
    assert apply_folder(commit, {}) == (None, None, ("error: broken\n  where: flows/a.py:3",))
    stand_in(tmp_path, monkeypatch, "exit 1")
    assert apply_folder(commit, {})[2] == ("error: turnout apply failed without a word",)


def test_a_commit_without_a_manifest_is_not_taken_for_another_s(tmp_path: Path, commit: Path) -> None:
    (commit / "turnout.yaml").rename(tmp_path / "turnout.yaml")
    assert "the commit has no turnout.yaml" in apply_folder(commit, {})[2][0]


def test_too_many_problems_are_cut() -> None:
    told = problems_of("\n".join(f"error: {number}\n  fix: it" for number in range(500)), Path("/nowhere"))
    assert (len(told), told[0]) == (20, "error: 0\n  fix: it")


def test_what_a_killed_follower_started_comes_before_what_the_next_one_does(tmp_path: Path) -> None:
    mirror = Mirror(tmp_path / "followed" / "mirror.git", "/srv/git/field.git", "main")
    with mirror.alone() as held:
        left = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=[held])
    with (tmp_path / "followed" / "lock").open("wb") as file:
        with pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        left.communicate()
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
