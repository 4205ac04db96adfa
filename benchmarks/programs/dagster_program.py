"""Dagster's side of `./dev bench engine`: ops of a job in this process, recorded in the instance of DAGSTER_HOME."""

import json
import sys
import time

from dagster import DagsterInstance, DynamicOut, DynamicOutput, in_process_executor, job, op


@op
def one() -> int:
    return 1


@op
def add(number) -> int:
    return number + 1


def direct(count):
    @job(executor_def=in_process_executor)
    def wide():
        for number in range(count):
            one.alias(f"one_{number}")()

    return wide


def chain(count):
    @job(executor_def=in_process_executor)
    def long():
        value = one()
        for number in range(count - 1):
            value = add.alias(f"add_{number}")(value)

    return long


def mapped(count):
    @op(out=DynamicOut())
    def spread():
        for number in range(count):
            yield DynamicOutput(number, mapping_key=f"k{number}")

    @job(executor_def=in_process_executor)
    def fan():
        spread().map(add)

    return fan


def measure(workload, count):
    defined = direct(1) if workload == "hello" else globals()[workload](count)
    instance = DagsterInstance.get()
    began = time.perf_counter()
    assert defined.execute_in_process(instance=instance).success
    return {"seconds": time.perf_counter() - began}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
