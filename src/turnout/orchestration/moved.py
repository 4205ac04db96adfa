"""What changed on the server since a plan was made: told to who would apply it, because somebody else was quicker."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from turnout.core.compare import compare
from turnout.core.errors import Conflict
from turnout.core.operations import Operation
from turnout.core.overrides import Override, subject
from turnout.core.plain import same, to_plain
from turnout.core.ports import Tx
from turnout.core.records import Namespace, Page, Release
from turnout.orchestration.overridden import in_force

RELEASES = 5
"""So many of the releases since then are told."""
NAMES = 8
AGAIN = "plan again, look at the difference, then apply"
_DONE = {"Create": "+", "Change": "~", "Rename": ">", "Remove": "-"}


def check_release(tx: Tx, namespace: Namespace, expected: int | None, number: int) -> None:
    """Raises Conflict when the server is not at the release that was planned against (0: none)."""
    if expected is None or expected == number:
        return
    what = f"the server is at release {number}, the plan was made against {expected}"
    told = "; ".join(_releases(tx, namespace, expected)) if expected < number else ""
    raise Conflict(f"{what}: {told}" if told else what, fix=AGAIN)


def check_overrides(tx: Tx, namespace: Namespace, expected: Sequence[Mapping[str, Any]] | None) -> None:
    """Raises Conflict when other overrides hold than when the plan was made."""
    if expected is None:
        return
    now = in_force(tx, namespace)
    told = list(_overrides(now, expected))
    if told:
        raise Conflict(f"the server moved since the plan: {'; '.join(told)}", fix=AGAIN)


def _releases(tx: Tx, namespace: Namespace, expected: int) -> Iterator[str]:
    since = [one for one in tx.projects.releases(namespace, Page(limit=RELEASES + 1)) if one.number > expected]
    for release in sorted(since, key=lambda release: release.number)[-RELEASES:]:
        yield _release(release, _changes(tx, namespace, release.number))


def _release(release: Release, changes: Sequence[Operation] | None) -> str:
    by = release.author or release.applied_by
    commit = f", commit {release.commit[:10]}" if release.commit else ""
    head = f"release {release.number} by {by}{commit}"
    if changes is None:
        return head
    names = [f"{_DONE[type(change).__name__]} {change.kind} {change.name}" for change in changes[:NAMES]]
    more = [f"and {len(changes) - NAMES} more"] if len(changes) > NAMES else []
    return f"{head} ({', '.join([*names, *more]) or 'only its code'})"


def _changes(tx: Tx, namespace: Namespace, number: int) -> tuple[Operation, ...] | None:
    """What a release changed; None where the one before is not kept."""
    found, before = tx.projects.release(namespace, number), tx.projects.release(namespace, number - 1)
    if found is None or (before is None and number > 1):
        return None
    return compare(before[1] if before else None, found[1])


def _overrides(now: Sequence[Override], expected: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    held = {(one.kind, one.name, one.key): one for one in now}
    planned = {(one.get("kind"), one.get("name"), one.get("key")): one for one in expected}
    for place, override in held.items():
        if place not in planned or not same(to_plain(override), dict(planned[place])):
            did = "paused" if override.kind == "pause" else "overrode"
            why = f" ({override.reason})" if override.reason else ""
            yield f"{override.by} {did} {subject(override)}{why}"
    for kind, name, key in planned.keys() - held.keys():
        yield f"the override of {kind} {name}{f', {key}' if key else ''} ended"
