"""The side-by-side page says what is so: its numbers are counted, and what it shows of Turnout passes the check."""

import re
import shutil
from pathlib import Path

import yaml

from tests.acceptance.repository import turnout, write

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "explanation" / "from-prefect-yaml.md").read_text()
BLOCK = re.compile(r"^```(\w+) (before|here)=(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(side: str, subject: str, language: str | None = None) -> list[str]:
    """The code of one side about a subject, in the page's order."""
    return [
        code
        for kind, where, what, code in BLOCK.findall(PAGE)
        if (where, what) == (side, subject) and language in (None, kind)
    ]


def lines(*codes: str) -> int:
    """Lines that somebody wrote: neither blank nor a comment."""
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for code in codes for line in code.splitlines())


def test_the_table_counts_what_is_shown() -> None:
    said = [
        [int(number) for number in re.findall(r"\d+", row)] for row in re.findall(r"^\| [a-z].*\|$", PAGE, re.MULTILINE)
    ]
    yaml_before, script = blocks("before", "deployments")
    counted = [
        [lines(yaml_before), lines(script), lines(*blocks("here", "deployments"))],
        [lines(*blocks("before", "ci"))],
        [lines(*blocks("before", "secrets")), lines(*blocks("here", "secrets"))],
        [lines(*blocks("before", "limit")), *map(lines, blocks("here", "limit"))],
        [lines(*blocks("before", "logger"))],
    ]
    assert said[1:] == counted


def test_what_was_before_is_well_formed() -> None:
    for subject in ("deployments", "ci"):
        for code in blocks("before", subject, "yaml"):
            assert isinstance(yaml.safe_load(code), dict)
    for subject in ("deployments", "secrets", "limit", "logger"):
        for code in blocks("before", subject, "python"):
            compile(code, subject, "exec")


def test_what_is_here_passes_the_check(tmp_path: Path) -> None:
    parts = [code for subject in ("deployments", "secrets", "limit") for code in blocks("here", subject, "yaml")]
    folder = tmp_path / "organising"
    shutil.copytree(ROOT / "examples" / "organising-team", folder, ignore=shutil.ignore_patterns(".turnout"))
    source = folder / "flows" / "van" / "source_codes.py"
    source.write_text(source.read_text().replace("van_url: str)", 'van_url: str = "https://api.example.org")'))
    write(folder, {"turnout.yaml": "".join(parts)})
    checked = turnout(folder, "check", TURNOUT_SERVER="https://turnout.example.org")
    assert checked.returncode == 0, checked.stderr
