"""The workflow of `turnout ci github`: check and test everything, plan pull requests, apply the branch.

Its logic is in `run:` steps that call `turnout`, so that it can be tried anywhere; the one action it uses is pinned. No
key is stored: jobs that talk to the server prove who they are.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from turnout.core.errors import ConfigurationError
from turnout.deploy.ci.installing import has_tests, install_commands, test_command

PATH = ".github/workflows/turnout.yml"
_CHECKOUT = "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0"
_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,100}\Z")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,100}\Z")

WORKFLOW = """\
# Written by `turnout ci github`, and yours to change. It stores no key: a job that talks to the server asks GitHub for
# a token that says which repository, branch and workflow it is, and `access.deploy.github` in turnout.yaml trusts that.
name: Turnout

on:
  pull_request:
  push:
    branches: [{branch}]
  workflow_dispatch:

permissions:
  contents: read

concurrency:
  group: turnout-${{{{ github.ref }}}}
  cancel-in-progress: ${{{{ github.event_name == 'pull_request' }}}}

env:
  TURNOUT_SERVER: {server}

jobs:
  check:
    runs-on: ubuntu-latest
    timeout-minutes: 20
    steps:
{setup}
      - name: Check
        run: turnout check
{tests}
  plan:
    # A fork's pull request gets no token from GitHub, and so no plan.
    if: >-
      github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository
    needs: check
    runs-on: ubuntu-latest
    timeout-minutes: 20
    permissions:
      contents: read
      id-token: write # to say who it is
      pull-requests: write # to write the plan as a comment
    steps:
{setup}
      - name: Plan
        run: |
          code=0
          turnout plan --markdown >plan.md || code=$?
          cat plan.md >>"$GITHUB_STEP_SUMMARY"
          [ "$code" -eq 0 ] || [ "$code" -eq 2 ] # 2: there are changes
      - name: Comment
        env:
          GH_TOKEN: ${{{{ github.token }}}}
          PULL_REQUEST: ${{{{ github.event.pull_request.html_url }}}}
        run: gh pr comment "$PULL_REQUEST" --body-file plan.md --edit-last --create-if-none

  apply:
    if: github.event_name != 'pull_request' && github.ref == 'refs/heads/{branch}'
    needs: check
    runs-on: ubuntu-latest
    timeout-minutes: 20
    permissions:
      contents: read
      id-token: write # to say who it is
{environment}    steps:
{setup}
      - name: Apply
        run: turnout apply --yes
"""

_SETUP = """\
      - uses: {checkout}
        with:
          persist-credentials: false
      - name: Install
        run: |
          VENV="$RUNNER_TEMP/venv"
{install}
          echo "$VENV/bin" >>"$GITHUB_PATH"\
"""


def workflow(
    folder: Path,
    *,
    server: str,
    branch: str = "main",
    environment: str | None = None,
    install: Sequence[str] | None = None,
) -> str:
    """The workflow for the project in `folder`.

    server: the address of the server, as workflows reach it. environment: the GitHub environment to apply in, where
    somebody may have to approve. install: shell commands in place of the ones that the project's files suggest; they
    may use `$VENV`, whose `bin` is put on the path. Raises ConfigurationError for a name that GitHub would not take.
    """
    for what, given, spelled in (("branch", branch, _BRANCH), ("environment", environment or "x", _NAME)):
        if not spelled.match(given):
            raise ConfigurationError(
                f"{what} '{given[:60]}' cannot stand in a workflow", fix="use letters, digits, . _ -"
            )
    commands = install_commands(folder) if install is None else install
    setup = _SETUP.format(checkout=_CHECKOUT, install="\n".join(f"          {line}" for line in commands))
    tests = f"      - name: Test\n        run: {test_command(folder)}\n" if has_tests(folder) else ""
    return WORKFLOW.format(
        branch=branch,
        server=json.dumps(server),
        setup=setup,
        tests=tests,
        environment=f"    environment: {json.dumps(environment)}\n" if environment else "",
    )
