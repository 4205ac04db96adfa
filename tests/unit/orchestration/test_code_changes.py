"""`orchestration.code_changes`: what differs between two bundles, whatever they hold."""

import io
import tarfile

import pytest

from turnout.core.errors import TurnoutError
from turnout.orchestration import code_changes
from turnout.orchestration.code_changes import changed_files


def bundle(files: dict[str, bytes], mode: int = 0o644) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(content), mode
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def test_files_by_path_with_what_became_of_them() -> None:
    before = bundle({"a.py": b"one\n", "b.py": b"same\n", "gone.sql": b"SELECT 1\n"})
    after = bundle({"a.py": b"two\n", "b.py": b"same\n", "logo.png": b"\x89\0"})
    found, more = changed_files(before, after)
    assert [(one.path, one.kind, one.added, one.removed) for one in found] == [
        ("a.py", "changed", 1, 1),
        ("gone.sql", "removed", 0, 1),
        ("logo.png", "added", 0, 0),
    ]
    assert found[2].diff is None
    assert "not a text" in (found[2].note or "")
    assert more == 0


def test_a_mode_alone() -> None:
    [one], _ = changed_files(bundle({"run.sh": b"x\n"}), bundle({"run.sh": b"x\n"}, 0o755))
    assert (one.kind, one.note) == ("changed", "its mode changed")


def test_what_is_too_much_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_changes, "FILES", 2)
    monkeypatch.setattr(code_changes, "FILE_BYTES", 50)
    monkeypatch.setattr(code_changes, "DIFF_CHARACTERS", 10)
    found, more = changed_files(bundle({}), bundle({"a": b"1\n2\n3\n", "b": b"x" * 60, "c": b"", "d": b""}))
    assert more == 2
    assert (len(found[0].diff or ""), found[0].note) == (10, "the rest is not shown")
    assert "too large" in (found[1].note or "")


def test_what_is_no_archive_is_refused() -> None:
    with pytest.raises(TurnoutError):
        changed_files(b"no archive", bundle({}))
    monster = bundle({"zeros": bytes(2_000_000)})
    with pytest.raises(TurnoutError):
        changed_files(bundle({}), monster[: len(monster) // 2])
