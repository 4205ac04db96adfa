"""A repository that a server follows: how far it is, and what came of the newest commit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from turnout.core.records import Namespace

SourceState = Literal["applied", "refused", "unreachable"]
KIND, NAME = "source", "followed"
WHERE = Namespace(project="-", environment="-")
"""Where its value is kept: no manifest can have this name."""
MOST_PROBLEMS = 20
MOST_CHARACTERS = 16_000


@dataclass(frozen=True, kw_only=True)
class SourceReport:
    """What came of a look at the branch.

    state: `applied`: the server equals the commit; `refused`: the commit is wrong, and the release before it goes on;
    `unreachable`: there was no commit to be had. repository: its address, without a password. problems: in full
    sentences, as `turnout check` prints them. release: the one that holds now, if it is known.
    """

    state: SourceState
    repository: str
    branch: str
    commit: str | None = None
    author: str | None = None
    message: str | None = None
    release: int | None = None
    project: str | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Source:
    """The latest report and when it came; `asked`: how often somebody said that there is news."""

    report: SourceReport | None = None
    at: datetime | None = None
    asked: int = 0
