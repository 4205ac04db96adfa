# ruff: noqa: E501 - a message is compared as a whole, and read as one line
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from turnout.core.errors import ManifestError
from turnout.deploy.check import Report, check
from turnout.deploy.manifest import read_manifest
from turnout.deploy.problems import Problems
from turnout.deploy.schema import DEPLOYMENT, MANIFEST
from turnout.secrets import set_secret

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FLOW = '''\
from turnout import flow


@flow(retries=3, timeout_seconds=5)
def load(state: str, limit: int = 5, when: list[int] | None = None) -> int:
    """Loads people."""
    return limit
'''
HEAD = "project: field\ntimezone: America/New_York\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "a.py").write_text(FLOW)
    (root / "q.sql").write_text("-- connection: warehouse\n-- parameter n: integer = 1\nSELECT $n;\n")
    return root


def run(root: Path, text: str, **options: object) -> Report:
    (root / "turnout.yaml").write_text(dedent(text))
    return check(root, now=NOW, data_dir=root.parent / "data", environ={}, **options)


def errors(report: Report) -> list[str]:
    return [f"{error.where}: {error.what} | {error.fix}" for error in report.errors]


def warnings(report: Report) -> list[str]:
    """All but those about git, which every test's folder has."""
    return [f"{w.where}: {w.what}" for w in report.warnings if "git" not in w.what]


def deployment(lines: str, head: str = HEAD) -> str:
    return (
        head + "deployments:\n  load:\n    flow: a.py:load\n" + "".join(f"    {line}\n" for line in lines.splitlines())
    )


def test_a_sound_repository_becomes_a_complete_snapshot(root: Path) -> None:
    report = run(root, deployment('parameters: {state: OH}\nschedule: "0 6 * * *"'))
    assert errors(report) == []
    spec = report.require().deployments["load"]
    assert (spec.flow_name, spec.description) == ("load", "Loads people.")
    assert spec.parameter_schema["required"] == ["state"]
    assert report.next_runs["load"][0] == datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert report.needed == ("a.py",)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("parameters: {stat: OH}", "turnout.yaml:6:18: deployments.load.parameters: a.py:load has no parameter 'stat' | did you mean 'state'?"),
        ("parameters: {limit: five}", "turnout.yaml:6:25: deployments.load.parameters.limit does not fit the flow: 'five' is not of type 'integer' | expected integer"),
        ("parameters: {when: [1, x]}", "turnout.yaml:6:28: deployments.load.parameters.when does not fit the flow: 'x' is not of type 'integer' | expected array or null"),
        ('schedule: "0 6 * * *"', "turnout.yaml:6:15: deployments.load: its schedule starts runs without the parameter 'state', which has no default | add parameters: {state: ...}, or give it a default in a.py:load"),
        ("schedule: {every: 5m, parameters: {state: 5}}", "turnout.yaml:6:47: deployments.load.parameters.state does not fit the flow: 5 is not of type 'string' | expected string"),
    ],
)  # fmt: skip
def test_parameters_must_fit_the_flow(root: Path, lines: str, expected: str) -> None:
    report = run(root, deployment(lines))
    assert errors(report) == [expected]
    assert report.snapshot is None


def test_a_variable_is_checked_by_its_value(root: Path) -> None:
    head = HEAD + "variables: {limit: many}\n"
    report = run(root, deployment('parameters: {limit: "${var:limit}"}', head))
    assert errors(report) == [
        "turnout.yaml:7:25: deployments.load.parameters.limit does not fit the flow: 'many' is not of type 'integer' (the variable's value) | expected integer"
    ]


def test_after_needs_every_parameter_too(root: Path) -> None:
    report = run(root, deployment("after: [first]") + "  first: {flow: a.py:load}\n")
    assert [e.partition(" starts")[0] for e in errors(report)] == ["turnout.yaml:6:5: deployments.load: 'after'"]


def test_a_deployment_that_is_only_triggered_may_lack_parameters(root: Path) -> None:
    assert run(root, deployment("tags: [x]")).ok


def test_a_missing_secret_is_a_warning_or_an_error_as_asked(root: Path) -> None:
    text = deployment("secrets: [van]", HEAD + "secrets:\n  van: {fields: [api_key]}\n")
    report = run(root, text)
    assert report.ok
    assert warnings(report) == ["turnout.yaml:4:3: the secret van.api_key has no value on this machine"]
    report = run(root, text, require_secrets=True)
    assert errors(report) == [
        "turnout.yaml:4:3: the secret van.api_key has no value on this machine | `turnout secret set van.api_key`, or set VAN_API_KEY in the environment"
    ]
    set_secret(root.parent / "data", "van.api_key", "s3cret-value")
    assert run(root, text, require_secrets=True).ok


def test_sql_needs_a_connection_that_exists(root: Path) -> None:
    report = run(root, HEAD + "deployments:\n  model: {sql: q.sql}\n")
    assert errors(report) == [
        "turnout.yaml:4:16: deployments.model: there is no connection 'warehouse', which the file's header names | declare it under connections:, or correct the header"
    ]
    (root / "q.sql").write_text("SELECT 1;")
    report = run(root, HEAD + "deployments:\n  model: {sql: q.sql}\n")
    assert errors(report) == [
        "turnout.yaml:4:11: deployments.model names no connection | add connection: here, or -- connection: name at the top of the file"
    ]


def test_every_error_of_every_part_comes_at_once(root: Path) -> None:
    (root / "bad.py").write_text("import nowhere_to_be_found\n")
    (root / "bad.sql").write_text("SELEC 1;\n")
    report = run(
        root,
        HEAD
        + "deployments:\n  a: {flow: bad.py:f}\n  b: {sql: bad.sql}\n  c: {flow: a.py:load, after: [x]}\n  D: {flow: a.py:load}\n",
    )
    assert [line.split(": ")[0] for line in errors(report)] == [
        "bad.py:1",
        "bad.sql:1",
        "turnout.yaml:6:24",
        "turnout.yaml:6:32",
        "turnout.yaml:7:3",
    ]
    with pytest.raises(Exception, match=r"importing .* failed") as caught:
        report.require()
    assert caught.value.__notes__ == ["and 4 more: `turnout check` shows them all"]


def test_what_nothing_uses_is_named(root: Path) -> None:
    (root / "a.py").write_text(FLOW + "\n\nNAME = 'read_in_code'\n")
    head = HEAD + (
        "variables: {read_in_code: 1, unused: 2}\n"
        "connections:\n  spare: {type: duckdb, database: x.duckdb}\n"
        "secrets:\n  van: {fields: [api_key]}\n"
    )
    assert warnings(run(root, deployment("tags: [x]", head))) == [
        "turnout.yaml:7:3: no deployment uses the secret 'van'",
        "turnout.yaml:3:30: nothing uses variable 'unused'",
        "turnout.yaml:5:3: nothing uses connection 'spare'",
    ]


def test_where_manifest_and_decorator_both_speak_the_manifest_wins_and_says_so(root: Path) -> None:
    report = run(root, deployment("retries: 1\ntimeout: 1h"))
    assert warnings(report) == [
        "turnout.yaml:6:5: deployments.load.retries: the manifest's 1 wins over the decorator's 3",
        "turnout.yaml:7:5: deployments.load.timeout: the manifest's 1h wins over the decorator's 5",
    ]


def test_a_rule_that_is_over_is_a_warning(root: Path) -> None:
    text = deployment(
        'parameters: {state: OH}\nschedule: {rrule: "FREQ=DAILY;UNTIL=20200101T000000Z", anchor: 2019-12-01T00:00}'
    )
    assert warnings(run(root, text)) == ["turnout.yaml:4:3: deployments.load: its schedule has no occurrence any more"]


def test_the_report_travels_as_json(root: Path) -> None:
    report = run(root, deployment("nonsense: 1"))
    assert report.to_json()["errors"] == [
        {
            "code": "manifest",
            "what": "deployments.load: there is no key 'nonsense'",
            "where": "turnout.yaml:6:5",
            "fix": report.errors[0].fix,
        }
    ]
    assert report.to_json()["ok"] is False


def test_a_file_that_is_no_yaml_is_one_error(root: Path) -> None:
    report = run(root, "a: [")
    assert [type(error) for error in report.errors] == [ManifestError]


def test_a_file_that_a_flow_imports_and_git_does_not_track_is_named(root: Path) -> None:
    (root / "helper.py").write_text("X = 1\n")
    (root / "a.py").write_text("import helper\n" + FLOW)
    (root / "turnout.yaml").write_text(deployment("tags: [x]"))
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "add", "turnout.yaml", "a.py"], cwd=root, check=True)
    report = check(root, now=NOW, data_dir=root.parent / "data", environ={})
    assert [(w.where, w.fix) for w in report.warnings] == [("helper.py", "git add helper.py")]


ODD = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["", "a.py:load", "q.sql", "5m", "x", "${var:a}"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(sorted([*DEPLOYMENT.keys, *MANIFEST.keys, "a", "cron", "every", "type"])), inner, max_size=4),
    ),
    max_leaves=12,
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(sorted(MANIFEST.keys)), ODD, max_size=6),
    st.dictionaries(st.sampled_from(sorted(DEPLOYMENT.keys)), ODD, max_size=6),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_manifest_makes_the_reader_fall_over(root: Path, top: dict[str, Any], inner: dict[str, Any]) -> None:
    """Whatever is written, the answer is a report: mistakes with a place and a mending, or a snapshot."""
    (root / "turnout.yaml").write_text(json.dumps({"project": "p", "deployments": {"a": inner}} | top))
    problems = Problems()
    read_manifest(root, problems)
    assert all(error.where and error.fix for error in problems.errors)


def test_a_calendar_that_leaves_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "flows.py").write_text("from turnout import flow\n\n@flow\ndef load() -> None:\n    pass\n")
    (tmp_path / "turnout.yaml").write_text(
        "project: field\ntimezone: UTC\ncalendars: {gone: {dates: [2020-01-01]}, unused: {dates: [2026-11-03]}}\n"
        "deployments:\n  load: {flow: 'flows.py:load', schedule: {cron: '0 6 * * *', calendar: {only: gone}}}\n"
    )
    report = check(tmp_path)
    assert report.ok
    said = [warning.what for warning in report.warnings]
    assert "deployments.load: its schedule has no occurrence any more: its calendar leaves none" in said
    assert "no schedule uses the calendar 'unused'" in said
