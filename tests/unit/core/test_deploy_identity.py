"""What a GitHub workflow is granted."""

from dataclasses import replace

import pytest

from turnout.core.deploy_identity import Workflow, grant
from turnout.core.errors import Forbidden
from turnout.core.snapshot import GithubDeploy

TRUSTED = GithubDeploy(repository_id=42)
PUSH = Workflow(
    repository_id=42,
    repository="org/data",
    ref="refs/heads/main",
    event="push",
    file="org/data/.github/workflows/turnout.yml@refs/heads/main",
)
PULL = replace(PUSH, ref="refs/pull/7/merge", event="pull_request")


def test_a_push_to_the_branch_applies():
    assert grant(PUSH, TRUSTED) == "apply"
    assert grant(replace(PUSH, event="workflow_dispatch"), TRUSTED) == "apply"


@pytest.mark.parametrize(
    "workflow",
    [
        PULL,
        replace(PUSH, ref="refs/heads/feature"),
        replace(PUSH, ref="refs/heads/main-evil"),
        replace(PUSH, ref="refs/tags/main"),
        replace(PUSH, ref="main"),
        replace(PULL, ref="refs/heads/main"),
        replace(PUSH, event="issue_comment"),
    ],
)
def test_everything_else_of_the_repository_plans(workflow: Workflow):
    assert grant(workflow, TRUSTED) == "plan"


@pytest.mark.parametrize(
    ("workflow", "trusted"),
    [
        (PUSH, None),
        (PUSH, GithubDeploy(repository_id=43)),
        (replace(PUSH, repository_id=43), TRUSTED),  # the same name, given to somebody else
        (replace(PUSH, event="pull_request_target"), TRUSTED),
        (PUSH, replace(TRUSTED, workflow=".github/workflows/other.yml")),
        (
            replace(PUSH, file="evil/data/.github/workflows/turnout.yml@refs/heads/main"),
            replace(TRUSTED, workflow=".github/workflows/turnout.yml"),
        ),
        (
            replace(PUSH, file="org/data/.github/workflows/turnout.yml.evil@refs/heads/main"),
            replace(TRUSTED, workflow=".github/workflows/turnout.yml"),
        ),
    ],
)
def test_who_is_not_trusted_may_nothing(workflow: Workflow, trusted: GithubDeploy | None):
    with pytest.raises(Forbidden) as refused:
        grant(workflow, trusted)
    assert refused.value.fix


def test_an_environment_is_needed_where_one_is_named():
    trusted = replace(TRUSTED, environment="production", workflow=".github/workflows/turnout.yml")
    assert grant(PUSH, trusted) == "plan"
    assert grant(replace(PUSH, environment="staging"), trusted) == "plan"
    assert grant(replace(PUSH, environment="production"), trusted) == "apply"
