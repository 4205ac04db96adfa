"""The WHERE of a `RunFilter`: the only SQL made at run time, put together from the fragments below and nothing else."""

from typing import Any

from turnout.core.records import RunFilter
from turnout.store.times import to_micros

_EQUAL = ("project", "environment", "deployment", "flow_name")
_TEXT = "(r.name LIKE :text ESCAPE '!' OR r.flow_name LIKE :text ESCAPE '!' OR r.deployment LIKE :text ESCAPE '!')"
_TAG = "r.id IN (SELECT run_id FROM run_tag WHERE tag = :{})"


def run_conditions(where: RunFilter) -> tuple[list[str], dict[str, Any]]:
    """(conditions to join by AND, their parameters). Values travel as parameters only."""
    conditions: list[str] = []
    values: dict[str, Any] = {}
    for column in _EQUAL:
        if getattr(where, column) is not None:
            conditions.append(f"r.{column} = :{column}")
            values[column] = getattr(where, column)
    _add_list("state", [state.value for state in where.states], conditions, values)
    for index, tag in enumerate(where.tags):
        conditions.append(_TAG.format(f"tag_{index}"))
        values[f"tag_{index}"] = tag
    if where.since is not None:
        conditions.append("r.created_at >= :since")
        values["since"] = to_micros(where.since)
    if where.until is not None:
        conditions.append("r.created_at < :until")
        values["until"] = to_micros(where.until)
    if where.text:
        conditions.append(_TEXT)
        values["text"] = f"%{_literal(where.text)}%"
    return conditions, values


def complete(statement: str, conditions: list[str]) -> str:
    """The statement with its `{where}` filled in."""
    return statement.replace("{where}", "\n    AND ".join(conditions) or "1 = 1")


def _add_list(column: str, items: list[str], conditions: list[str], values: dict[str, Any]) -> None:
    if items:
        names = [f"{column}_{index}" for index in range(len(items))]
        conditions.append(f"r.{column} IN ({', '.join(':' + name for name in names)})")
        values.update(zip(names, items, strict=True))


def _literal(text: str) -> str:
    """`text` for LIKE, matching itself."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
