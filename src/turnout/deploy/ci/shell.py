"""The script of `turnout ci shell`: the same three steps for any build server, with a token that it keeps."""

from pathlib import Path

from turnout.deploy.ci.installing import has_tests, install_commands, test_command

PATH = "ci/turnout.sh"

SCRIPT = """\
#!/bin/sh
# Written by `turnout ci shell`, and yours to change. Call it with check, plan or apply; the last two need
# TURNOUT_SERVER, and TURNOUT_TOKEN from the build server's secrets.
set -eu
cd "$(dirname "$0")/.."

VENV=${{VENV:-${{TMPDIR:-/tmp}}/turnout-venv}}
{install}
PATH="$VENV/bin:$PATH"

case "${{1:-check}}" in
check)
    turnout check
{tests}    ;;
plan)
    code=0
    turnout plan || code=$?
    [ "$code" -eq 0 ] || [ "$code" -eq 2 ] # 2: there are changes
    ;;
apply)
    turnout apply --yes
    ;;
*)
    echo "usage: $0 check|plan|apply" >&2
    exit 64
    ;;
esac
"""


def script(folder: Path) -> str:
    """The script for the project in `folder`."""
    tests = f"    {test_command(folder)}\n" if has_tests(folder) else ""
    return SCRIPT.format(install="\n".join(install_commands(folder)), tests=tests)
