"""So many calls under a limit of 3.

Makes one of no length, so that what a process loads once is loaded; says `ready` inside its flow, goes on at a line of
stdin, and prints when each call began and ended (monotonic seconds, the same clock in every process).
"""

import json
import sys
import time

from turnout import flow, task

COUNT, SECONDS = int(sys.argv[1]), float(sys.argv[2])


@task(limit=3, per="van-api")
def call(seconds: float) -> tuple[float, float]:
    began = time.monotonic()
    time.sleep(seconds)
    return began, time.monotonic()


@flow
def calls() -> list[tuple[float, float]]:
    call(0.0)
    print("ready", flush=True)
    sys.stdin.readline()
    return call.map([SECONDS] * COUNT).result()


print(json.dumps(calls()), flush=True)
