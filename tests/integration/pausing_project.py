"""A project whose flows wait for people, for the tests of pausing."""

FLOWS = """\
import asyncio
from datetime import date
from typing import Optional

from pydantic import SecretStr

from turnout import Variable, flow, get_run_logger, runtime, task
from turnout.blocks.core import Block
from turnout.events import emit_event
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


class Warehouse(Block):
    host: str
    password: SecretStr
    options: dict = {}


@flow
def remembers():
    say(str(Variable.get("size")))
    say(str(Variable.get("region", default="none")))
    say(str(Variable.set("region", {"states": ["TX"]}, tags=["t"]).value))
    try:
        Variable.set("region", 1)
    except Exception as error:
        say(str(error).splitlines()[0])
    try:
        Variable.set("size", 1)
    except Exception as error:
        say(str(error).splitlines()[0])
    say(str(Variable.get("region")))
    say(str(Warehouse(host="db", password="hunter2hunter2", options={"port": 5}).save("main", overwrite=True)))
    found = Warehouse.load("main")
    say(f"{found.host} {found.password} {found.options} {len(found.password.get_secret_value())}")
    get_run_logger().info(found.password.get_secret_value())
    first = emit_event("turf.cut", resource={"turnout.resource.id": "turf.1"}, payload={"doors": 12})
    emit_event("turf.walked", resource={"turnout.resource.id": "turf.1"}, follows=first)
    first.emit()
    Warehouse.delete("main")
    say(str(Variable.unset("region")))


@flow
async def remembers_async():
    await Variable.set("mood", "good", overwrite=True)
    say(str(await Variable.get("mood")))
    await Warehouse(host="db", password="x").save("other", overwrite=True)
    say((await Warehouse.load("other")).host)


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
