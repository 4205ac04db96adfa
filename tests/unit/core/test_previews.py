import re
from dataclasses import replace

import pytest

from tests.serving import field_plan
from turnout.core.previews import as_preview, environment_of, is_preview, secrets_of
from turnout.core.snapshot import GithubDeploy

BRANCHES = [
    "new-report", "feature/new-report", "feature-new-report", "New-Report", "new_report", "-x", "é", "..", "x" * 200,
    "x" * 201, "production", "preview-new-report", "a--b", "",
]  # fmt: skip


def test_a_branch_s_environment_is_a_name_and_no_other_branch_s() -> None:
    made = [environment_of(branch) for branch in BRANCHES]
    assert len(set(made)) == len(BRANCHES)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", name) and is_preview(name) for name in made)
    assert environment_of("new-report") == "preview-new-report"
    assert environment_of("feature/new-report").startswith("preview-feature-new-report-")
    assert not is_preview("production")


def test_nothing_of_a_preview_starts_by_itself() -> None:
    wanted = replace(field_plan(), deploy_github=GithubDeploy(repository_id=42))
    made = as_preview(wanted, "preview-x")
    assert (made.project, made.environment, made.deploy_github) == (wanted.project, "preview-x", None)
    assert made.deployments.keys() == wanted.deployments.keys()
    schedules = [schedule for spec in made.deployments.values() for schedule in spec.schedules]
    assert schedules
    assert all(schedule.paused for schedule in schedules)


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_secrets_of_other_environments_are_where_they_were(environment: str) -> None:
    assert secrets_of(environment, "/data", {"VAN_API_KEY": "x"}) == ("/data", {"VAN_API_KEY": "x"})


def test_secrets_of_previews_are_elsewhere() -> None:
    environ = {"VAN_API_KEY": "production's", "PREVIEW_VAN_API_KEY": "a preview's", "PATH": "/bin"}
    assert secrets_of("preview-x", "/data", environ) == ("/data/preview", {"VAN_API_KEY": "a preview's"})
