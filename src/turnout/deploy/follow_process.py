"""The follower beside a server: a process of its own, because checking a commit imports the users' code."""

import subprocess
import sys
import threading
from collections.abc import Mapping
from types import TracebackType

AGAIN_SECONDS = (1.0, 5.0, 30.0)
"""How long to wait before each new start; the last for all that follow."""
STOP_SECONDS = 10.0


class FollowerProcess:
    """Runs `turnout follow`, and starts it again when it dies. It ends with this process, however that ends: its
    standard input closes then."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """environ: names the data folder of the server, the repository and the branch."""
        self._environ = dict(environ)
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="follower", daemon=True)

    def __enter__(self) -> "FollowerProcess":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stopping.set()
        process = self._process
        if process is not None and process.stdin is not None:
            process.stdin.close()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join()

    def _keep(self) -> None:
        deaths = 0
        while not self._stopping.is_set():
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "turnout", "follow", "--until-stdin-closes"],
                env=self._environ,
                stdin=subprocess.PIPE,
            )
            self._process.wait()
            self._stopping.wait(AGAIN_SECONDS[min(deaths, len(AGAIN_SECONDS) - 1)])
            deaths += 1
