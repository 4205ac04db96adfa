"""Attempts as processes of this host: a zygote forks a supervisor for each."""

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from turnout.worker import framing, process_tree
from turnout.worker.spool_files import is_locked

log = logging.getLogger("turnout.worker")

OnExit = Callable[[str, str, int | None], None]
"""(name, what happened in words, exit code or None when killed)"""


class ProcessBackend:
    """Supervisors under one zygote, which is started again when it dies; supervisors survive that, and this."""

    def __init__(self, spool: Path, environment: Mapping[str, str], log_file: Path, on_exit: OnExit) -> None:
        self._spool = spool
        self._environment = dict(environment)
        self._log_file = log_file
        self._on_exit = on_exit
        self._lock = threading.Lock()
        self._channel: socket.socket | None = None
        self._zygote: subprocess.Popen[bytes] | None = None
        self._children: set[str] = set()
        self._watched: set[str] = set()

    def start(self) -> None:
        """Start the zygote ahead of the first job; returns once it can fork."""
        with self._lock:
            self._ensure()

    def submit(self, name: str, order: Mapping[str, Any]) -> None:
        """Start the supervisor of the attempt `<run>.<attempt>`; a second one of the same has no effect. Raises OSError
        when no zygote can be had."""
        message = {"spawn": name, "order": order}
        with self._lock:
            channel = self._ensure()
            self._children.add(name)
            try:
                framing.send(channel, message)
            except OSError:
                self._drop_zygote()
                self._children.add(name)
                framing.send(self._ensure(), message)

    def adopt(self, name: str) -> None:
        """Watch a supervisor that an earlier worker started."""
        with self._lock:
            self._watched.add(name)

    def cancel(self, name: str) -> None:
        """TERM to the supervisor, which ends its tree in its own grace and reports the loss."""
        pid = self._supervisor_pid(name)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def look(self) -> None:
        """Report watched supervisors that have ended."""
        with self._lock:
            gone = [name for name in self._watched if not is_locked(self._spool / f"{name}.supervisor")]
            self._watched.difference_update(gone)
        for name in gone:
            self._on_exit(name, "ended while no worker was watching", None)

    def close(self) -> None:
        """Let the zygote go. Supervisors stay."""
        with self._lock:
            self._drop_zygote()

    def _ensure(self) -> socket.socket:
        if self._channel is None:
            self._channel = self._start_zygote()
        return self._channel

    def _start_zygote(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-m", "turnout.worker.zygote", str(theirs.fileno())]
        with theirs, open(self._log_file, "ab", opener=_private) as output:
            process = subprocess.Popen(
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        ready = framing.receive(ours)
        if ready is None:
            ours.close()
            raise OSError(f"the zygote ended at its start: {process.wait()}; see {self._log_file}")
        self._zygote = process
        threading.Thread(target=self._listen, args=(ours,), name="zygote", daemon=True).start()
        return ours

    def _listen(self, channel: socket.socket) -> None:
        while (message := framing.receive(channel)) is not None:
            name = message.get("exited")
            if name is None:
                continue
            with self._lock:
                self._children.discard(name)
            self._on_exit(name, message["status"], message["code"])
        with self._lock:
            if self._channel is channel:
                log.warning("the zygote ended; starting another")
                self._drop_zygote()
                with contextlib.suppress(OSError):
                    self._ensure()

    def _drop_zygote(self) -> None:
        """Forget the zygote: from now on its supervisors are watched by their locks."""
        channel, self._channel = self._channel, None
        self._watched |= self._children
        self._children.clear()
        if channel is not None:
            with contextlib.suppress(OSError):
                channel.shutdown(socket.SHUT_RDWR)
            channel.close()
        if self._zygote is not None:
            self._zygote.wait()
            self._zygote = None

    def _supervisor_pid(self, name: str) -> int | None:
        leader = process_tree.read_leader(self._spool / f"{name}.supervisor")
        if leader is None or not is_locked(self._spool / f"{name}.supervisor"):
            return None
        return leader.pid


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
