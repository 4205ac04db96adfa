"""Load every US ZIP code into the warehouse."""

import zipcodes

from turnout import flow, get_run_logger, runtime, task
from turnout.connections import connection

COLUMNS = ("zip_code", "city", "county", "state", "kind", "latitude", "longitude")


@task
def read_zip_codes() -> list[dict]:
    """The ZIP codes in use, as the `zipcodes` package has them."""
    return [row for row in zipcodes.list_all() if row["active"]]


@task(retries=2, retry_delay_seconds=[0.2, 1])
def check_source(rows: list[dict], minimum: int) -> int:
    """Refuse a source that shrank. Its first try fails, as a flaky source does, to show what a retry looks like."""
    if runtime.task_run.run_count == 1:
        raise ConnectionError("the source did not answer (this example fails its first try on purpose)")
    if len(rows) < minimum:
        raise ValueError(f"{len(rows)} ZIP codes, expected at least {minimum}")
    return len(rows)


@task
def write_zip_codes(rows: list[dict]) -> int:
    """Replace the table `zip_code` in one transaction; returns the number of rows."""
    columns = as_columns(rows)
    values = ", ".join(f"unnest(${name})" for name in COLUMNS)
    with connection("warehouse") as warehouse:
        warehouse.execute("BEGIN")
        warehouse.execute(
            "CREATE OR REPLACE TABLE zip_code (zip_code TEXT, city TEXT, county TEXT, state TEXT, kind TEXT,"
            " latitude DOUBLE, longitude DOUBLE)"
        )
        warehouse.execute(f"INSERT INTO zip_code SELECT {values}", columns)
        warehouse.execute("COMMIT")
    return len(rows)


def as_columns(rows: list[dict]) -> dict[str, list]:
    """The source's rows as one list a column, coordinates as numbers, missing counties as None."""
    return {
        "zip_code": [row["zip_code"] for row in rows],
        "city": [row["city"] for row in rows],
        "county": [row["county"] or None for row in rows],
        "state": [row["state"] for row in rows],
        "kind": [row["zip_code_type"].lower() for row in rows],
        "latitude": [float(row["lat"]) for row in rows],
        "longitude": [float(row["long"]) for row in rows],
    }


@flow(log_prints=True)
def load_zip_codes(minimum: int = 40_000) -> int:
    """Read, check, write; returns the number of ZIP codes loaded."""
    rows = read_zip_codes()
    check_source(rows, minimum)
    written = write_zip_codes(rows)
    get_run_logger().info("%s ZIP codes in %s states and territories", written, len({row["state"] for row in rows}))
    return written


if __name__ == "__main__":
    load_zip_codes()
