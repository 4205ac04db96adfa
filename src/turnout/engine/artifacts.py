"""Artifacts: things to look at that a run makes. Stored before the call returns."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from functools import wraps

from turnout.core.errors import ParameterError, TooLarge
from turnout.core.limits import ARTIFACT_BYTES
from turnout.engine.clock import now
from turnout.engine.context.scopes import required
from turnout.engine.journal import entries

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
    from typing import Any

_IMAGES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "svg": "image/svg+xml",
           "webp": "image/webp"}  # fmt: skip


class Key(str):
    """The key of an artifact: a text that code moved from Prefect may await."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, Any, Key]:
        yield from ()
        return self


def create_markdown_artifact(markdown: str, key: str | None = None, description: str | None = None) -> str:
    """Text in Markdown. Returns the key."""
    return _create("markdown", key, {"markdown": str(markdown), "description": description})


def create_table_artifact(
    table: Sequence[Mapping[str, Any]] | Mapping[str, Sequence[Any]] | Sequence[Sequence[Any]],
    key: str | None = None,
    description: str | None = None,
) -> str:
    """Rows: a list of dicts, a dict of columns, or a list of rows. Returns the key."""
    columns, rows = _table(table)
    return _create("table", key, {"columns": columns, "rows": rows, "description": description})


def create_link_artifact(
    link: str, link_text: str | None = None, key: str | None = None, description: str | None = None, client: Any = None
) -> str:
    """An address. Returns the key."""
    return _create("link", key, {"link": link, "text": link_text or link, "description": description})


def create_image_artifact(
    image_url: str | bytes | os.PathLike[str], key: str | None = None, description: str | None = None
) -> str:
    """A picture: the path of a file, its bytes, or the address of one. Returns the key."""
    if isinstance(image_url, str) and image_url.startswith(("http://", "https://", "data:")):
        return _create("image", key, {"url": image_url, "description": description})
    if isinstance(image_url, bytes):
        data, name = image_url, ""
    else:
        name = os.fspath(image_url)
        with open(name, "rb") as file:
            data = file.read(ARTIFACT_BYTES + 1)
    content = {"media_type": _media_type(name, data), "base64": b64encode(data).decode(), "description": description}
    return _create("image", key, {**content, "name": os.path.basename(name) or None})


def create_progress_artifact(progress: float, key: str | None = None, description: str | None = None) -> str:
    """A share of work done, in percent. Returns the key, for `update_progress_artifact`."""
    if not 0 <= progress <= 100:
        raise ParameterError(f"progress is {progress!r}", fix="give a number from 0 to 100")
    return _create("progress", key, {"progress": float(progress), "description": description})


def update_progress_artifact(
    artifact_id: str, progress: float, description: str | None = None, client: Any = None
) -> str:
    """The same artifact (what `create_progress_artifact` returned), further on."""
    return create_progress_artifact(progress, artifact_id, description)


def awaited(create: Callable[..., str]) -> Callable[..., Coroutine[Any, Any, str]]:
    """`create` as a coroutine function: it appends a line and waits for nothing."""

    @wraps(create)
    async def call(*args: Any, **kwargs: Any) -> str:
        return create(*args, **kwargs)

    return call


acreate_markdown_artifact = awaited(create_markdown_artifact)
acreate_table_artifact = awaited(create_table_artifact)
acreate_link_artifact = awaited(create_link_artifact)
acreate_image_artifact = awaited(create_image_artifact)
acreate_progress_artifact = awaited(create_progress_artifact)
aupdate_progress_artifact = awaited(update_progress_artifact)


def _create(kind: str, given: str | None, data: Mapping[str, Any]) -> str:
    key = given or kind
    scope = required(f"create_{kind}_artifact")
    kept = {name: value for name, value in data.items() if value is not None}
    text = scope.root.redact(json.dumps(kept, default=str, allow_nan=False, separators=(",", ":")))
    if len(text) > ARTIFACT_BYTES:
        raise TooLarge(
            f"the {kind} artifact '{key}' has {len(text):,} bytes", where=scope.name,
            fix=f"an artifact holds at most {ARTIFACT_BYTES:,}: write the rest to a file and link it",
        )  # fmt: skip
    scope.root.journal.write(entries.artifact(scope.number, now(), kind, scope.root.redact(key), text))
    return Key(key)


def _table(table: Any) -> tuple[list[str] | None, list[list[Any]]]:
    if isinstance(table, dict):
        return [str(name) for name in table], [list(map(_cell, row)) for row in zip(*table.values(), strict=True)]
    rows = list(table)
    if rows and all(isinstance(row, dict) for row in rows):
        columns = list(dict.fromkeys(name for row in rows for name in row))
        return [str(name) for name in columns], [[_cell(row.get(name)) for name in columns] for row in rows]
    return None, [list(map(_cell, row if _is_row(row) else [row])) for row in rows]


def _is_row(row: Any) -> bool:
    return hasattr(row, "__iter__") and not isinstance(row, (str, bytes))


def _cell(value: Any) -> Any:
    if isinstance(value, float) and value - value != 0.0:
        return str(value)
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _media_type(name: str, data: bytes) -> str:
    if data.startswith(b"\x89PNG"):
        return "image/png"
    if data.startswith(b"\xff\xd8"):
        return "image/jpeg"
    known = _IMAGES.get(name.rpartition(".")[2].lower())
    if known is None:
        raise ParameterError(
            f"'{name or 'these bytes'}' is not an image that a browser shows", fix=f"use one of: {', '.join(_IMAGES)}"
        )
    return known
