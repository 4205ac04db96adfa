from pathlib import Path

import msgspec
import pytest

from turnout.core.states import RunState
from turnout.server.openapi import document, reference
from turnout.server.table import ROUTES

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "http-api.md"


def test_the_reference_page_is_the_table() -> None:
    assert PAGE.read_text() == reference(ROUTES), (
        "make it anew: python -m turnout.server.openapi > docs/reference/http-api.md"
    )


def test_the_document_has_every_json_route_and_resolves_every_reference() -> None:
    made = document(ROUTES)
    text = msgspec.json.encode(made).decode()
    shown = {(method.upper(), path) for path, methods in made["paths"].items() for method in methods}
    assert shown == {
        (route.method, route.path) for route in ROUTES if route.path.startswith("/api/") or route.path == "/health"
    }
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in made["components"]["schemas"], name


def test_the_states_are_those_of_the_core() -> None:
    assert document(ROUTES)["components"]["schemas"]["RunState"]["enum"] == sorted(state.value for state in RunState)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_says_what_it_does(route: object) -> None:
    assert getattr(route, "doc", "").endswith(".")


def test_operations_have_names_of_their_own() -> None:
    names = [
        operation["operationId"] for methods in document(ROUTES)["paths"].values() for operation in methods.values()
    ]
    assert len(names) == len(set(names))


def test_only_what_carries_its_own_credential_or_tells_nothing_is_open_in_the_document() -> None:
    open_paths = {
        path
        for path, methods in document(ROUTES)["paths"].items()
        for made in methods.values()
        if made.get("security") == []
    }
    assert open_paths == {"/health", "/api/v1/deploy/oidc", "/api/v1/source/webhook"}
