"""What `./dev bench engine` measures, on whom, how much of it, and the bars that were set for Turnout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Workload:
    """One row of the table.

    counts: system -> how many of the units it does; slow systems get fewer, figures are per unit. scale, unit: from
    seconds a unit to what is shown. clock: `process` (start to exit) or `program` (what the program timed). budget: in
    `unit`. bars: system -> how many times faster than it Turnout has to be.
    """

    key: str
    title: str
    counts: Mapping[str, int]
    unit: str
    scale: float
    budget: float | None = None
    bars: Mapping[str, float] = field(default_factory=dict)
    clock: str = "program"
    note: str = ""


WORKLOADS = (
    Workload(
        key="import", title="import, one flow and one task defined, whole process", unit="ms", scale=1e3, budget=60,
        counts=dict.fromkeys(("bare", "luigi", "dbos", "dagster", "airflow", "prefect", "turnout"), 1),
        bars={"prefect": 18}, clock="process",
    ),
    Workload(
        key="hello", title="hello: one flow, one task, whole process", unit="s", scale=1, budget=0.12,
        counts=dict.fromkeys(
            ("bare", "luigi", "dbos", "dagster", "airflow", "prefect", "prefect ephemeral", "turnout"), 1
        ),
        bars={"prefect": 20, "prefect ephemeral": 60}, clock="process",
    ),
    Workload(
        key="direct", title="direct calls in sequence, recorded", unit="us a task", scale=1e6, budget=50,
        counts={"bare": 1000, "luigi": 1000, "dbos": 1000, "dagster": 100, "airflow": 20, "prefect": 1000,
                "turnout": 1000},
        bars={"prefect": 60},
    ),
    Workload(
        key="mapped", title="mapped 1,000, recorded", unit="us a task", scale=1e6, budget=60,
        counts={"bare": 1000, "luigi": 1000, "dbos": 1000, "dagster": 100, "airflow": 20, "prefect": 1000,
                "turnout": 1000},
        bars={"prefect": 90}, note="DBOS: child workflows; Airflow, Luigi: independent tasks",
    ),
    Workload(
        key="gather", title="async gather 1,000, recorded", unit="us a task", scale=1e6, budget=60,
        counts={"bare": 1000, "dbos": 1000, "prefect": 1000, "turnout": 1000},
    ),
    Workload(
        key="chain", title="chain of 1,000 futures, recorded", unit="s per 1,000", scale=1e3, budget=0.08,
        counts={"bare": 1000, "luigi": 1000, "dagster": 200, "airflow": 20, "prefect": 1000, "turnout": 1000},
        bars={"prefect": 200},
    ),
    Workload(
        key="mapped-large", title="mapped 10,000: until the flow has returned", unit="s", scale=1e4, budget=0.5,
        counts={"bare": 10_000, "prefect": 10_000, "turnout": 10_000},
    ),
    Workload(
        key="logs", title="10,000 log lines, in the loop that logs", unit="us a line", scale=1e6, budget=10,
        counts={"bare": 10_000, "prefect": 10_000, "turnout": 10_000}, bars={"prefect": 20},
    ),
    Workload(
        key="harness", title="test harness start", unit="ms", scale=1e3, budget=50,
        counts={"prefect": 1, "turnout": 1}, bars={"prefect": 100},
    ),
    Workload(
        key="acknowledged-local", title="direct calls, each on disk before the next", unit="us a step", scale=1e6,
        budget=350, counts={"bare": 1000, "dbos": 1000, "turnout": 1000}, bars={"dbos": 5}, note="SQLite, synchronous",
    ),
    Workload(
        key="acknowledged-server", title="direct calls, each committed before the next", unit="us a step", scale=1e6,
        budget=1500, counts={"bare": 1000, "dbos": 1000, "turnout": 1000}, bars={"dbos": 1}, note="PostgreSQL",
    ),
    Workload(
        key="fibonacci-light", title="40 x fib(10) in sequence, trigger to done", unit="s", scale=1, budget=0.06,
        counts={"bare": 1, "prefect": 1, "turnout": 1}, note="Prefect: serve()",
    ),
    Workload(
        key="fibonacci-heavy", title="10 x fib(33) in sequence, trigger to done", unit="s", scale=1, budget=3.8,
        counts={"bare": 1, "prefect": 1, "turnout": 1}, note="Prefect: serve()",
    ),
)  # fmt: skip

IMPORTS = {
    "bare": "def one(): pass",
    "turnout": (
        "from turnout import flow, task, get_run_logger\n@task\ndef one(): pass\n@flow\ndef all_of_it(): one()"
    ),
    "prefect": (
        "from prefect import flow, task, get_run_logger\n@task\ndef one(): pass\n@flow\ndef all_of_it(): one()"
    ),
    "dbos": "from dbos import DBOS\n@DBOS.step()\ndef one(): pass\n@DBOS.workflow()\ndef all_of_it(): one()",
    "dagster": "from dagster import job, op\n@op\ndef one(): pass\n@job\ndef all_of_it(): one()",
    "airflow": "from airflow.sdk import dag, task\n@task\ndef one(): pass\n@dag(schedule=None)\ndef all_of_it(): one()",
    "luigi": "import luigi\nclass One(luigi.Task): pass\nclass All(luigi.WrapperTask): pass",
}
"""What `import` runs: what a flow's author imports, and one flow and one task defined."""
