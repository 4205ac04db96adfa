"""The manifest as one tree: the file, what it includes, what Python declares, and what an environment lays over it.
Every value keeps its own place, so that a mistake is reported where it was written."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from turnout.deploy.node import Node
from turnout.deploy.problems import Problems
from turnout.deploy.python_source import read_python
from turnout.deploy.schema import INCLUDABLE, MANIFEST, OVERLAID
from turnout.deploy.shapes import suggest
from turnout.deploy.yaml_source import NODES, read_yaml

FILE = "turnout.yaml"
PRODUCTION = "production"
MOST_FILES = 200
MOST_ENVIRONMENTS = 50
"""Each is checked with all that it is laid over."""


def read_layers(root: Path, problems: Problems, environment: str) -> Node | None:
    """The manifest in the folder `root` for an environment; None if there is nothing to work with. Every environment
    is looked at: what is wrong with another one is reported, too."""
    base = read_yaml(root / FILE, FILE, problems)
    if base is None or not isinstance(base.data, dict):
        if base is not None:
            MANIFEST.check(base, problems, "")
        return None
    _refuse_package(root, problems)
    whole = _with_python(root, _included(root, base, problems), problems)
    overlays = environments(whole)
    if len(overlays) > MOST_ENVIRONMENTS:
        place = next(value for at, value in enumerate(overlays.values()) if at == MOST_ENVIRONMENTS)
        problems.error(place.named_at, f"more than {MOST_ENVIRONMENTS} environments", "keep fewer")
        return None
    if environment not in overlays and environment != PRODUCTION:
        _report_unknown(whole, environment, list(overlays), problems)
    for name in [environment, *(name for name in overlays if name != environment)]:
        _check(_laid_over(whole, overlays.get(name)), problems)
    return _laid_over(whole, overlays.get(environment))


def environments(node: Node) -> Mapping[str, Node]:
    """What the file says of each environment."""
    found = node.get("environments")
    return found.data if found is not None and isinstance(found.data, dict) else {}


def server_of(root: Path, environment: str) -> str | None:
    """The server that an environment names, whatever else is wrong with the file."""
    base = read_yaml(root / FILE, FILE, Problems())
    overlay = environments(base).get(environment) if base is not None else None
    server = overlay.get("server") if overlay is not None else None
    return str(server.data) if server is not None and isinstance(server.data, str) else None


def _refuse_package(root: Path, problems: Problems) -> None:
    """Flows would import it instead of this package."""
    name = "turnout/__init__.py"
    if (root / name).exists():
        problems.error(name, f"'{name}' hides the package turnout from flows", "rename the folder")


def _check(node: Node, problems: Problems) -> None:
    seen = {(error.where, error.what) for error in problems.errors}
    fresh = Problems()
    MANIFEST.check(node, fresh, "")
    problems.errors += [error for error in fresh.errors if (error.where, error.what) not in seen]


def _report_unknown(node: Node, environment: str, known: list[str], problems: Problems) -> None:
    place = node.get("environments")
    fix = suggest(environment, known) or (
        f"there are: {', '.join(known)}" if known else f"add environments: {{{environment}: {{}}}}"
    )
    problems.error(place.named_at if place else f"{FILE}:1:1", f"there is no environment '{environment}'", fix)


def _included(root: Path, base: Node, problems: Problems) -> Node:
    """The file with the tables of those that it includes; a name that two of them declare is reported."""
    tables: dict[str, Node] = dict(base.data)
    size = base.size
    for file in _files(root, base, problems):
        part = read_yaml(root / file, file, problems)
        size += part.size if part is not None else 0
        if size > NODES:
            problems.error(file, f"more than {NODES:,} values with this file", "move data out of the manifest")
            break
        if part is None or not INCLUDABLE.check(part, problems, ""):
            continue
        for key, table in part.data.items():
            tables[key] = _joined(key, tables[key], table, problems) if key in tables else table
    return replace(base, data=tables)


def _with_python(root: Path, base: Node, problems: Problems) -> Node:
    """The manifest with the tables that `turnout.py` declares, as if it included them."""
    part = read_python(root, problems)
    if part is None or not INCLUDABLE.check(part, problems, ""):
        return base
    tables: dict[str, Node] = dict(base.data)
    for key, table in part.data.items():
        tables[key] = _joined(key, tables[key], table, problems) if key in tables else table
    return replace(base, data=tables)


def _joined(key: str, here: Node, there: Node, problems: Problems) -> Node:
    mine = here.data if isinstance(here.data, dict) else {}
    theirs = there.data if isinstance(there.data, dict) else {}
    for name in sorted(mine.keys() & theirs.keys()):
        what = f"{key}: '{name}' is declared twice; first at {mine[name].named_at}"
        problems.error(theirs[name].named_at, what, "keep one of the two")
    return replace(here, data={**theirs, **mine})


def _files(root: Path, base: Node, problems: Problems) -> Iterator[str]:
    """The files that are included, by path below `root`, each once, in the order of their names a pattern."""
    listed = base.get("include")
    patterns = (
        [item for item in listed.data if isinstance(item.data, str)] if listed and isinstance(listed.data, list) else []
    )
    seen: set[str] = {FILE}
    for pattern in patterns:
        if PurePosixPath(pattern.data).is_absolute() or ".." in PurePosixPath(pattern.data).parts:
            problems.error(
                pattern.at, f"'{pattern.data}' is outside of the project", "name files below the manifest's folder"
            )
            continue
        found = _matching(root, pattern.data)
        if found is None:
            problems.error(pattern.at, f"'{pattern.data}' is not a pattern", "write it like deployments/*.yaml")
            continue
        if not found:
            problems.error(pattern.at, f"'{pattern.data}' matches no file", "create it, or correct the pattern")
        for path in found:
            name = path.relative_to(root).as_posix()
            if not path.resolve().is_relative_to(root.resolve()):
                problems.error(
                    pattern.at, f"'{name}' is a link out of the project", "put the file itself into the project"
                )
            elif len(seen) > MOST_FILES:
                problems.error(pattern.at, f"more than {MOST_FILES} files are included", "put more into each")
                return
            elif name not in seen:
                seen.add(name)
                yield name


def _matching(root: Path, pattern: str) -> list[Path] | None:
    try:
        return sorted(path for path in root.glob(pattern) if path.is_file())
    except (
        ValueError,
        IndexError,
        AttributeError,
        NotImplementedError,
        OSError,
    ):  # what Python says of '', '.' and '**x'
        return None


def _laid_over(base: Node, overlay: Node | None) -> Node:
    """The manifest with what an environment says otherwise: tables name by name, mappings key by key, everything else
    as a whole; an empty value takes an entry away."""
    if overlay is None or not isinstance(overlay.data, dict):
        return base
    tables: dict[str, Node] = dict(base.data)
    for key in OVERLAID:
        theirs = overlay.get(key)
        if theirs is not None and isinstance(theirs.data, dict):
            tables[key] = _merged(tables[key], theirs) if key in tables else theirs
    return replace(base, data=tables)


def _merged(base: Node, overlay: Node) -> Node:
    if not isinstance(base.data, dict) or not isinstance(overlay.data, dict):
        return overlay
    entries: dict[str, Node] = dict(base.data)
    for name, value in overlay.data.items():
        if value.data is None:
            entries.pop(name, None)
        else:
            entries[name] = _merged(entries[name], value) if name in entries else value
    return replace(base, data=entries)
