"""The test harness under the name that moved code knows."""

import os
from pathlib import Path

import pytest

from turnout import flow, task
from turnout.cli.target import admin_api
from turnout.core.records import Page, RunFilter
from turnout.testing.utilities import prefect_test_harness


@task
def one() -> int:
    return 1


@flow
def counting() -> int:
    return one()


def test_runs_are_recorded_in_a_folder_that_goes(monkeypatch, tmp_path):
    monkeypatch.setenv("TURNOUT_DATA", str(tmp_path / "mine"))
    with prefect_test_harness():
        folder = Path(os.environ["TURNOUT_DATA"])
        assert counting() == 1
        with admin_api() as api:
            (run,) = api.runs(RunFilter(), Page(limit=5))
            assert run.flow_name == "counting"
            assert [t.state for t in api.tasks(run.id, Page(limit=5))] == ["completed"]
    assert not folder.exists()
    assert os.environ["TURNOUT_DATA"] == str(tmp_path / "mine")
    assert not (tmp_path / "mine").exists()


def test_settings_come_back_after_a_failure(monkeypatch):
    monkeypatch.setenv("TURNOUT_API_URL", "https://production.example")
    inside = []

    def fail_inside() -> None:
        with prefect_test_harness():
            inside.append("TURNOUT_API_URL" in os.environ)
            raise KeyError

    with pytest.raises(KeyError):
        fail_inside()
    assert inside == [False]
    assert os.environ["TURNOUT_API_URL"] == "https://production.example"
