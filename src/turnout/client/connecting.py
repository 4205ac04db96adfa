"""Which server the settings mean: the one that is named, or the one that runs on the data folder."""

import contextlib
import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from turnout.client.admin import HttpAdminApi
from turnout.client.work import HttpWorkApi
from turnout.core.errors import ConfigurationError
from turnout.settings import Settings


class ServerFile(msgspec.Struct):
    """`server.json` in the data folder: present while a server holds the store."""

    url: str
    pid: int
    started_at: str = ""


def connect(settings: Settings) -> HttpAdminApi | None:
    """The server that `settings` name, else the one that runs on their data folder; None when there is neither.

    Raises ConfigurationError when the token that it takes is nowhere.
    """
    url = find_server(settings)
    if url is None:
        return None
    return HttpAdminApi(url, token(settings, "admin.token"), ca_file=ca_file(settings))


def connect_work(settings: Settings, pool: str, project: str | None = None) -> HttpWorkApi | None:
    """Like `connect`, with the token of the workers that serve `pool`: that of the project where there is one."""
    url = find_server(settings)
    if url is None:
        return None
    names = [f"pool.{pool}@{project}.token", f"pool.{pool}.token"]
    narrow = project is not None and (Path(settings.data_dir) / names[0]).exists()
    return HttpWorkApi(url, token(settings, names[0 if narrow else 1]), ca_file=ca_file(settings))


def find_server(settings: Settings) -> str | None:
    """The address of the named or the running server."""
    if settings.server_url:
        return settings.server_url
    found = read_server_file(Path(settings.data_dir))
    return found.url if found and _answers(found) else None


def read_server_file(folder: Path) -> ServerFile | None:
    """What the data folder says of a running server; None when it says nothing readable."""
    try:
        return msgspec.json.decode((folder / "server.json").read_bytes(), type=ServerFile)
    except (OSError, msgspec.DecodeError):
        return None


def _answers(server: ServerFile) -> bool:
    """Whether the server that left the file still listens: a killed one leaves its file behind."""
    try:
        os.kill(server.pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    parts = urlsplit(server.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with contextlib.suppress(OSError), socket.create_connection((parts.hostname or "127.0.0.1", port), timeout=2.0):
        return True
    return False


def token(settings: Settings, name: str) -> str:
    """The token of the settings, else the one in the file `name` of the data folder. Raises ConfigurationError."""
    if settings.token:
        return settings.token
    path = Path(settings.data_dir) / name
    try:
        return path.read_text().strip()
    except OSError as error:
        raise ConfigurationError(
            f"the token for the server is not to be had: {error.strerror or error}",
            where=str(path),
            fix="set TURNOUT_TOKEN, or copy the file from the server's data folder",
        ) from error


def ca_file(settings: Settings) -> str | None:
    """A server of this very machine is trusted by its own certificate, others as the environment says."""
    own = settings.tls_cert if settings.tls_cert and not settings.server_url else None
    return str(own) if own else os.environ.get("SSL_CERT_FILE") or None
