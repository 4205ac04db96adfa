"""`turnout.yaml` as what it declares. Every mistake is collected with its `file:line:column`; nothing is half read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from turnout.core.snapshot import DeploymentSpec, Snapshot
from turnout.deploy import declared
from turnout.deploy.layers import FILE, environments, read_layers
from turnout.deploy.node import Node
from turnout.deploy.problems import Problems
from turnout.deploy.python_manifest import FILE as PYTHON_FILE
from turnout.deploy.references import check_references
from turnout.deploy.schema import DEPLOYMENT, MANIFEST
from turnout.deploy.shapes import NAME
from turnout.deploy.timetable import check_schedules, check_zone
from turnout.deploy.yaml_source import read_yaml

__all__ = ["FILE", "Manifest", "load_manifest", "project_name", "read_manifest"]


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What was declared. In `snapshot` the deployments still lack what only the flows know: their names and schemas.

    Deployments with mistakes in their shape are not in `snapshot`; `node` has them all.
    """

    root: Path
    node: Node
    snapshot: Snapshot

    def deployment(self, name: str) -> Node:
        """The node of a deployment."""
        return declared.entries(self.node.get("deployments"))[name]


def read_manifest(root: Path, problems: Problems, *, environment: str = "production") -> Manifest | None:
    """Read the manifest in the folder `root`; mistakes go to `problems`. None if there is nothing to work with."""
    node = read_layers(root, problems, environment)
    if node is None:
        return None
    manifest = Manifest(root=root, node=node, snapshot=_snapshot(node, environment))
    check_zone(node.get("timezone"), problems)
    check_schedules(node, manifest.snapshot, problems)
    check_references(node, manifest.snapshot, problems)
    _check_files(manifest, problems)
    return manifest


def load_manifest(root: Path, *, environment: str = "production") -> Manifest:
    """The manifest in the folder `root`. Raises ManifestError: the first mistake, naming how many more there are."""
    problems = Problems()
    manifest = read_manifest(root, problems, environment=environment)
    problems.raise_first()
    assert manifest is not None  # no manifest without a problem
    return manifest


def project_name(root: Path) -> str:
    """The project that the manifest in `root` names, whatever else is wrong with the file. Raises ManifestError."""
    problems = Problems()
    node = read_yaml(root / FILE, FILE, problems)
    found = node.get("project") if node else None
    if found is None or not isinstance(found.data, str) or not NAME.match(found.data):
        if node is not None:
            MANIFEST.check(node, problems, "")
        problems.raise_first()
    assert found is not None
    return str(found.data)


def _snapshot(node: Node, environment: str) -> Snapshot:
    """The parts of the file whose shape is right."""
    project, timezone, variables = (_sound(node, key) for key in ("project", "timezone", "variables"))
    pools = declared.pools(_sound(node, "pools"))
    zone = timezone.data if timezone else None
    overlay = environments(node).get(environment)
    pausing = overlay.get("pause_schedules") if overlay else None
    paused = pausing is not None and pausing.data is True
    known = declared.calendars(_sound(node, "calendars"), zone)
    return Snapshot(
        project=project.data if project else "unnamed",
        environment=environment,
        timezone=zone,
        deploy_github=declared.deploy_github(_sound(node, "access")),
        variables={name: value.plain() for name, value in declared.entries(variables).items()},
        secrets=declared.secrets(_sound(node, "secrets")),
        connections=declared.connections(_sound(node, "connections")),
        pools=pools,
        limits=declared.limits(_sound(node, "limits")),
        deployments={
            name: _of(declared.deployment(name, value, timezone=zone, pool=next(iter(pools)), known=known), paused)
            for name, value in _sound_deployments(node).items()
        },
    )


def _of(spec: DeploymentSpec, paused: bool) -> DeploymentSpec:
    """The deployment in an environment that starts nothing by its schedules, or in another."""
    if not paused:
        return spec
    return replace(spec, schedules=tuple(replace(schedule, paused=True) for schedule in spec.schedules))


def _sound(node: Node, key: str) -> Node | None:
    """The value of `key`, if its shape is right."""
    value = node.get(key)
    return value if value is not None and MANIFEST.keys[key].shape.check(value, Problems(), key) else None


def _sound_deployments(node: Node) -> Mapping[str, Node]:
    listed = declared.entries(node.get("deployments"))
    return {
        name: value for name, value in listed.items() if NAME.match(name) and DEPLOYMENT.check(value, Problems(), "")
    }


def _check_files(manifest: Manifest, problems: Problems) -> None:
    """Each deployment names exactly one file, and it is there."""
    for name, node in declared.entries(manifest.node.get("deployments")).items():
        flow, sql = node.get("flow"), node.get("sql")
        if flow and sql:
            problems.error(sql.named_at, f"deployments.{name} has both 'flow' and 'sql'", "keep one of the two")
        elif source := flow or sql:
            _check_file(manifest.root, source, problems)
        elif isinstance(node.data, dict):
            fix = "add flow: file.py:function, or sql: file.sql"
            problems.error(node.named_at, f"deployments.{name} names nothing to run", fix)
        if flow and (connection := node.get("connection")):
            fix = 'remove it; a Python flow calls connection("name")'
            problems.error(connection.named_at, f"deployments.{name}: 'connection' is for SQL files", fix)


def _check_file(root: Path, source: Node, problems: Problems) -> None:
    file = source.data.partition(":")[0] if isinstance(source.data, str) else ""
    if not file.endswith((".py", ".sql")):
        return  # its shape is wrong, which was said
    path = root / file
    if Path(file).is_absolute() or ".." in Path(file).parts:
        problems.error(source.at, f"'{file}' is outside of the project", "name a file below the manifest's folder")
    elif not path.is_file():
        problems.error(source.at, f"there is no file '{file}'", _similar_file(root, file))
    elif not path.resolve().is_relative_to(root.resolve()):
        problems.error(source.at, f"'{file}' is a link out of the project", "put the file itself into the project")
    elif (path.parent / PYTHON_FILE).is_file():
        what = f"'{file}' is beside {PYTHON_FILE}, which `python {file}` would import instead of the package turnout"
        problems.error(source.at, what, f"move it into a folder, as in flows/{path.name}")


def _similar_file(root: Path, file: str) -> str:
    folder = (root / file).parent
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    close = get_close_matches(Path(file).name, names, n=1)
    if close:
        return f"did you mean '{Path(file).with_name(close[0]).as_posix()}'?"
    return f"create it, or correct the path: it is relative to the folder of {FILE}"
