"""Overrides become lines of turnout.yaml; whatever else is in the file stays as it was written."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from turnout.core.overrides import Override
from turnout.deploy.drift_patch import patched

AT = datetime(2026, 11, 23, tzinfo=UTC)
TEXT = """\
project: field   # ours
variables:
  who: ohio      # the state

deployments:
  # Loads in the morning.
  load:
    flow: a.py:load
    schedule: "0 6 * * *"   # before work
    parameters: {size: 1}   # a few
  turf:
    flow: a.py:turf
    schedule:
      - cron: "0 7 * * *"   # first
        slug: first
      - {every: 1h, slug: second}
      - "0 9 * * *"
    parameters:
      # how many
      size: 3
      states: [OH]
  plain:
    flow: a.py:plain
"""
SLUGS = {"load": ["default"], "turf": ["first", "second", "default"], "plain": []}


def override(kind: Any, name: str, key: str | None, value: Any = True) -> Override:
    return Override(kind=kind, name=name, key=key, value=value, at=AT, by="ann")


@pytest.mark.parametrize(
    ("change", "path", "value"),
    [
        (override("variable", "who", None, "iowa"), ("variables", "who"), "iowa"),
        (override("variable", "who", None, "no"), ("variables", "who"), "no"),
        (override("parameter", "load", "size", 7), ("deployments", "load", "parameters", "size"), 7),
        (override("parameter", "load", "who", "x: y #"), ("deployments", "load", "parameters", "who"), "x: y #"),
        (override("parameter", "turf", "size", None), ("deployments", "turf", "parameters", "size"), None),
        (
            override("parameter", "turf", "states", ["MI", 1]),
            ("deployments", "turf", "parameters", "states"),
            ["MI", 1],
        ),
        (override("parameter", "turf", "new", {"a": 1}), ("deployments", "turf", "parameters", "new"), {"a": 1}),
        (override("parameter", "plain", "size", 7), ("deployments", "plain", "parameters"), {"size": 7}),
        (
            override("pause", "load", "default"),
            ("deployments", "load", "schedule"),
            {"cron": "0 6 * * *", "paused": True},
        ),
        (override("pause", "turf", "first"), ("deployments", "turf", "schedule", 0, "paused"), True),
        (override("pause", "turf", "second"), ("deployments", "turf", "schedule", 1, "paused"), True),
        (
            override("pause", "turf", "default"),
            ("deployments", "turf", "schedule", 2),
            {"cron": "0 9 * * *", "paused": True},
        ),
    ],
)
def test_one_thing_changes_and_every_comment_stays(change: Override, path: tuple[Any, ...], value: Any) -> None:
    made = patched(TEXT, [change], SLUGS)
    assert made.by_hand == ()
    found = yaml.safe_load(made.text)
    for step in path[:-1]:
        found = found[step]
    assert found[path[-1]] == value
    assert [line.partition("#")[2] for line in made.text.splitlines() if "#" in line][-7:] == [
        line.partition("#")[2] for line in TEXT.splitlines() if "#" in line
    ][-7:] or "x: y #" in str(value)
    assert len(made.diff(TEXT).splitlines()) < 14


def test_a_paused_deployment_pauses_all_its_schedules() -> None:
    made = patched(TEXT, [override("pause", "turf", None)], SLUGS)
    assert [one["paused"] for one in yaml.safe_load(made.text)["deployments"]["turf"]["schedule"]] == [True] * 3


def test_what_cannot_be_written_is_left_to_a_person() -> None:
    anchored = TEXT.replace("parameters: {size: 1}", "parameters: &few {size: 1}").replace(
        "    flow: a.py:plain", "    flow: a.py:plain\n    parameters: *few"
    )
    made = patched(anchored, [override("parameter", "load", "size", 7), override("pause", "plain", None)], SLUGS)
    assert made.text == anchored, "one that shares its parameters would be changed along"
    assert [line.partition(":")[0] for line in made.by_hand] == [
        "deployment load, parameter size",
        "deployment plain",
    ]
    assert patched("[", [override("variable", "a", None, 1)], {}).by_hand


def test_git_applies_it(tmp_path: Path) -> None:
    for text in (TEXT, TEXT.rstrip("\n")):
        (tmp_path / "turnout.yaml").write_text(text)
        changes = [override("parameter", "plain", "size", 7), override("pause", "load", "default")]
        made = patched(text, changes, SLUGS)
        subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=made.diff(text).encode(), check=True)
        assert (tmp_path / "turnout.yaml").read_text() == made.text
    assert patched(TEXT, [], SLUGS).diff(TEXT) == ""


def test_what_another_file_declares_is_left_to_a_person() -> None:
    for change in (override("parameter", "elsewhere", "size", 7), override("variable", "year", None, 2026)):
        made = patched(TEXT, [change], SLUGS)
        assert made.text == TEXT
        [said] = made.by_hand
        assert said.endswith(": another file declares it")
