"""What flows do in the worker's tests. Each takes the job; `log` is set by the engine."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

log = print


def hello(job):
    log("hello")


def show(job):
    print("to stdout")
    print("to stderr", file=sys.stderr)
    os.write(1, b"bytes \xff\x00 end\n")
    os.write(1, b"x" * 100_000 + b"\n")
    os.write(1, b"no newline")


def environment(job):
    for key, value in sorted(os.environ.items()):
        log(f"{key}={value}")
    log(f"job={job}")
    log(f"bytecode={sys.dont_write_bytecode}")


def secret_out(job):
    print("the key is", os.environ["VAN_API_KEY"])


def sleep(job):
    log("ready")
    time.sleep(600)


def ignore_term(job):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    log("ready")
    while True:
        time.sleep(600)


def spin(job):
    log("ready")
    while True:
        pass


def native(job):
    """Holds the GIL and never looks at signals."""
    log("ready")
    sum(range(10**12))


def threads(job):
    for _ in range(4):
        threading.Thread(target=time.sleep, args=(600,)).start()
    log("ready")
    time.sleep(600)


def daemon(job):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                time.sleep(600)
        os._exit(0)
    log("ready")
    time.sleep(600)


def tree(job):
    command = "trap '' TERM; sleep 600 & (setsid sleep 600 &) ; wait; sleep 600"
    subprocess.Popen(["sh", "-c", command])
    log("ready")
    time.sleep(600)


def leave_behind(job):
    subprocess.Popen(["sh", "-c", "trap '' TERM; sleep 600; sleep 600"], start_new_session=True)
    log("ready")


def kill_itself(job):
    log("ready")
    os.kill(os.getpid(), signal.SIGKILL)


def exit_three(job):
    print("about to go", file=sys.stderr)
    sys.stderr.flush()
    os._exit(3)


def announce_deadline(job):
    os.write(job["control_fd"], f"deadline 4 {time.time() + 0.2} load_rows\n".encode())
    log("ready")
    load_rows()


def load_rows():
    sum(range(10**12))


def keep_deadline(job):
    os.write(job["control_fd"], f"deadline 4 {time.time() + 0.3} load_rows\nclear 4\n".encode())
    time.sleep(1.5)


def count(job):
    for number in range(2000):
        log(f"line {number}")
    log("x" * 300_000)
    for number in range(2000, 4000):
        log(f"line {number}")


def steadily(job):
    log("ready")
    for number in range(150):
        log(f"line {number}")
        time.sleep(0.02)


def _fill_disk(job):
    ballast = Path(job["spool"]) / "ballast"
    with ballast.open("ab", buffering=0) as file:
        for size in (1 << 16, 1 << 12):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))
    return ballast


def print_on_full_disk(job):
    _fill_disk(job)
    print("one")
    print("two", file=sys.stderr)


def flood_full_disk(job):
    ballast, printed = _fill_disk(job), 0

    def free_once_nothing_moves():
        seen = -1
        while seen != printed:
            seen = printed
            time.sleep(0.5)
        ballast.unlink()

    threading.Thread(target=free_once_nothing_moves).start()
    for number in range(50_000):
        print(number)
        printed += 1


def read_checkpoints(job):
    log(Path(job["checkpoints"]).read_text())
