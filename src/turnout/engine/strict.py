"""The one switch between Turnout's better defaults and Prefect's exact behaviour.

`docs/reference/differences-from-prefect.md` lists what it changes.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout.engine.context.scopes import Scope


def is_strict(scope: Scope | None) -> bool:
    """Whether `scope`, or code outside any run if it is None, is to behave exactly as under Prefect.

    The nearest flow around that says `strict=...` decides, else TURNOUT_STRICT.
    """
    while scope is not None:
        wish: bool | None = getattr(scope.definition, "strict", None)
        if wish is not None:
            return wish
        scope = scope.parent
    return os.environ.get("TURNOUT_STRICT", "").lower() in ("1", "true", "yes")
