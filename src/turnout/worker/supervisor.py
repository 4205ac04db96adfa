"""One attempt's supervisor: outlives the worker loop and the server, never its flow.

Three threads: the main one owns processes, pipes and signals (it forked the flow, so it must not end before it); one
ships the journals; one keeps the lease. They meet in a queue whose other half is a wake-up pipe.
"""

import contextlib
import mmap
import os
import queue
import select
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from turnout.core.journal import PROTOCOL, SUPERVISOR_STREAM
from turnout.worker import clock, process_tree, stack_dump
from turnout.worker.capture import OutputJournal, OutputPipe
from turnout.worker.flow_process import Pipes, fork_flow
from turnout.worker.lease import LeaseKeeper
from turnout.worker.room import NO_ROOM, is_full
from turnout.worker.run_client import RunClient
from turnout.worker.shipping import Shipper
from turnout.worker.shipping_loop import ShippingLoop, Verdict
from turnout.worker.spool_files import AttemptFiles, try_lock
from turnout.worker.starting import Withdrawn, prepare
from turnout.worker.stopping import Deadlines, Stop, StopPlan
from turnout.worker.workdir import WorkFolder

DONE, LEFT, REFUSED = 0, 3, 4
"""Exit codes: everything stored; something left in the spool for the worker to drain; not started."""

LEFTOVER_SECONDS = 2.0
"""Grace for what a flow left running when it ended."""
DOUBT_SECONDS = 1.0
"""How long a refused lease may be the echo of the run's own end, whose receipt is still on its way."""
SIGNALS = {"dump": signal.SIGUSR2, "term": signal.SIGTERM, "wake": signal.SIGURG}
"""What the flow is told of a stop; `turnout.engine.__main__` has a handler for each."""
OVERDUE_GRACE = 1.0
"""Grace after TERM when a task ignored its timeout for the whole grace already."""
ROOM_PAUSE = 0.2
"""How often a full disk is asked again for room."""
UNKILLABLE_SECONDS = 10.0
"""How long to wait for processes that do not even die of KILL (stuck in the kernel)."""


def supervise(order: Mapping[str, Any]) -> int:
    """Execute one attempt from fork to the last acknowledged line; an exit code. `order` is `jobspec.build_order`."""
    files = AttemptFiles(Path(order["spool"]), order["run_id"], order["attempt"])
    lock = try_lock(files.supervisor, create=True)
    if lock is None:
        return REFUSED
    if not files.job.exists():  # a drain was faster: the run was given back
        files.supervisor.unlink(missing_ok=True)
        return REFUSED
    me = process_tree.look_up(os.getpid())
    os.pwrite(lock, f"{os.getpid()} {me.start if me else 0}\n".encode(), 0)
    process_tree.become_subreaper()
    return Supervisor(order, files).run()


class Supervisor:
    """The main thread's part."""

    def __init__(self, order: Mapping[str, Any], files: AttemptFiles) -> None:
        self._order = order
        self._files = files
        self._work = WorkFolder(Path(order["job"]["data_dir"]), files)
        self._bundle_dir: str | None = None
        self._grace = float(order["grace_seconds"])
        self._wake_read, self._wake_write = os.pipe()
        self._requests: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._deadlines = Deadlines(self._grace)
        self._plan: StopPlan | None = None
        self._stop_flag = mmap.mmap(-1, 1)
        """Shared with the flow process: it begins no task once this is set, whatever it does with signals."""
        self._fenced = False
        self._doubt_until: float | None = None
        self._status: int | None = None
        self._clearing_since: float | None = None
        self._dump: list[str] = []
        self._open: dict[int, OutputPipe] = {}
        self._holding_up = False
        """Whether the pipes are not read, because their lines find no room: the flow waits with its output."""
        self._poll = select.poll()

    def run(self) -> int:
        """Start the flow, watch it, clear up, settle."""
        self._take_signals()
        try:
            checkpoints = prepare(self._order, self._files, self._client(), lambda: not self._requests.empty())
        except Withdrawn as withdrawn:
            if not withdrawn.settled:
                return LEFT
            self._files.delete()
            return DONE
        job = {**self._order["job"], "checkpoints": checkpoints, "stop_flag": self._stop_flag}
        if job["bundle_dir"] is not None:
            job["bundle_dir"] = str(self._work.enter(Path(job["bundle_dir"]), resume=bool(self._order["resume"])))
        self._bundle_dir = job["bundle_dir"]
        pipes = Pipes.open()
        self._flow = fork_flow(job, self._order["environment"], pipes, engine=self._order["engine"])
        self._timeout_at = self._deadline()
        self._start_threads()
        self._watch_pipes(pipes)
        while not self._is_over():
            self._wait()
            self._act()
        return self._settle()

    # -- starting

    def _take_signals(self) -> None:
        for descriptor in (self._wake_read, self._wake_write):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: self._requests.put(("stop", "its worker was told to stop it")))

    def _client(self) -> RunClient:
        order = self._order
        return RunClient(order["server_url"], order["token"], ca_file=order.get("ca_file"))

    def _deadline(self) -> float | None:
        seconds = self._order["timeout_seconds"]
        return None if seconds is None else clock.monotonic() + float(seconds)

    def _start_threads(self) -> None:
        run_id, attempt = self._files.run_id, self._files.attempt
        client = self._client()
        shipper = Shipper(self._files, client)
        self._shipping = ShippingLoop(shipper, client, run_id, attempt, on_fenced=self._on_fenced)
        self._lease = LeaseKeeper(
            self._client(),
            run_id,
            attempt,
            float(self._order["lease_seconds"]),
            on_cancel=lambda reason: self._request("cancel", reason),
            on_fenced=lambda: self._request("doubt", ""),
        )
        self._shipping.start()
        self._lease.start()

    def _watch_pipes(self, pipes: Pipes) -> None:
        header = {"protocol": PROTOCOL, "run": self._files.run_id, "attempt": self._files.attempt}
        path = self._files.stream(SUPERVISOR_STREAM)
        masks = self._order["mask"]
        self._journal = OutputJournal(path, header)
        self._stderr = OutputPipe(pipes.stderr[0], "stderr", 30, self._journal, masks)
        self._stderr.watcher = self._note_dump
        for pipe in (OutputPipe(pipes.stdout[0], "stdout", 20, self._journal, masks), self._stderr):
            self._open[pipe.descriptor] = pipe
        self._control = pipes.control[0]
        os.set_blocking(self._control, False)
        for descriptor in (*self._open, self._control, self._wake_read):
            self._poll.register(descriptor, select.POLLIN)

    # -- called by the other threads

    def _on_fenced(self) -> None:
        self._request("fenced", "")

    def _request(self, kind: str, reason: str) -> None:
        self._requests.put((kind, reason))
        with contextlib.suppress(BlockingIOError):  # the pipe is full of wake-ups already
            os.write(self._wake_write, b"!")

    # -- watching

    def _is_over(self) -> bool:
        """The flow is gone and so is everything that it started."""
        if self._status is None:
            return False
        now = clock.monotonic()
        left = process_tree.descendants(os.getpid())
        if not left:
            return True
        if self._clearing_since is None:
            self._clearing_since = now
            process_tree.send(left, signal.SIGTERM)
        waited = now - self._clearing_since
        if self._fenced or waited >= LEFTOVER_SECONDS or self._killing(now):
            process_tree.send(left, signal.SIGKILL)
        return waited >= UNKILLABLE_SECONDS

    def _killing(self, now: float) -> bool:
        return self._plan is not None and self._plan.next_at <= now

    def _wait(self) -> None:
        self._hold_up()
        moments = [self._deadlines.next_at, self._timeout_at] if self._plan is None else [self._plan.next_at]
        if self._status is not None or self._doubt_until is not None:
            moments = [clock.monotonic() + 0.05]
        if self._holding_up:
            moments.append(clock.monotonic() + ROOM_PAUSE)
        pending = [moment for moment in moments if moment is not None]
        timeout = None if not pending else max(0.0, min(pending) - clock.monotonic()) * 1000 + 1
        for descriptor, _ in self._poll.poll(timeout):
            self._read(descriptor)
        for pid, status in process_tree.reap():
            if pid == self._flow:
                self._status = status

    def _hold_up(self) -> None:
        """Read no output while what was read before waits for room on the disk."""
        self._journal.catch_up()
        if self._journal.behind == self._holding_up:
            return
        self._holding_up = self._journal.behind
        for descriptor in self._open:
            if self._holding_up:
                self._poll.unregister(descriptor)
            else:
                self._poll.register(descriptor, select.POLLIN)
        self._shipping.nudge()

    def _read(self, descriptor: int) -> None:
        if descriptor in self._open:
            if not self._open[descriptor].drain():
                self._poll.unregister(descriptor)
                self._open.pop(descriptor).finish()
            self._shipping.nudge()
            return
        try:
            chunk = os.read(descriptor, 65536)
        except BlockingIOError:
            return
        if descriptor == self._control:
            if not chunk:
                self._poll.unregister(descriptor)
            self._deadlines.feed(chunk, unix=clock.now(), monotonic=clock.monotonic())
            self._shipping.nudge()

    def _act(self) -> None:
        while not self._requests.empty():
            self._obey(*self._requests.get())
        now = clock.monotonic()
        self._resolve_doubt(now)
        if self._plan is None and self._status is None:
            self._check_time(now)
        if self._plan is not None and self._status is None:
            for action in self._plan.due(now):
                self._do(action)

    def _obey(self, kind: str, reason: str) -> None:
        if kind == "cancel":
            self._stop(Stop("cancelled", reason, self._grace))
        elif kind == "stop":
            self._stop(Stop("lost", reason, self._grace))
            self._shipping.hurry(self._grace + 5.0)
        elif kind == "doubt":
            self._doubt_until = clock.monotonic() + DOUBT_SECONDS
            self._shipping.nudge()
        elif kind == "fenced":
            self._give_way()

    def _resolve_doubt(self, now: float) -> None:
        """A lease that is refused has lapsed, or it is the run's own end that the server has stored already."""
        if self._doubt_until is None:
            return
        if self._shipping.outcome is not None:
            self._doubt_until = None
        elif now >= self._doubt_until:
            self._doubt_until = None
            self._give_way()

    def _give_way(self) -> None:
        """Another attempt may run by now: no grace."""
        self._fenced = True
        self._stop(Stop("lost", "fenced", 0.0))
        if self._plan is not None:
            self._plan.hurry(clock.monotonic())

    def _check_time(self, now: float) -> None:
        late = self._deadlines.overdue(now)
        if late is not None:
            name, seconds = late
            reason = f"timed out after {round(seconds, 2):.3g} s"  # measured when the word came, a moment late
            self._stop(Stop("failed", reason, OVERDUE_GRACE, dump=True, task=name))
        elif self._timeout_at is not None and now >= self._timeout_at:
            seconds = float(self._order["timeout_seconds"])
            self._stop(Stop("failed", f"timed out after {seconds:g} s", self._grace, dump=True))

    def _stop(self, stop: Stop) -> None:
        """The first reason to stop stays the reason."""
        if self._plan is not None:
            return
        self._plan = StopPlan(stop, clock.monotonic())
        self._stop_flag[0] = 1
        if stop.overrules:
            self._shipping.overrule_cancelled()

    def _do(self, action: str) -> None:
        if action == "kill":
            process_tree.send(process_tree.descendants(os.getpid()), signal.SIGKILL)
            return
        with contextlib.suppress(ProcessLookupError):  # it ended by itself; its status is on its way
            os.kill(self._flow, SIGNALS[action])

    def _note_dump(self, line: str) -> None:
        if self._plan is not None and self._plan.stop.dump and stack_dump.is_dump_line(line) and len(self._dump) < 2000:
            self._dump.append(line)

    # -- settling

    def _settle(self) -> int:
        for pipe in self._open.values():
            pipe.drain(1 << 24)  # more than a pipe can hold
            pipe.finish()
        unwritten = self._journal.close()
        if self._fenced:
            self._keep(unwritten)
            return LEFT
        self._shipping.finish(self._verdict(), unwritten)
        while not self._shipping.wait(0.2):
            while not self._requests.empty():
                kind, _ = self._requests.get()
                if kind == "stop":
                    self._shipping.hurry(5.0)
        self._lease.stop()
        if not self._shipping.complete:
            self._keep(unwritten)
            return LEFT
        self._work.leave(keep=not self._is_done_with())
        self._files.delete()
        return DONE

    def _is_done_with(self) -> bool:
        """Whether nobody will ask for what the attempt left on disk."""
        if self._shipping.outcome is None:
            return self._plan is not None and self._plan.stop.event == "cancelled"
        return self._shipping.outcome in ("completed", "cancelled")

    def _keep(self, unwritten: Sequence[bytes]) -> None:
        """Leave to the worker what the disk had no room for before."""
        if unwritten and not self._journal.keep(unwritten):
            sys.stderr.write(f"run {self._files.name}: {len(unwritten)} lines of output were lost: disk full\n")

    def _verdict(self) -> Verdict:
        status = self._status if self._status is not None else 0
        words = process_tree.describe_end(status)
        if self._plan is None:
            return Verdict("lost", self._words_with_last_line(words, status))
        stop = self._plan.stop
        if not stop.dump:
            return Verdict(stop.event, stop.reason)
        place = stack_dump.locate(self._dump, self._bundle_dir, stop.task) or stop.task
        return Verdict(stop.event, f"{stop.reason} in {place}" if place else stop.reason)

    def _words_with_last_line(self, words: str, status: int) -> str:
        last = self._stderr.last_line.strip()
        if os.WIFEXITED(status) and last:
            return f"{words}; the last line on stderr: {last[:500]}"
        return words


def main(order: Mapping[str, Any]) -> int:
    """`supervise` for a forked process: what goes wrong becomes an exit code and a traceback in the worker's log."""
    try:
        return supervise(order)
    except BaseException as error:
        sys.excepthook(*sys.exc_info())
        return NO_ROOM if is_full(error) else LEFT
