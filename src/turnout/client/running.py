"""`core.ports.RunApi` over HTTP: what a running flow asks, with the token of its attempt or a person's."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self
from urllib.parse import quote

import msgspec

from turnout.client.admin import API, HttpAdminApi, run_path
from turnout.client.wire import Query
from turnout.client.work import HttpWorkApi
from turnout.core.errors import ConfigurationError
from turnout.core.records import DeploymentStatus, EmittedEvent, FlowRun, Namespace, RunInput, StoredValue


def from_environment(project: str | None, environment: str) -> "HttpRunApi":
    """The server that TURNOUT_API_URL names, with TURNOUT_API_KEY, as a worker sets them for its flows.

    Raises ConfigurationError when the key, or the project that the question is about, is not to be had.
    """
    url, key = os.environ["TURNOUT_API_URL"], os.environ.get("TURNOUT_API_KEY") or os.environ.get("TURNOUT_TOKEN")
    if not key:
        raise ConfigurationError(
            "there is no credential for the server", where=url, fix="set TURNOUT_API_KEY, or unset TURNOUT_API_URL"
        )
    return HttpRunApi(url, key, namespace(project, environment), ca_file=os.environ.get("TURNOUT_API_CA"))


def namespace(project: str | None, environment: str) -> Namespace:
    """The project and environment that a flow belongs to. Raises ConfigurationError for a flow of no project."""
    if project is None:
        raise ConfigurationError(
            "the flow belongs to no project, so it cannot ask the server for anything",
            fix="put a turnout.yaml with `project: NAME` into the flow's folder or one above it",
        )
    return Namespace(project=project, environment=environment)


class _Value(msgspec.Struct):
    value: StoredValue | None


def _value(kind: str, name: str) -> str:
    return f"{API}/values/{quote(kind, safe='')}/{quote(name, safe='')}"


class HttpRunApi:
    """What a flow asks of a server, in one project and environment. Threads may share it."""

    def __init__(self, url: str, token: str, namespace: Namespace, *, ca_file: str | None = None) -> None:
        self.namespace = namespace
        self._names = {"project": namespace.project, "environment": namespace.environment}
        self._admin = HttpAdminApi(url, token, ca_file=ca_file)
        self._work = HttpWorkApi(url, token, ca_file=ca_file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._admin.close()
        self._work.close()

    def trigger(
        self,
        deployment: str,
        *,
        parameters: Mapping[str, Any] | None = None,
        due_at: datetime | None = None,
        idempotency_key: str | None = None,
        tags: Iterable[str] = (),
        name: str | None = None,
    ) -> FlowRun:
        """Start a run of a deployment."""
        return self._admin.trigger(
            deployment,
            namespace=self.namespace,
            parameters=parameters,
            due_at=due_at,
            idempotency_key=idempotency_key,
            tags=tags,
            name=name,
        )

    def run(self, run_id: str, *, wait: float = 0) -> FlowRun:
        """One run, waiting for its end."""
        return self._admin.get(run_path(run_id), FlowRun, {"wait": wait}, wait=wait)

    def answer(self, run_id: str, value: Mapping[str, Any] | None = None) -> FlowRun:
        """Let a paused run go on."""
        return self._admin.answer(run_id, value)

    def send(self, run_id: str, key: str, value: Any, sender: str | None = None) -> None:
        """Tell a run something."""
        body = {"key": key, "value": value, "sender": sender}
        self._admin.post(run_path(run_id) + "/inputs", body, dict[str, Any], repeat=True)

    def told(self, run_id: str, prefix: str, *, after: int = 0, wait: float = 0) -> list[RunInput]:
        """What a run was told."""
        query: Query = {"prefix": prefix, "after": after, "wait": wait}
        return self._admin.get(run_path(run_id) + "/inputs", list[RunInput], query, wait=wait)

    def value(self, kind: str, name: str) -> StoredValue | None:
        """What was set at run time."""
        return self._admin.get(_value(kind, name), _Value, self._names).value

    def values(self, kind: str) -> list[StoredValue]:
        """All of a kind."""
        return self._admin.get(f"{API}/values/{quote(kind, safe='')}", list[StoredValue], self._names)

    def put_value(
        self, kind: str, name: str, content: Any, *, tags: Sequence[str] = (), replace: bool = False
    ) -> StoredValue:
        """Set a value."""
        body = {"content": content, "tags": list(tags), "replace": replace}
        return self._admin.put(_value(kind, name), body, StoredValue, self._names, repeat=replace)

    def remove_value(self, kind: str, name: str) -> bool:
        """Forget a value."""
        answer = self._admin.call("DELETE", _value(kind, name), query=self._names)
        return bool(json.loads(answer)["removed"])

    def emit(self, event: EmittedEvent) -> bool:
        """Tell an event."""
        body = {
            "id": event.id,
            "event": event.event,
            "resource": event.resource,
            "occurred": event.occurred,
            "related": list(event.related),
            "payload": event.payload,
            "follows": event.follows,
        }
        return bool(self._admin.post(f"{API}/events", body, dict[str, Any], self._names, repeat=True)["told"])

    def deployments(self) -> list[DeploymentStatus]:
        """What is deployed."""
        return self._admin.deployments(self.namespace)

    def acquire_slot(
        self, run_id: str, attempt: int, limit: str, holder: str, *, weight: int = 1, wait: float = 0
    ) -> bool:
        """A slot of a named limit for a task; False if there is none yet."""
        return self._work.acquire_slot(run_id, attempt, limit, holder, weight=weight, wait=wait)

    def release_slot(self, run_id: str, attempt: int, limit: str, holder: str) -> None:
        """Give it back."""
        self._work.release_slot(run_id, attempt, limit, holder)
