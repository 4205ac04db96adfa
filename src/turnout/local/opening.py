"""The store that settings mean, opened by one process for itself."""

from turnout.core.ports import Store
from turnout.settings import Settings
from turnout.store import open_store


def open_own(settings: Settings) -> Store:
    """For a command or a script: writes run on the caller's thread.

    Raises StoreLocked while somebody else has the data folder, and what else `open_store` raises.
    """
    return open_store(settings.database_url or settings.data_dir, folder=settings.data_dir, threaded=False)
