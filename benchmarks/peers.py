"""Other orchestrators, each in an environment of its own under `.bench/peers`, made on first use."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(__file__).parent.parent / ".bench" / "peers"


class PeerMissing(Exception):
    """The peer cannot be installed or does not start here; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Peer:
    """What pip has to bring. steps: one `pip install` each; distribution, version: what must be there in the end, in
    which release where only that one works."""

    name: str
    distribution: str
    steps: tuple[tuple[str, ...], ...]
    version: str | None = None


PREFECT = Peer(
    name="prefect",
    distribution="prefect",
    version="3.9.1",
    # Pip alone takes an older Prefect whose server does not start, so the requirements are met first and the release
    # that is measured is put in without a look at them.
    steps=(
        (
            "prefect==3.8.8",
            "fastapi<0.151,>=0.139",
            "whenever>=0.10.5,<0.12",
            "ruamel-yaml!=0.19.0,>=0.17.0",
            "python-slugify<9.2,>=9",
            "apprise<2.1",
        ),
        ("--no-deps", "prefect==3.9.1"),
    ),
)
DBOS = Peer(name="dbos", distribution="dbos", steps=(("dbos",),))
DAGSTER = Peer(name="dagster", distribution="dagster", steps=(("dagster",),))
AIRFLOW = Peer(name="airflow", distribution="apache-airflow", steps=(("apache-airflow",),))
LUIGI = Peer(name="luigi", distribution="luigi", steps=(("luigi",),))


def install(peer: Peer, cache: Path = CACHE) -> Path:
    """The Python of the peer's environment, made when it is not there yet. Raises PeerMissing."""
    folder = cache / peer.name
    python = folder / "bin" / "python"
    if not installed(peer, cache):
        print(f"installing {peer.name}; this takes a minute", file=sys.stderr, flush=True)
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        for step in peer.steps:
            _run([str(python), "-m", "pip", "install", "-q", *step])
        if not installed(peer, cache):
            raise PeerMissing(f"{peer.name} {peer.version or ''} was installed and is not there")
    return python


def installed(peer: Peer, cache: Path = CACHE) -> str | None:
    """The version in the peer's environment; None if it is not there, or another than the one that is measured."""
    probe = f"import importlib.metadata as m; print(m.version({peer.distribution!r}))"
    try:
        done = subprocess.run(
            [str(cache / peer.name / "bin" / "python"), "-c", probe], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    found = done.stdout.strip()
    if done.returncode or (peer.version is not None and found != peer.version):
        return None
    return found


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerMissing(f"{' '.join(command[:4])} ... failed: {done.stderr[-500:]}")
