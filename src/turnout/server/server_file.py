"""`server.json` in the data folder: where the server is, while it is there."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path


@contextmanager
def server_file(folder: Path, url: str, started_at: datetime) -> Iterator[None]:
    """Say where the server is while the context lasts. The store's lock makes this process the only writer."""
    path, fresh = folder / "server.json", folder / "server.json.new"
    content = json.dumps({"url": url, "pid": os.getpid(), "started_at": started_at.isoformat()})
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w") as file:
        os.fchmod(handle, 0o600)
        file.write(content)
    fresh.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
