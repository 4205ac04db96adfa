"""Plan and apply: the difference between a repository and the server, and its execution in one transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from turnout.core.compare import compare, renames
from turnout.core.errors import Conflict, NotFound
from turnout.core.events import Skipped
from turnout.core.inventory import ReleaseDetail
from turnout.core.operations import Change, NextRuns, Operation, PendingRun, Plan, Remove, Rename, operation_to_json
from turnout.core.overrides import OverrideOutcome, outcome_to_json, outcomes
from turnout.core.plain import same, to_plain
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, Namespace, Page, Principal, Release, ScheduleRow
from turnout.core.snapshot import DeploymentSpec, ScheduleSpec, Snapshot
from turnout.orchestration import moved, overrides
from turnout.orchestration.declared import check_snapshot
from turnout.orchestration.deployments import next_runs
from turnout.orchestration.limiting import put_limits
from turnout.orchestration.overridden import in_force
from turnout.orchestration.pausing import drop_unstarted, go_on, is_paused, unstarted
from turnout.orchestration.transition import apply
from turnout.schedules import next_occurrence, parse

GUARDED_REMOVALS = 3
"""More removed deployments than this, and than half of all, need to be allowed explicitly."""
TIMING = ("cron", "every", "rrule", "anchor", "timezone", "calendar")
"""Fields of a schedule that decide when it fires: changing one starts it afresh from now."""


def plan(tx: Tx, wanted: Snapshot) -> Plan:
    """What `apply_release` would do now. Raises ManifestError, ScheduleError for what could never be applied."""
    check_snapshot(wanted)
    namespace = _namespace(wanted)
    deployed = tx.projects.snapshot(namespace)
    newest = tx.projects.releases(namespace, Page(limit=1))
    current = deployed[1] if deployed else None
    operations = compare(current, wanted)
    return Plan(
        project=wanted.project,
        environment=wanted.environment,
        release=deployed[0] if deployed else None,
        operations=operations,
        pending_runs=_pending_runs(tx, namespace, operations, wanted),
        next_runs=_next_runs(tx, operations, current, wanted),
        pauses=tuple(tx.projects.pauses(namespace)),
        overrides=outcomes(in_force(tx, namespace), wanted, renames(current, wanted)),
        commit=newest[0].commit if newest else None,
        bundle=newest[0].bundle if newest else None,
        made_at=tx.now,
    )


def release_detail(tx: Tx, namespace: Namespace, number: int) -> ReleaseDetail:
    """A release and what it changed, field by field. Raises NotFound."""
    found = tx.projects.release(namespace, number)
    newest = tx.projects.releases(namespace, Page(limit=1))
    if found is None:
        raise NotFound(f"there is no release {number}", fix="`turnout releases` lists what is kept")
    release, snapshot = found
    before = tx.projects.release(namespace, number - 1)
    first = number == 1
    operations = compare(before[1] if before else None, snapshot) if before or first else ()
    return ReleaseDetail(
        release=release,
        previous=before[0].number if before else None,
        previous_commit=before[0].commit if before else None,
        newest=newest[0].number,
        code_kept=release.bundle is None or tx.bundles.has(release.bundle),
        deployments=len(snapshot.deployments),
        operations=tuple(_brief(operation) for operation in operations),
    )


def apply_release(
    tx: Tx,
    wanted: Snapshot,
    *,
    by: Principal | str,
    bundle: str | None,
    commit: str | None = None,
    author: str | None = None,
    message: str | None = None,
    expected_release: int | None = None,
    expected_overrides: Sequence[Mapping[str, Any]] | None = None,
    allow_removals: bool = False,
) -> Mapping[str, Any]:
    """Make the server equal `wanted`: {"release": N, "changed": whether a release was made, "changes": [operation],
    "overrides": [what became of each]}.

    expected_release: the release that was planned against, 0 for none; expected_overrides: plain `Override`s that held
    then. Conflict, which tells what changed, when the server is elsewhere.
    Raises ManifestError, ScheduleError, Conflict (also for a removal of most deployments that is not allowed, and for
    a bundle that was not uploaded): then nothing has changed.
    """
    check_snapshot(wanted)
    namespace = _namespace(wanted)
    deployed = tx.projects.snapshot(namespace)
    number = deployed[0] if deployed else 0
    moved.check_release(tx, namespace, expected_release, number)
    moved.check_overrides(tx, namespace, expected_overrides)
    operations = compare(deployed[1] if deployed else None, wanted)
    _check_removals(operations, deployed[1] if deployed else None, allow_removals)
    _check_bundle(tx, bundle)
    if deployed and not operations and _bundle_of(tx, namespace) == bundle:
        return {
            "release": number,
            "changed": False,
            "changes": [],
            "overrides": _told(overrides.settle(tx, namespace, wanted)),
        }
    release = Release(
        number=number + 1,
        project=wanted.project,
        environment=wanted.environment,
        commit=commit,
        author=author,
        message=message,
        bundle=bundle,
        applied_at=tx.now,
        applied_by=str(by),
        summary=_summary(operations),
    )
    for old, new in renames(deployed[1] if deployed else None, wanted).items():
        tx.projects.rename_deployment(namespace, old, new)
        overrides.rename(tx, namespace, old, new)
    settled = overrides.settle(tx, namespace, wanted)
    _execute(tx, namespace, release, operations, wanted, str(by))
    return {
        "release": release.number,
        "changed": True,
        "changes": [operation_to_json(operation) for operation in operations],
        "overrides": _told(settled),
    }


def _execute(
    tx: Tx, namespace: Namespace, release: Release, operations: tuple[Operation, ...], wanted: Snapshot, by: str
) -> None:
    tx.projects.write_release(release, wanted)
    for name in _removed(operations):
        _remove(tx, namespace, name, release, by)
    for spec in wanted.deployments.values():
        # Unchanged ones too: from now on their runs execute this release's code.
        tx.projects.put_deployment(namespace, replace(spec, was=None), release)
        _put_schedules(tx, namespace, spec, release, by)
    put_limits(tx, namespace, wanted)
    tx.after_commit("service:scheduler")
    tx.after_commit("service:tokens")
    for pool in {spec.pool for spec in wanted.deployments.values()}:
        tx.after_commit(f"pool:{wanted.project}/{pool}")


def _remove(tx: Tx, namespace: Namespace, name: str, release: Release, by: str) -> None:
    for run in tx.runs.queued(namespace, name):
        apply(tx, run, Skipped(reason=f"release {release.number} removed deployment '{name}'"), by)
    for row in tx.projects.schedules(namespace, name):
        tx.projects.unpause(namespace, name, row.slug)
        tx.projects.remove_schedule(namespace, name, row.slug)
    tx.projects.unpause(namespace, name, None)
    tx.projects.remove_deployment(namespace, name)


def _put_schedules(tx: Tx, namespace: Namespace, spec: DeploymentSpec, release: Release, by: str) -> None:
    existing = {row.slug: row for row in tx.projects.schedules(namespace, spec.name)}
    for slug in existing.keys() - {schedule.slug for schedule in spec.schedules}:
        reason = f"release {release.number} removed schedule '{slug}'"
        drop_unstarted(tx, existing[slug], reason, by, held=True)
        tx.projects.unpause(namespace, spec.name, slug)
        tx.projects.remove_schedule(namespace, spec.name, slug)
    for schedule in spec.schedules:
        row = existing.get(schedule.slug)
        if row is None or not same(row.spec, schedule):
            _put_schedule(tx, _schedule_row(tx, namespace, spec.name, schedule, row), row, release, by)


def _put_schedule(tx: Tx, row: ScheduleRow, before: ScheduleRow | None, release: Release, by: str) -> None:
    """Store a new or edited schedule. Its runs for a time that it no longer names are gone with the edit; pausing it
    holds its waiting runs back, and what going on does is said by its catch-up policy."""
    paused = is_paused(tx, row)
    was_paused = before is not None and before.paused
    tx.projects.put_schedule(replace(row, paused=paused))
    if before is not None and not _same_timing(before, row):
        drop_unstarted(tx, row, f"release {release.number} changed schedule '{row.slug}'", by, held=False)
    if paused and not was_paused:
        tx.runs.hold(Namespace(project=row.project, environment=row.environment), row.deployment, row.slug)
    elif was_paused and not paused:
        go_on(tx, row, by)


def _schedule_row(
    tx: Tx, namespace: Namespace, deployment: str, schedule: ScheduleSpec, before: ScheduleRow | None
) -> ScheduleRow:
    row = ScheduleRow(
        project=namespace.project,
        environment=namespace.environment,
        deployment=deployment,
        slug=schedule.slug,
        spec=to_plain(schedule),
        watermark=tx.now,
        next_due=next_occurrence(parse(to_plain(schedule)), tx.now),
        paused=schedule.paused,
    )
    if before is None or not _same_timing(before, row):
        return row
    return replace(row, watermark=before.watermark, next_due=before.next_due)


def _same_timing(before: ScheduleRow, row: ScheduleRow) -> bool:
    return _same_times(before.spec, row.spec)


def _same_times(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    return all(same(before.get(field), after.get(field)) for field in TIMING)


def _check_removals(operations: tuple[Operation, ...], current: Snapshot | None, allowed: bool) -> None:
    removed, total = len(_removed(operations)), len(current.deployments) if current else 0
    if not allowed and removed > GUARDED_REMOVALS and removed * 2 > total:
        raise Conflict(
            f"this would remove {removed} of {total} deployments",
            fix="if that is meant, apply with --allow-removals",
        )


def _check_bundle(tx: Tx, bundle: str | None) -> None:
    if bundle is not None and not tx.bundles.has(bundle):
        raise Conflict(f"the bundle {bundle[:12]} is not on the server", fix="upload it, then apply")


def _bundle_of(tx: Tx, namespace: Namespace) -> str | None:
    return tx.projects.releases(namespace, Page(limit=1))[0].bundle


def _brief(operation: Operation) -> dict[str, Any]:
    """What a person reads of it: of a new deployment or a removed one, its name."""
    plain = operation_to_json(operation)
    return {key: plain[key] for key in ("op", "kind", "name", "was", "apart", "fields") if key in plain}


def _summary(operations: tuple[Operation, ...]) -> dict[str, int]:
    kinds = [type(operation).__name__.lower() for operation in operations]
    return {kind: kinds.count(kind) for kind in ("create", "change", "rename", "remove")}


def _removed(operations: tuple[Operation, ...]) -> list[str]:
    return [item.name for item in operations if isinstance(item, Remove) and item.kind == "deployment"]


def _told(settled: Iterable[OverrideOutcome]) -> list[dict[str, Any]]:
    return [outcome_to_json(outcome) for outcome in settled]


def _pending_runs(
    tx: Tx, namespace: Namespace, operations: tuple[Operation, ...], wanted: Snapshot
) -> dict[str, tuple[PendingRun, ...]]:
    found = {name: _pending(tx, namespace, name) for name in _removed(operations)}
    for operation in operations:
        if isinstance(operation, Change) and operation.kind == "deployment":
            spec = wanted.deployments[operation.name]
            found[operation.name] = _dropped(tx, namespace, _known_as(operation), spec)
    return {name: runs for name, runs in found.items() if runs or name not in wanted.deployments}


def _known_as(operation: Operation) -> str:
    """What the server calls it before."""
    return operation.was if isinstance(operation, Rename) else operation.name


def _dropped(tx: Tx, namespace: Namespace, known_as: str, spec: DeploymentSpec) -> tuple[PendingRun, ...]:
    """What a changed deployment's schedules made and would not start any more."""
    after = {schedule.slug: schedule for schedule in spec.schedules}
    found: list[FlowRun] = []
    for row in tx.projects.schedules(namespace, known_as):
        schedule = after.get(row.slug)
        if schedule is None or not _same_times(row.spec, to_plain(schedule)):
            found += unstarted(tx, row, held=schedule is None)
    return tuple(_pending_run(run) for run in sorted(found, key=lambda run: run.due_at))


def _pending(tx: Tx, namespace: Namespace, name: str) -> tuple[PendingRun, ...]:
    return tuple(_pending_run(run) for run in [*tx.runs.queued(namespace, name), *tx.runs.live(namespace, name)])


def _pending_run(run: FlowRun) -> PendingRun:
    return PendingRun(id=run.id, name=run.name, state=run.state, due_at=run.due_at.isoformat())


def _next_runs(
    tx: Tx, operations: tuple[Operation, ...], current: Snapshot | None, wanted: Snapshot
) -> dict[str, NextRuns]:
    touched = [operation for operation in operations if operation.kind == "deployment"]
    before, after = current.deployments if current else {}, wanted.deployments
    paused = {(pause.deployment, pause.schedule) for pause in tx.projects.pauses(_namespace(wanted))}
    found = {}
    for operation in touched:
        name, known_as = operation.name, _known_as(operation)
        slugs = {slug for deployment, slug in paused if deployment == known_as}
        found[name] = NextRuns(before=_times(tx, before.get(known_as), slugs), after=_times(tx, after.get(name), slugs))
    return {name: times for name, times in found.items() if times.before or times.after}


def _times(tx: Tx, spec: DeploymentSpec | None, paused: Collection[str | None]) -> tuple[str, ...]:
    """The next runs, as far as nobody pauses them on the server."""
    if spec is None or None in paused:
        return ()
    plain = [to_plain(schedule) for schedule in spec.schedules if schedule.slug not in paused]
    return tuple(at.isoformat() for at in next_runs(plain, tx.now))


def _namespace(snapshot: Snapshot) -> Namespace:
    return Namespace(project=snapshot.project, environment=snapshot.environment)
