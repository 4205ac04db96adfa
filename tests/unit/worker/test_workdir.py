import os
from pathlib import Path

import pytest

from turnout.worker import clock, workdir
from turnout.worker.spool_files import AttemptFiles, try_lock
from turnout.worker.workdir import WorkFolder

RUN = "0190a0000000700080000000000000aa"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    made = tmp_path / "bundles" / ("a" * 64)
    (made / "flows").mkdir(parents=True)
    (made / "flows" / "van.py").write_text("x = 1\n")
    (made / "run.sh").write_text("echo\n")
    (made / "run.sh").chmod(0o555)
    (made / "__pycache__").mkdir()
    (made / "__pycache__" / "van.pyc").write_bytes(b"compiled")
    (made / "link").symlink_to("flows/van.py")
    (made / "flows" / "van.py").chmod(0o444)
    os.utime(made / "flows" / "van.py", ns=(1_000, 2_000_000_000))
    (tmp_path / "spool").mkdir()
    return made


def folder(tmp_path: Path, attempt: int = 1, run: str = RUN) -> WorkFolder:
    return WorkFolder(tmp_path, AttemptFiles(tmp_path / "spool", run, attempt))


def names(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "attempts").iterdir())


def test_an_attempt_works_in_a_copy_that_is_its_own(tmp_path: Path, bundle: Path) -> None:
    path = folder(tmp_path).enter(bundle, resume=False)
    assert (path / "flows" / "van.py").read_text() == "x = 1\n"
    assert os.stat(path / "flows" / "van.py").st_mtime_ns == 2_000_000_000  # or its compiled module would not count
    assert [oct((path / name).stat().st_mode & 0o777) for name in ("flows/van.py", "run.sh")] == ["0o644", "0o755"]
    assert os.readlink(path / "link") == "flows/van.py"
    assert (path / "__pycache__" / "van.pyc").read_bytes() == b"compiled"
    (path / "flows" / "van.py").write_text("y = 2\n")
    assert (bundle / "flows" / "van.py").read_text() == "x = 1\n"


def test_it_goes_when_nobody_will_ask_for_it(tmp_path: Path, bundle: Path) -> None:
    first, second = folder(tmp_path), folder(tmp_path, 2)
    first.enter(bundle, resume=False)
    first.leave(keep=True)
    second.enter(bundle, resume=False)
    second.leave(keep=False)
    assert names(tmp_path) == [f"{RUN}.1"]


def test_an_attempt_that_resumes_finds_what_was_written(tmp_path: Path, bundle: Path) -> None:
    first = folder(tmp_path)
    (first.enter(bundle, resume=False) / "out.csv").write_text("1\n")
    first.leave(keep=True)
    path = folder(tmp_path, 3).enter(bundle, resume=True)
    assert (path / "out.csv").read_text() == "1\n"
    assert names(tmp_path) == [f"{RUN}.3"]


def test_a_retry_from_the_beginning_does_not(tmp_path: Path, bundle: Path) -> None:
    (folder(tmp_path).enter(bundle, resume=False) / "out.csv").write_text("1\n")
    assert not (folder(tmp_path, 2).enter(bundle, resume=False) / "out.csv").exists()


def test_nothing_is_taken_from_an_attempt_that_lives(tmp_path: Path, bundle: Path) -> None:
    first = folder(tmp_path)
    (first.enter(bundle, resume=False) / "out.csv").write_text("1\n")
    lock = try_lock(tmp_path / "spool" / f"{RUN}.1.supervisor", create=True)
    assert lock is not None
    assert not (folder(tmp_path, 2).enter(bundle, resume=True) / "out.csv").exists()
    os.close(lock)
    assert names(tmp_path) == [f"{RUN}.1", f"{RUN}.2"]


def test_what_nobody_asked_for_goes_in_the_end(tmp_path: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workdir, "KEPT", 2)
    for number in range(1, 6):
        made = folder(tmp_path, number)
        made.enter(bundle, resume=False)
        os.utime(made.path, (clock.now() - 1000 + number,) * 2)
    half = tmp_path / "attempts" / f".copying-{RUN}.9"
    half.mkdir()
    os.utime(half, (0, 0))
    (tmp_path / "spool" / f"{RUN}.1.job").touch()  # somebody will account for it
    folder(tmp_path).prune()
    assert names(tmp_path) == [f"{RUN}.{number}" for number in (1, 4, 5)]
    monkeypatch.setattr(workdir, "KEPT_SECONDS", 10.0)
    folder(tmp_path).prune()
    assert names(tmp_path) == [f"{RUN}.1"]
