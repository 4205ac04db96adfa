"""The OpenAPI 3.1 document and the reference page, both made from the table of routes."""

import re
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from turnout.server.problems import Problem
from turnout.server.routing import PUBLIC, Route, words

_REF = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"{(\w+)}")


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """The OpenAPI document of the JSON routes."""
    shown = [route for route in routes if route.path.startswith("/api/") or route.media == "application/json"]
    kinds = list(
        dict.fromkeys(kind for route in shown for kind in (route.query, route.body, route.answer, Problem) if kind)
    )
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    found = {_key(kind): schema for kind, schema in zip(kinds, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for route in shown:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, found, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Turnout", "version": "v1", "description": "Additive within v1."},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
    }


def json_document(routes: Iterable[Route]) -> str:
    """The document as the UI's types are made from it: stable text, one line."""
    return msgspec.json.encode(document(routes), order="sorted").decode() + "\n"


def reference(routes: Iterable[Route]) -> str:
    """The reference page in Markdown."""
    lines = [_INTRODUCTION]
    for route in routes:
        if route.path.startswith("/p/"):  # a page of the UI, as without it
            continue
        lines += [f"### {route.method} {route.path}", "", route.doc, "", f"- credential: {words(route.access)}"]
        lines += [f"- {what}: {_fields(kind)}" for what, kind in (("query", route.query), ("body", route.body)) if kind]
        if route.body is None and route.method in ("POST", "PUT") and route.accepts != "application/json":
            lines.append(f"- body: `{route.accepts}`, at most {route.limit // 1_000_000} MB")
        lines += [f"- header `{name}`: {doc}" for name, doc in route.headers.items()]
        lines += [f"- answer: {route.status}, {_answer(route)}", ""]
    return "\n".join(lines)


def _operation(route: Route, found: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(route.path)
    ]
    parameters += _query_parameters(route, found, components)
    parameters += [
        {"name": name, "in": "header", "description": doc, "schema": {"type": "string"}}
        for name, doc in route.headers.items()
    ]
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": route.doc,
        "x-access": sorted(route.access),
        "parameters": parameters,
        "responses": {
            str(route.status): {"description": route.doc, "content": {route.media: _schema(route.answer, found)}},
            "default": {
                "description": "An error.",
                "content": {"application/problem+json": _schema(Problem, found)},
            },
        },
    }
    if route.access == PUBLIC:
        operation["security"] = []
    if route.method in ("POST", "PUT"):
        operation["requestBody"] = {"content": {route.accepts: _schema(route.body, found)}}
    return operation


def _query_parameters(route: Route, found: Mapping[str, Any], components: Mapping[str, Any]) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    name = found[_key(route.query)]["$ref"].rpartition("/")[2]
    schema = components[name]
    required = schema.get("required", ())
    return [
        {"name": field, "in": "query", "required": field in required, "schema": kind}
        for field, kind in schema["properties"].items()
    ]


def _schema(kind: Any, found: Mapping[str, Any]) -> dict[str, Any]:
    return {"schema": found[_key(kind)]} if kind else {}


def _key(kind: Any) -> str:
    return repr(kind)


def _fields(kind: Any) -> str:
    fields = msgspec.structs.fields(kind)
    return ", ".join(f"`{field.name}`{'' if field.required else '?'}" for field in fields) or "none"


def _answer(route: Route) -> str:
    if route.answer is None:
        return f"`{route.media}`"
    text = re.sub(r"(?:typing|[\w.]+)\.(\w+)", r"\1", str(getattr(route.answer, "__name__", route.answer)))
    if hasattr(route.answer, "__args__"):
        text = re.sub(r"(?:[\w]+\.)+(\w+)", r"\1", str(route.answer))
    return f"`{text}`"


_INTRODUCTION = """# HTTP API

Made from the server's table of routes (`src/turnout/server/table.py`) by `python -m turnout.server.openapi`; a test
keeps it equal. The machine-readable form is `GET /api/v1/openapi.json`.

- A credential is a token in `Authorization: Bearer tn_...`: the admin token (`admin.token` in the server's data
  folder), a pool's (`pool.<pool>@<project>.token` for one project; `pool.<pool>.token` for every project, taken from
  the server's own machine only), or a run's, which its job carries. Browsers have a session cookie, from the
  one-time link that `turnout login` prints.
- Bodies and answers are JSON unless said otherwise; times are RFC 3339 in UTC; a field marked `?` may be left out; a
  name that is not listed is refused.
- Errors are `application/problem+json` (RFC 9457) with `code`, `detail`, `where` and `fix`. `401 unauthorized`,
  `403 forbidden`, `404 not_found`, `409 conflict | fenced | illegal_transition`, `413 too_large`,
  `422 parameter | configuration | manifest | schedule`, `503 store_unavailable | issuer_unreachable`
  (with `Retry-After`). A `500` tells an
  incident id, which the server's log explains.
- Lists are paged by key: ask again with `after`.

## Routes
"""


if __name__ == "__main__":
    from turnout.server.table import ROUTES

    print(json_document(ROUTES) if "--json" in sys.argv[1:] else reference(ROUTES), end="")
