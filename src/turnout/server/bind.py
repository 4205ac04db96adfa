"""Where the server may listen: loopback freely, anything else only with TLS or behind a trusted proxy."""

import ipaddress

from turnout.core.errors import ConfigurationError
from turnout.settings import Settings

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 (compared with, never bound to unasked)


def check_bind(settings: Settings) -> None:
    """Raise ConfigurationError if listening at `settings.host` would send tokens in the clear."""
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise ConfigurationError(
            "TLS needs a certificate and its key", where="tls_cert, tls_key", fix="set both settings, or neither"
        )
    if is_loopback(settings.host) or settings.tls_cert or settings.trusted_proxy:
        return
    raise ConfigurationError(
        f"the server does not listen at {settings.host} without TLS: tokens would travel in the clear",
        where="host",
        fix="give --tls-cert and --tls-key (TURNOUT_TLS_CERT, TURNOUT_TLS_KEY); or put a proxy that ends TLS before it "
        "and name its address in trusted_proxy (TURNOUT_TRUSTED_PROXY); or listen at 127.0.0.1 and use an SSH tunnel",
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`. Names other than localhost are not trusted to stay here."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_secure(settings: Settings) -> bool:
    """Whether browsers reach the server by HTTPS: cookies are then marked so."""
    return bool(settings.tls_cert or settings.trusted_proxy)


def base_url(settings: Settings, port: int) -> str:
    """The server's address as people and tools on this machine reach it."""
    scheme = "https" if settings.tls_cert else "http"
    host = settings.host.strip("[]")
    if host in EVERYWHERE:
        host = "127.0.0.1"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
