"""`turnout init`: a small repository that works: one flow, one SQL file, their deployments, their tests."""

from pathlib import Path

from turnout.core.errors import ConfigurationError
from turnout.deploy.manifest import FILE
from turnout.deploy.shapes import NAME, respell

MANIFEST = """\
# What runs in production: the code says what, this file says when, where and with what.
# Every key: docs/reference/manifest.md of Turnout. After a change: turnout check, turnout plan, turnout apply.
project: {project}
timezone: UTC                           # the zone of the schedules below, such as America/New_York

variables:
  minimum: 1                            # states with fewer sign-ups are left out

connections:
  warehouse: {{type: duckdb, database: warehouse.duckdb}}

pools:
  default: {{type: process}}

deployments:
  load-sign-ups:
    flow: flows/sign_ups.py:load_sign_ups
    schedule: "0 6 * * *"               # every day at six
    retries: {{count: 1, delay: 1m}}
    timeout: 10m
    tags: [warehouse]

  sign-ups-by-state:
    sql: sql/sign_ups_by_state.sql
    after: [load-sign-ups]
    parameters: {{minimum: "${{var:minimum}}"}}
    tags: [warehouse]
"""

FLOW = '''\
"""Load the sign-ups into the warehouse."""

from turnout import flow, get_run_logger, task
from turnout.connections import connection

SignUp = tuple[str, str]
"""Name, state."""


@task(retries=2, retry_delay_seconds=1)
def read_sign_ups() -> list[SignUp]:
    """Put your source here: an API, a spreadsheet, a bucket."""
    return [("Ada", "oh"), ("Grace", "NY "), ("Ella", "OH"), ("Dorothy", "")]


@task
def clean(rows: list[SignUp]) -> list[SignUp]:
    """States in capitals; rows without one are dropped."""
    return [(name, state.strip().upper()) for name, state in rows if state.strip()]


@task
def write(rows: list[SignUp]) -> int:
    """Replace the table `sign_up`; returns the number of rows."""
    names, states = [name for name, _ in rows], [state for _, state in rows]
    with connection("warehouse") as warehouse:
        warehouse.execute("CREATE OR REPLACE TABLE sign_up (name TEXT, state TEXT)")
        warehouse.execute(
            "INSERT INTO sign_up SELECT unnest($names), unnest($states)", {"names": names, "states": states}
        )
    return len(rows)


@flow
def load_sign_ups() -> int:
    """Read, clean and write the sign-ups; returns how many were written."""
    written = write(clean(read_sign_ups()))
    get_run_logger().info("%s sign-ups in the warehouse", written)
    return written


if __name__ == "__main__":
    load_sign_ups()
'''

SQL = """\
-- description: Sign-ups a state, also as a CSV file.
-- connection: warehouse
-- parameter minimum: integer = 1
-- export: sign_ups_by_state.csv

CREATE OR REPLACE TABLE sign_up_by_state AS
SELECT state, count(*) AS sign_ups
FROM sign_up
GROUP BY state
HAVING count(*) >= $minimum;

SELECT state, sign_ups
FROM sign_up_by_state
ORDER BY sign_ups DESC, state;
"""

TEST = '''\
"""Flows and tasks are plain functions: `.fn` is the function itself, without recording."""

from flows.sign_ups import clean, read_sign_ups


def test_states_are_spelled_alike() -> None:
    assert clean.fn([("Ada", " oh"), ("Ella", "OH")]) == [("Ada", "OH"), ("Ella", "OH")]


def test_sign_ups_without_a_state_are_dropped() -> None:
    assert clean.fn([("Dorothy", " ")]) == []


def test_the_source_has_names() -> None:
    assert all(name for name, _ in read_sign_ups.fn())
'''

PYPROJECT = """\
[project]
name = "{project}"
version = "0.1.0"
description = "Data pipelines on Turnout."
requires-python = ">=3.11"
dependencies = ["turnout[duckdb]"]

[project.optional-dependencies]
test = ["pytest"]

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]
"""

README = """\
# {project}

| deployment | what | code |
|---|---|---|
| `load-sign-ups` | loads the sign-ups into the warehouse, every day at six | `flows/sign_ups.py` |
| `sign-ups-by-state` | counts them by state, after each load | `sql/sign_ups_by_state.sql` |

```sh
python flows/sign_ups.py      # any flow runs as a plain script ...
turnout runs ls               # ... and is recorded
python -m pytest              # the tests
turnout check                 # is everything in turnout.yaml right?
turnout up                    # server, scheduler and worker on this machine
turnout trigger load-sign-ups
```

A secret: name it under `secrets:` in `turnout.yaml`, then `turnout secret set van.api_key`. Its value never enters git.
"""

IGNORED = """\
.turnout/
.venv/
__pycache__/
.pytest_cache/
"""

FILES = {
    FILE: MANIFEST,
    "flows/sign_ups.py": FLOW,
    "sql/sign_ups_by_state.sql": SQL,
    "tests/test_sign_ups.py": TEST,
    "pyproject.toml": PYPROJECT,
    "README.md": README,
    ".gitignore": IGNORED,
}
_FORMATTED = frozenset({FILE, "pyproject.toml", "README.md"})
"""Files that name the project."""


def create(folder: Path, project: str | None = None) -> list[Path]:
    """Make the repository in `folder`; returns the files made. Existing files are never touched.

    project: its name; the folder's, respelled, if left out. Raises ConfigurationError for a bad name, or when there is
    a manifest already.
    """
    name = _name(folder, project)
    if (folder / FILE).exists():
        raise ConfigurationError(
            f"there already is a {FILE}", where=str(folder / FILE), fix="choose another folder, or add to the file"
        )
    made = []
    for relative, text in FILES.items():
        path = folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text.format(project=name) if relative in _FORMATTED else text)
        except FileExistsError:
            continue
        made.append(path)
    return made


def _name(folder: Path, project: str | None) -> str:
    wanted = project or folder.resolve().name
    if NAME.match(wanted):
        return wanted
    spelled = respell(wanted)
    if project is not None:
        raise ConfigurationError(f"'{project}' is not a project's name", fix=f"use {spelled}")
    return spelled.split("'")[1]
