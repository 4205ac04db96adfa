"""Answers made smaller, for those who take them so."""

import gzip
from pathlib import Path

import pytest

from tests.serving import deployment, served, snapshot
from turnout.server.encoding import WORTH_BYTES, accepted, smaller

LARGE = b"county " * WORTH_BYTES


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("gzip, deflate, br", ["gzip", "deflate", "br"]),
        ("GZIP;q=0.5 , br;q=1.0", ["gzip", "br"]),
        ("gzip;q=0, br; q=0.000", []),
        ("gzip;q=0.001", ["gzip"]),
    ],
)
def test_what_a_client_takes(header: str, names: list[str]) -> None:
    assert accepted(header) == names


def test_a_large_body_is_made_smaller() -> None:
    packed = smaller(LARGE, "gzip, br")
    assert packed is not None
    assert len(packed) < len(LARGE) / 10
    assert gzip.decompress(packed) == LARGE


@pytest.mark.parametrize(("body", "header"), [(LARGE, ""), (LARGE, "br"), (LARGE, "gzip;q=0"), (LARGE[:1000], "gzip")])
def test_other_bodies_stay_as_they_are(body: bytes, header: str) -> None:
    assert smaller(body, header) is None


def test_the_server_answers_by_what_is_taken(tmp_path: Path) -> None:
    with served(tmp_path) as server, server.admin() as api, server.http(server.token()) as http:
        wanted = snapshot(*(deployment(f"load-{number}") for number in range(20)))
        api.apply(wanted, bundle=None, commit=None, author=None, message=None)
        query = {"project": wanted.project, "environment": wanted.environment}
        packed = http.get("/api/v1/production", params=query, headers={"Accept-Encoding": "gzip"})
        plain = http.get("/api/v1/production", params=query, headers={"Accept-Encoding": "identity"})
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
        assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 3
        assert packed.json() == plain.json()
