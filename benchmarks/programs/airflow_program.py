"""Airflow's side of `./dev bench engine`: `dag.test()`, on a migrated database in AIRFLOW_HOME."""

import json
import sys
import time
from datetime import datetime

from airflow.sdk import dag, task

WORKLOAD, COUNT = sys.argv[1], int(sys.argv[2])


@task
def one(number):
    return number


@task
def add(number):
    return number + 1


@dag(dag_id="bench", schedule=None, start_date=datetime(2024, 1, 1), catchup=False)  # noqa: DTZ001 - as its docs do
def bench():
    if WORKLOAD == "chain":
        value = 0
        for number in range(COUNT):
            value = add.override(task_id=f"add_{number}")(value)
    else:
        for number in range(COUNT):
            one.override(task_id=f"one_{number}")(number)


made = bench()  # its tasks find their DAG by importing this file

if __name__ == "__main__":
    began = time.perf_counter()
    state = made.test().state
    took = time.perf_counter() - began
    assert str(state) in ("success", "DagRunState.SUCCESS"), state
    print(json.dumps({"seconds": took}))
