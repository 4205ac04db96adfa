"""A project whose flows wait for people, for the tests of pausing."""

FLOWS = """\
import asyncio
from datetime import date
from typing import Optional

from turnout import flow, get_run_logger, runtime, task
from turnout.flow_runs import pause_flow_run, suspend_flow_run
from turnout.input import RunInput, receive_input, send_input


def say(text):
    get_run_logger().info(text)


class Approval(RunInput):
    send: bool
    batch: int = 500
    on: Optional[date] = None


@task
def step(number):
    say(f"step {number}")
    return number


@flow
def pauses():
    step(1)
    found = pause_flow_run(wait_for_input=Approval.with_initial_data(description="Ready to send", batch=250))
    say(f"{found.send} {found.batch} {found.on}")
    number = pause_flow_run(wait_for_input=int)
    say(f"number {number}")
    pause_flow_run(timeout=600)
    return step(2)


@flow
def inner():
    step(3)
    return suspend_flow_run(wait_for_input=str)


@flow
def suspends():
    submitted = step.submit(1)
    first = suspend_flow_run(wait_for_input=Approval)
    say(f"{first.send} {first.batch} {submitted.result()}")
    say(inner())
    suspend_flow_run()
    return step(2)


@flow
async def awaits():
    step(1)
    say(str(await suspend_flow_run(wait_for_input=int)))
    say(str(await pause_flow_run(wait_for_input=int)))


@flow
def impatient():
    pause_flow_run(timeout=0.3)


@flow
def forgotten():
    suspend_flow_run(timeout=0.5)


@flow
def crashes():
    import os, signal

    step(1)
    if runtime.flow_run.attempt == 1:
        say(str(os.getpid()))
    pause_flow_run(wait_for_input=int, key="number")
    return step(2)


@flow
def listens():
    say("ready")
    heard = []
    for value in receive_input(int, timeout=60):
        heard.append(value)
        if len(heard) == 3:
            break
    say(str(heard))
"""
