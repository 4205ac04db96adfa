"""The built UI as it is served."""

import base64
import gzip
import hashlib
import json
import os
import re
from pathlib import Path

import pytest

from turnout.server.openapi import json_document
from turnout.server.routes.ui import PAGES
from turnout.server.table import ROUTES
from turnout.server.ui import BuiltUi

UI = Path(__file__).parents[3] / "ui"
SCRIPT = "document.title = 1"
GZIPPED = gzip.compress(b"let a", mtime=0)  # the same in every process that collects these tests


@pytest.fixture
def built(tmp_path: Path) -> BuiltUi:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(
        f"<head><!--turnout:head--><script>{SCRIPT}</script><style>a {{}}</style></head>"
    )
    (tmp_path / "assets" / "a-1.js").write_text("let a")
    (tmp_path / "assets" / "a-1.js.gz").write_bytes(GZIPPED)
    (tmp_path / "assets" / "a-1.js.br").write_bytes(b"brotli")
    (tmp_path / "assets" / "bare.css").write_text("a {}")
    (tmp_path / "secret.js").write_text("no")
    return BuiltUi(tmp_path)


def test_a_folder_without_a_document_is_no_build(tmp_path: Path) -> None:
    assert not BuiltUi(tmp_path).built
    assert not BuiltUi(tmp_path / "nowhere").built


def test_the_policy_names_inline_text_by_its_digest_and_allows_nothing_else(built: BuiltUi) -> None:
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    assert f"script-src 'self' 'sha256-{digest}';" in built.policy
    assert "default-src 'none'" in built.policy
    assert "unsafe" not in built.policy


def test_the_document_holds_its_base_and_no_name_can_leave_the_boot_data(built: BuiltUi) -> None:
    text = built.document("/some/prefix/", {"user": "</script><script>alert(1)"}, page="home").decode()
    assert '<base href="/some/prefix/">' in text
    found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', text)
    assert found
    assert json.loads(found.group(1)) == {"base": "/some/prefix/", "user": "</script><script>alert(1)"}


def test_a_page_names_its_own_scripts_so_that_they_come_with_the_frame(built: BuiltUi, tmp_path: Path) -> None:
    manifest = {
        "index.html": {"file": "assets/a-1.js"},
        "_table.js": {"file": "assets/table-2.js", "imports": ["index.html", "_icon.js"]},
        "_icon.js": {"file": "assets/icon-4.js", "imports": ["_table.js"]},
        "src/features/run/page.tsx": {"file": "assets/page-3.js", "imports": ["index.html", "_table.js"]},
    }
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    frame = '<head><!--turnout:head--><script type="module" src="./assets/a-1.js"></script></head>'
    (tmp_path / "index.html").write_text(frame)
    text = built.document("/", {}, page="run").decode()
    assert re.findall(r'<link rel="modulepreload" crossorigin href="\./([^"]+)">', text) == [
        "assets/page-3.js",
        "assets/table-2.js",
        "assets/icon-4.js",
    ]
    assert "modulepreload" not in built.document("/", {}, page="home").decode()


@pytest.mark.parametrize(
    ("accepted", "encoding", "content"),
    [
        ("gzip, deflate, br", "br", b"brotli"),
        ("gzip", "gzip", GZIPPED),
        ("br;q=0, identity", None, b"let a"),
        ("", None, b"let a"),
    ],
)
def test_an_asset_comes_as_the_browser_likes_it(
    built: BuiltUi, accepted: str, encoding: str | None, content: bytes
) -> None:
    found = built.asset("a-1.js", accepted)
    assert found is not None
    assert (found.encoding, found.media) == (encoding, "text/javascript")
    assert len(found.content) == len(content)


@pytest.mark.parametrize(
    "name", ["secret.js", "../secret.js", "..", "", "a-1.js.br", "nothing.js", "a-1.js/x", "stamp"]
)
def test_nothing_but_assets_is_handed_out(built: BuiltUi, name: str) -> None:
    assert built.asset(name, "br") is None


def test_a_build_that_takes_its_place_is_seen(built: BuiltUi, tmp_path: Path) -> None:
    assert built.built
    assert built.asset("a-1.js", "") is not None
    (tmp_path / "assets" / "a-1.js").rename(tmp_path / "assets" / "a-2.js")
    (tmp_path / "index.html").write_text("<!--turnout:head-->new")
    os.utime(tmp_path / "index.html", ns=(1, 1))
    assert built.built
    assert built.asset("a-1.js", "") is None
    assert built.asset("a-2.js", "") is not None
    assert built.document("/", {}, page="home").endswith(b"new")


def test_what_is_not_compressed_comes_as_it_is(built: BuiltUi) -> None:
    found = built.asset("bare.css", "br, gzip")
    assert found is not None
    assert found.encoding is None


def test_the_types_of_the_ui_are_made_from_these_routes() -> None:
    digest = hashlib.sha256(json_document(ROUTES).encode()).hexdigest()
    first = (UI / "src" / "lib" / "api.gen.ts").read_text().split("\n", 1)[0]
    assert digest in first, "make them anew: ./dev ui api"


def test_the_router_has_the_pages_of_the_server() -> None:
    text = (UI / "src" / "app" / "router.tsx").read_text()
    paths = {re.sub(r"\$(\w+)", r"{\1}", path) for path in re.findall(r'path: "(/[^"]*)"', text)}
    assert paths - {"/dev/components"} == set(PAGES)
