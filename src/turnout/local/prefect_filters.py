"""Filters as Prefect's client takes them, turned into what the API can look for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from turnout.core.errors import ParameterError
from turnout.core.records import FlowRun, RunFilter
from turnout.core.states import RunState

_MEANINGS = {"flow_filter": {"name": "flow"}, "deployment_filter": {"id": "deployment", "name": "deployment"}}


@dataclass(frozen=True)
class Wanted:
    """records: what the API looks for; the rest is looked at here."""

    records: RunFilter = field(default_factory=RunFilter)
    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    state_names: tuple[str, ...] = ()

    def accepts(self, run: FlowRun) -> bool:
        """Whether a run that the API found is among them."""
        return (
            (not self.ids or run.id in self.ids)
            and (not self.names or run.name in self.names)
            and (not self.state_names or run.state_name in self.state_names)
        )

    def also(self, given: Any, where: str) -> Wanted:
        """With a second filter."""
        found = self
        for meaning, values in _conditions(given, _MEANINGS[where], where):
            found = _with(found, meaning, values, where)
        return found


def run_filter(given: Any, known: Mapping[str, str], where: str, base: RunFilter | None = None) -> Wanted:
    """known: field of the filter -> what it means. Raises ParameterError for anything else."""
    found = Wanted(records=base or RunFilter())
    for meaning, values in _conditions(given, known, where):
        found = _with(found, meaning, values, where)
    return found


def _conditions(given: Any, known: Mapping[str, str], where: str) -> Iterable[tuple[str, Any]]:
    for name, condition in _plain(given).items():
        if condition is None or name == "operator":
            continue
        if name not in known:
            raise ParameterError(f"{where} cannot look for `{name}`", fix=f"it knows: {', '.join(known)}")
        yield known[name], condition


def _with(found: Wanted, meaning: str, condition: Any, where: str) -> Wanted:
    if meaning == "state":
        return _with_state(found, _plain(condition), where)
    values = _any(condition, where)
    if meaning == "ids":
        return replace(found, ids=tuple(value.replace("-", "") for value in values))
    if meaning == "names":
        return replace(found, names=values)
    if meaning == "tags":
        return replace(found, records=_changed(found.records, tags=values))
    if len(values) != 1:
        raise ParameterError(f"{where} takes one {meaning}, not {len(values)}")
    key = "flow_name" if meaning == "flow" else "deployment"
    return replace(found, records=_changed(found.records, **{key: values[0].rpartition("/")[2]}))


def _with_state(found: Wanted, condition: Mapping[str, Any], where: str) -> Wanted:
    for name, values in condition.items():
        if values is None or name == "operator":
            continue
        if name == "type":
            kinds = tuple(RunState(value.rpartition(".")[2].lower()) for value in _any(values, where))
            found = replace(found, records=_changed(found.records, states=kinds))
        elif name == "name":
            found = replace(found, state_names=_any(values, where))
        else:
            raise ParameterError(f"{where} cannot look for the `{name}` of a state", fix="it knows: type, name")
    return found


def _any(condition: Any, where: str) -> tuple[str, ...]:
    """The values of `{"any_": [...]}` or `{"all_": [...]}`."""
    given = _plain(condition)
    used = {name: values for name, values in given.items() if values is not None and name != "operator"}
    if len(used) != 1 or next(iter(used)) not in ("any_", "all_"):
        raise ParameterError(f"{where} cannot look for {used}", fix='write {"any_": [...]}')
    return tuple(str(value) for value in next(iter(used.values())))


def _plain(given: Any) -> Mapping[str, Any]:
    if given is None:
        return {}
    if isinstance(given, Mapping):
        return given
    dumped: Mapping[str, Any] = given.model_dump() if hasattr(given, "model_dump") else vars(given)
    return dumped


def _changed(records: RunFilter, **changes: Any) -> RunFilter:
    return RunFilter(**{**vars(records), **changes})
