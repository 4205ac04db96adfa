"""Flows from elsewhere: a folder, or a git repository that is cloned into the data folder."""

import hashlib
import os
import subprocess
from pathlib import Path
from typing import Any

from turnout.core.errors import ConfigurationError, DiscoveryError
from turnout.engine.connect import data_dir, find_project
from turnout.engine.definitions.load import load_entrypoint, search

_SCHEMES = ("https://", "http://", "ssh://", "git@", "file://")
_SECONDS = 600


def load_flow(source: Any, entrypoint: str) -> Any:
    """The flow `path/file.py:function` of `source`: a folder, the address of a git repository, or an object with `url`.

    Its folder comes first where modules are looked for. Raises ConfigurationError, DiscoveryError.
    """
    root = folder_of(source)
    path, _, function = entrypoint.partition(":")
    file = Path(os.path.realpath(root / path))
    if not file.is_relative_to(os.path.realpath(root)):
        raise DiscoveryError(f"'{path}' leads out of {root}", where=entrypoint, fix="name a file inside of it")
    for folder in (str(file.parent), str(root)):
        search(folder)
    return load_entrypoint(f"{file}:{function}" if function else str(file))


def folder_of(source: Any) -> Path:
    """Where the code is; a repository is cloned, or brought up to date."""
    given = str(getattr(source, "url", source))
    if given.startswith(_SCHEMES):
        return _cloned(given)
    folder = Path(given).expanduser()
    if not folder.is_dir():
        raise ConfigurationError(
            f"there is no folder '{given}'", fix=f"give a folder, or an address that begins with {', '.join(_SCHEMES)}"
        )
    return folder.resolve()


def _cloned(url: str) -> Path:
    """A shallow clone, a fresh one each time it is asked for: the newest code is what runs."""
    root = Path(data_dir(find_project(str(Path.cwd())))) / "sources"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = root / hashlib.sha256(url.encode()).hexdigest()[:24]
    if (folder / ".git").is_dir():
        _git("-C", str(folder), "fetch", "--quiet", "--depth", "1", "origin", "HEAD")
        _git("-C", str(folder), "reset", "--quiet", "--hard", "FETCH_HEAD")
    else:
        _git("clone", "--quiet", "--depth", "1", "--no-recurse-submodules", "--", url, str(folder))
    return folder


def _git(*arguments: str) -> None:
    # Only these transports: an address such as ext::... would run a command.
    environ = os.environ | {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "https:http:ssh:file", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", *arguments],
            env=environ,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise ConfigurationError("git is not installed", fix="install git, or give a folder") from None
    except subprocess.TimeoutExpired:
        raise ConfigurationError(f"git took more than {_SECONDS} s") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["no word"]
        raise ConfigurationError(f"git failed: {said[-1][:300]}", fix="check the address and that you may read it")
