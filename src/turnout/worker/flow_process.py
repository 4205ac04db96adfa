"""The flow process: what happens between fork and the user's code.

It is forked from the supervisor's main thread before that has any other thread, and it cannot outlive it: the kernel
kills it when its parent dies (PR_SET_PDEATHSIG), and kills its whole group when the supervisor's end of a pipe closes
(O_ASYNC with F_SETSIG: no thread, no GIL needed, so a flow that is stuck in native code dies too).
"""

import contextlib
import faulthandler
import fcntl
import importlib
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

from turnout.worker import process_tree

_F_SETSIG = 10


class Pipes(NamedTuple):
    """Both ends of the pipes between supervisor and flow process, as (reading, writing) descriptors."""

    stdout: tuple[int, int]
    stderr: tuple[int, int]
    control: tuple[int, int]
    guard: tuple[int, int]

    @classmethod
    def open(cls) -> "Pipes":
        """Fresh pipes. The guard carries no data: its writing end lives as long as the supervisor."""
        return cls(os.pipe(), os.pipe(), os.pipe(), os.pipe())

    def close_flow_ends(self) -> None:
        """In the supervisor, after the fork."""
        for descriptor in (self.stdout[1], self.stderr[1], self.control[1], self.guard[0]):
            os.close(descriptor)


def fork_flow(job: Mapping[str, Any], environment: Mapping[str, str], pipes: Pipes, *, engine: str) -> int:
    """Start the flow process; its id. engine: the module whose `execute` gets `job` plus `control_fd`."""
    supervisor = os.getpid()
    pid = os.fork()
    if pid:
        with contextlib.suppress(OSError):
            os.setpgid(pid, pid)
        pipes.close_flow_ends()
        return pid
    code = 1
    try:
        _settle(supervisor, environment, pipes)
        code = _execute({**job, "control_fd": pipes.control[1]}, engine)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        _leave(code)


def _settle(supervisor: int, environment: Mapping[str, str], pipes: Pipes) -> None:
    """Become a process of its own that sees nothing of the supervisor."""
    process_tree.control_process(process_tree.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != supervisor:
        os._exit(1)
    os.setpgid(0, 0)
    _reset_signals()
    _die_with(pipes.guard[0])
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (pipes.stdout[1], 1), (pipes.stderr[1], 2)):
        os.dup2(source, target)
    _close_all_but({0, 1, 2, pipes.control[1], pipes.guard[0]})
    os.environ.clear()
    os.environ.update(environment)
    _reopen_standard_streams()
    faulthandler.register(signal.SIGUSR2, file=2, all_threads=True, chain=False)


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _die_with(guard: int) -> None:
    fcntl.fcntl(guard, _F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(guard, fcntl.F_SETOWN, -os.getpid())
    fcntl.fcntl(guard, fcntl.F_SETFL, fcntl.fcntl(guard, fcntl.F_GETFL) | os.O_ASYNC)


def _close_all_but(kept: set[int]) -> None:
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in kept:
            with contextlib.suppress(OSError):
                os.close(int(name))


def _reopen_standard_streams() -> None:
    """Lines reach the pipes as soon as they are whole, whatever the worker's own streams are."""
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]


def _execute(job: dict[str, Any], engine: str) -> int:
    sys.argv = [str(job["run"]["spec"]["entrypoint"])]
    bundle = job.get("bundle_dir")
    if bundle:
        os.chdir(bundle)
    # Found at run time: the worker and the engine know each other by the job's form only.
    return int(importlib.import_module(engine).execute(job))


def _leave(code: int) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(code)
