"""The repository works anywhere: no machine's paths, no package index, nothing that only one clone has."""

import os
import re
import stat
import tomllib

import pytest

from tests.architecture.tree import ROOT, relative, tracked_files

# One letter of each name stands in brackets, so that this file keeps its own rule.
MACHINE_PATH = re.compile(r"(?<![\w.~/-])/(?:w[o]rk|r[o]ot)(?![\w-])|\.p[y]env/|\.\./s[h]ared|\.l[i]brary/")
PACKAGE_INDEX = re.compile(
    r"p[y]pi\.(?:org|python\.org)|pythonh[o]sted\.org|registry\.n[p]mjs\.org|registry\.y[a]rnpkg\.com|deb\.d[e]bian\.org"
    r"|/s[i]mple/(?=\s|$)|--(?:extra-)?i[n]dex-url|^\s*registr[y]\s*=",
    re.MULTILINE,
)
TEXT_SUFFIXES = {"", ".cfg", ".css", ".html", ".in", ".ini", ".js", ".json", ".lock", ".md", ".py", ".sh", ".sql",
                 ".toml", ".ts", ".tsx", ".txt", ".xml", ".yaml", ".yml"}  # fmt: skip

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def hits(pattern: re.Pattern[str]) -> list[str]:
    """Where `pattern` occurs in the text files of the repository."""
    return [
        f"{relative(path)}: {match.group().strip()}"
        for path in tracked_files()
        if path.suffix in TEXT_SUFFIXES
        for match in pattern.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]


def test_no_machine_path() -> None:
    assert hits(MACHINE_PATH) == []


def test_no_package_index() -> None:
    assert hits(PACKAGE_INDEX) == []


@pytest.mark.parametrize("name", ["requirements.lock"])
def test_a_lock_file_holds_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert all("--hash=sha256:" in block for block in re.split(r"\n(?=[\w-]+==)", text)[1:])


def test_the_lock_has_every_declared_package() -> None:
    locked = {
        plain(name) for name in re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    }
    project = PROJECT["project"]
    declared = [*project["dependencies"]]
    declared += [line for extra in project["optional-dependencies"].values() for line in extra]
    declared += [item for group in PROJECT["dependency-groups"].values() for item in group if isinstance(item, str)]
    assert {package(line) for line in declared} - locked == set(), "run ./dev lock"


@pytest.mark.skipif(not (ROOT / "examples" / "field-plan").exists(), reason="there is no example")
def test_the_example_group_is_what_the_example_asks_for() -> None:
    example = tomllib.loads((ROOT / "examples" / "field-plan" / "pyproject.toml").read_text(encoding="utf-8"))
    asked = {package(line) for line in example["project"]["dependencies"]} - {"turnout"}
    assert asked == {package(line) for line in PROJECT["dependency-groups"]["example"]}


def test_scripts_can_be_executed() -> None:
    scripts = [path for path in tracked_files() if path.read_bytes()[:2] == b"#!"]
    assert [relative(path) for path in scripts if not path.stat().st_mode & stat.S_IXUSR] == []


def test_no_file_is_huge() -> None:
    assert [relative(path) for path in tracked_files() if path.stat().st_size > 1_000_000] == []


def test_nothing_tracked_is_generated() -> None:
    parts = {"__pycache__", ".venv", ".turnout", "uv.lock", "node_modules", "dist"}
    assert [relative(path) for path in tracked_files() if parts & set(relative(path).split("/"))] == []


def package(requirement: str) -> str:
    """The package a requirement names."""
    return plain(re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0])


def plain(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_paths_are_portable() -> None:
    names = [relative(path) for path in tracked_files()]
    assert [name for name in names if os.sep != "/" or re.search(r'[<>:"|?*\\]', name)] == []
    assert len({name.lower() for name in names}) == len(names)
