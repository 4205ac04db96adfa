"""One frozen `Settings`: defaults < `<data folder>/config.toml` < environment. docs/reference/settings.md has them all.

`load` is the only reader of the file; values that cannot be are refused by name, with where they were given.
"""

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from turnout.core import limits
from turnout.core.errors import ConfigurationError

CONFIG_FILE = "config.toml"
PROJECT_FILE = "turnout.yaml"
PROJECT_DATA = ".turnout"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How this computer's Turnout behaves. Seconds are floats; folders and files are absolute."""

    data_dir: Path
    """Where store, tokens, spools and bundles live. TURNOUT_DATA, else `.turnout` beside the nearest turnout.yaml,
    else `$XDG_DATA_HOME/turnout`."""
    database_url: str | None = field(default=None, repr=False)
    """The PostgreSQL database that holds the store, `postgresql://...` (TURNOUT_DATABASE). None: SQLite in `data_dir`.
    It may hold a password: it is shown nowhere."""
    database_notify: bool = True
    """Whether servers of one database wake each other by NOTIFY; without, they look every few seconds."""
    project_dir: Path | None = None
    """The folder of the nearest turnout.yaml; found, never set."""
    environment: str = "production"
    """Which of the manifest's environments commands mean (TURNOUT_ENVIRONMENT, or `--env`)."""
    server_url: str | None = None
    """The server that commands and workers talk to (TURNOUT_SERVER). None: the one running on `data_dir`, if any."""
    token: str | None = field(default=None, repr=False)
    """The credential for `server_url`. None: the file in `data_dir`."""
    host: str = "127.0.0.1"
    """Where the server listens. Beyond loopback it needs TLS or a trusted proxy."""
    port: int = 4747
    """The server's port; 0 takes a free one."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names, beside the obvious ones, that the server answers to."""
    tls_cert: Path | None = None
    """The server's certificate chain, PEM; needs `tls_key`."""
    tls_key: Path | None = None
    """The certificate's key, PEM."""
    trusted_proxy: str | None = None
    """The address of the proxy that ends TLS before the server."""
    root_path: str = ""
    """The path that a proxy shows the server at, such as `/turnout`; the proxy may take it off or leave it."""
    oidc_issuer: str = "https://token.actions.githubusercontent.com"
    """Who vouches for workflows that deploy: GitHub, or the address of an own GitHub Enterprise server."""
    oidc_audience: str | None = None
    """What workflows ask their identity token for. None: this server's own address; behind a proxy, its public one."""
    repo_url: str | None = None
    """A git repository whose branch `repo_branch` the server follows: it applies each commit that passes the check."""
    repo_branch: str = "main"
    """The branch that is followed."""
    repo_poll_seconds: float = 60.0
    """How often the repository is asked for news; a webhook tells at once."""
    repo_previews: bool = False
    """Whether every other branch has a preview: an environment of its own, gone with the branch."""
    webhook_secret: str | None = field(default=None, repr=False)
    """What the git server signs its webhooks with. None: there are none."""
    lease_seconds: float = limits.LEASE_SECONDS
    """How long an executor holds a run without renewing; it renews every third of it."""
    sweep_seconds: float = limits.SWEEP_SECONDS
    """How often lapsed leases are looked for."""
    heartbeat_seconds: float = 10.0
    """How long a heartbeat waits for a command before it is answered. Less than `lease_seconds`; a third of it unless
    set."""
    keep_runs_days: float = 90.0
    """How long a run that is over is kept, with its tasks. Here and below: 0 keeps for ever."""
    keep_logs_days: float = 30.0
    """How long the log of a run that is over is kept."""
    keep_artifacts_days: float = 90.0
    """How long the artifacts of a run that is over are kept."""
    keep_events_days: float = 7.0
    """How long events are kept."""
    keep_releases_days: float = 90.0
    """How long a release that was replaced is kept, with its bundle, when no run names it. The last ten always are."""
    keep_refused_days: float = 30.0
    """How long journals that could not be stored are kept."""
    cancel_grace_seconds: float = limits.CANCEL_GRACE_SECONDS
    """Between asking a run to stop and killing it."""
    poll_seconds: float = 20.0
    """How long a worker's request for work waits for some."""
    worker_capacity: int = 10
    """The most runs that a worker executes at once."""
    pass_variables: tuple[str, ...] = ()
    """Environment variables of a worker that its runs see, beside PATH, HOME, proxies and the like."""
    full_traceback: bool = False
    """Show the engine's own frames in users' tracebacks."""
    result_storage: str = ""
    """Where results are stored that name no place themselves: a folder or an fsspec URL; empty for the data folder."""
    strict: bool = False
    """Whether flows that do not say so themselves behave exactly as under Prefect."""


def load(start: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings that hold for `start`, a file or folder (default: the current folder).

    Raises ConfigurationError that names the file and key, or the variable, and how to mend it.
    """
    project = find_project(Path(start) if start is not None else Path.cwd())
    data_dir = _data_dir(project, environ)
    values = dict(_from_file(data_dir / CONFIG_FILE))
    values.update(_from_environment(environ))
    values.setdefault("heartbeat_seconds", values.get("lease_seconds", limits.LEASE_SECONDS) / 3)
    settings = Settings(data_dir=data_dir, project_dir=project, **values)
    if settings.heartbeat_seconds >= settings.lease_seconds:
        raise ConfigurationError(
            f"heartbeat_seconds ({settings.heartbeat_seconds:g}) must be less than lease_seconds "
            f"({settings.lease_seconds:g}): leases would lapse between two heartbeats",
            where=str(data_dir / CONFIG_FILE),
            fix="make the lease three times as long as the heartbeat",
        )
    return settings


def find_project(start: Path) -> Path | None:
    """The nearest folder at or above `start` that holds a turnout.yaml."""
    folder = Path(os.path.abspath(start))
    return next((at for at in (folder, *folder.parents) if (at / PROJECT_FILE).is_file()), None)


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return _VARIABLES.get(name, f"TURNOUT_{name.upper()}")


def _data_dir(project: Path | None, environ: Mapping[str, str]) -> Path:
    if environ.get("TURNOUT_DATA"):
        return Path(os.path.abspath(Path(environ["TURNOUT_DATA"]).expanduser()))
    if project is not None:
        return project / PROJECT_DATA
    # The XDG specification: a relative path is to be ignored.
    shared = environ.get("XDG_DATA_HOME", "")
    base = Path(shared) if os.path.isabs(shared) else Path(environ.get("HOME") or Path.home()) / ".local" / "share"
    return base / "turnout"


def _from_file(path: Path) -> Iterator[tuple[str, Any]]:
    for key, value in _read(path).items():
        where = f"{path}, key '{key}'"
        if key not in _READERS:
            raise ConfigurationError(
                f"there is no setting '{key}'",
                where=where,
                fix=f"remove it; settings are: {', '.join(sorted(_READERS))}",
            )
        yield key, _READERS[key](_Given(value, where, path.parent))


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for name, read in _READERS.items():
        text = environ.get(variable(name), "")
        if text:
            yield name, read(_Given(text, f"environment variable {variable(name)}", Path.cwd()))


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"the settings cannot be read: {error}", where=str(path), fix="write `key = value` lines of TOML, in UTF-8"
        ) from None


@dataclass(frozen=True)
class _Given:
    """A value, where it was given, and the folder that relative paths start from. Variables give text only."""

    value: Any
    where: str
    folder: Path

    def refuse(self, expected: str) -> ConfigurationError:
        """The error for a value that is not what it must be."""
        return ConfigurationError(f"{self.value!r} is not {expected}", where=self.where, fix=f"give {expected}")


def _text(given: _Given) -> str:
    if not isinstance(given.value, str) or not given.value.strip():
        raise given.refuse("a text")
    return given.value.strip()


def _path(given: _Given) -> Path:
    return Path(os.path.abspath(given.folder / Path(_text(given)).expanduser()))


def _url(given: _Given) -> str:
    text = _text(given)
    if not text.startswith(("http://", "https://")):
        raise given.refuse("an address such as https://turnout.example.org")
    return text.rstrip("/")


def _environment(given: _Given) -> str:
    text = _text(given)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", text):
        raise given.refuse("the name of an environment such as staging")
    return text


def _root(given: _Given) -> str:
    text = "/" + _text(given).strip("/")
    if not re.fullmatch(r"(/[\w.~-]+)+", text, re.ASCII):
        raise given.refuse("a path such as /turnout")
    return text


def _database(given: _Given) -> str:
    text = given.value.strip() if isinstance(given.value, str) else ""
    if not text.startswith(("postgresql://", "postgres://")):
        # Never the value itself: it may hold a password.
        raise ConfigurationError(
            "the database's address is none of PostgreSQL",
            where=given.where,
            fix="give postgresql://USER:PASSWORD@HOST:5432/DATABASE; for SQLite, leave it out: it lies in data_dir",
        )
    return text


def _number(given: _Given, least: float, most: float, expected: str) -> float:
    try:
        number = float(given.value)
    except (TypeError, ValueError):
        raise given.refuse(expected) from None
    if isinstance(given.value, bool) or not least <= number <= most:
        raise given.refuse(expected)
    return number


def _whole(given: _Given, least: int, most: int, expected: str) -> int:
    number = _number(given, least, most, expected)
    if number != int(number):
        raise given.refuse(expected)
    return int(number)


def _seconds(given: _Given) -> float:
    return _number(given, 0.001, 86400.0, "a number of seconds between 0.001 and 86400")


def _days(given: _Given) -> float:
    expected = "a number of days, at least 1, or 0 for ever"
    days = _number(given, 0.0, 36500.0, expected)
    if 0 < days < 1:
        raise given.refuse(expected)
    return days


def _port(given: _Given) -> int:
    return _whole(given, 0, 65535, "a port number from 0 to 65535")


def _capacity(given: _Given) -> int:
    return _whole(given, 1, 10_000, "a whole number from 1 to 10000")


def _flag(given: _Given) -> bool:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    text = str(given.value).lower()
    if text not in known:
        raise given.refuse("true or false")
    return known[text]


def _hosts(given: _Given) -> tuple[str, ...]:
    names = given.value.split(",") if isinstance(given.value, str) else given.value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise given.refuse("a list of host names (in the environment: separated by commas)")
    return tuple(name.strip() for name in names if name.strip())


def _names(given: _Given) -> tuple[str, ...]:
    names = given.value.split(",") if isinstance(given.value, str) else given.value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise given.refuse("a list of names of environment variables (in the environment: separated by commas)")
    return tuple(name.strip() for name in names if name.strip())


_VARIABLES = {"server_url": "TURNOUT_SERVER", "data_dir": "TURNOUT_DATA", "database_url": "TURNOUT_DATABASE"}
_READERS: dict[str, Callable[[_Given], Any]] = {
    "database_url": _database,
    "database_notify": _flag,
    "environment": _environment,
    "server_url": _url,
    "token": _text,
    "host": _text,
    "port": _port,
    "allowed_hosts": _hosts,
    "tls_cert": _path,
    "tls_key": _path,
    "trusted_proxy": _text,
    "root_path": _root,
    "oidc_issuer": _url,
    "oidc_audience": _text,
    "repo_url": _text,
    "repo_branch": _text,
    "repo_poll_seconds": _seconds,
    "repo_previews": _flag,
    "webhook_secret": _text,
    "lease_seconds": _seconds,
    "sweep_seconds": _seconds,
    "heartbeat_seconds": _seconds,
    "keep_runs_days": _days,
    "keep_logs_days": _days,
    "keep_artifacts_days": _days,
    "keep_events_days": _days,
    "keep_releases_days": _days,
    "keep_refused_days": _days,
    "cancel_grace_seconds": _seconds,
    "poll_seconds": _seconds,
    "worker_capacity": _capacity,
    "pass_variables": _names,
    "full_traceback": _flag,
    "result_storage": _text,
    "strict": _flag,
}
SETTABLE = tuple(item.name for item in fields(Settings) if item.name in _READERS)
"""The settings that the file and the environment may give."""
