"""`doctor` says what is wrong, where, and how to mend it, and touches nothing."""

import sqlite3
from pathlib import Path

import pytest

from tests.unit.store.busy_field import BusyField
from turnout.core.promises import PROMISES
from turnout.local import doctor
from turnout.settings import Settings
from turnout.store.invariants import invariant_names, promise
from turnout.store.sizes import TABLES


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    BusyField(tmp_path / "data").store.close()
    return Settings(data_dir=tmp_path / "data")


def sign(settings: Settings, name: str) -> doctor.Sign:
    [found] = [found for found in doctor.signs(settings) if found.name == name]
    return found


def test_a_sound_installation_has_no_errors(settings: Settings) -> None:
    assert [found for found in doctor.signs(settings) if found.state == "error"] == []


def test_a_folder_without_anything_is_no_error(tmp_path: Path) -> None:
    states = {found.name: found.state for found in doctor.signs(Settings(data_dir=tmp_path / "none"))}
    assert states["data folder"] == states["database"] == states["server"] == "note"
    assert not (tmp_path / "none").exists()


def test_files_that_others_may_read_are_told_with_the_remedy(settings: Settings) -> None:
    database = settings.data_dir / "turnout.db"
    database.chmod(0o644)
    found = sign(settings, "rights")
    assert found.state == "error"
    assert str(database) in (found.fix or "")


def test_a_newer_database_is_told(settings: Settings) -> None:
    with sqlite3.connect(settings.data_dir / "turnout.db") as other:
        other.execute("PRAGMA user_version = 99")
    other.close()
    found = sign(settings, "database")
    assert found.state == "error"
    assert "99" in found.says


@pytest.mark.parametrize(
    ("number", "state"), [((3, 6, 23), "ok"), ((3, 40, 1), "note"), ((3, 51, 2), "note"), ((3, 51, 3), "ok")]
)
def test_faulty_versions_of_sqlite_are_named(number: tuple[int, ...], state: str) -> None:
    assert doctor._sqlite_library(number).state == state


def test_a_full_disk_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: _Usage())
    assert sign(settings, "disk").state == "error"


class _Usage:
    total, used, free = 100, 95, 5


def test_every_promise_is_judged_once(settings: Settings) -> None:
    judged = doctor.verdicts(settings)
    assert [verdict.promise for verdict in judged] == list(PROMISES)
    assert [verdict.findings for verdict in judged if verdict.findings] == []
    assert all(verdict.checked or verdict.promise.harnesses or verdict.promise.missing for verdict in judged)


def test_every_invariant_belongs_to_a_promise() -> None:
    names = {*invariant_names("sqlite"), *invariant_names("postgresql")}
    assert {promise(name) for name in names} <= {item.key for item in PROMISES}


def test_a_broken_promise_is_judged(settings: Settings) -> None:
    with sqlite3.connect(settings.data_dir / "turnout.db") as other:
        other.execute("DELETE FROM bundle")
    other.close()
    assert [v.promise.key for v in doctor.verdicts(settings) if v.findings] == ["I28"]


def test_every_class_has_a_size(settings: Settings) -> None:
    found = {item.name: item for item in doctor.class_sizes(settings)}
    assert list(found) == list(TABLES)
    assert found["runs"].rows > 10
    assert found["events"].rows > 20
    assert found["runs"].bytes


@pytest.mark.parametrize(("count", "text"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (2_000_000_000, "2.0 GB")])
def test_sizes_are_for_people(count: int, text: str) -> None:
    assert doctor.size(count) == text
