"""`turnout.py` beside `turnout.yaml`: tables that Python declares, as values that know their path."""

from pathlib import Path
from typing import Any

from turnout.core.errors import DiscoveryError
from turnout.deploy import python_manifest
from turnout.deploy.discover import TIMEOUT_SECONDS, probe_files
from turnout.deploy.node import Node
from turnout.deploy.problems import Problems
from turnout.deploy.python_manifest import FILE, FUNCTION, place

GUARD = 'if __name__ in ("__main__", "turnout"): raise SystemExit("the command is `turnout`")'


def read_python(root: Path, problems: Problems) -> Node | None:
    """What the file declares, asked in a child process; None if there is none, or it cannot say, which is reported."""
    if not (root / FILE).is_file():
        return None
    if python_manifest.under_way:
        problems.error(FILE, f"{FILE} asks for what it declares itself", "leave variables and limits to the flows")
        return None
    if not (root / FILE).resolve().is_relative_to(root.resolve()):
        problems.error(FILE, f"'{FILE}' is a link out of the project", "put the file itself into the project")
        return None
    answer = probe_files(root, [(FILE, [FUNCTION])], TIMEOUT_SECONDS)[FILE][FUNCTION]
    if error := answer.get("error"):
        problems.errors.append(DiscoveryError(error["what"], where=error["where"] or FILE, fix=error["fix"]))
        return None
    if not answer["guarded"]:
        what = f"`python -m turnout` in this folder would run {FILE}, do nothing and say nothing"
        problems.warn(FILE, what, f"put at its end: {GUARD}")
    return _node(answer["declared"], "")


def _node(value: Any, path: str) -> Node:
    if isinstance(value, dict):
        inner = {name: _node(each, f"{path}.{name}" if path else name) for name, each in value.items()}
        return Node(data=inner, at=place(path), size=1 + sum(node.size for node in inner.values()))
    if isinstance(value, list):
        items = [_node(each, f"{path}[{number}]") for number, each in enumerate(value)]
        return Node(data=items, at=place(path), size=1 + sum(node.size for node in items))
    return Node(data=value, at=place(path))
