"""A value of a YAML file with its place."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, eq=False)
class Node:
    """A value and its place. data: None, bool, int, float, str, list of Node, or dict of text to Node.

    key_at: where the key of this value stands, when it is a mapping's value. size: values in it, aliases expanded.
    """

    data: Any
    at: str
    key_at: str | None = None
    size: int = 1

    @property
    def named_at(self) -> str:
        """The place to point at for what is wrong with the entry as a whole: its key."""
        return self.key_at or self.at

    @property
    def kind(self) -> str:
        """What it is, in words for messages."""
        return _kind(self.data)

    def plain(self) -> Any:
        """The value as plain Python data."""
        if isinstance(self.data, dict):
            return {name: node.plain() for name, node in self.data.items()}
        if isinstance(self.data, list):
            return [node.plain() for node in self.data]
        return self.data

    def get(self, name: str) -> "Node | None":
        """The value under `name`; None if there is none, or this is no mapping."""
        return self.data.get(name) if isinstance(self.data, dict) else None


def shorten(text: str, length: int = 60) -> str:
    """`text`, cut for a message."""
    return text if len(text) <= length else text[: length - 1] + "…"


def _kind(data: Any) -> str:
    match data:
        case None:
            return "nothing"
        case bool():
            return "true" if data else "false"
        case int() | float():
            return f"the number {data}"
        case str():
            return f"the text '{shorten(data)}'"
        case list():
            return "a list"
        case _:
            return "a mapping"
