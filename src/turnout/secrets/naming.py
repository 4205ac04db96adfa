"""How secrets are called: `van.api_key` in the manifest and the file, `VAN_API_KEY` in the environment."""

import re

from turnout.core.errors import SecretError

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")


def env_name(secret: str, field: str) -> str:
    """The environment variable of a secret's field: `van`, `api_key` -> `VAN_API_KEY`."""
    return f"{secret}_{field}".replace("-", "_").upper()


def split_name(full: str) -> tuple[str, str]:
    """`van.api_key` as (`van`, `api_key`). Raises SecretError for what is no secret's name."""
    name, dot, field = full.partition(".")
    if not dot or not _NAME.match(name) or not _FIELD.match(field):
        raise SecretError(f"'{full}' is not the name of a secret's field", fix="write name.field, as in van.api_key")
    return name, field
