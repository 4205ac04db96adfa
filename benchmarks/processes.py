"""What a process and its children use, read from /proc."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Idle:
    """Of a process and its descendants over `seconds`: memory in MB (`unique`: not shared with others), share of one
    core in percent, switches to another thread or process a second."""

    memory_mb: float
    unique_mb: float
    core_percent: float
    wakeups_per_second: float
    seconds: float


def measure_idle(pid: int, seconds: float) -> Idle:
    """Watch a process for `seconds`."""
    before, woken, began = cpu_seconds(pid), _switches(pid), time.perf_counter()
    time.sleep(seconds)
    took = time.perf_counter() - began
    return Idle(
        memory_mb=round(_memory(pid, "Rss:") / 1024, 1),
        unique_mb=round((_memory(pid, "Private_Dirty:") + _memory(pid, "Private_Clean:")) / 1024, 1),
        core_percent=round((cpu_seconds(pid) - before) / took * 100, 2),
        wakeups_per_second=round((_switches(pid) - woken) / took, 1),
        seconds=seconds,
    )


def wait_for_rest(pid: int, *, share: float = 0.1, window: float = 0.25, at_most: float = 60.0) -> float:
    """Wait until a process and its descendants use less than `share` of a core over `window` seconds; how long it
    took. After `at_most` seconds they are taken as they are."""
    began = time.perf_counter()
    while time.perf_counter() - began < at_most:
        before, moment = cpu_seconds(pid), time.perf_counter()
        time.sleep(window)
        if cpu_seconds(pid) - before < share * (time.perf_counter() - moment):
            break
    return time.perf_counter() - began


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its living descendants."""
    return sum(_times(one) for one in family(pid))


def family(pid: int) -> list[int]:
    """A process and its living descendants."""
    found = [pid]
    for one in found:
        for path in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += [int(child) for child in path.read_text().split()]
            except OSError:
                continue
    return found


def free_port() -> int:
    """A port of loopback that nobody listens at."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _times(pid: int) -> float:
    """At the scheduler's own precision where the kernel tells it, else in ticks of 10 ms."""
    try:
        return (
            sum(int(path.read_text().split()[0]) / 1e9 for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))
            or sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13])) / _TICK
        )
    except OSError:
        return 0.0


def _memory(pid: int, field: str) -> float:
    """kB."""
    total = 0.0
    for one in family(pid):
        try:
            text = Path(f"/proc/{one}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(float(line.split()[1]) for line in text.splitlines() if line.startswith(field))
    return total


def _switches(pid: int) -> int:
    total = 0
    for one in family(pid):
        for path in Path(f"/proc/{one}/task").glob("*/status"):
            try:
                text = path.read_text()
            except OSError:
                continue
            total += sum(
                int(line.split()[1]) for line in text.splitlines() if line.startswith("voluntary_ctxt_switches")
            )
    return total
