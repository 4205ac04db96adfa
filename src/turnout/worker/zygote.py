"""`python -m turnout.worker.zygote <fd>`: a fresh interpreter with the engine loaded, which forks supervisors.

It has one thread and no event loop, for ever: forking beside threads hangs children. It is the subreaper of its
supervisors, so that when one of them is killed, what that one's flow left behind comes here and is killed.
When the worker loop goes (the socket closes), the zygote goes; its supervisors stay.

Messages in: {"spawn": name, "order": {...}}. Out: {"started": name, "pid": n}, {"exited": name, "status": words,
"code": exit code or null}, {"ready": pid}.
"""

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
from typing import Any, NoReturn

from turnout.worker import framing, process_tree, supervisor

PRELOADED = (
    "turnout.engine.__main__",
    "turnout.engine.task",
    "turnout.engine.runs.run_task",
    "turnout.engine.logs.run_logger",
    "pydantic.main",
    "pydantic.fields",
)
"""Loaded before the first fork, when they exist; flow processes share their memory. pydantic checks parameters, and
would cost each run that needs it a fifth of a second."""


class Zygote:
    """The loop: orders in, forks, exits out."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._supervisors: dict[int, str] = {}
        self._wake_read, self._wake_write = os.pipe()

    def serve(self) -> None:
        """Until the worker closes its end."""
        for descriptor in (self._wake_read, self._wake_write):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        poll.register(self._wake_read, select.POLLIN)
        self._tell({"ready": os.getpid()})
        while True:
            ready = {descriptor for descriptor, _ in poll.poll()}
            if self._wake_read in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake_read, 65536)
                self._reap()
            if self._channel.fileno() in ready:
                message = framing.receive(self._channel)
                if message is None:
                    return
                self._spawn(message["spawn"], message["order"])

    def _spawn(self, name: str, order: dict[str, Any]) -> None:
        pid = os.fork()
        if pid == 0:
            self._become_supervisor(order)
        self._supervisors[pid] = name
        self._tell({"started": name, "pid": pid})

    def _become_supervisor(self, order: dict[str, Any]) -> NoReturn:
        code = supervisor.LEFT
        try:
            signal.set_wakeup_fd(-1)
            for descriptor in (self._wake_read, self._wake_write):
                os.close(descriptor)
            self._channel.close()
            os.setsid()
            code = supervisor.main(order)
        finally:
            os._exit(code)

    def _reap(self) -> None:
        for pid, status in process_tree.reap():
            name = self._supervisors.pop(pid, None)
            if name is not None:
                code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
                self._tell({"exited": name, "status": process_tree.describe_end(status), "code": code})
            if name is None or status != 0:
                self._kill_strays()

    def _kill_strays(self) -> None:
        """Children that are no supervisors: the remains of a supervisor that was killed."""
        everything = process_tree.descendants(os.getpid())
        kept: set[int] = set(self._supervisors)
        for process in everything:  # parents come before children
            if process.parent in kept:
                kept.add(process.pid)
        process_tree.send((process for process in everything if process.pid not in kept), signal.SIGKILL)

    def _tell(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # the worker is gone: the next poll says so
            framing.send(self._channel, message)


def main(arguments: list[str]) -> int:
    """Serve on the inherited socket whose descriptor is the first argument."""
    channel = socket.socket(fileno=int(arguments[0]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    process_tree.become_subreaper()
    for module in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    gc.collect()
    gc.freeze()
    Zygote(channel).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
