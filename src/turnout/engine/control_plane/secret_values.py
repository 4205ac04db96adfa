"""Values of secrets where a flow runs: in the environment, else in the data folder's file, which is its owner's."""

from __future__ import annotations

import os

from turnout.core.errors import SecretError
from turnout.engine.context.scopes import current

WRITER = "turnout.secrets.secret_file:set_secret"
"""(data folder, name.field, value); writes the file."""


def secret_value(name: str, field: str) -> str | None:
    """The value of `name.field`: NAME_FIELD in the environment, else what the secrets file has; None if neither."""
    value = os.environ.get(f"{name}_{field}".upper().replace("-", "_"))
    return value if value is not None else _stored(name, field)


def store_secret(name: str, field: str, value: str) -> None:
    """Keep it in the secrets file. Raises SecretError."""
    from pathlib import Path

    from turnout.engine.definitions.load import resolve

    try:
        resolve(WRITER)(Path(_data_folder()), f"{name}.{field}", value)
    except OSError as error:
        raise SecretError(f"the secret '{name}' cannot be stored: {error.strerror or error}") from error


def project_dir() -> str | None:
    """The project of the running flow, else of the current folder."""
    from turnout.engine.connect import find_project

    scope = current.get()
    start = os.path.dirname(os.path.abspath(scope.definition.fn.__code__.co_filename)) if scope else os.getcwd()
    return find_project(start)


def _data_folder() -> str:
    from turnout.core.previews import secrets_of
    from turnout.engine.connect import data_dir

    scope = current.get()
    folder = scope.root.data_dir if scope is not None and scope.root.data_dir else data_dir(project_dir())
    return secrets_of(scope.root.environment, folder, {})[0] if scope is not None else folder


def _stored(name: str, field: str) -> str | None:
    import json

    try:
        with open(os.path.join(_data_folder(), "secrets.json"), encoding="utf-8") as file:
            value = json.load(file).get(name, {}).get(field)
    except (OSError, ValueError):
        return None
    return None if value is None else str(value)
