"""Errors on the wire: RFC 9457 problem documents made from `core.errors`, and nothing that is not meant to be read."""

from http import HTTPStatus

import msgspec
from starlette.responses import Response

from turnout.core.errors import TurnoutError

STATUS = {
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "fenced": 409,
    "illegal_transition": 409,
    "too_large": 413,
    "too_many_guesses": 429,
    "configuration": 422,
    "manifest": 422,
    "schedule": 422,
    "discovery": 422,
    "parameter": 422,
    "secret": 422,
    "store_unavailable": 503,
    "store_locked": 503,
    "schema_too_new": 503,
    "issuer_unreachable": 503,
}
"""Error code -> HTTP status; every other code is a fault of the server: 500, and its text stays in the log."""

RETRY_AFTER_SECONDS = 1


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of every error: `code` is stable, `where` names the place, `fix` says how to mend it."""

    type: str
    title: str
    status: int
    code: str
    detail: str | None = None
    where: str | None = None
    fix: str | None = None


class RequestRefused(TurnoutError):
    """The request is not one that this server understands."""

    code = "request"

    def __init__(self, what: str, status: int = 400, fix: str | None = None) -> None:
        super().__init__(what, fix=fix)
        self.status = status


def problem_of(error: TurnoutError) -> Problem | None:
    """What the caller is told of `error`; None when it is the server's own fault."""
    status = error.status if isinstance(error, RequestRefused) else STATUS.get(error.code)
    if status is None:
        return None
    return make_problem(status, error.code, error.what, where=error.where, fix=error.fix)


def make_problem(status: int, code: str, detail: str, *, where: str | None = None, fix: str | None = None) -> Problem:
    """A problem document."""
    title = HTTPStatus(status).phrase
    return Problem(
        type=f"urn:turnout:{code}", title=title, status=status, code=code, detail=detail, where=where, fix=fix
    )


def fault(incident: str) -> Problem:
    """What the caller is told of an error nobody foresaw: an id to look for in the server's log, nothing else."""
    return make_problem(
        500, "internal", f"the server failed; incident {incident}", fix="the server's log holds the details of this id"
    )


def problem_response(problem: Problem, **headers: str) -> Response:
    """The JSON answer of a problem."""
    headers |= problem_headers(problem.status)
    return Response(msgspec.json.encode(problem), problem.status, headers, "application/problem+json")


def problem_headers(status: int) -> dict[str, str]:
    """The headers that belong to a status."""
    match status:
        case 401:
            return {"WWW-Authenticate": "Bearer"}
        case 429 | 503:
            return {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return {}
