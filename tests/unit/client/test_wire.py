import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from turnout.client import HttpAdminApi, HttpWorkApi
from turnout.core import errors
from turnout.core.records import Page, RunFilter, Worker

Answer = Callable[[httpx.Request], httpx.Response]


def api(answer: Answer) -> HttpAdminApi:
    return HttpAdminApi("http://server.test", "tn_admin_x", transport=httpx.MockTransport(answer))


def problem(code: str, status: int) -> Answer:
    body = {"type": "x", "title": "T", "status": status, "code": code, "detail": "what", "where": "w", "fix": "f"}
    return lambda request: httpx.Response(status, json=body)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("unauthorized", 401, errors.Unauthorized), ("forbidden", 403, errors.Forbidden),
        ("not_found", 404, errors.NotFound),
        ("fenced", 409, errors.Fenced), ("conflict", 409, errors.Conflict), ("parameter", 422, errors.ParameterError),
        ("illegal_transition", 409, errors.IllegalTransition), ("manifest", 422, errors.ManifestError),
        ("store_unavailable", 503, errors.StoreUnavailable), ("too_large", 413, errors.TooLarge),
        ("from-the-future", 404, errors.NotFound), ("internal", 500, errors.TurnoutError),
    ],
)  # fmt: skip
def test_problems_become_the_errors_that_they_were(code: str, status: int, kind: type[errors.TurnoutError]) -> None:
    with pytest.raises(errors.TurnoutError) as raised:
        api(problem(code, status)).workers()
    assert type(raised.value) is kind
    assert (raised.value.what, raised.value.where, raised.value.fix) == ("what", "w", "f")


def test_an_error_page_of_something_else_is_told_with_its_status() -> None:
    with pytest.raises(errors.TurnoutError, match="502"):
        api(lambda request: httpx.Response(502, text="<html>bad gateway")).workers()


def test_what_is_no_turnout_server_is_named() -> None:
    with pytest.raises(errors.ServerUnreachable, match="no Turnout server"):
        api(lambda request: httpx.Response(200, text="<html>hello")).workers()


def test_no_answer_says_how_to_mend_it() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(errors.ServerUnreachable) as raised:
        api(refuse).workers()
    assert raised.value.where == "http://server.test"
    assert "turnout server" in (raised.value.fix or "")


def test_a_dead_connection_is_used_once_more_for_what_may_be_repeated() -> None:
    calls: list[str] = []

    def flaky(request: httpx.Request) -> httpx.Response:
        calls.append(request.method)
        if len(calls) == 1:
            raise httpx.RemoteProtocolError("server disconnected", request=request)
        return httpx.Response(200, json=[])

    assert api(flaky).workers() == []
    assert calls == ["GET", "GET"]


def test_what_may_not_be_repeated_is_not() -> None:
    calls: list[str] = []

    def dead(request: httpx.Request) -> httpx.Response:
        calls.append(request.method)
        raise httpx.RemoteProtocolError("server disconnected", request=request)

    with pytest.raises(errors.ServerUnreachable):
        api(dead).cancel("0" * 32)
    assert calls == ["POST"]


def test_the_credential_and_conditions_are_sent() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"items": [], "next": None})

    api(answer).runs(RunFilter(tags=("a", "b"), text="x y"), Page(limit=5))
    (request,) = sent
    assert request.headers["authorization"] == "Bearer tn_admin_x"
    assert request.url.params.get_list("tag") == ["a", "b"]
    assert request.url.params["text"] == "x y"
    assert "project" not in request.url.params


def test_fields_of_a_newer_server_are_ignored() -> None:
    row: dict[str, Any] = {
        "id": "w", "name": "w", "pool": "p", "project": "p", "version": "9", "capacity": 1, "state": "online",
        "started_at": "2026-01-01T00:00:00Z", "seen_at": "2026-01-01T00:00:00Z", "colour": "green",
    }  # fmt: skip
    (found,) = api(lambda request: httpx.Response(200, content=json.dumps([row]))).workers()
    assert isinstance(found, Worker)


@pytest.mark.parametrize("run_id", ["../admin", "", "G" * 32, "a/b"])
def test_what_is_no_id_never_meets_a_path(run_id: str) -> None:
    with pytest.raises(errors.NotFound):
        api(lambda request: pytest.fail("asked")).run(run_id)


@pytest.mark.parametrize(("code", "status"), [("store_unavailable", 503), ("internal", 500), ("x", 502)])
def test_a_worker_takes_a_server_that_cannot_for_one_that_is_away(code: str, status: int) -> None:
    work = HttpWorkApi("http://server.test", "tn_pool_x", transport=httpx.MockTransport(problem(code, status)))
    with pytest.raises(errors.ServerUnreachable, match=f"the server answered {status}: what"):
        work.bundle("0" * 64)
