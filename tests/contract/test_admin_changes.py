"""Of every `core.ports.AdminApi`: overrides, drift, what a plan was made against, releases, bundles, code of runs."""

import gzip
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.contract.test_admin_api import apply
from tests.serving import PROJECT, deployment, field_plan, served, snapshot
from turnout.core import errors
from turnout.core.operations import Plan
from turnout.core.plain import to_plain
from turnout.core.ports import AdminApi
from turnout.core.snapshot import Snapshot
from turnout.local import open_local
from turnout.settings import Settings

LATER = datetime.now(UTC) + timedelta(days=3)


@pytest.fixture(params=["http", "local"])
def api(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AdminApi]:
    if request.param == "http":
        with served(tmp_path) as server, server.admin() as admin:
            yield admin
    else:
        with open_local(Settings(data_dir=tmp_path)) as admin:
            yield admin


@pytest.fixture
def plan(api: AdminApi) -> Snapshot:
    wanted = Snapshot(**{**vars(field_plan()), "variables": {"who": "ohio"}})
    apply(api, wanted)
    return wanted


def bundle(padding: bytes) -> tuple[str, bytes]:
    """An archive without a file, and its digest."""
    content = gzip.compress(bytes(1024) + padding, mtime=0)
    return hashlib.sha256(content).hexdigest(), content


def test_what_is_overridden_is_drift_and_in_the_plan_until_it_is_dropped(api: AdminApi, plan: Snapshot) -> None:
    made = api.override(PROJECT, "parameter", "load", "states", 7, reason="a small night", until=LATER)
    api.override(PROJECT, "variable", "who", None, "iowa")
    api.pause("turf", PROJECT, None, "the file is late", LATER)
    found = api.drift(PROJECT)
    assert [(one.override.kind, one.override.name, one.declared) for one in found] == [
        ("pause", "turf", False),
        ("parameter", "load", None),
        ("variable", "who", "ohio"),
    ]
    assert found[1].override == made
    assert (made.value, made.reason, made.until, found[0].override.until) == (7, "a small night", LATER, LATER)
    assert list(Plan.from_json(api.plan(plan)).overrides) == found
    assert api.trigger("load", namespace=PROJECT).parameters == {"states": 7}
    assert api.drop_override(PROJECT, "parameter", "load", "states")
    assert not api.drop_override(PROJECT, "parameter", "load", "states")
    assert api.trigger("load", namespace=PROJECT).parameters == {}


def test_an_override_of_what_is_not_there_is_refused(api: AdminApi, plan: Snapshot) -> None:
    with pytest.raises(errors.NotFound):
        api.override(PROJECT, "parameter", "lode", "states", 7)
    with pytest.raises(errors.ParameterError):
        api.override(PROJECT, "parameter", "load", "states", "many")
    with pytest.raises(errors.ParameterError, match="is over"):
        api.pause("turf", PROJECT, None, None, datetime(2020, 1, 1, tzinfo=UTC))


def test_whoever_planned_before_an_override_is_told_of_it(api: AdminApi, plan: Snapshot) -> None:
    before = [to_plain(one.override) for one in api.drift(PROJECT)]
    api.override(PROJECT, "parameter", "load", "states", 7, reason="a small night")
    with pytest.raises(errors.Conflict, match=r"overrode deployment load, parameter states \(a small night\)"):
        apply(api, snapshot(deployment("load")), expected_overrides=before)
    now = [to_plain(one.override) for one in api.drift(PROJECT)]
    assert apply(api, snapshot(deployment("load")), expected_overrides=now) == 2


def test_a_release_is_shown_with_what_it_changed(api: AdminApi, plan: Snapshot) -> None:
    apply(api, snapshot(deployment("load")))
    found = api.release(PROJECT, 2)
    assert (found.release.number, found.previous, found.newest, found.deployments) == (2, 1, 2, 1)
    assert {"op": "remove", "kind": "deployment", "name": "turf"} in list(found.operations)
    with pytest.raises(errors.NotFound):
        api.release(PROJECT, 3)


def test_it_says_whether_a_bundle_is_there(api: AdminApi) -> None:
    digest, content = bundle(b"")
    assert not api.has_bundle(digest)
    api.put_bundle(digest, content)
    assert api.has_bundle(digest)


def test_a_run_begins_again_at_its_own_commit_or_at_the_newest(api: AdminApi) -> None:
    digests = []
    for number in (1, 2):
        digest, content = bundle(bytes(512 * number))
        digests.append(digest)
        api.put_bundle(digest, content)
    apply(api, field_plan(), bundle=digests[0], commit="a" * 40)
    run = api.trigger("load", namespace=PROJECT)
    api.cancel(run.id)
    apply(api, field_plan(), bundle=digests[1], commit="b" * 40)
    again = api.retry(run.id)
    assert (again.attempt, again.spec.bundle, again.spec.commit) == (2, digests[0], "a" * 40)
    api.cancel(run.id)
    newest = api.retry(run.id, newest=True, parameters={"states": 3})
    assert (newest.attempt, newest.spec.bundle, newest.parameters) == (3, digests[1], {"states": 3})
