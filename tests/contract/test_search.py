"""Searching runs: every combination of filters gives what it should, in bounded steps, over indexes."""

import itertools
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.factories import START, insert, move
from turnout.core.ids import make_id
from turnout.core.records import FlowRun, Page, RunFilter
from turnout.core.states import RunState as S
from turnout.store import Store, filters, search
from turnout.store.filters import (
    EVERYTHING,
    Driver,
    complete,
    conditions_of,
    drivers_of,
    end_text,
    estimate_text,
    search_text,
)

PARTS: dict[str, tuple[Any, ...]] = {
    "project": ("field", "nobody"),
    "environment": ("staging",),
    "deployment": ("load", "export"),
    "flow_name": ("turf",),
    "states": ((S.FAILED,), (S.FAILED, S.SCHEDULED)),
    "tags": (("x",), ("x", "y")),
    "text": ("ur", "heron-1", "nothing"),
    "since": (START + timedelta(hours=20),),
    "until": (START + timedelta(hours=40),),
}
EXCLUDED: tuple[dict[str, Any], ...] = (
    {},
    {"not_states": (S.FAILED,)},
    {"not_tags": ("y",)},
    {"not_deployments": ("load", "nobody")},
    {"not_states": (S.FAILED, S.SKIPPED), "not_tags": ("x", "z"), "not_deployments": ("export",)},
)


def combinations() -> Iterator[RunFilter]:
    """Every set of parts, with each part's values in turn, and in turn without something."""
    excluded = itertools.cycle(EXCLUDED)
    turns = {name: itertools.cycle(values) for name, values in PARTS.items()}
    for chosen in itertools.product((False, True), repeat=len(PARTS)):
        parts = {name: next(turns[name]) for name, part in zip(PARTS, chosen, strict=True) if part}
        yield RunFilter(**parts, **next(excluded))


def prepare(tx: Any) -> list[FlowRun]:
    """Sixty runs, an hour apart, newest first."""
    runs = []
    for number in range(60):
        at = START + timedelta(hours=number)
        run = insert(
            tx,
            id=make_id(int(at.timestamp() * 1000), bytes(10)),
            created_at=at,
            name=f"{('quiet-heron', 'bold-maple')[number % 2]}-{number}",
            project=("field", "field", "other")[number % 3],
            environment=("production", "staging")[number % 5 == 0],
            deployment=("load", "export", None)[number % 7 % 3],
            flow_name=("load", "Turf", "turf")[number % 4 % 3],
            tags=(("x",), ("x", "y"), ())[number % 11 % 3],
        )
        runs.append(move(tx, run, S.FAILED) if number % 6 == 1 else run)
    return runs[::-1]


def matches(run: FlowRun, where: RunFilter) -> bool:
    """What a filter means, said plainly."""
    texts = (run.name, run.flow_name, run.deployment or "")
    return (
        all(
            getattr(where, name) in (None, getattr(run, name))
            for name in ("project", "environment", "deployment", "flow_name")
        )
        and (not where.states or run.state in where.states)
        and set(where.tags) <= set(run.tags)
        and run.state not in where.not_states
        and not set(where.not_tags) & set(run.tags)
        and (run.deployment or "") not in where.not_deployments
        and (where.since is None or run.created_at >= where.since)
        and (where.until is None or run.created_at < where.until)
        and (not where.text or any(where.text.lower() in text.lower() for text in texts))
    )


@pytest.mark.parametrize("examined", [7, filters.EXAMINED])
def test_every_combination_finds_what_it_means(store: Store, monkeypatch: pytest.MonkeyPatch, examined: int) -> None:
    monkeypatch.setattr(filters, "EXAMINED", examined)
    monkeypatch.setattr(filters, "ESTIMATED", 4)
    monkeypatch.setattr(search, "ESTIMATED", 4)
    runs = store.write(prepare)

    def check(tx: Any) -> None:
        for where in combinations():
            expected = [run.id for run in runs if matches(run, where)]
            assert [run.id for run in tx.runs.find(where, Page(limit=200))] == expected, where
            assert [run.id for run in tx.runs.find(where, Page(limit=3))] == expected[:3], where
            assert paged(tx, where) == expected, where
            if examined == filters.EXAMINED > len(runs):
                assert sum(tx.runs.count(where).values()) == len(expected), where

    store.read(check)


def paged(tx: Any, where: RunFilter) -> list[str]:
    """Ids by pages of five, however short each is."""
    found: list[str] = []
    after, pages = None, 0
    while pages == 0 or after is not None:
        runs, after = tx.runs.search(where, Page(limit=5, after=after))
        found += [run.id for run in runs]
        pages += 1
        assert pages < 100, "the pages come to no end"
    return found


def test_a_page_ends_after_so_many_runs(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "EXAMINED", 10)
    monkeypatch.setattr(filters, "ESTIMATED", 20)
    runs = store.write(prepare)
    where = RunFilter(environment="production", project="nobody", states=(S.SCHEDULED, S.FAILED))
    monkeypatch.setattr(search, "drivers_of", lambda conditions: [EVERYTHING])
    found, after = store.read(lambda tx: tx.runs.search(where, Page(limit=5)))
    assert (found, after) == ([], runs[9].id)


def test_every_combination_walks_an_index(store: Store) -> None:
    def check(tx: Any) -> None:
        session = tx.runs._session
        if session.dialect == "postgresql":
            # An empty table is read as a whole because that is quick: only what has no other way shall do so.
            session.execute_text("SET LOCAL enable_seqscan = off", {})
        for where in combinations():
            conditions = conditions_of(where, None)
            drivers = [EVERYTHING, *drivers_of(conditions)]
            for driver in drivers:
                text = search_text(driver, conditions)
                for statement in (text, complete(session.text("runs/find_runs"), search=text)):
                    check_plan(session, statement, conditions.values, driver)
                check_plan(session, end_text(driver), conditions.values, driver)
                check_plan(session, estimate_text(driver), conditions.values, driver)

    store.read(check)


def check_plan(session: Any, text: str, given: dict[str, Any], driver: Driver) -> None:
    """No plan reads the whole of a table of runs or tags."""
    values = {**given, "limit": 50, "portion": 100, "cap": 10}
    if session.dialect == "postgresql":
        plan = [row[0] for row in session.execute_text(f"EXPLAIN {text}", values)]
        walked = [step for step in plan if re.search(r"Seq Scan on (flow_run|run_tag)", step)]
    else:
        plan = [row[3] for row in session.execute_text(f"EXPLAIN QUERY PLAN {text}", values)]
        walked = [step for step in plan if re.match(r"SCAN (r|t|f|flow_run|run_tag)\b", step)]
        if len(driver.branches) == 1 and "flow_run AS f" not in text:
            walked += [step for step in plan if "TEMP B-TREE" in step]
    assert not walked, (driver, plan)
