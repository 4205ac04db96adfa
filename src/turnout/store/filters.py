"""Searches for runs: the only SQL made at run time, put together from the fragments below and nothing else.

A search walks one index, its *driver*, from new to old and tests the other conditions on what it meets. It looks at
EXAMINED runs at most: what it found by then is answered with the id to go on from. So a page takes about as long with a
million runs as with a thousand, whatever the combination of conditions.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from turnout.core.ids import make_id
from turnout.core.records import RunFilter
from turnout.store.times import to_micros

EXAMINED = 4_000
"""How many runs a page looks at before it is answered as it is."""
NAMES = 25_000
"""The same for a text alone: it is looked for in an index that holds what it may match, without the rest of the row."""
ESTIMATED = 1_000
"""How far the candidates of a driver are counted: whichever has less is rare enough."""
SLACK = timedelta(hours=1)
"""How far a run's time of creation may be from the time in its id: clocks of servers and scripts differ."""
LAST = "g"
"""Above every id."""

_EQUAL = ("deployment", "flow_name", "project", "environment")
_WALK = (
    "SELECT {id} AS id{state} FROM {table} WHERE {conditions} AND {id} < :below AND {id} >= :start ORDER BY {id} DESC"
)
_OF_RUN = "(SELECT {test} FROM flow_run AS r WHERE r.id = t.run_id)"
_FOUND = "{walk} LIMIT :limit"
_BRANCH = "SELECT * FROM ({walk} LIMIT :limit) AS {alias}"
_MERGED = "SELECT * FROM ({branches}) AS merged ORDER BY id DESC LIMIT :limit"
_END = "SELECT id FROM ({walk} LIMIT 1 OFFSET :portion - 1) AS {alias}"
_LAST_OF = "SELECT max(id) FROM ({ends}) AS ends"
_COUNT = "(SELECT count(*) FROM ({walk} LIMIT :cap) AS {alias})"
_TOTAL = "SELECT {counts}"
# A test in this form takes no index: the walk is the driver's.
_TEST = "r.{column} || '' = :{column}"
_LIKE = "lower(r.{}) LIKE lower(CAST(:text AS TEXT)) ESCAPE '!'"
_TEXT = "(" + " OR ".join(_LIKE.format(column) for column in ("name", "flow_name", "deployment")) + ")"
# Counted, not EXISTS: PostgreSQL would make a hash of every run with the tag.
_TAGGED = "(SELECT count(*) FROM run_tag AS t WHERE t.tag = :{} AND t.run_id = r.id) > 0"
_TAGGED_ANY = "(SELECT count(*) FROM run_tag AS t WHERE t.tag IN ({names}) AND t.run_id = r.id) > 0"


@dataclass(frozen=True, kw_only=True)
class Driver:
    """An index to walk. Each of `branches` is the condition of one walk; several are merged.

    covers: the keys of the conditions that hold for whatever it finds.
    """

    table: str
    branches: tuple[str, ...]
    covers: frozenset[str]

    @property
    def id(self) -> str:
        return "t.run_id" if self.table == "run_tag AS t" else "r.id"

    @property
    def state(self) -> str:
        return (
            "(SELECT r.state FROM flow_run AS r WHERE r.id = t.run_id)" if self.table == "run_tag AS t" else "r.state"
        )

    @property
    def portion(self) -> int:
        """How many runs each branch may examine."""
        return EXAMINED // len(self.branches)


EVERYTHING = Driver(table="flow_run AS r", branches=("1 = 1",), covers=frozenset())


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """The conditions of a filter by key, and the values of every parameter. Values travel as parameters only."""

    texts: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)


def conditions_of(where: RunFilter, after: str | None) -> Conditions:
    """What must hold, and the window of ids in which runs are looked for."""
    made = Conditions(values={"below": after or LAST, "start": ""})
    for column in _EQUAL:
        if getattr(where, column) is not None:
            made.texts[column] = complete(_TEST, column=column)
            made.values[column] = getattr(where, column)
    if where.states:
        names = {f"state_{index}": state.value for index, state in enumerate(dict.fromkeys(where.states))}
        made.texts["state"] = f"r.state IN ({', '.join(f':{name}' for name in names)})"
        made.values.update(names)
    for index, tag in enumerate(dict.fromkeys(where.tags)):
        made.texts[f"tag_{index}"] = _TAGGED.format(f"tag_{index}")
        made.values[f"tag_{index}"] = tag
    if where.text:
        made.texts["text"] = _TEXT
        made.values["text"] = f"%{_literal(where.text)}%"
    _add_excluded(where, made)
    _add_times(where, made)
    return made


def drivers_of(conditions: Conditions) -> list[Driver]:
    """The indexes that serve one of the conditions, those that tend to find least first."""
    found = [
        Driver(table="run_tag AS t", branches=(f"t.tag = :{key}",), covers=frozenset({key}))
        for key in conditions.texts
        if key.startswith("tag_")
    ]
    found += [_on_column(key) for key in _EQUAL[:2] if key in conditions.texts]
    if "state" in conditions.texts:
        names = [name for name in conditions.values if name.startswith("state_")]
        branches = tuple(f"lower(r.state) = :{name}" for name in names)
        found.append(Driver(table="flow_run AS r", branches=branches, covers=frozenset({"state"})))
    return found + [_on_column(key) for key in _EQUAL[2:] if key in conditions.texts]


def search_text(driver: Driver, conditions: Conditions, *, states: bool = False) -> str:
    """A statement that yields the ids of matching runs in the window, newest first, at most `:limit`. states: and what
    state each is in."""
    left = [text for key, text in conditions.texts.items() if key not in driver.covers]
    walks = [_walk(driver, branch, left, states=states) for branch in driver.branches]
    if len(walks) == 1:
        return complete(_FOUND, walk=walks[0])
    return complete(_MERGED, branches=_joined(_BRANCH, " UNION ", walks))


def end_text(driver: Driver) -> str:
    """A statement that yields the id down to which every branch has to look, for at most `:portion` runs a branch; null
    when all of them can look to the end of the window."""
    return complete(_LAST_OF, ends=_joined(_END, " UNION ALL ", _bare_walks(driver)))


def estimate_text(driver: Driver) -> str:
    """A statement that counts candidates, up to `:cap` a branch."""
    return complete(_TOTAL, counts=_joined(_COUNT, " + ", _bare_walks(driver)))


def complete(template: str, **parts: str) -> str:
    """The template with its `{name}`s filled in."""
    for name, part in parts.items():
        template = template.replace("{" + name + "}", part)
    return template


def _walk(driver: Driver, branch: str, left: list[str], *, states: bool = False) -> str:
    if left and driver.table != EVERYTHING.table:
        left = [complete(_OF_RUN, test=" AND ".join(left))]
    state = f", {driver.state} AS state" if states else ""
    return complete(_WALK, table=driver.table, conditions=" AND ".join([branch, *left]), id=driver.id, state=state)


def _bare_walks(driver: Driver) -> list[str]:
    return [_walk(driver, branch, []) for branch in driver.branches]


def _joined(template: str, link: str, walks: list[str]) -> str:
    return link.join(complete(template, walk=walk, alias=f"b{index}") for index, walk in enumerate(walks))


def _on_column(column: str) -> Driver:
    return Driver(table="flow_run AS r", branches=(f"r.{column} = :{column}",), covers=frozenset({column}))


def _add_excluded(where: RunFilter, made: Conditions) -> None:
    """What must not hold, which no index serves. One test: with many, SQLite believes that so little is left that it
    sorts what it could walk in order."""
    tests = []
    for kind, test, given in (
        ("not_state", "r.state || '' IN ({names})", [state.value for state in where.not_states]),
        ("not_tag", _TAGGED_ANY, where.not_tags),
        ("not_deployment", "coalesce(r.deployment, '') IN ({names})", where.not_deployments),
    ):
        values = {f"{kind}_{index}": value for index, value in enumerate(dict.fromkeys(given))}
        if values:
            tests.append(complete(test, names=", ".join(f":{name}" for name in values)))
            made.values.update(values)
    if tests:
        made.texts["not"] = f"NOT ({' OR '.join(tests)})"


def _add_times(where: RunFilter, made: Conditions) -> None:
    """Ids ascend with the time of creation: they bound the walk, the exact times are tested."""
    if where.since is not None:
        made.texts["since"] = "r.created_at >= :since"
        made.values["since"] = to_micros(where.since)
        made.values["start"] = _id_at(to_micros(where.since - SLACK))
    if where.until is not None:
        made.texts["until"] = "r.created_at < :until"
        made.values["until"] = to_micros(where.until)
        made.values["below"] = min(made.values["below"], _id_at(to_micros(where.until + SLACK)))


def _id_at(micros: int) -> str:
    """Not above any id made at that time."""
    return make_id(max(0, micros // 1000), bytes(10))[:12]


def _literal(text: str) -> str:
    """`text` for LIKE, matching itself."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
