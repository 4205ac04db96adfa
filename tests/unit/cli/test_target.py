"""Which control plane a command reaches, while somebody else has the data folder for a moment."""

from pathlib import Path

import pytest

from turnout.cli import target
from turnout.core.errors import ConfigurationError, StoreLocked
from turnout.core.records import Namespace, Page, RunFilter
from turnout.store import Store, open_store


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The store of the project in the current folder, in the hands of somebody else."""
    (tmp_path / "turnout.yaml").write_text("project: field\n")
    monkeypatch.chdir(tmp_path)
    for name in ("TURNOUT_SERVER", "TURNOUT_DATA", "TURNOUT_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    return open_store(target.settings().data_dir, threaded=False)


def test_a_held_store_is_waited_for(held: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def let_go(seconds: float) -> None:
        waits.append(seconds)
        held.close()

    monkeypatch.setattr("turnout.cli.target.clock.sleep", let_go)
    with target.admin_api() as api:
        assert api.runs(RunFilter(), Page()) == []
    assert waits == [target.LOOK_SECONDS]


def test_a_store_that_stays_held_is_said_to_be(held: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "LOCKED_SECONDS", 0.0)
    with pytest.raises(StoreLocked, match="holds the store") as refused, target.admin_api():
        pass
    assert "try again in a moment" in str(refused.value)
    held.close()


STAGED = "project: field\nenvironments: {staging: {server: 'https://staging.example.org/'}, lab: {}}\n"


def test_an_environments_server_is_the_one_that_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "turnout.yaml").write_text(STAGED)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TURNOUT_SERVER", raising=False)
    assert target.settings().server_url is None
    monkeypatch.setenv("TURNOUT_ENVIRONMENT", "staging")
    assert target.settings().server_url == "https://staging.example.org"
    assert target.project_namespace() == Namespace(project="field", environment="staging")
    monkeypatch.setenv("TURNOUT_SERVER", "https://staging.example.org")
    assert target.settings().server_url == "https://staging.example.org"
    monkeypatch.setenv("TURNOUT_SERVER", "https://turnout.example.org")
    with pytest.raises(ConfigurationError, match=r"the environment 'staging' is on https://staging\.example"):
        target.settings()
    monkeypatch.setenv("TURNOUT_ENVIRONMENT", "lab")
    assert target.settings().server_url == "https://turnout.example.org"
