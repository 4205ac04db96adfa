"""Back to an earlier release: what it declared and the code it ran become a new release, as applying them would."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from turnout.core.compare import renames
from turnout.core.errors import Conflict, NotFound
from turnout.core.operations import Plan
from turnout.core.ports import Tx
from turnout.core.records import Namespace, Page, Principal, Release
from turnout.core.snapshot import DeploymentSpec, Snapshot
from turnout.orchestration.releases import apply_release, plan


def plan_rollback(tx: Tx, namespace: Namespace, number: int | None) -> tuple[Release, Plan]:
    """The release that would be gone back to, None meaning the one before the newest, and what that would change.
    Raises NotFound, Conflict."""
    release, snapshot = _target(tx, namespace, number)
    return release, plan(tx, snapshot)


def rollback(
    tx: Tx, namespace: Namespace, number: int | None, *, by: Principal | str, expected_release: int | None = None
) -> Mapping[str, Any]:
    """Make the server equal an earlier release, in this transaction; the answer of `apply_release`.

    Deployments, schedules, limits, variables and code are as they were; runs that have begun go on with the code that
    they began with. Raises NotFound for a release that is not kept, Conflict when the server is not at
    `expected_release`, or when there is nothing to go back to.
    """
    release, snapshot = _target(tx, namespace, number)
    return apply_release(
        tx,
        snapshot,
        by=by,
        bundle=release.bundle,
        commit=release.commit,
        author=release.author,
        message=f"Back to release {release.number}" + (f": {release.message}" if release.message else ""),
        expected_release=expected_release,
        allow_removals=True,  # who names a release knows what it had
    )


def _target(tx: Tx, namespace: Namespace, number: int | None) -> tuple[Release, Snapshot]:
    newest = tx.projects.releases(namespace, Page(limit=1))
    if not newest:
        raise NotFound(f"nothing was applied to project '{namespace.project}' yet", fix="`turnout apply` applies it")
    wanted = newest[0].number - 1 if number is None else number
    if wanted == newest[0].number:
        raise Conflict(f"release {wanted} is what is deployed", fix="`turnout releases` lists earlier ones")
    found = tx.projects.release(namespace, wanted)
    if found is None:
        raise NotFound(
            f"there is no release {wanted} of project '{namespace.project}'",
            fix="`turnout releases` lists what is kept" if wanted else "there is none before the first",
        )
    release, snapshot = found
    if release.bundle is not None and not tx.bundles.has(release.bundle):
        raise Conflict(
            f"the code of release {wanted} is not kept any more",
            fix=f"apply commit {release.commit} from the repository",
        )
    return release, replace(snapshot, deployments=_renamed_back(tx, namespace, wanted, newest[0].number, snapshot))


def _renamed_back(
    tx: Tx, namespace: Namespace, number: int, newest: int, snapshot: Snapshot
) -> Mapping[str, DeploymentSpec]:
    """The deployments of release `number`, each with what it is called now: the releases since then say so, whether or
    not the repository still does. Where one is not kept, what was renamed by it is not known."""
    deployed = tx.projects.snapshot(namespace)
    names = {name: name for name in snapshot.deployments if not deployed or name not in deployed[1].deployments}
    before = snapshot
    for later in range(number + 1, newest + 1) if names else ():
        found = tx.projects.release(namespace, later)
        if found is None:
            return snapshot.deployments
        moved, before = renames(before, found[1]), found[1]
        names = {name: moved.get(now, now) for name, now in names.items() if moved.get(now, now) in before.deployments}
    known = {name: now for name, now in names.items() if now not in snapshot.deployments}
    return {name: replace(spec, was=known.get(name, spec.was)) for name, spec in snapshot.deployments.items()}
