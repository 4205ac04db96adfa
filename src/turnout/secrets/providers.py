"""Where a secret's value comes from: the environment variable `VAN_API_KEY`, else the secrets file."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from turnout.core.errors import SecretError
from turnout.core.previews import VARIABLE
from turnout.secrets.naming import env_name
from turnout.secrets.secret_file import read_secrets

Wanted = Mapping[str, Iterable[str]]
"""Secret -> its fields."""


def resolve(
    data_dir: Path, wanted: Wanted, environ: Mapping[str, str], *, preview: bool = False
) -> dict[str, dict[str, str]]:
    """Secret -> field -> value. Raises SecretError naming every field that has no value, and how to set it: for
    previews, if it is they whose values these are."""
    values = _find(data_dir, wanted, environ)
    lacking = [
        f"{secret}.{field}" for secret, fields in wanted.items() for field in fields if field not in values[secret]
    ]
    if lacking:
        first_secret, _, first_field = lacking[0].partition(".")
        raise SecretError(
            f"no value for the secret {', '.join(lacking)}{' in previews' if preview else ''}",
            where=str(data_dir),
            fix=f"`turnout secret set {'--preview ' if preview else ''}{lacking[0]}`, or set "
            f"{VARIABLE if preview else ''}{env_name(first_secret, first_field)} in the environment",
        )
    return values


def missing(data_dir: Path, wanted: Wanted, environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """The (secret, field) pairs without a value, in order."""
    values = _find(data_dir, wanted, environ)
    return [(secret, field) for secret, fields in wanted.items() for field in fields if field not in values[secret]]


def environment(values: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What `resolve` found, as environment variables for a run."""
    return {env_name(secret, field): value for secret, fields in values.items() for field, value in fields.items()}


def _find(data_dir: Path, wanted: Wanted, environ: Mapping[str, str]) -> dict[str, dict[str, str]]:
    stored: Mapping[str, Mapping[str, str]] | None = None
    found: dict[str, dict[str, str]] = {}
    for secret, fields in wanted.items():
        found[secret] = {}
        for field in fields:
            value = environ.get(env_name(secret, field))
            if not value:
                stored = read_secrets(data_dir) if stored is None else stored
                value = stored.get(secret, {}).get(field)
            if value:
                found[secret][field] = value
    return found
