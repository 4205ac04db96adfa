"""`turnout follow`: the server equals a branch."""

import hashlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from turnout.cli import output
from turnout.cli.command import command_app
from turnout.cli.target import admin_api, server_api, settings
from turnout.cli.waiting import patiently
from turnout.core.errors import ConfigurationError, Conflict, ServerUnreachable, StoreUnavailable
from turnout.core.ports import AdminApi
from turnout.core.source import Source, SourceReport
from turnout.settings import Settings
from turnout.worker import clock

if TYPE_CHECKING:
    from turnout.deploy.follow import Follower
    from turnout.deploy.mirror import Mirror
    from turnout.deploy.previews import Previews

app = command_app()

AGAIN_SECONDS = 5.0
"""How soon it looks again when somebody else changed the server at the same moment."""
HOLD_SECONDS = 10.0
"""How often the server is told who follows."""
WAIT_SECONDS = 20.0
"""How long one question for news is held by the server."""
KEPT = ("PATH", "HOME", "USER", "LANG", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""What a commit's check sees of this process's environment, beside LC_* and proxies: none of the server's secrets."""


@app.command()
def follow(
    repo: Annotated[str | None, typer.Argument(help="The repository; TURNOUT_REPO_URL if left out.")] = None,
    branch: Annotated[str | None, typer.Option(help="The branch; TURNOUT_REPO_BRANCH, or main.")] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Look once, then leave; exit 1 if the commit is refused.")
    ] = False,
    status: Annotated[bool, typer.Option("--status", help="Show how far the server is, and leave.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --status: print JSON.")] = False,
    until_stdin_closes: Annotated[bool, typer.Option("--until-stdin-closes", hidden=True)] = False,
) -> None:
    """Keep the server equal to a branch: each commit that passes the check is applied.

    A commit that does not pass changes nothing, and `turnout follow --status` says why. `turnout server --repo` runs
    this beside the server.
    """
    if status:
        with admin_api() as api:
            show(api.source(), as_json)
        return
    from turnout.deploy.follow import Follower
    from turnout.deploy.mirror import Mirror

    found = settings()
    url = repo or found.repo_url
    if url is None:
        raise ConfigurationError("no repository is named", fix="turnout follow https://host/path.git")
    if until_stdin_closes:
        threading.Thread(target=_stop_with_stdin, daemon=True).start()
    mirror = Mirror(Path(found.data_dir) / "followed" / "mirror.git", url, branch or found.repo_branch)
    with server_api() as api:
        follower = Follower(mirror, _environ(found), api.report_source)
        if once:
            raise typer.Exit(0 if look(follower, patiently(api.source), again=True).state == "applied" else 1)
        _only_one(api, found)
        previews = _previews(found, mirror)
        known, again = patiently(api.source), True
        while True:
            try:
                now = look(follower, known, again=again)
                if previews is not None and now.project:
                    previews.look(api, now.project)
            except (Conflict, ServerUnreachable, StoreUnavailable) as error:
                output.print_error(error)
                clock.sleep(min(found.repo_poll_seconds, AGAIN_SECONDS))
                known, again = patiently(api.source), True
                continue
            asked = known.asked
            known = _news(api, asked, found.repo_poll_seconds)
            again = known.asked != asked


def _previews(found: Settings, mirror: "Mirror") -> "Previews | None":
    """Of the other branches, if they are to have some."""
    from turnout.deploy.previews import Previews

    if not found.repo_previews:
        return None
    return Previews(
        mirror.folder, mirror.url, mirror.branch, _environ(found), lambda text: output.say(output.escape(text))
    )


def look(follower: "Follower", known: Source, *, again: bool) -> SourceReport:
    """What came of a look, told when it is news."""
    now = follower.look(known, again=again)
    if now != known.report:
        say(now)
    return now


def _only_one(api: AdminApi, found: Settings) -> None:
    """Wait until no other machine follows, and keep it so for as long as this process lives."""
    holder = hashlib.sha256(f"{socket.gethostname()} {found.data_dir}".encode()).hexdigest()[:16]
    take, waiting = partial(api.take_source, holder), False
    while not patiently(take):
        if not waiting:
            output.say("another server follows; this one takes over when that ends")
        waiting = True
        clock.sleep(HOLD_SECONDS)

    def keep() -> None:
        while True:
            clock.sleep(HOLD_SECONDS)
            try:
                mine = take()
            except (ServerUnreachable, StoreUnavailable):
                continue
            if not mine:
                os.kill(os.getpid(), signal.SIGTERM)  # this machine slept, and another took over

    threading.Thread(target=keep, name="holder", daemon=True).start()


def _news(api: AdminApi, asked: int, seconds: float) -> Source:
    """How far the server is once somebody says that there is news, or after `seconds`."""
    end = clock.monotonic() + seconds
    while True:
        left = min(max(end - clock.monotonic(), 0.0), WAIT_SECONDS)
        found = patiently(partial(api.source, asked=asked, wait=left))
        if found.asked != asked or clock.monotonic() >= end:
            return found


def say(report: SourceReport) -> None:
    """What came of a look, on stderr."""
    of = f"{report.branch} of {report.repository}"
    if report.state == "applied":
        output.say(f"release {report.release} of {output.short_commit(report.commit)}, {output.escape(of)}")
        return
    if report.state == "refused":
        what = f"{output.short_commit(report.commit)} of {output.escape(of)} changes nothing:"
    else:
        what = f"no news of {output.escape(of)}:"
    output.say(what)
    for problem in report.problems:
        output.say(output.escape(problem))


def show(found: Source, as_json: bool) -> None:
    """How far the server is."""
    if as_json:
        output.print_json(found)
    elif found.report is None or found.at is None:
        output.say("This server follows no repository: turnout server --repo URL --branch main")
    else:
        report = found.report
        rows = [
            f"{report.state}  {output.short_commit(report.commit)}  {output.escape(report.message or '')}",
            f"{output.escape(report.branch)} of {output.escape(report.repository)}, {output.short_moment(found.at)}",
            *(output.escape(problem) for problem in report.problems),
        ]
        output.show("\n".join(rows))


def _environ(found: Settings) -> Mapping[str, str]:
    """Of the process that checks and applies a commit: where the server is, and that it may."""
    from turnout.client.connecting import ca_file, find_server, token

    kept = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT or name.startswith("LC_") or name.lower().endswith("_proxy")
    }
    given = {
        "TURNOUT_SERVER": find_server(found),
        "TURNOUT_TOKEN": token(found, "admin.token"),
        "TURNOUT_DATA": str(Path(found.data_dir) / "followed" / "data"),
        "TURNOUT_ENVIRONMENT": found.environment,
        "SSL_CERT_FILE": ca_file(found),
    }
    return kept | {name: value for name, value in given.items() if value is not None}


def _stop_with_stdin() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
