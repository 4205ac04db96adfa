"""Whatever a manifest holds at whichever key, the loader answers with a mistake that has a place: it never crashes."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from turnout.core.errors import ManifestError, ScheduleError, TurnoutError
from turnout.deploy.manifest import load_manifest, project_name
from turnout.deploy.schema import documented_keys

OTHERWISE: dict[str, Any] = {
    "every": "1h",
    "calendar": {"skip": "election-day", "only": ["summer"]},
    "anchor": "2026-01-05T06:00:00",
    "timezone": "UTC",
    "paused": True,
    "name": "b",
}
WHOLE: dict[str, Any] = {
    "project": "field",
    "timezone": "America/New_York",
    "include": ["*.yaml"],
    "environments": {
        "staging": {
            "server": "https://staging.example.org",
            "pause_schedules": True,
            "variables": {"code": 2},
            "deployments": {"load": {"timeout": "5m"}, "query": None},
        }
    },
    "access": {
        "deploy": {
            "github": {
                "repository_id": 42,
                "branch": "main",
                "workflow": ".github/workflows/turnout.yml",
                "environment": "production",
            }
        }
    },
    "variables": {"code": 1, "states": ["OH", "NY"]},
    "secrets": {"van": {"fields": ["api_key"]}},
    "connections": {"warehouse": {"type": "duckdb", "database": "w.duckdb"}},
    "pools": {"default": {"type": "process", "concurrency": 3}},
    "limits": {"van-api": {"concurrency": 3, "rate": "10/s", "tags": ["van"]}},
    "calendars": {
        "election-day": {"dates": ["2026-11-03"], "windows": {"blackout": "18:00-21:00"}},
        "summer": {"dates": ["2026-06-01..2026-08-31"], "timezone": "UTC"},
    },
    "deployments": {
        "load": {
            "flow": "a.py:f",
            "title": "Load the orders",
            "description": "Loads.",
            "pool": "default",
            "schedule": [
                {"cron": "0 6 * * *", "slug": "early", "parameters": {"a": 1}, "catch_up": {"within": "1h"}},
                OTHERWISE,
            ],
            "parameters": {"a": "${var:code}"},
            "tags": ["van"],
            "secrets": ["van"],
            "retries": {"count": 2, "delay": "1m"},
            "timeout": "1h",
            "on_crash": "resume",
            "catch_up": "latest",
            "concurrency": {"limit": 1, "on_collision": "queue"},
            "limits": ["van-api", {"name": "van-api", "weight": 2}],
            "priority": 5,
            "was": "fetch",
        },
        "by-rule": {"flow": "a.py:f", "schedule": {"rrule": "FREQ=DAILY"}, "retries": 1, "catch_up": {"within": "2h"}},
        "query": {"sql": "q.sql", "connection": "warehouse", "after": ["load"]},
    },
}
"""Uses every key that a manifest has."""

WRONG: list[Any] = [
    [[]],
    [{}],
    {},
    [None],
    [1],
    [[{}]],
    {"a": []},
    [{"name": []}],
    [{"name": {}}],
    "",
    0,
    None,
    1e9,
    True,
]
PLACE = re.compile(r"turnout\.yaml:\d+:\d+\Z")
WORDS = ["van-api", "van", "load", "query", "default", "name", "weight", "within", "count", "fields", "type", "cron"]
SPELLINGS = [
    "",
    "~",
    "${var:code}",
    "${secret:van}",
    "1h",
    "10/s",
    "0 6 * * *",
    "FREQ=DAILY",
    "a.py:f",
    "../a.py",
    "\0",
]

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS + SPELLINGS)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a value, the whole one first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for key, item in inner for deeper in places(item, (*path, key)))]


def put(whole: Any, path: tuple[Any, ...], new: Any) -> Any:
    """`whole` with `new` at a path."""
    if not path:
        return new
    head, *rest = path
    changed = put(whole[head], tuple(rest), new)
    if isinstance(whole, dict):
        return {**whole, head: changed}
    return [*whole[:head], changed, *whole[head + 1 :]]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name in ("a.py", "q.sql"):
        (folder / name).write_text("")
    return folder


def read(root: Path, manifest: Any) -> None:
    """Read it as a person's command does: what it says is a mistake of the manifest with its line, or nothing."""
    (root / "turnout.yaml").write_text(json.dumps(manifest), encoding="utf-8")  # JSON is YAML
    for error in filter(None, (answer(load_manifest, root), answer(project_name, root))):
        assert isinstance(error, ManifestError | ScheduleError)
        assert PLACE.match(error.where or "no place")


def answer(reader: Callable[[Path], Any], root: Path) -> TurnoutError | None:
    """What the reader refuses the file with; anything else that it raises fails the test."""
    try:
        reader(root)
    except TurnoutError as error:
        return error
    return None


def test_every_key_is_tried() -> None:
    keys = {name for keys in documented_keys().values() for name, _doc, _required in keys}
    used = {key for path in places(WHOLE) for key in path}
    assert keys <= used


@pytest.mark.parametrize("path", places(WHOLE), ids=lambda path: ".".join(map(str, path)) or "whole")
def test_a_wrong_type_anywhere_is_a_mistake_with_its_place(root: Path, path: tuple[Any, ...]) -> None:
    for wrong in WRONG:
        read(root, put(WHOLE, path, wrong))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(places(WHOLE)), values), min_size=1, max_size=3))
@example([(("deployments", "load", "limits"), [[]])])
def test_any_values_anywhere_never_crash_the_loader(root: Path, changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    manifest: Any = WHOLE
    for path, value in changes:
        if path in places(manifest):
            manifest = put(manifest, path, value)
    read(root, manifest)
