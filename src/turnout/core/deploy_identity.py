"""What a GitHub workflow may do to a project, by who it proves to be. Pure; its token was verified before."""

from typing import TYPE_CHECKING, Literal

from turnout.core.errors import Forbidden
from turnout.core.snapshot import GithubDeploy

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    from turnout.core.values import dataclass

Grant = Literal["apply", "plan"]
APPLYING = frozenset({"push", "workflow_dispatch", "schedule", "release"})
"""Events whose workflow is the one on the branch itself. The others plan."""


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """A workflow's run, as GitHub vouches for it.

    repository: owner/name, which can change. ref: `refs/heads/main`. file: the workflow, as
    `owner/name/.github/workflows/turnout.yml@refs/heads/main`. environment: the job's, if it has one.
    """

    repository_id: int
    repository: str
    ref: str
    event: str
    file: str
    environment: str | None = None

    def __str__(self) -> str:
        return f"{self.repository}@{self.ref}"


def grant(workflow: Workflow, trusted: GithubDeploy | None) -> Grant:
    """What the workflow may do. Raises Forbidden, with what was expected.

    The repository is known by its number: its name may be given to somebody else. A workflow that runs with the rights
    of the repository on code from outside (`pull_request_target`) may do nothing.
    """
    if trusted is None or workflow.repository_id != trusted.repository_id:
        raise Forbidden(
            f"the repository {workflow.repository}, number {workflow.repository_id}, may not deploy this project",
            fix="an administrator applies a turnout.yaml with access: {deploy: {github: {repository_id: "
            f"{workflow.repository_id}}}}}",
        )
    if workflow.event == "pull_request_target":
        raise Forbidden(
            "a workflow on pull_request_target may not deploy: it can be made to run foreign code",
            fix="use pull_request for plans and push for applying",
        )
    if trusted.workflow and not workflow.file.startswith(f"{workflow.repository}/{trusted.workflow}@"):
        raise Forbidden(
            f"the workflow {workflow.file} may not deploy this project", fix=f"deploy from {trusted.workflow}"
        )
    on_branch = workflow.event in APPLYING and workflow.ref == f"refs/heads/{trusted.branch}"
    if on_branch and trusted.environment in (None, workflow.environment):
        return "apply"
    return "plan"
