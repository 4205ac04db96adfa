"""DuckDB, which is an optional extra."""

from importlib import import_module
from typing import Any

from turnout.core.errors import ConfigurationError


def duckdb() -> Any:
    """The `duckdb` module. Raises ConfigurationError saying how to install it."""
    try:
        return import_module("duckdb")  # an optional SDK, loaded on use
    except ImportError as error:
        raise ConfigurationError(
            f"DuckDB cannot be loaded: {error}",
            where="a connection of type duckdb, or a SQL file",
            fix="pip install 'turnout[duckdb]'",
        ) from None
