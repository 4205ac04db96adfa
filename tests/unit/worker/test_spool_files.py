import os
import subprocess
from pathlib import Path

from turnout.worker.spool_files import AttemptFiles, jobs_in, remove_drafts

RUN = "0190a0000000700080000000000000aa"
OTHER = "0190a0000000700080000000000000bb"


def test_only_files_of_its_own_are_an_attempts_streams(tmp_path: Path) -> None:
    """A link could lead out of the folder; opening a named pipe would wait for ever."""
    for name in (
        f"{RUN}.1.0",
        f"{RUN}.1.12",
        f"{RUN}.1.0.new",
        f"{RUN}.1.²",
        f"{RUN}.11.4",
        f"{OTHER}.1.5",
        f"{RUN}.1.x",
    ):
        (tmp_path / name).touch()
    os.mkfifo(tmp_path / f"{RUN}.1.2")
    (tmp_path / f"{RUN}.1.3").symlink_to("/etc/passwd")
    (tmp_path / f"{RUN}.1.6").mkdir()
    assert AttemptFiles(tmp_path, RUN, 1).streams() == [0, 12]


def test_only_files_are_jobs(tmp_path: Path) -> None:
    (tmp_path / f"{RUN}.1.job").touch()
    os.mkfifo(tmp_path / f"{OTHER}.1.job")
    (tmp_path / f"{OTHER}.2.job").symlink_to(tmp_path / f"{RUN}.1.job")
    (tmp_path / f"{RUN}.0.job").touch()
    assert [files.name for files in jobs_in(tmp_path)] == [f"{RUN}.1"]


def test_what_a_killed_process_was_writing_is_removed(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    draft, own = f".{RUN}.1.job.{gone.pid}.new", f".{RUN}.2.job.{os.getpid()}.new"
    kept = {own, f"{RUN}.1.job", f"{RUN}.1.0.new"}
    for name in (draft, *kept):
        (tmp_path / name).touch()
    assert remove_drafts(tmp_path) == [draft]
    assert {path.name for path in tmp_path.iterdir()} == kept
