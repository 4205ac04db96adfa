"""A plan kept in a file, so that what was looked at is what is applied, or nothing."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from turnout.cli.project import Wanted
from turnout.core.compare import canonical
from turnout.core.errors import Conflict, ManifestError
from turnout.core.operations import Plan
from turnout.core.plain import to_plain

FORMAT = 1


def write(path: Path, plan: Plan, repository: Wanted) -> None:
    """Keep the plan with what it was made of."""
    kept = {
        "turnout_plan": FORMAT,
        "plan": plan.to_json(),
        "snapshot": _digest(repository),
        "bundle": repository.bundle.digest,
        "commit": repository.bundle.commit,
    }
    path.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def read(path: Path, repository: Wanted) -> Plan:
    """The plan. Raises ManifestError for what is no plan, Conflict when the repository is not what was planned."""
    kept = _read(path)
    if kept.get("turnout_plan") != FORMAT:
        raise ManifestError("this plan is of another version of Turnout", where=str(path), fix="`turnout plan --out`")
    if kept.get("snapshot") != _digest(repository) or kept.get("bundle") != repository.bundle.digest:
        raise Conflict(
            f"the repository is not what was planned: that was commit {kept.get('commit')}, this is "
            f"{repository.bundle.commit}",
            where=str(path),
            fix="plan again, or check out that commit",
        )
    try:
        return Plan.from_json(kept["plan"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _no_plan(path) from error


def expected_overrides(plan: Plan) -> list[Mapping[str, Any]]:
    """The overrides that held when it was made, as `apply` is told."""
    return [to_plain(outcome.override) for outcome in plan.overrides]


def _read(path: Path) -> dict[str, Any]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ManifestError(f"the plan cannot be read: {error.strerror}", where=str(path)) from None
    except ValueError:
        raise _no_plan(path) from None
    if not isinstance(kept, dict):
        raise _no_plan(path)
    return kept


def _no_plan(path: Path) -> ManifestError:
    return ManifestError("this is no plan", where=str(path), fix="`turnout plan --out FILE` writes one")


def _digest(repository: Wanted) -> str:
    snapshot = repository.snapshot
    renamed = {name: spec.was for name, spec in snapshot.deployments.items() if spec.was is not None}
    said = (to_plain(canonical(snapshot)), renamed)
    return sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()
