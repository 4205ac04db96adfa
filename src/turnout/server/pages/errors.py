"""Pages for people who came without a session, or to something that went wrong."""

from turnout.server.pages.html import Child, tag
from turnout.server.pages.layout import page
from turnout.server.problems import Problem
from turnout.server.routing import CREDENTIAL_NEEDED


def error_page(problem: Problem, base: str) -> bytes:
    """What went wrong, where, and how to mend it."""
    if problem.status == 401:
        return login_page(base, problem.detail if problem.detail != CREDENTIAL_NEEDED else None)
    title = "Not here" if problem.status == 404 else problem.title
    return _alone(
        base,
        title,
        tag("p", _sentence(problem.detail or problem.title)),
        tag("p", f"Where: {problem.where}") if problem.where else None,
        tag("p", _sentence(problem.fix)) if problem.fix else None,
        tag("p", tag("a", "Back to the status page", href="status"), class_="prose"),
    )


def login_page(base: str, said: str | None = None) -> bytes:
    """How to get in. `said`: why an attempt failed."""
    return _alone(
        base,
        "Log in",
        tag("p", _sentence(said)) if said else None,
        tag("p", "This server shows its pages to people who hold a one-time link. Where the server runs, type:"),
        tag("pre", "turnout login"),
        tag("p", "and open the link that it prints. It works once, for ten minutes."),
    )


def not_built_page(base: str) -> bytes:
    """How to get the UI."""
    return _alone(
        base,
        "The UI is not built",
        tag("p", "This server runs from a checkout whose UI was not built yet. There, type:"),
        tag("pre", "./dev ui"),
        tag("p", "and load this page again. It needs no Node beforehand."),
        tag("p", tag("a", "The status page", href="status"), " works without it.", class_="prose"),
    )


def _alone(base: str, title: str, *body: Child) -> bytes:
    content = tag("div", tag("div", tag("h1", title), *body, class_="card"), class_="alone")
    return page(title, content, base=base, signed_in=False)


def _sentence(text: str | None) -> str:
    text = (text or "").strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", ":")) else ".") if text else ""
