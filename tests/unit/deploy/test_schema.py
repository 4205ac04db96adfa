"""The published schema, the reference page and the reader say the same."""
# ruff: noqa: E501

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from turnout.deploy.compound import Either, Many, Record, Table
from turnout.deploy.problems import Problems
from turnout.deploy.schema import MANIFEST, documented_keys, manifest_schema
from turnout.deploy.yaml_source import parse_yaml

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "docs" / "reference"

NOT_YET = """
notifications: {data-team: {to: []}}
automations: {rerun: {when: {}}}
deploy_from_code: false
""".strip().splitlines()
DEPLOYMENT_NOT_YET = """
resources: {cpu: 512, memory: 1024}
expect: {done_by: "07:00"}
notify: {on: [failed]}
image: python
calendar: election-day
""".strip().splitlines()
ELSEWHERE_NOT_YET = [
    ("access: {roles: {}}", "access: 'roles'"),
    ("access: {deploy: {gitlab: {}}}", "access.deploy: 'gitlab'"),
    ("secrets: {redshift: {from: aws-secrets-manager, fields: [a]}}", "secrets.redshift: 'from'"),
    ("connections: {w: {type: redshift, host: dw}}", "connections.w.type: 'redshift'"),
    ("connections: {w: {type: duckdb, database: x, copy: {}}}", "connections.w: 'copy'"),
    ("pools: {fargate: {type: ecs}}", "pools.fargate.type: 'ecs'"),
    ("pools: {default: {type: process, image: x}}", "pools.default: 'image'"),
    ("pools: {default: {type: process, shared: true}}", "pools.default: 'shared'"),
]

SAMPLES = [
    "project: p",
    "project: P",
    "project: 5",
    "timezone: UTC",
    "project: p\nnonsense: 1",
    "project: p\nvariables: {a: [1, {b: 2}]}",
    "project: p\nvariables: {a-b: 1}",
    "project: p\nvariables:",
    "project: p\nsecrets: {van: {fields: [a]}}",
    "project: p\nsecrets: {van: {fields: [A]}}",
    "project: p\nsecrets: {van: [a]}",
    "project: p\nconnections: {w: {type: duckdb, database: x}}",
    "project: p\nconnections: {w: {type: oracle, database: x}}",
    "project: p\npools: {a: {type: process, concurrency: 0}}",
    *(
        f"project: p\nlimits: {{a: {{{keys}}}}}"
        for keys in ("concurrency: 3", "concurrency: 0", "rate: 10/s", "rate: 5 / m", "rate: 0/s", "rate: 10", "tags: [x]", "slots: 3")
    ),
    *(
        f"project: p\ndeployments: {{a: {{{keys}}}}}"
        for keys in (
            "flow: a.py:f", "flow: a.py", "sql: a.sql", "sql: a.py", "flow: a.py:f, retries: 2", "flow: a.py:f, retries: x",
            "flow: a.py:f, retries: {count: 1, delay: 0s}", "flow: a.py:f, retries: {delay: 5m}", "flow: a.py:f, timeout: 1h30m",
            "flow: a.py:f, timeout: soon", "flow: a.py:f, timeout: 30", "flow: a.py:f, timeout: 0", 'flow: a.py:f, schedule: "* * * * *"',
            "flow: a.py:f, schedule: {every: 5m, paused: true}", "flow: a.py:f, schedule: {every: 5m, paused: maybe}",
            "flow: a.py:f, schedule: [{every: 5m}, x]", "flow: a.py:f, schedule: [5]", "flow: a.py:f, catch_up: {within: 2h}",
            "flow: a.py:f, catch_up: sometimes", "flow: a.py:f, concurrency: {limit: 1}", "flow: a.py:f, concurrency: {limit: 0}",
            "flow: a.py:f, concurrency: 3", "flow: a.py:f, tags: [a, b]", "flow: a.py:f, tags: a", "flow: a.py:f, on_crash: resume",
            "flow: a.py:f, on_crash: again", "flow: a.py:f, after: [b]", "flow: a.py:f, after: [B]", "flow: a.py:f, expect: {}",
            "flow: a.py:f, limits: [a, {name: b, weight: 2}]",
            "flow: a.py:f, limits: a", "flow: a.py:f, limits: [{weight: 2}]", "flow: a.py:f, limits: [{name: b, weight: 0}]",
            "flow: a.py:f, priority: -5", "flow: a.py:f, priority: 5000", "flow: a.py:f, priority: high",
            "flow: a.py:f, parameters: {a: 1}", "flow: a.py:f, parameters: [a]", "flow: a.py:f, description: ''",
        )
    ),
]  # fmt: skip


def complaints(text: str) -> list[str]:
    problems = Problems()
    node = parse_yaml(text, "turnout.yaml", problems)
    assert node is not None
    MANIFEST.check(node, problems, "")
    return [error.what for error in problems.errors]


@pytest.mark.parametrize("text", SAMPLES)
def test_editors_and_the_reader_agree(text: str) -> None:
    node = parse_yaml(text, "turnout.yaml", Problems())
    assert node is not None
    assert Draft202012Validator(manifest_schema()).is_valid(node.plain()) == (complaints(text) == [])


@pytest.mark.parametrize("line", NOT_YET)
def test_keys_of_later_versions_say_so(line: str) -> None:
    key = line.partition(":")[0]
    assert complaints(f"project: p\n{line}") == [f"'{key}' is not supported by this version"]


@pytest.mark.parametrize("line", DEPLOYMENT_NOT_YET)
def test_keys_of_later_deployments_say_so(line: str) -> None:
    key = line.partition(":")[0]
    text = f"project: p\ndeployments:\n  a:\n    flow: a.py:f\n    {line}"
    assert complaints(text) == [f"deployments.a: '{key}' is not supported by this version"]


@pytest.mark.parametrize(("line", "what"), ELSEWHERE_NOT_YET)
def test_types_of_later_versions_say_so(line: str, what: str) -> None:
    assert complaints(f"project: p\n{line}") == [f"{what} is not supported by this version"]


def later() -> dict[str, tuple[str, ...]]:
    """Heading -> the keys that are refused as of later versions, of every mapping of the manifest."""
    found: dict[str, tuple[str, ...]] = {}

    def walk(shape: Any, path: str) -> None:
        match shape:
            case Record():
                if shape.later:
                    found.setdefault(path, shape.later)
                for name, key in shape.keys.items():
                    walk(key.shape, f"{path}.{name}".removeprefix("."))
            case Either():
                for option in shape.options.values():
                    walk(option, path)
            case Table():
                walk(shape.value, path)
            case Many():
                walk(shape.item, path)

    walk(MANIFEST, "")
    return found


def test_exactly_these_keys_have_no_machinery_yet() -> None:
    assert later() == {
        "": ("notifications", "automations", "deploy_from_code", "datasets", "blocks"),
        "access": ("roles",),
        "access.deploy": ("gitlab", "buildkite", "circleci"),
        "secrets": ("from", "id", "path", "role", "region"),
        "connections": ("host", "port", "schema", "secret", "copy", "user", "options", "read_only"),
        "pools": ("image", "cpu", "memory", "egress_ip", "shared", "env", "cluster", "spot", "region", "network"),
        "limits": ("by", "burst"),
        "deployments": (
            "resources", "expect", "notify", "image", "environment", "env", "access", "calendar",
            "isolation", "results",
        ),
        "deployments.schedule": ("jitter", "until", "priority"),
        "deployments.retries": ("backoff", "jitter", "only"),
        "deployments.concurrency": ("group", "by"),
        "environments": ("notifications", "automations", "access"),
    }  # fmt: skip


def test_the_reference_page_lists_what_has_no_machinery_yet() -> None:
    page = (REFERENCE / "manifest.md").read_text()
    _, found, section = page.partition("## Not supported by this version\n")
    assert found
    section = section.partition("\n## ")[0]
    missing = {key for keys in later().values() for key in keys if f"`{key}`" not in section}
    assert not missing
    line = next(line for line in section.splitlines() if line.startswith("- At the top:"))
    assert not [key for key in MANIFEST.keys if f"`{key}`" in line], "a key is listed that is supported"


def test_the_published_schema_is_the_reader_s() -> None:
    published = json.loads((REFERENCE / "turnout.schema.json").read_text())
    assert published == manifest_schema(), "python -m turnout.deploy.schema > docs/reference/turnout.schema.json"
    Draft202012Validator.check_schema(published)


def test_the_reference_page_has_every_key_with_its_sentence() -> None:
    page = (REFERENCE / "manifest.md").read_text()
    for heading, keys in documented_keys().items():
        _, found, section = page.partition(f"## `{heading}`\n")
        assert found, f"docs/reference/manifest.md lacks the section `{heading}`"
        section = section.partition("\n## ")[0]
        documented = [line for line in section.splitlines() if line.startswith("| `")]
        assert documented == [
            f"| `{name}`{' (required)' if required else ''} | {doc} |" for name, doc, required in keys
        ]


def test_the_reference_page_s_example_is_valid() -> None:
    page = (REFERENCE / "manifest.md").read_text()
    _, _, rest = page.partition("```yaml\n")
    assert complaints(rest.partition("```")[0]) == []


def test_the_example_repository_is_valid_for_editors() -> None:
    problems = Problems()
    node = parse_yaml((ROOT / "examples" / "field-plan" / "turnout.yaml").read_text(), "turnout.yaml", problems)
    assert node is not None
    assert Draft202012Validator(manifest_schema()).is_valid(node.plain())
