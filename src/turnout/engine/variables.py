"""Values that come from outside the code: the project's variables and secrets."""

from __future__ import annotations

import os

from turnout.core.errors import NotFound, SecretError
from turnout.engine.context import current

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MISSING: Any = object()
MANIFEST = "turnout.deploy.manifest:load_manifest"
"""(project folder) -> its manifest; for scripts, which no worker gives their variables."""
_declared_in: dict[str, dict[str, Any]] = {}


class Variable:
    """Variables of `turnout.yaml`."""

    @staticmethod
    def get(name: str, default: Any = _MISSING) -> Any:
        """The value of the variable `name`: as it was when the run was claimed; in a script, as the manifest has it.

        Raises NotFound if there is none and no default.
        """
        values = _variables()
        if name in values:
            return values[name]
        if default is _MISSING:
            raise NotFound(f"there is no variable '{name}'", fix="declare it under `variables:` in turnout.yaml")
        return default


class Secret:
    """A secret's fields as attributes: `secret("van").api_key`. Its repr shows no value."""

    def __init__(self, name: str) -> None:
        self.__name = name

    def __getattr__(self, field: str) -> str:
        if field.startswith("_"):
            raise AttributeError(field)
        variable = f"{self.__name}_{field}".upper().replace("-", "_")
        value = os.environ.get(variable)
        if value is None:
            value = _stored(self.__name, field)
        if value is None:
            raise SecretError(
                f"the secret '{self.__name}' has no value for '{field}'",
                fix=f"run `turnout secret set {self.__name}.{field}`, or set {variable} in the environment",
            )
        return value

    def __repr__(self) -> str:
        return f"secret('{self.__name}')"


def secret(name: str) -> Secret:
    """The secret `name`: its fields come from the environment (NAME_FIELD), else from the data folder's 0600 file."""
    return Secret(name)


def _variables() -> dict[str, Any]:
    scope = current.get()
    if scope is not None and scope.root.variables is not None:
        return dict(scope.root.variables)
    return _declared(_project_dir())


def _project_dir() -> str | None:
    from turnout.engine.connect import find_project

    scope = current.get()
    start = os.path.dirname(os.path.abspath(scope.definition.fn.__code__.co_filename)) if scope else os.getcwd()
    return find_project(start)


def _declared(project_dir: str | None) -> dict[str, Any]:
    if project_dir is None:
        return {}
    if project_dir not in _declared_in:
        from pathlib import Path

        from turnout.engine.load import resolve

        _declared_in[project_dir] = dict(resolve(MANIFEST)(Path(project_dir)).snapshot.variables)
    return _declared_in[project_dir]


def _stored(name: str, field: str) -> str | None:
    import json

    from turnout.engine.connect import data_dir

    scope = current.get()
    folder = scope.root.data_dir if scope is not None and scope.root.data_dir else data_dir(_project_dir())
    try:
        with open(os.path.join(folder, "secrets.json"), encoding="utf-8") as file:
            value = json.load(file).get(name, {}).get(field)
    except (OSError, ValueError):
        return None
    return None if value is None else str(value)
