"""Where a request comes from: the names this server answers to, and pages of other sites that may not speak to it."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from turnout.core.errors import Forbidden

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@lru_cache(maxsize=256)
def host_name(header: str) -> str | None:
    """The host of a `Host` header without its port, in lower case; None if it is not one."""
    try:
        parts = urlsplit(f"//{header}")
        _ = parts.port
    except ValueError:
        return None
    if not header or parts.netloc != header or "@" in header or parts.hostname is None:
        return None
    return parts.hostname.rstrip(".").lower()


def allowed_names(bound: str, extra: Iterable[str]) -> frozenset[str]:
    """The names that requests may be addressed to: loopback, the bound address, and what the settings add."""
    return LOOPBACK | {bound.strip("[]").lower()} | {name.lower() for name in extra}


def check_origin(method: str, headers: Mapping[str, str], schemes: Iterable[str], *, session: bool) -> None:
    """Refuse what another site's page asks for. Raises Forbidden.

    A foreign `Origin` is refused whoever asks. A browser's session must besides prove, on everything but reading, that
    its own page asks; and what its fetch metadata calls cross-site may only be a navigation.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    own = {f"{scheme}://{headers.get('host', '')}".lower() for scheme in schemes}
    if origin is not None and origin.lower() not in own:
        raise Forbidden("a page of another site may not use this server", where=f"Origin: {origin[:200]}")
    if not session:
        return
    navigation = method in SAFE_METHODS and headers.get("sec-fetch-mode") == "navigate"
    if site not in (None, "same-origin", "none") and not navigation:
        raise Forbidden("a page of another site may not use this session")
    if method not in SAFE_METHODS and origin is None and site != "same-origin":
        raise Forbidden(
            "a session may only change things from this server's own pages", fix="use a token in scripts and tools"
        )
