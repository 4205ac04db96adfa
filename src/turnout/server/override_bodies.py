"""Bodies and queries of overrides; see `bodies`."""

from datetime import datetime
from typing import Any, Literal

from turnout.server.bodies import NamespaceQuery, Query, Text


class OverrideBody(Query, frozen=True, kw_only=True):
    """What is overridden: `key` of deployment `name`, or variable `name`; with what, why, and until when (null: until
    it is dropped)."""

    kind: Literal["parameter", "variable"]
    name: Text
    key: Text | None = None
    value: Any = None
    reason: Text | None = None
    until: datetime | None = None


class OverrideQuery(NamespaceQuery, frozen=True, kw_only=True):
    """Which override."""

    kind: Literal["parameter", "variable"]
    name: Text
    key: Text | None = None
