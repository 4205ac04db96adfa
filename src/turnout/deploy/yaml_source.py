"""YAML as values that know their place, without YAML's traps.

Read from the event stream, not through a constructor: nothing can be instantiated, depth and size are bounded, and
every value keeps its line and column. Scalars follow the YAML 1.2 core schema: `on` and `no` are text, `021` is text,
so are times of day and dates. Tags are refused; anchors, aliases and `<<` work, within a bound on what they expand to.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from turnout.core.errors import ManifestError, TurnoutError
from turnout.core.limits import MANIFEST_BYTES
from turnout.deploy.node import Node, shorten
from turnout.deploy.problems import Problems

NODES = 100_000
"""How many values a file may hold once aliases are expanded: far beyond a manifest, far below a bomb."""
DEPTH = 40

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))([eE][-+]?[0-9]+)?\Z")
CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}


def read_yaml(path: Path, name: str, problems: Problems) -> Node | None:
    """The one document in the file at `path`, called `name` in messages; None if it is no YAML, which is reported."""
    try:
        content = path.read_bytes() if path.stat().st_size <= MANIFEST_BYTES else None
    except OSError as error:
        problems.error(name, f"the file cannot be read: {error.strerror}", "check that it exists and is yours to read")
        return None
    if content is None:
        problems.error(name, f"the file is larger than {MANIFEST_BYTES:,} bytes", "move data out of the manifest")
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.error(f"{name}:{line}:1", "this line is not UTF-8 text", "save the file as UTF-8")
        return None
    return parse_yaml(text, name, problems)


def parse_yaml(text: str, name: str, problems: Problems) -> Node | None:
    """The one document in `text`; None if it is no YAML, which is reported. Duplicate keys are reported too."""
    if bad := CONTROL.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        column = bad.start() - (text.rfind("\n", 0, bad.start()) + 1) + 1
        problems.error(f"{name}:{line}:{column}", f"a control character {bad[0]!r} does not belong here", "remove it")
        return None
    try:
        return _Builder(text, name, problems).document()
    except yaml.MarkedYAMLError as error:
        problems.errors.append(_syntax_error(error, text, name))
    except _Refused as refused:
        problems.error(refused.where or name, refused.what, refused.fix)
    return None


class _Refused(TurnoutError):
    """The file is YAML of a kind that is not read."""


class _Builder:
    """Makes nodes of the event stream, holding the anchors met so far."""

    def __init__(self, text: str, name: str, problems: Problems) -> None:
        self.events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self.name = name
        self.problems = problems
        self.anchors: dict[str, Node] = {}
        self.count = 0

    def document(self) -> Node:
        event = next(self.events)
        while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            raise _Refused("the file is empty", where=f"{self.name}:1:1", fix="`turnout init` writes one to start from")
        root = self.node(event, 0)
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise _Refused("a second document begins here", where=self.at(event), fix="keep one: remove the `---`")
        return root

    def at(self, event: Any) -> str:
        mark = event.start_mark
        return f"{self.name}:{mark.line + 1}:{mark.column + 1}"

    def node(self, event: Any, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event)
        self.check(event, depth)
        if isinstance(event, yaml.ScalarEvent):
            made = Node(data=self.scalar(event), at=self.at(event))
        elif isinstance(event, yaml.SequenceStartEvent):
            made = self.sequence(event, depth)
        else:
            made = self.mapping(event, depth)
        if event.anchor:
            self.anchors[event.anchor] = made
        return made

    def check(self, event: Any, depth: int) -> None:
        self.grow(1, event)
        if depth > DEPTH:
            raise _Refused(f"nested deeper than {DEPTH} levels", where=self.at(event), fix="check the brackets")
        if event.tag not in (None, "tag:yaml.org,2002:str"):
            raise _Refused(
                f"the tag {shorten(event.tag)} is not supported", where=self.at(event), fix="write a plain value"
            )

    def grow(self, count: int, event: Any) -> None:
        self.count += count
        if self.count > NODES:
            raise _Refused(
                f"more than {NODES:,} values, aliases expanded",
                where=self.at(event),
                fix="move data out of the manifest",
            )

    def alias(self, event: Any) -> Node:
        found = self.anchors.get(event.anchor)
        if found is None:
            raise _Refused(
                f"the alias *{event.anchor} is not known here",
                where=self.at(event),
                fix=f"mark a value above with &{event.anchor}",
            )
        self.grow(found.size, event)
        return found

    def scalar(self, event: Any) -> Any:
        text = event.value
        if event.style or event.tag:
            return text
        if text.lower() in _WORDS:
            return _WORDS[text.lower()]
        if _WHOLE.match(text) and len(text) <= 18:
            return int(text)
        if _DECIMAL.match(text) and abs(number := float(text)) < 1e300:
            return number
        return text

    def sequence(self, start: Any, depth: int) -> Node:
        items = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, depth + 1))
        return Node(data=items, at=self.at(start), size=1 + sum(item.size for item in items))

    def mapping(self, start: Any, depth: int) -> Node:
        entries: dict[str, Node] = {}
        merged: list[Node] = []
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.key(event)
            value = replace(self.node(next(self.events), depth + 1), key_at=self.at(event))
            if key == "<<" and event.implicit[0]:
                merged.append(value)
            elif key in entries:
                first = entries[key].named_at
                self.problems.error(self.at(event), f"'{key}' is here twice; first at {first}", "keep one of the two")
            else:
                entries[key] = value
        for value in merged:
            entries = {**self.merge(value), **entries}
        return Node(data=entries, at=self.at(start), size=1 + sum(value.size for value in entries.values()))

    def key(self, event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            raise _Refused("a key must be text", where=self.at(event), fix="quote text that begins with { [ * or ?")
        self.check(event, 0)
        return str(event.value)

    def merge(self, value: Node) -> dict[str, Node]:
        sources = value.data if isinstance(value.data, list) else [value]
        gathered: dict[str, Node] = {}
        for source in reversed(sources):
            if not isinstance(source.data, dict):
                raise _Refused(f"`<<` needs a mapping, this is {source.kind}", where=value.at, fix="write <<: *anchor")
            gathered |= source.data
        return gathered


def _syntax_error(error: yaml.MarkedYAMLError, text: str, name: str) -> TurnoutError:
    """What the parser says, with the mending of the mistakes that people make."""
    mark: Any = error.problem_mark or error.context_mark
    lines = text.splitlines() or [""]
    if mark and mark.line >= len(lines):
        # The end of the file is never the mistake: point at what was opened and not closed.
        mark = error.context_mark or mark
    line, column = (mark.line, mark.column) if mark else (0, 0)
    problem = error.problem or "it cannot be read"
    return ManifestError(
        f"this is not YAML: {problem}",
        where=f"{name}:{line + 1}:{column + 1}",
        fix=_mending(problem, lines[min(line, len(lines) - 1)]),
    )


def _mending(problem: str, line: str) -> str:
    if "${" in line and "expected ',' or" in problem:
        return 'inside { } and [ ] put quotes around "${var:name}"'
    if "mapping values are not allowed" in problem:
        return "check the indentation, and put quotes around text that holds a colon"
    if "\t" in line or "cannot start any token" in problem:
        return "indent with spaces, not tabs, and put quotes around text that begins with @ ` or %"
    return "check brackets, quotes and the indentation of this line and the one above"
