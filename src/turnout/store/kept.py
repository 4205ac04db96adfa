"""What releases declared, kept from one write transaction to the next: every run that is made asks for it anew.

A writer alone keeps it. Whatever declares says so (`changed`), which ends the keeping for the rest of that transaction,
undone or not. Where other servers declare, too, a transaction begins with the database's stamp, read under the right to
write: nobody can change it before the end, and a stamp that is another one than before empties what is kept.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")
MOST = 2_000
"""How many answers are kept."""


class Kept:
    """The answers to questions about what is declared. Not safe for threads: one transaction at a time."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, Any] = {}
        self._stamp: object = None
        self._sound = False

    def begin(self, stamp: object = None) -> None:
        """A transaction begins that has the right to write."""
        if stamp != self._stamp:
            self._answers.clear()
        self._stamp = stamp
        self._sound = True

    def changed(self) -> None:
        """Something else is declared now, if this transaction comes to an end."""
        self._answers.clear()
        self._sound = False

    def get(self, question: Hashable, ask: Callable[[], T]) -> T:
        """The answer, asked for unless it is known."""
        if not self._sound:
            return ask()
        if question in self._answers:
            found: T = self._answers[question]
            return found
        if len(self._answers) >= MOST:
            self._answers.clear()
        made = self._answers[question] = ask()
        return made
