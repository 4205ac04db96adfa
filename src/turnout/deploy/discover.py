"""What the flows say of themselves: each file is imported in a process of its own, on every core.

A file that breaks, exits, hangs or prints hides nothing of the others and touches nothing here.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from turnout.core.errors import DiscoveryError, TurnoutError
from turnout.sql.header import read_header
from turnout.sql.naming import flow_name
from turnout.sql.statements import split_statements, unused_parameters

TIMEOUT_SECONDS = 60.0
"""How long a file may take to import."""
CREDENTIALS = frozenset(
    {
        "TURNOUT_TOKEN",
        "TURNOUT_DATABASE",
        "TURNOUT_WEBHOOK_SECRET",
        "TURNOUT_REPO_URL",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_URL",
    }
)
"""What a file that is only looked at is not told: by these this command may change a server."""
MOST_PROCESSES = 8


@dataclass(frozen=True, kw_only=True)
class Discovered:
    """A flow as its code declares it. options: what its decorator sets of retries, timeout_seconds, tags.

    modules: files of the project that were imported with it, relative to its folder. notes: what is odd about it.
    """

    entrypoint: str
    flow_name: str
    description: str | None
    parameter_schema: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    connection: str | None = None
    modules: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def discover(
    root: Path, entrypoints: Iterable[str], *, timeout: float = TIMEOUT_SECONDS
) -> tuple[dict[str, Discovered], dict[str, DiscoveryError]]:
    """Entrypoint -> what was found, and entrypoint -> what is wrong. Each is in exactly one of the two."""
    found: dict[str, Discovered] = {}
    wrong: dict[str, DiscoveryError] = {}
    python: dict[str, list[str]] = {}
    for entrypoint in dict.fromkeys(entrypoints):
        file, _, function = entrypoint.partition(":")
        if function:
            python.setdefault(file, []).append(function)
            continue
        try:
            found[entrypoint] = discover_sql(root, file)
        except TurnoutError as error:
            wrong[entrypoint] = _as_discovery(error)
    listed = list(python.items())
    shares = [listed[at :: _parallel()] for at in range(min(_parallel(), len(listed)))]
    with ThreadPoolExecutor(_parallel()) as pool:
        for answers in pool.map(lambda share: probe_files(root, share, timeout), shares):
            for file, answer in answers.items():
                for function in python[file]:
                    _sort(f"{file}:{function}", answer[function], found, wrong)
    return found, wrong


def probe_files(root: Path, wanted: Sequence[tuple[str, list[str]]], timeout: float) -> dict[str, dict[str, Any]]:
    """file -> function -> the child's answer, or {"error": ...}; all by one process with a fork a file."""
    # -P: the project's folder, which may have a turnout.py, is not where this package is looked for.
    command = [sys.executable, "-P", "-m", "turnout.deploy.probes", f"{timeout:g}"]
    with subprocess.Popen(
        command,
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=_environment(),
    ) as child:
        answer, said = child.communicate(json.dumps(wanted).encode())
    answers = dict(json.loads(line) for line in answer.splitlines())
    last = said.decode(errors="replace").strip().splitlines()[-1:] or ["without a word"]
    lost = {"error": {"what": f"nobody could look at it: {last[0][:300]}", "where": None, "fix": "try again"}}
    return {file: answers.get(file) or dict.fromkeys(functions, lost) for file, functions in wanted}


def discover_sql(root: Path, file: str) -> Discovered:
    """What a SQL file says of itself. Raises DiscoveryError with its line."""
    try:
        text = (root / file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DiscoveryError(f"the file cannot be read: {error}", where=file, fix="save it as UTF-8 text") from None
    header = read_header(text, file)
    unused = unused_parameters(split_statements(text, file, header), header)
    return Discovered(
        entrypoint=file,
        flow_name=header.name or flow_name(file),
        description=header.description,
        parameter_schema=header.parameter_schema(),
        connection=header.connection,
        notes=tuple(f"the parameter '{name}' is declared and no statement uses it" for name in unused),
    )


def _parallel() -> int:
    return min(os.cpu_count() or 1, MOST_PROCESSES)


def _environment() -> dict[str, str]:
    # The child must find this very turnout, also when it was put on the path by hand.
    package = str(Path(__file__).parents[2])
    path = os.environ.get("PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if name not in CREDENTIALS}
    return kept | {"PYTHONPATH": f"{package}{os.pathsep}{path}" if path else package}


def _sort(
    entrypoint: str, answer: Mapping[str, Any], found: dict[str, Discovered], wrong: dict[str, DiscoveryError]
) -> None:
    if problem := answer.get("error"):
        wrong[entrypoint] = DiscoveryError(problem["what"], where=problem["where"], fix=problem["fix"])
        return
    found[entrypoint] = Discovered(
        entrypoint=entrypoint,
        flow_name=answer["flow_name"],
        description=answer["description"],
        parameter_schema=answer["parameter_schema"],
        options=answer["options"],
        modules=tuple(answer["modules"]),
    )


def _as_discovery(error: TurnoutError) -> DiscoveryError:
    if isinstance(error, DiscoveryError):
        return error
    return DiscoveryError(error.what, where=error.where, fix=error.fix)
