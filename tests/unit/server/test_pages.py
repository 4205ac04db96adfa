import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from turnout.core.records import Artifact
from turnout.server.pages.artifacts import draw
from turnout.server.pages.errors import error_page
from turnout.server.pages.html import Html, join, tag, visible
from turnout.server.pages.parts import first_line, spoken_seconds
from turnout.server.problems import make_problem

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


class Seen(HTMLParser):
    """The elements of a document with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def inert(text: str) -> bool:
    """Whether nothing in it runs or leaves the page by itself."""
    for name, attributes in Seen(text).elements:
        handlers = [key for key in attributes if key.startswith("on")]
        leads = [value for key, value in attributes.items() if key in ("href", "src") and value]
        if name == "script" or handlers or any(value.split(":")[0] in ("javascript", "vbscript") for value in leads):
            return False
    return True


def artifact(kind: str, data: dict[str, Any]) -> Artifact:
    return Artifact(run_id="1", attempt=1, number=0, key="k", kind=kind, at=datetime(2026, 1, 1, tzinfo=UTC), data=data)


def test_children_and_attributes_are_escaped() -> None:
    assert tag("p", EVIL, title=EVIL).count("<") == 2
    assert inert(tag("p", EVIL, title=EVIL))
    assert tag("p", Html("<b>x</b>"), None, 1, ["a", "<"]) == "<p><b>x</b>1a&lt;</p>"
    assert join("&", Html("&amp;")) == "&amp;&amp;"
    assert tag("input", disabled=True, hidden=False, data_x="1") == '<input disabled data-x="1">'


@pytest.mark.parametrize(
    ("given", "shown"),
    [("\x1b[31mred\x1b[0m", "red"), ("\x1b]8;;http://evil.test\x07link\x1b]8;;\x07", "link"), ("a\rb", "a␍b"),
     ("x\u202etxt", "x\ufffdtxt"), ("nul\x00", "nul␀"), ("two\nlines\t", "two\nlines\t"), ("\x9b31m", "\ufffd31m"),
     ("\ud800", "\ufffd")],
)  # fmt: skip
def test_terminal_and_direction_characters_do_nothing(given: str, shown: str) -> None:
    assert visible(given) == shown


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("markdown", {"markdown": EVIL}),
        ("link", {"link": "javascript:alert(1)", "link_text": EVIL}),
        ("link", {"link": " JaVaScRiPt:alert(1)"}),
        ("link", {"link": "data:text/html,<script>alert(1)</script>"}),
        ("link", {"link": "https://[evil"}),
        ("table", {"table": [{EVIL: EVIL}, "odd", 3, None]}),
        ("table", {"table": {EVIL: [EVIL], "b": 3}}),
        ("table", {"rows": [[EVIL]], "columns": [EVIL, {"a": 1}]}),
        ("image", {"base64": EVIL, "media_type": "image/png"}),
        ("image", {"base64": "AAAA", "media_type": "text/html"}),
        ("image", {"image_url": "javascript:alert(1)"}),
        ("progress", {"progress": EVIL}),
        ("progress", {"progress": 1e308}),
        ("progress", {"progress": 10**400}),
        ("table", {"rows": [{"a": 1}], "columns": [{"a": 1}, []]}),
        ("image", {"base64": "AAAA", "media_type": ["image/png"]}),
        ("unheard-of", {"a": json.loads("[" * 900 + "]" * 900)}),
        ("unheard-of", {EVIL: EVIL}),
    ],
)
def test_artifacts_of_any_shape_are_drawn_and_inert(kind: str, data: dict[str, Any]) -> None:
    assert inert(draw(artifact(kind, data)))


def test_an_image_is_drawn_and_a_web_link_leads_out() -> None:
    assert ("img", "data:image/png;base64,AAAA") in [
        (name, found.get("src")) for name, found in Seen(draw(artifact("image", {"base64": "AAAA"}))).elements
    ]
    assert draw(artifact("image", {"url": "data:image/png;base64,AAAA"})).startswith("<img")
    assert "<img" not in draw(artifact("image", {"url": "data:text/html;base64,AAAA"}))
    assert 'href="https://example.org/a"' in draw(artifact("link", {"link": "https://example.org/a"}))


def test_error_pages_are_escaped_and_say_how_to_mend_it() -> None:
    text = error_page(make_problem(404, "not_found", EVIL, where=EVIL, fix="look elsewhere"), "/").decode()
    assert inert(text)
    assert "Look elsewhere." in text
    assert "turnout login" in error_page(make_problem(401, "unauthorized", "x"), "/").decode()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0042, "4 ms"), (0.9999, "1.0 s"), (12.34, "12.3 s"), (59.99, "1 min 0 s"), (90000, "25 h 0 min")],
)
def test_lengths_of_time(seconds: float, said: str) -> None:
    assert spoken_seconds(seconds) == said


def test_reasons_are_cut_to_a_line() -> None:
    assert first_line("\n one\ntwo") == "one"
    assert first_line(None) == ""
    assert len(first_line("x" * 999)) == 200
