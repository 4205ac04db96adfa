"""The flow whose journal, job and checkpoints are kept here; it must go on running as it is."""

import datetime as dt
import decimal

from turnout import flow, get_run_logger, task


@task
def load(state: str) -> list[str]:
    get_run_logger().info("load %s", state)
    return [state, "rows"]


@task(retries=1)
def flaky(number: int, tries: list[int] = []) -> decimal.Decimal:  # noqa: B006 - counts its calls
    tries.append(number)
    if len(tries) == 1:
        raise ConnectionError("try again")
    return decimal.Decimal("1.50")


@task
def opened() -> object:
    return object()


@task
def never(value: object) -> None:
    raise AssertionError(value)


@flow(log_prints=True)
def inner(day: dt.date) -> tuple[str, dt.date]:
    print("inner", day)
    return ("inner", day)


@flow
def main(state: str = "OH") -> dict[str, object]:
    rows = load.submit(state)
    amount = flaky(2)
    opened()
    made = inner(dt.date(2026, 11, 3))
    broken = never.submit(rows)
    skipped = load.submit("PA", wait_for=[broken])
    skipped.wait()
    broken.result(raise_on_failure=False)
    skipped.result(raise_on_failure=False)
    return {"rows": rows.result(), "amount": amount, "inner": made[0]}
