"""How each kind of artifact is drawn. Whatever does not have the expected shape is shown as its JSON, escaped."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from turnout.core.records import Artifact
from turnout.server.pages.html import Child, Html, tag

TABLE_ROWS = 100
IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"})
_ODD = (TypeError, ValueError, OverflowError, RecursionError)
"""What data without the shape of its kind may raise: a list as a column's name, a number that is no float."""
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}\Z")


def draw(artifact: Artifact) -> Html:
    """The artifact's body."""
    try:
        drawn = _KINDS.get(artifact.kind, _json)(artifact.data)
    except _ODD:
        drawn = None
    return drawn or _json(artifact.data)


def _image(data: Mapping[str, Any]) -> Html | None:
    """An image as part of the page. An SVG within `img` runs no script."""
    content = data.get("base64") or data.get("content") or data.get("image")
    media = data.get("media_type") or data.get("media") or data.get("type") or "image/png"
    if content is None and isinstance(address := data.get("url"), str) and address.startswith("data:"):
        media, _, content = address.removeprefix("data:").partition(";base64,")
    if isinstance(content, str) and media in IMAGE_TYPES and _BASE64.match(content):
        return tag("img", src=f"data:{media};base64,{content}", alt=str(data.get("description") or "image"))
    return _link(data)


def _table(data: Mapping[str, Any]) -> Html | None:
    rows = data.get("rows", data.get("table"))
    columns = data.get("columns")
    if isinstance(rows, Mapping) and all(isinstance(values, list) for values in rows.values()):
        rows = [dict(zip(rows, values, strict=False)) for values in zip(*rows.values(), strict=False)]
    if not isinstance(rows, list):
        return None
    if not isinstance(columns, list):
        columns = list(rows[0]) if rows and isinstance(rows[0], Mapping) else []
    head = tag("thead", tag("tr", *(tag("th", _text(name)) for name in columns)))
    body = [tag("tr", *(tag("td", _text(value)) for value in _values(row, columns))) for row in rows[:TABLE_ROWS]]
    more = tag("div", f"{len(rows) - TABLE_ROWS} more rows", class_="empty") if len(rows) > TABLE_ROWS else None
    return tag("div", tag("table", head if columns else None, tag("tbody", *body)), more, class_="scroll")


def _markdown(data: Mapping[str, Any]) -> Html | None:
    text = data.get("markdown", data.get("text"))
    return tag("pre", text) if isinstance(text, str) else None


def _link(data: Mapping[str, Any]) -> Html | None:
    """A link, followed only to http and https: never to javascript or data."""
    target = data.get("link", data.get("url", data.get("image_url")))
    if not isinstance(target, str):
        return None
    text: Child = str(data.get("link_text") or data.get("text") or target)
    if not _is_web(target):
        return tag("p", text, class_="inset")
    return tag("p", tag("a", text, href=target, rel="noopener noreferrer"), class_="inset prose")


def _progress(data: Mapping[str, Any]) -> Html | None:
    value = data.get("progress", data.get("value"))
    if not isinstance(value, int | float):
        return None
    shown = min(100.0, max(0.0, float(value)))
    return tag(
        "div", tag("progress", value=shown, max=100), tag("span", f"{shown:.0f} %", class_="dim"), class_="inset"
    )


def _json(data: Mapping[str, Any]) -> Html:
    try:
        text = msgspec.json.format(msgspec.json.encode(data), indent=2).decode(errors="replace")
    except RecursionError:
        text = "…"
    return tag("pre", text if len(text) <= 20_000 else text[:20_000] + "…")


_KINDS = {"image": _image, "table": _table, "markdown": _markdown, "link": _link, "progress": _progress}


def _values(row: Any, columns: list[Any]) -> list[Any]:
    if isinstance(row, Mapping):
        return [row.get(name) for name in columns]
    return list(row) if isinstance(row, list) else [row]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode(errors="replace")


def _is_web(target: str) -> bool:
    try:
        return urlsplit(target).scheme.lower() in ("http", "https")
    except ValueError:
        return False
