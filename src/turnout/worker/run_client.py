"""The supervisor's calls to the server, standard library only: one keep-alive connection for one thread.

The same operations as `core.ports.WorkApi`, with the run's own token. Errors are those of `core.errors`.
"""

import http.client
import json
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from turnout.core import errors

_BY_CODE: dict[str, type[errors.TurnoutError]] = {
    kind.code: kind
    for kind in (
        errors.Fenced,
        errors.Conflict,
        errors.IllegalTransition,
        errors.NotFound,
        errors.Unauthorized,
        errors.Forbidden,
        errors.TooLarge,
        errors.ParameterError,
    )
}
_BY_STATUS: dict[int, type[errors.TurnoutError]] = {
    400: errors.ParameterError,
    401: errors.Unauthorized,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    413: errors.TooLarge,
    422: errors.ParameterError,
}


class RunClient:
    """Calls about runs. Not for use by two threads; `close` may come from any."""

    def __init__(self, url: str, token: str, *, ca_file: str | None = None, timeout: float = 30.0) -> None:
        self._parts = urlsplit(url)
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._ca_file = ca_file
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    def heartbeat(
        self, run_id: str, attempt: int, *, wait: float, timeout: float | None = None
    ) -> tuple[str | None, str | None]:
        """Renew the lease; (command, reason), both None when there is nothing to do. timeout: seconds to wait for the
        answer, beyond those that the server may hold it."""
        body = json.dumps({"attempt": attempt, "wait": wait}).encode()
        patience = wait + min(self._timeout, timeout or self._timeout)
        answer = self._call("POST", f"/api/v1/work/runs/{run_id}/heartbeat", body, timeout=patience)
        found: Mapping[str, Any] = json.loads(answer)
        return found.get("command"), found.get("reason")

    def ship(self, run_id: str, attempt: int, stream: int, first: int, lines: bytes) -> int:
        """Store journal lines; the highest number stored."""
        path = f"/api/v1/work/runs/{run_id}/journal?attempt={attempt}&stream={stream}&first={first}"
        answer = self._call("POST", path, lines, kind="application/x-ndjson")
        return int(json.loads(answer)["acked"])

    def report(self, run_id: str, attempt: int, event: str, reason: str) -> None:
        """Say how the attempt ended."""
        body = json.dumps({"attempt": attempt, "event": event, "reason": reason}).encode()
        self._call("POST", f"/api/v1/work/runs/{run_id}/report", body)

    def checkpoints(self, run_id: str, attempt: int) -> bytes:
        """Completed steps of earlier attempts, one JSON object a line."""
        return self._call("GET", f"/api/v1/work/runs/{run_id}/checkpoints?attempt={attempt}", None)

    def close(self) -> None:
        """Drop the connection; the next call opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _call(
        self,
        method: str,
        path: str,
        body: bytes | None,
        *,
        kind: str = "application/json",
        timeout: float | None = None,
    ) -> bytes:
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = kind
        reused = self._connection is not None
        try:
            status, answer = self._exchange(method, path, body, headers, timeout or self._timeout)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if not reused or isinstance(error, TimeoutError):
                raise _unreachable(error) from error
            # An idle connection that the server closed: every call here may be repeated.
            try:
                status, answer = self._exchange(method, path, body, headers, timeout or self._timeout)
            except (OSError, http.client.HTTPException) as again:
                self.close()
                raise _unreachable(again) from again
        if 200 <= status < 300:
            return answer
        raise _problem(status, answer)

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], timeout: float
    ) -> tuple[int, bytes]:
        connection = self._connection
        if connection is None:
            connection = self._connection = self._connect()
            connection.connect()
        if connection.sock is not None:
            connection.sock.settimeout(timeout)
        connection.request(method, self._parts.path.rstrip("/") + path, body, dict(headers))
        response = connection.getresponse()
        answer = response.read()
        if response.will_close:
            self.close()
        return response.status, answer

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "127.0.0.1", self._parts.port
        if self._parts.scheme == "https":
            context = ssl.create_default_context(cafile=self._ca_file)
            return http.client.HTTPSConnection(host, port, timeout=self._timeout, context=context)
        return http.client.HTTPConnection(host, port, timeout=self._timeout)


def _unreachable(error: Exception) -> errors.ServerUnreachable:
    return errors.ServerUnreachable(f"no answer from the server: {str(error) or type(error).__name__}")


def _problem(status: int, answer: bytes) -> errors.TurnoutError:
    try:
        found = json.loads(answer)
        code, detail = str(found.get("code")), found.get("detail") or found.get("title")
    except (ValueError, AttributeError):
        code, detail = "", answer[:200].decode(errors="replace")
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status)
    if kind is None:
        return errors.ServerUnreachable(f"the server answered {status}: {detail}")
    return kind(f"the server answered {status}: {detail}")
