"""Following a branch: what its newest commit says becomes what the server runs, or it is said why not."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from turnout.core.errors import ConfigurationError, Conflict, TooLarge, TurnoutError
from turnout.core.source import MOST_CHARACTERS, MOST_PROBLEMS, Source, SourceReport
from turnout.deploy.git import Commit
from turnout.deploy.mirror import Mirror, SourceUnreachable, redacted

APPLY_SECONDS = 900.0
"""How long checking and applying a commit may take."""
TRY_AGAIN = 75
"""The exit code of an apply that the commit is not to blame for: EX_TEMPFAIL of sysexits.h."""
APPLY = ("apply", "--yes", "--json")
MANIFEST = "turnout.yaml"

Report = Callable[[SourceReport], Source]
"""Tells the server; raises ServerUnreachable."""


class Follower:
    """Looks at a mirror's branch and applies what is new. It keeps nothing: how far things are, the server knows, so
    that one that is killed anywhere goes on where it was."""

    def __init__(self, mirror: Mirror, environ: Mapping[str, str], report: Report) -> None:
        """environ: for `turnout apply` in a process of its own, with the server's address and token in it."""
        self._mirror = mirror
        self._environ = environ
        self._report = report

    def look(self, known: Source, *, again: bool = False) -> SourceReport:
        """Apply the newest commit unless it is the one that the server reports; the report that holds now. again: try
        a commit that was refused once more. Raises ServerUnreachable, StoreUnavailable, and Conflict when somebody else
        changed the server meanwhile: then there is nothing to report, and the next look is a new try."""
        with self._mirror.alone() as held:
            return self._look(known, again, held)

    def _look(self, known: Source, again: bool, held: int) -> SourceReport:
        before = known.report if known.report is not None and self._is_ours(known.report) else None
        try:
            newest = self._mirror.newest()
            settled = ("applied",) if again else ("applied", "refused")
            if before is not None and before.state in settled and before.commit == newest:
                return before
            commit = self._mirror.fetch()
        except SourceUnreachable as error:
            return self._tell(self._unreachable(error, before), before)
        return self._tell(self._applied(commit, before, held), before)

    def _is_ours(self, report: SourceReport) -> bool:
        return (report.repository, report.branch) == (redacted(self._mirror.url), self._mirror.branch)

    def _tell(self, report: SourceReport, before: SourceReport | None) -> SourceReport:
        if report != before:
            self._report(report)
        return report

    def _unreachable(self, error: TurnoutError, before: SourceReport | None) -> SourceReport:
        return SourceReport(
            state="unreachable",
            repository=redacted(self._mirror.url),
            branch=self._mirror.branch,
            release=before.release if before else None,
            project=before.project if before else None,
            problems=(str(error),),
        )

    def _applied(self, commit: Commit, before: SourceReport | None, held: int) -> SourceReport:
        try:
            with self._mirror.laid_out(commit.sha) as folder:
                release, project, problems = apply_folder(folder, self._environ, held)
        except (ConfigurationError, TooLarge) as error:
            release, project, problems = None, None, (f"error: {error}",)
        kept = before if problems else None  # the good release before goes on
        return SourceReport(
            state="refused" if problems else "applied",
            repository=redacted(self._mirror.url),
            branch=self._mirror.branch,
            commit=commit.sha,
            author=commit.author,
            message=commit.message,
            release=kept.release if kept else release,
            project=kept.project if kept else project,
            problems=problems,
        )


def apply_folder(
    folder: Path, environ: Mapping[str, str], *held: int, command: tuple[str, ...] = APPLY
) -> tuple[int | None, str | None, tuple[str, ...]]:
    """(release, project, problems) of `turnout apply` or another command for a commit's files, in a process that
    imports them instead of this one. Without problems the server equals the commit. held: what that process holds as
    long as it lives. Raises Conflict when it is not the commit that stands in the way."""
    # Commands look for the manifest in the folders above, too: there it would be another project's.
    if not (folder / MANIFEST).is_file():
        return None, None, ("error: the commit has no turnout.yaml\n  fix: put it at the top of the repository",)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "turnout", *command], cwd=folder, env=dict(environ), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, errors="replace", timeout=APPLY_SECONDS, check=False, pass_fds=held,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None, None, (f"error: checking and applying took more than {APPLY_SECONDS:g} s",)
    if done.returncode == TRY_AGAIN:
        raise Conflict("not applied: " + "; ".join(problems_of(done.stderr, folder)), fix="it is tried again")
    if done.returncode != 0:
        return None, None, problems_of(done.stderr, folder)
    answer = json.loads(done.stdout)
    return int(answer["release"]), answer.get("project"), ()


def problems_of(said: str, folder: Path) -> tuple[str, ...]:
    """The errors that a command printed, each with its place and remedy, without the folder in which it ran."""
    blocks: list[list[str]] = []
    for line in said.replace(f"{folder}/", "").replace(str(folder), ".").splitlines():
        if line.endswith("wrong; nothing was applied"):
            continue  # how many there are is seen
        if line.startswith(("error:", "warning:")) or not blocks:
            blocks.append([])
        blocks[-1].append(line)
    found = ["\n".join(block).rstrip() for block in blocks if block[0].startswith("error:")]
    return tuple(text[:MOST_CHARACTERS] for text in found[:MOST_PROBLEMS]) or (
        said.strip()[-2000:] or "error: turnout apply failed without a word",
    )
