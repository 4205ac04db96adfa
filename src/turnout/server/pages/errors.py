"""Pages for people who came without a session, or to something that went wrong."""

from turnout.server.pages.html import Child, tag
from turnout.server.pages.layout import page
from turnout.server.problems import Problem
from turnout.server.routing import CREDENTIAL_NEEDED


def error_page(problem: Problem) -> bytes:
    """What went wrong, where, and how to mend it."""
    if problem.status == 401:
        return login_page(problem.detail if problem.detail != CREDENTIAL_NEEDED else None)
    title = "Not here" if problem.status == 404 else problem.title
    return _alone(
        title,
        tag("p", _sentence(problem.detail or problem.title)),
        tag("p", f"Where: {problem.where}") if problem.where else None,
        tag("p", _sentence(problem.fix)) if problem.fix else None,
        tag("p", tag("a", "Back to the status page", href="/status"), class_="prose"),
    )


def login_page(said: str | None = None) -> bytes:
    """How to get in. `said`: why an attempt failed."""
    return _alone(
        "Log in",
        tag("p", _sentence(said)) if said else None,
        tag("p", "This server shows its pages to people who hold a one-time link. Where the server runs, type:"),
        tag("pre", "turnout login"),
        tag("p", "and open the link that it prints. It works once, for ten minutes."),
    )


def _alone(title: str, *body: Child) -> bytes:
    return page(title, tag("div", tag("div", tag("h1", title), *body, class_="card"), class_="alone"), signed_in=False)


def _sentence(text: str | None) -> str:
    text = (text or "").strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", ":")) else ".") if text else ""
