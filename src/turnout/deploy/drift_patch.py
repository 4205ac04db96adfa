"""Overrides written into `turnout.yaml`: only what they change is written anew, comments and all else stay.

Every edit is read again and must say exactly what it should; one that does not is left to a person.
"""

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from turnout.core.overrides import Override, subject
from turnout.core.plain import same, to_plain

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Patched:
    """text: the manifest with the overrides in it. by_hand: what could not be written, and why."""

    text: str
    by_hand: tuple[str, ...]

    def diff(self, before: str, name: str = "turnout.yaml") -> str:
        """What `git apply` takes; empty if nothing changes."""
        lines = difflib.unified_diff(
            before.splitlines(keepends=True), self.text.splitlines(keepends=True), f"a/{name}", f"b/{name}"
        )
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def patched(text: str, overrides: Iterable[Override], slugs: Mapping[str, Sequence[str]]) -> Patched:
    """`text` saying what the overrides say. slugs: deployment -> its schedules' slugs in the order of the file."""
    by_hand = []
    for override in overrides:
        why = "it is not written in this file in a way that can be edited"
        try:
            for path, value in _edits(override, slugs):
                text = _checked(text, path, value)
        except _ByHand as error:
            why = str(error) or why
            by_hand.append(f"{subject(override)}: {why}")
    return Patched(text=text, by_hand=tuple(by_hand))


class _ByHand(Exception):
    """An edit that is left to a person."""


def _edits(override: Override, slugs: Mapping[str, Sequence[str]]) -> list[tuple[Path, Any]]:
    """Where to write what: an index stands for a schedule, also for the only one."""
    if override.kind == "variable":
        return [(("variables", override.name), override.value)]
    place = ("deployments", override.name)
    if override.kind == "parameter":
        return [((*place, "parameters", override.key or ""), override.value)]
    known = slugs.get(override.name, ())
    chosen = [number for number, slug in enumerate(known) if override.key in (None, slug)]
    if not chosen:
        raise _ByHand("turnout.yaml pauses schedules, and it has none")
    return [((*place, "schedule", number, "paused"), True) for number in chosen]


def _checked(text: str, path: Path, value: Any) -> str:
    """The text with `value` at `path`. Raises _ByHand if that is not what it says afterwards."""
    try:
        root, before = yaml.compose(text, Loader=_LOADER), yaml.load(text, Loader=_LOADER)  # noqa: S506
        if not (isinstance(before, dict) and path[1] in (before.get(path[0]) or {})):
            raise _ByHand("another file declares it")
        made = _written(text, root, path, value)
        after = yaml.load(made, Loader=_LOADER)  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        raise _ByHand("the file cannot be read") from error
    if not same(_wanted(before, path, value), after):
        raise _ByHand
    return made


def _wanted(before: Any, path: Path, value: Any) -> Any:
    """What the file should say."""
    document = to_plain(before)  # what an anchor shares is shared no more
    found = document
    for number, step in enumerate(path[:-1]):
        following = path[number + 1]
        if isinstance(following, int):
            found = _schedules(found)
        elif isinstance(step, int):
            found[step] = found[step] if isinstance(found[step], dict) else {"cron": found[step]}
            found = found[step]
        else:
            found = found.setdefault(step, {})
    found[path[-1]] = value
    return _unwrapped(document, before)


def _schedules(deployment: Any) -> list[Any]:
    """A deployment's schedules as a list, also when it has one without a list around it."""
    if not isinstance(deployment["schedule"], list):
        deployment["schedule"] = [deployment["schedule"]]
    return deployment["schedule"]  # type: ignore[no-any-return]


def _unwrapped(document: Any, before: Any) -> Any:
    """Lists that `_schedules` put around a schedule are gone again."""
    for name, deployment in (document.get("deployments") or {}).items():
        was = ((before.get("deployments") or {}).get(name) or {}).get("schedule")
        if isinstance(deployment, dict) and isinstance(deployment.get("schedule"), list) and not isinstance(was, list):
            deployment["schedule"] = deployment["schedule"][0]
    return document


def _written(text: str, root: Any, path: Path, value: Any) -> str:
    node, depth = root, 0
    for step in path:
        following = _child(node, step)
        if following is None:
            break
        node, depth = following, depth + 1
    left = path[depth:]
    if not left:
        return _replaced(text, node, _spelled(value))
    if isinstance(node, yaml.ScalarNode) and left == ("paused",):
        return _replaced(text, node, f"{{cron: {_of(text, node)}, paused: true}}")
    if not isinstance(node, yaml.MappingNode) or any(isinstance(step, int) for step in left):
        raise _ByHand
    for step in reversed(left[1:]):
        value = {step: value}
    return _inserted(text, node, f"{_spelled(left[0], key=True)}: {_spelled(value)}")


def _child(node: Any, step: str | int) -> Any:
    if isinstance(step, int):
        if isinstance(node, yaml.SequenceNode):
            return node.value[step] if step < len(node.value) else None
        return node  # the only schedule, without a list around it
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    return None


def _of(text: str, node: Any) -> str:
    return text[node.start_mark.index : node.end_mark.index].rstrip()


def _replaced(text: str, node: Any, spelled: str) -> str:
    start = node.start_mark.index
    end = start + len(_of(text, node))
    return text[:start] + spelled + text[end:]


def _inserted(text: str, node: Any, entry: str) -> str:
    """A mapping with one entry more, at its beginning."""
    start = node.start_mark.index
    if node.flow_style:
        return f"{text[: start + 1]}{entry}{', ' if node.value else ''}{text[start + 1 :]}"
    if not node.value:
        raise _ByHand
    return f"{text[:start]}{entry}\n{' ' * node.start_mark.column}{text[start:]}"


def _spelled(value: Any, *, key: bool = False) -> str:
    """JSON is YAML; plain words go without quotes where nobody could take them for something else."""
    plain = isinstance(value, str) and value.replace("_", "a").replace("-", "a").isalnum() and value[:1].isalpha()
    if plain and (key or yaml.safe_load(value) == value):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
