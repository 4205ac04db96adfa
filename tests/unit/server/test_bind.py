from pathlib import Path
from typing import Any

import pytest

from turnout.core.errors import ConfigurationError
from turnout.server.bind import base_url, check_bind, is_secure
from turnout.settings import Settings


def settings(**changes: Any) -> Settings:
    return Settings(data_dir=Path("/nowhere"), **changes)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.9", "localhost", "::1", "[::1]"])
def test_loopback_is_free(host: str) -> None:
    check_bind(settings(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5", "turnout.example", "localhost.evil.test", ""])
def test_anything_else_needs_tls_or_a_proxy(host: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        check_bind(settings(host=host))
    assert refused.value.fix is not None
    assert "TURNOUT_TLS_CERT" in refused.value.fix
    assert "TURNOUT_TRUSTED_PROXY" in refused.value.fix
    check_bind(settings(host=host, tls_cert=Path("c"), tls_key=Path("k")))
    check_bind(settings(host=host, trusted_proxy="10.0.0.1"))


def test_a_certificate_needs_its_key() -> None:
    with pytest.raises(ConfigurationError, match="key"):
        check_bind(settings(tls_cert=Path("c")))


def test_the_address_as_others_reach_it() -> None:
    assert base_url(settings(), 4747) == "http://127.0.0.1:4747"
    assert base_url(settings(host="::1"), 1) == "http://[::1]:1"
    assert base_url(settings(host="0.0.0.0", tls_cert=Path("c")), 443) == "https://127.0.0.1:443"


def test_cookies_are_secure_behind_tls_and_proxies() -> None:
    assert not is_secure(settings())
    assert is_secure(settings(trusted_proxy="10.0.0.1"))
    assert is_secure(settings(tls_cert=Path("c")))
