"""The frame of every page. The style sheet is part of the page, allowed by its hash, so that login and error pages
need no public file."""

import base64
import hashlib
from importlib.resources import files

from turnout.server.pages.html import Child, Html, join, tag

STYLE = files("turnout.server.pages").joinpath("style.css").read_text("utf-8")
SCRIPT = files("turnout.server.pages").joinpath("page.js").read_bytes()
STYLE_HASH = "sha256-" + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' "
    "rx='8' fill='%232f5bd0'/%3E%3Cpath d='M7 24 25 24M7 24C15 24 15 9 25 9' fill='none' stroke='%23fff' "
    "stroke-width='3.4' stroke-linecap='round'/%3E%3C/svg%3E"
)


def page(title: str, *body: Child, base: str, signed_in: bool = True, refresh: int | None = None) -> bytes:
    """A whole page; its links are relative to `base`, the path of the server. `refresh`: seconds between reloads;
    the script does it without flicker where scripts run."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("base", href=base),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{title} · Turnout"),
        tag("link", rel="icon", href=ICON),
        tag("noscript", tag("meta", http_equiv="refresh", content=refresh)) if refresh else None,
        Html(f"<style>{STYLE}</style>"),
        tag("script", src="page.js", defer=True) if signed_in else None,
    )
    frame = tag("body", _header(signed_in), tag("main", *body, data_refresh=refresh, id="main"))
    return ("<!doctype html>" + tag("html", head, frame, lang="en")).encode()


def _header(signed_in: bool) -> Html:
    mark = tag("img", src=ICON, alt="", width=26, height=26)
    brand = tag("a", mark, tag("span", "Turnout"), href="status", class_="brand")
    leave = tag("form", tag("button", "Log out", type="submit"), method="post", action="logout") if signed_in else None
    return tag("header", tag("div", join(brand), leave, class_="bar"))
