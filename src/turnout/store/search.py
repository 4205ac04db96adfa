"""Searching runs: chooses the index that meets least, and walks it a page at a time (see `filters`)."""

from typing import Any

from turnout.core.records import RunFilter
from turnout.store import filters
from turnout.store.filters import (
    ESTIMATED,
    EVERYTHING,
    Driver,
    complete,
    conditions_of,
    drivers_of,
    end_text,
    estimate_text,
    search_text,
)
from turnout.store.session import Row, Session


class Search:
    """One filter from one position on."""

    def __init__(self, session: Session, where: RunFilter, after: str | None) -> None:
        self._session = session
        self._conditions = conditions_of(where, after)
        self.driver = self._choose()
        self.cut = False
        """Whether the walk ends before the last run."""

    def page(self, limit: int) -> tuple[list[Row], str | None]:
        """The rows of the first runs, at most `limit`, and the id to go on after; None at the end."""
        end = self._bound()
        rows = self._rows("runs/find_runs", limit)
        return rows, rows[-1][0] if len(rows) == limit else end

    def counts(self, limit: int) -> list[Row]:
        """(state, number) of the first runs, at most `limit`."""
        self._bound()
        return self._rows("runs/count_runs", limit, states=True)

    def _rows(self, statement: str, limit: int, *, states: bool = False) -> list[Row]:
        search = search_text(self.driver, self._conditions, states=states)
        text = complete(self._session.text(statement), search=search)
        return self._session.execute_once(text, self._values(limit=limit)).fetchall()

    def _bound(self) -> str | None:
        """Look no further than the driver's portion, where the walk tests what it meets; the id of its end, if any."""
        tested = self._conditions.texts.keys() - self.driver.covers
        if not tested:
            return None
        portion = filters.NAMES if self.driver is EVERYTHING and tested == {"text"} else self.driver.portion
        row = self._session.execute_once(end_text(self.driver), self._values(portion=portion)).fetchone()
        end: str | None = row and row[0]
        self.cut = end is not None
        if end is not None:
            self._conditions.values["start"] = end
        return end

    def _choose(self) -> Driver:
        found = drivers_of(self._conditions)
        if {"since", "until"} & self._conditions.texts.keys():
            found.append(EVERYTHING)
        if len(found) < 2:
            return found[0] if found else EVERYTHING
        return min(found, key=self._estimate)

    def _estimate(self, driver: Driver) -> int:
        cap = max(1, ESTIMATED // len(driver.branches))
        row = self._session.execute_once(estimate_text(driver), self._values(cap=cap)).fetchone()
        return int(row[0]) if row else 0

    def _values(self, **more: Any) -> dict[str, Any]:
        return self._conditions.values | more
