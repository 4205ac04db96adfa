"""`core.ports.AdminApi` over HTTP."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import msgspec

from turnout.client.wire import Query, Wire
from turnout.core.errors import NotFound
from turnout.core.ids import is_id
from turnout.core.inventory import ConnectionStatus, ConnectionTrial, ReleaseDetail
from turnout.core.limits import BUNDLE_BYTES, PAGE_ROWS
from turnout.core.overrides import Override, OverrideKind, OverrideOutcome, outcome_from_json
from turnout.core.records import (
    Artifact,
    DeploymentStatus,
    EmittedEvent,
    FlowRun,
    HistoryEntry,
    LimitStatus,
    LogLine,
    Namespace,
    Page,
    Pause,
    Question,
    Release,
    RunFilter,
    TaskRun,
    Worker,
)
from turnout.core.snapshot import Snapshot
from turnout.core.source import Source, SourceReport
from turnout.core.views import BulkAction, BulkOutcome, RunCount

API = "/api/v1"


class _Runs(msgspec.Struct):
    items: list[FlowRun]
    next: str | None = None


class _Logs(msgspec.Struct):
    items: list[LogLine]
    cursor: str | None = None


class _Deployed(msgspec.Struct):
    release: int | None
    snapshot: Snapshot | None


class _Asked(msgspec.Struct):
    question: Question | None


class _Link(msgspec.Struct):
    url: str


class HttpAdminApi(Wire):
    """What people and tools ask of a server, with an admin token. A context manager; threads may share it."""

    def runs(self, where: RunFilter, page: Page) -> list[FlowRun]:
        """Newest first; more than a server's page is fetched page by page."""
        found: list[FlowRun] = []
        after = page.after
        while len(found) < page.limit:
            limit = min(PAGE_ROWS, page.limit - len(found))
            answer = self.get(f"{API}/runs", _Runs, _filter(where) | {"limit": limit, "after": after})
            found += answer.items
            after = answer.next
            if after is None:
                break
        return found

    def count_runs(self, where: RunFilter, action: BulkAction | None = None) -> RunCount:
        """How many match, by state."""
        return self.get(f"{API}/views/runs/count", RunCount, _filter(where) | {"action": action})

    def act_on_runs(self, where: RunFilter, action: BulkAction, after: str | None = None) -> BulkOutcome:
        """A portion of what matches."""
        body = _filter(where) | {"action": action, "after": after}
        return self.post(f"{API}/views/runs/actions", body, BulkOutcome)

    def run(self, run_id: str) -> FlowRun:
        """One run. Raises NotFound."""
        return self.get(run_path(run_id), FlowRun)

    def history(self, run_id: str) -> list[HistoryEntry]:
        """Its transitions, oldest first."""
        return self.get(run_path(run_id) + "/history", list[HistoryEntry])

    def tasks(self, run_id: str, page: Page, attempt: int | None = None) -> list[TaskRun]:
        """Its tasks by number."""
        query: Query = {"attempt": attempt, "after": page.after, "limit": min(page.limit, PAGE_ROWS)}
        return self.get(run_path(run_id) + "/tasks", list[TaskRun], query)

    def logs(
        self,
        run_id: str,
        *,
        attempt: int | None = None,
        cursor: str | None = None,
        limit: int = 1000,
        wait: float = 0,
        arrival: bool = False,
    ) -> tuple[list[LogLine], str | None]:
        """Lines after `cursor`, and the next cursor; None once the run is over and everything was read."""
        # Not said unless it is asked for: a server of the last release does not know it.
        order = {"arrival": "true"} if arrival else {}
        query: Query = {"attempt": attempt, "cursor": cursor, "limit": limit, "wait": wait, **order}
        answer = self.get(run_path(run_id) + "/logs", _Logs, query, wait=wait)
        return answer.items, answer.cursor

    def artifacts(self, run_id: str) -> list[Artifact]:
        """What it made to be looked at."""
        return self.get(run_path(run_id) + "/artifacts", list[Artifact])

    def cancel(self, run_id: str, reason: str | None = None) -> FlowRun:
        """Stop it."""
        return self.post(run_path(run_id) + "/cancel", {"reason": reason}, FlowRun)

    def question(self, run_id: str) -> Question | None:
        """What a paused run waits for."""
        return self.get(run_path(run_id) + "/question", _Asked).question

    def answer(self, run_id: str, value: Mapping[str, Any] | None = None) -> FlowRun:
        """Let a paused run go on."""
        return self.post(run_path(run_id) + "/resume", {"input": value}, FlowRun)

    def retry(
        self,
        run_id: str,
        *,
        from_failure: bool = True,
        parameters: Mapping[str, Any] | None = None,
        newest: bool = False,
    ) -> FlowRun:
        """Open a new attempt."""
        # Not said unless it is asked for: a server of the last release does not know it.
        more = ({"newest": True} if newest else {}) | ({} if parameters is None else {"parameters": parameters})
        return self.post(run_path(run_id) + "/retry", {"from_failure": from_failure, **more}, FlowRun)

    def trigger(
        self,
        deployment: str,
        *,
        namespace: Namespace,
        parameters: Mapping[str, Any] | None = None,
        due_at: datetime | None = None,
        idempotency_key: str | None = None,
        tags: Iterable[str] = (),
        priority: int | None = None,
        name: str | None = None,
    ) -> FlowRun:
        """Start a run of a deployment. With a key, asking again makes no second run."""
        return self.post(
            f"{API}/deployments/{quote(deployment, safe='')}/runs",
            {"parameters": parameters, "due_at": due_at, "tags": list(tags), "priority": priority}
            | ({"name": name} if name else {}),  # a server of the release before does not know it
            FlowRun,
            {**_names(namespace), "explain": "true"},
            headers={"Idempotency-Key": idempotency_key} if idempotency_key else None,
            repeat=idempotency_key is not None,
        )

    def deployments(self, namespace: Namespace | None = None) -> list[DeploymentStatus]:
        """What is deployed, with last and next runs."""
        return self.get(f"{API}/deployments", list[DeploymentStatus], _names(namespace) if namespace else None)

    def deployment(self, name: str, namespace: Namespace) -> DeploymentStatus:
        """One deployment. Raises NotFound."""
        return self.get(f"{API}/deployments/{quote(name, safe='')}", DeploymentStatus, _names(namespace))

    def events(self, namespace: Namespace, *, after: int = 0, prefix: str = "", limit: int = 50) -> list[EmittedEvent]:
        """What was told to have happened."""
        query: Query = {**_names(namespace), "after": after, "prefix": prefix, "limit": min(limit, PAGE_ROWS)}
        return self.get(f"{API}/events", list[EmittedEvent], query)

    def workers(self) -> list[Worker]:
        """Workers and when they were last heard of."""
        return self.get(f"{API}/workers", list[Worker])

    def connections(self, namespace: Namespace) -> list[ConnectionStatus]:
        """Databases by name."""
        return self.get(f"{API}/connections", list[ConnectionStatus], _names(namespace))

    def test_connection(self, namespace: Namespace, name: str) -> ConnectionTrial:
        """Whether the server can use one. Raises NotFound."""
        path = f"{API}/connections/{quote(name, safe='')}/test"
        return self.post(path, {}, ConnectionTrial, _names(namespace))

    def limits(self, namespace: Namespace | None = None) -> list[LimitStatus]:
        """Limits, their holders and how many wait."""
        return self.get(f"{API}/limits", list[LimitStatus], _names(namespace) if namespace else None)

    def pause(
        self,
        deployment: str,
        namespace: Namespace,
        schedule: str | None,
        reason: str | None = None,
        until: datetime | None = None,
    ) -> Pause:
        """Pause a schedule or the deployment."""
        path = f"{API}/deployments/{quote(deployment, safe='')}/pause"
        body = {"schedule": schedule, "reason": reason} | ({"until": until} if until else {})
        return self.post(path, body, Pause, _names(namespace), repeat=True)

    def resume(self, deployment: str, namespace: Namespace, schedule: str | None) -> bool:
        """Let it go on."""
        path = f"{API}/deployments/{quote(deployment, safe='')}/resume"
        return self.post(path, {"schedule": schedule}, dict[str, bool], _names(namespace))["resumed"]

    def pauses(self, namespace: Namespace) -> list[Pause]:
        """What is paused on the server."""
        return self.get(f"{API}/pauses", list[Pause], _names(namespace))

    def drift(self, namespace: Namespace) -> list[OverrideOutcome]:
        """What people changed on the server."""
        found = self.get(f"{API}/drift", list[dict[str, Any]], _names(namespace))
        return [outcome_from_json(one) for one in found]

    def override(
        self,
        namespace: Namespace,
        kind: OverrideKind,
        name: str,
        key: str | None,
        value: Any,
        *,
        reason: str | None = None,
        until: datetime | None = None,
    ) -> Override:
        """Let another value hold than the repository's."""
        body = {"kind": kind, "name": name, "key": key, "value": value, "reason": reason, "until": until}
        return self.post(f"{API}/overrides", body, Override, _names(namespace), repeat=True)

    def drop_override(self, namespace: Namespace, kind: OverrideKind, name: str, key: str | None) -> bool:
        """Let the repository's hold again."""
        query: Query = {**_names(namespace), "kind": kind, "name": name, "key": key}
        return self._decoded(self.call("DELETE", f"{API}/overrides", query=query), dict[str, bool])["dropped"]

    def releases(self, namespace: Namespace, page: Page) -> list[Release]:
        """What was applied, newest first."""
        query = {**_names(namespace), "limit": min(page.limit, PAGE_ROWS), "after": page.after}
        return self.get(f"{API}/releases", list[Release], query)

    def release(self, namespace: Namespace, number: int) -> ReleaseDetail:
        """A release and what it changed."""
        return self.get(f"{API}/releases/{number}", ReleaseDetail, _names(namespace))

    def source(self, *, asked: int | None = None, wait: float = 0) -> Source:
        """The repository that is followed; waits up to `wait` seconds while the count of news is `asked`."""
        return self.get(f"{API}/source", Source, {"asked": asked, "wait": wait}, wait=wait)

    def report_source(self, report: SourceReport) -> Source:
        """A follower's word."""
        return self.put(f"{API}/source", report, Source, repeat=True)

    def take_source(self, holder: str) -> bool:
        """Be the one that follows, for a minute; False while another is."""
        return bool(self.post(f"{API}/source/follower", {"holder": holder}, dict[str, Any], repeat=True)["mine"])

    def snapshot(self, namespace: Namespace) -> tuple[int, Snapshot] | None:
        """(release number, what is deployed); None before the first apply."""
        found = self.get(f"{API}/snapshot", _Deployed, _names(namespace))
        if found.release is None or found.snapshot is None:
            return None
        return found.release, found.snapshot

    def plan_rollback(self, namespace: Namespace, number: int | None) -> Mapping[str, Any]:
        """What going back to a release would change."""
        query = {**_names(namespace), "number": number}
        return self.get(f"{API}/rollback", dict[str, Any], query)

    def rollback(
        self, namespace: Namespace, number: int | None, *, expected_release: int | None = None
    ) -> Mapping[str, Any]:
        """Go back to a release, as a new one."""
        body = {"number": number, "expected_release": expected_release}
        return self.post(f"{API}/rollback", body, dict[str, Any], _names(namespace))

    def plan(self, wanted: Snapshot) -> Mapping[str, Any]:
        """What applying `wanted` would change."""
        return self.post(f"{API}/plan", {"snapshot": wanted}, dict[str, Any], repeat=True)

    def has_bundle(self, digest: str) -> bool:
        """Whether it need not be uploaded."""
        try:
            return self.get(f"{API}/bundles/{digest}/stored", dict[str, bool])["stored"]
        except NotFound:
            return False  # a server of the release before cannot tell

    def put_bundle(self, digest: str, content: bytes) -> None:
        """Store a code bundle under its SHA-256."""
        headers = {"Content-Type": "application/octet-stream"}
        # A bundle may take a minute on a thin line.
        wait = 60.0 + len(content) / BUNDLE_BYTES * 240.0
        self.call("PUT", f"{API}/bundles/{digest}", content=content, headers=headers, wait=wait, repeat=True)

    def apply(
        self,
        wanted: Snapshot,
        *,
        bundle: str | None,
        commit: str | None,
        author: str | None,
        message: str | None,
        expected_release: int | None = None,
        expected_overrides: Sequence[Mapping[str, Any]] | None = None,
        allow_removals: bool = False,
    ) -> Mapping[str, Any]:
        """Make the server equal `wanted`."""
        body = {
            "snapshot": wanted,
            "bundle": bundle,
            "commit": commit,
            "author": author,
            "message": message,
            "expected_release": expected_release,
            "allow_removals": allow_removals,
        } | ({} if expected_overrides is None else {"expected_overrides": expected_overrides})
        return self.post(f"{API}/apply", body, dict[str, Any])

    def login_link(self) -> str:
        """A link that logs one browser in, once."""
        return self.post(f"{API}/login-links", {}, _Link).url


def run_path(run_id: str) -> str:
    if not is_id(run_id):
        # Never put into a path: what is not an id names no run.
        raise NotFound(f"there is no run '{run_id[:64]}'")
    return f"{API}/runs/{run_id}"


def _names(namespace: Namespace) -> dict[str, str]:
    return {"project": namespace.project, "environment": namespace.environment}


def _filter(where: RunFilter) -> dict[str, Any]:
    return {
        "project": where.project,
        "environment": where.environment,
        "deployment": where.deployment,
        "flow": where.flow_name,
        "state": [state.value for state in where.states],
        "tag": list(where.tags),
        "text": where.text,
        "since": where.since.isoformat() if where.since else None,
        "until": where.until.isoformat() if where.until else None,
        "not_state": [state.value for state in where.not_states],
        "not_tag": list(where.not_tags),
        "not_deployment": list(where.not_deployments),
    }
