"""The control plane in process: the same use cases as the server, over the project's own store.

Invariant: composition only. What a server would refuse or do, this refuses and does, because both call
`turnout.orchestration`.
"""

from typing import Any

__all__ = ["LocalAdminApi", "open_local"]


def __getattr__(name: str) -> Any:
    # On use: `local.ingest` is on the path of every script, the rest is not.
    if name in __all__:
        from turnout.local import admin

        return getattr(admin, name)
    raise AttributeError(f"module 'turnout.local' has no attribute '{name}'")
