"""The connections of the nearest `turnout.yaml`, for flows that run without a release: scripts, notebooks, tests.

`deploy.manifest` is the judge of the file; here it is only read, and what is not there is simply not there. Where more
files declare something, it is asked.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from turnout.core.errors import ConfigurationError
from turnout.core.limits import MANIFEST_BYTES
from turnout.engine.definitions.load import resolve
from turnout.settings import PROJECT_FILE

LOAD_MANIFEST = "turnout.deploy.manifest:load_manifest"
PYTHON_FILE = "turnout.py"


def declared_connections(project: Path) -> Mapping[str, Mapping[str, Any]]:
    """The connections that the manifest in `project` declares. Raises ConfigurationError."""
    path = project / PROJECT_FILE
    try:
        with path.open("rb") as file:
            content = yaml.safe_load(file.read(MANIFEST_BYTES))
    except (OSError, yaml.YAMLError, RecursionError) as error:
        raise ConfigurationError(
            f"the manifest cannot be read: {type(error).__name__}",
            where=str(path),
            fix="`turnout check` says what is wrong",
        ) from None
    if isinstance(content, dict) and (content.get("include") or (project / PYTHON_FILE).is_file()):
        found = resolve(LOAD_MANIFEST)(project).snapshot.connections
        return {name: {"type": spec.type, **spec.options} for name, spec in found.items()}
    declared = content.get("connections") if isinstance(content, dict) else None
    listed = declared if isinstance(declared, dict) else {}
    return {name: options for name, options in listed.items() if _is_connection(options)}


def _is_connection(options: object) -> bool:
    return isinstance(options, dict) and isinstance(options.get("database"), str)
