"""What a follower tells of its repository, over HTTP and in process alike."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.serving import served
from turnout.core.ports import AdminApi
from turnout.core.source import MOST_CHARACTERS, MOST_PROBLEMS, Source, SourceReport
from turnout.local import open_local
from turnout.settings import Settings


@pytest.fixture(params=["http", "local"])
def api(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AdminApi]:
    if request.param == "http":
        with served(tmp_path) as server, server.admin() as admin:
            yield admin
    else:
        with open_local(Settings(data_dir=tmp_path)) as admin:
            yield admin


def test_the_followed_repository_is_reported(api: AdminApi) -> None:
    assert api.source() == Source()
    told = SourceReport(
        state="refused",
        repository="https://git.example.org/field.git",
        branch="main",
        commit="c" * 40,
        author="Ada <ada@example.org>",
        message="Break it",
        release=3,
        project="field",
        problems=("error: one\n  fix: mend it",),
    )
    kept = api.report_source(told)
    assert kept.report == told
    assert kept.at is not None
    assert api.source() == kept
    better = replace(told, state="applied", problems=())
    assert api.report_source(better).report == api.source(asked=7, wait=5).report == better
    long = replace(told, problems=("x" * (MOST_CHARACTERS + 1),) * (MOST_PROBLEMS + 1))
    cut = api.report_source(long).report
    assert cut is not None
    assert (len(cut.problems), len(cut.problems[0])) == (MOST_PROBLEMS, MOST_CHARACTERS)


def test_one_follows_at_a_time(api: AdminApi) -> None:
    assert [api.take_source("a"), api.take_source("b"), api.take_source("a")] == [True, False, True]
