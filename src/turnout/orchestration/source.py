"""The repository that this control plane follows: reports of its follower, and who says that there is news."""

from dataclasses import replace
from datetime import timedelta

from turnout.core.plain import to_plain
from turnout.core.ports import Tx
from turnout.core.records import Principal
from turnout.core.source import KIND, MOST_CHARACTERS, MOST_PROBLEMS, NAME, WHERE, Source, SourceReport

TOPIC = "source"
_ASKED, _HOLDER = "asked", "holder"
HELD = timedelta(seconds=60)
"""How long a follower that is not heard of any more keeps others from following."""


def source(tx: Tx) -> Source:
    """How far it is; empty when no repository was ever followed."""
    found, asked = tx.values.get(WHERE, KIND, NAME), tx.values.get(WHERE, KIND, _ASKED)
    count = int(asked.content) if asked else 0
    if found is None:
        return Source(asked=count)
    facts = {**found.content, "problems": tuple(found.content["problems"])}
    return Source(report=SourceReport(**facts), at=found.changed_at, asked=count)


def commit_trouble(found: SourceReport) -> str | None:
    """In a line, why the newest commit does not run; None when it does."""
    if found.state == "applied":
        return None
    lines = [line.strip() for line in (found.problems[0] if found.problems else "").splitlines()]
    what = lines[0].removeprefix("error: ") if lines else "nobody knows why"
    where = next((line.removeprefix("where: ") for line in lines if line.startswith("where: ")), None)
    told = f"{what} ({where})" if where else what
    if found.state == "unreachable":
        return f"no news of {found.branch}: {told}"
    return f"commit {(found.commit or '')[:10]} of {found.branch} changes nothing: {told}"


def report(tx: Tx, found: SourceReport, by: Principal) -> Source:
    """Keep what came of the newest look; what is too long is cut."""
    cut = tuple(text[:MOST_CHARACTERS] for text in found.problems[:MOST_PROBLEMS])
    tx.values.put(WHERE, KIND, NAME, to_plain(replace(found, problems=cut)), (), str(by))
    return source(tx)


def take(tx: Tx, holder: str, by: Principal) -> bool:
    """Whether `holder` is the one that follows, from now on for `HELD`: unless somebody else does."""
    found = tx.values.get(WHERE, KIND, _HOLDER)
    free = found is None or found.content == holder or found.changed_at + HELD <= tx.now or found.changed_at > tx.now
    if free:
        tx.values.put(WHERE, KIND, _HOLDER, holder, (), str(by))
    return free


def ask(tx: Tx, by: str, delivery: str | None = None) -> bool:
    """Somebody says that there is news; False, and nothing done, when `delivery` was told before."""
    if delivery is not None:
        if tx.idempotency.get("webhook", delivery) is not None:
            return False
        tx.idempotency.put("webhook", delivery, b"1")
    tx.values.put(WHERE, KIND, _ASKED, source(tx).asked + 1, (), by)
    tx.after_commit(TOPIC)
    return True
