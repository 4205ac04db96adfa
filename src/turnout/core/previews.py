"""Previews: a branch as an environment of its own, which nothing of production reaches."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace

from turnout.core.snapshot import Snapshot

PREFIX = "preview-"
FOLDER = "preview"
"""The folder below the data folder that holds the secrets of previews."""
VARIABLE = "PREVIEW_"
"""What stands before an environment variable that is a secret of previews."""
_SHOWN = 40


def environment_of(branch: str) -> str:
    """The environment of a branch's preview: its name where that can be one, else as much of it as can and a digest."""
    shown = re.sub(r"[^a-z0-9]+", "-", branch.lower()).strip("-")[:_SHOWN].strip("-")
    if shown == branch:
        return PREFIX + branch
    digest = hashlib.sha256(branch.encode(errors="surrogateescape")).hexdigest()[:8]
    return PREFIX + (f"{shown}-{digest}" if shown else digest)


def is_preview(environment: str) -> bool:
    """Whether it is one of a branch."""
    return environment.startswith(PREFIX)


def as_preview(wanted: Snapshot, environment: str) -> Snapshot:
    """The same in an environment of a preview: nothing starts by its schedule, and no workflow may deploy there."""
    return replace(
        wanted,
        environment=environment,
        deploy_github=None,
        deployments={
            name: replace(spec, schedules=tuple(replace(schedule, paused=True) for schedule in spec.schedules))
            for name, spec in wanted.deployments.items()
        },
    )


def secrets_of(environment: str, data_dir: str, environ: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """Where the values of secrets are for runs of an environment: a folder, and environment variables. Those of
    production are no preview's."""
    if not is_preview(environment):
        return data_dir, environ
    own = {name.removeprefix(VARIABLE): value for name, value in environ.items() if name.startswith(VARIABLE)}
    return f"{data_dir.rstrip('/')}/{FOLDER}", own
