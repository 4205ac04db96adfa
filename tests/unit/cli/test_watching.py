"""What counts as a save."""

import subprocess
from pathlib import Path

import pytest

from turnout.cli.watching import Watch


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def committed(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "flow.py").write_text("a")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "First")
    return tmp_path


def test_a_save_is_noticed_once(committed: Path) -> None:
    watch = Watch(committed)
    assert not watch.changed()
    (committed / "flow.py").write_text("longer")
    assert watch.changed()
    assert not watch.changed()


def test_what_a_run_writes_beside_the_code_does_not_count(committed: Path) -> None:
    watch = Watch(committed)
    (committed / "result.csv").write_text("1,2")
    assert not watch.changed()


def test_a_file_that_goes_counts(committed: Path) -> None:
    watch = Watch(committed)
    (committed / "flow.py").unlink()
    assert watch.changed()


def test_a_file_that_git_is_told_of_counts(committed: Path) -> None:
    watch = Watch(committed)
    (committed / "more.py").write_text("b")
    git(committed, "add", "more.py")
    assert watch.changed()


def test_before_the_first_commit_every_file_counts(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    watch = Watch(tmp_path)
    (tmp_path / "flow.py").write_text("a")
    assert watch.changed()
