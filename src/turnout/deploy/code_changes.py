"""What changed in the code since the commit that is deployed: asked of the repository here, which may not know it."""

from dataclasses import replace
from pathlib import Path

from turnout.core.errors import TurnoutError
from turnout.core.operations import CodeChanges
from turnout.deploy import git
from turnout.deploy.bundle import Bundle


def code_changes(root: Path, bundle: Bundle, deployed: str | None, commit: str | None) -> CodeChanges:
    """`bundle` compared with the bundle of digest `deployed`, which was made of `commit`."""
    found = CodeChanges(changed=bundle.digest != deployed, since=commit)
    if not found.changed:
        return found
    if commit is None:
        return replace(found, note="the deployed release has no commit" if deployed else "nothing is deployed yet")
    sha, _, dirty = commit.partition("+")
    try:
        told = git.changes_since(root, sha)
    except TurnoutError as error:
        return replace(found, note=error.what)
    if told is None:
        return replace(found, note=f"the deployed commit {sha[:10]} is not known in this repository: fetch it")
    notes = []
    if dirty:
        notes.append("what was deployed had uncommitted changes besides")
    if told.left_behind:
        one = told.left_behind == 1
        notes.append(f"{told.left_behind} deployed commit{'' if one else 's'} {'is' if one else 'are'} not in HEAD")
    return replace(
        found,
        commits=told.commits,
        files=told.files,
        added=told.added,
        removed=told.removed,
        note="; ".join(notes) or None,
    )
