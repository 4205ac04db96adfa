"""Files stay small enough to be read at one sitting."""

from pathlib import Path
from statistics import quantiles

import pytest

from tests.architecture.tree import ROOT, python_files, relative

LONGEST = 600
NINETIETH_PERCENTILE = 400
GENERATED: frozenset[str] = frozenset()
"""Files written by a program, by their path below the root; they may be as long as they are."""

FOLDERS = [name for name in ("src/turnout", "tests", "benchmarks", "scripts", "examples") if (ROOT / name).is_dir()]


def lengths(folder: Path) -> dict[str, int]:
    """Path -> lines of each Python file written by hand."""
    return {
        relative(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in python_files(folder)
        if relative(path) not in GENERATED
    }


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_is_too_long(folder: str) -> None:
    too_long = {name: lines for name, lines in lengths(ROOT / folder).items() if lines > LONGEST}
    assert not too_long, f"split these: {too_long}"


def test_nine_of_ten_files_are_short() -> None:
    found = lengths(ROOT / "src" / "turnout")
    assert quantiles(found.values(), n=10)[-1] < NINETIETH_PERCENTILE, sorted(found.items(), key=lambda i: -i[1])[:10]


def test_generated_files_exist() -> None:
    assert [name for name in GENERATED if not (ROOT / name).exists()] == []
