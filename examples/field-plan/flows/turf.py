"""Cut every state into turfs: groups of neighbouring ZIP codes that one captain looks after."""

from turnout import flow, get_run_logger, task, unmapped
from turnout.connections import connection
from turnout.task_runners import ThreadPoolTaskRunner

Place = tuple[str, str, float, float]
"""ZIP code, county, latitude, longitude."""


@task
def read_places() -> dict[str, list[Place]]:
    """Every standard ZIP code with a county, by state; the states are those with counties to canvass."""
    places: dict[str, list[Place]] = {}
    with connection("warehouse") as warehouse:
        rows = warehouse.execute(
            "SELECT state, zip_code, county, latitude, longitude FROM zip_code JOIN state USING (state)"
            " WHERE kind = 'standard' AND county IS NOT NULL ORDER BY state, zip_code"
        ).fetchall()
    for state, *place in rows:
        places.setdefault(state, []).append(tuple(place))
    return places


@task(task_run_name="turf-{state}", retries=1)
def cut_state(state: str, places: list[Place], turf_size: int) -> list[tuple[str, str, str]]:
    """(turf, ZIP code, county) for one state."""
    return [
        (f"{state}-{number:03}", zip_code, county)
        for number, turf in enumerate(cut(places, turf_size), start=1)
        for zip_code, county, _, _ in turf
    ]


def cut(places: list[Place], turf_size: int) -> list[list[Place]]:
    """Split places into turfs of at most `turf_size`, halving the longer side of the map each time."""
    if len(places) <= turf_size:
        return [places] if places else []
    height = max(p[2] for p in places) - min(p[2] for p in places)
    width = max(p[3] for p in places) - min(p[3] for p in places)
    axis = 2 if height >= width else 3
    ordered = sorted(places, key=lambda place: place[axis])
    middle = len(ordered) // 2
    return cut(ordered[:middle], turf_size) + cut(ordered[middle:], turf_size)


@task
def write_turf(turfs: list[list[tuple[str, str, str]]]) -> int:
    """Replace the table `turf`; returns the number of turfs."""
    rows = [row for state in turfs for row in state]
    columns = dict(zip(("turf", "zip_code", "county"), map(list, zip(*rows, strict=True)), strict=True))
    with connection("warehouse") as warehouse:
        warehouse.execute("BEGIN")
        warehouse.execute("CREATE OR REPLACE TABLE turf (turf TEXT, zip_code TEXT, county TEXT)")
        warehouse.execute("INSERT INTO turf SELECT unnest($turf), unnest($zip_code), unnest($county)", columns)
        warehouse.execute("COMMIT")
    return len({turf for turf, _, _ in rows})


@flow(task_runner=ThreadPoolTaskRunner(max_workers=3))
def assign_turf(turf_size: int = 12) -> int:
    """Cut all states, three at a time; returns the number of turfs."""
    places = read_places()
    turfs = cut_state.map(list(places), list(places.values()), unmapped(turf_size)).result()
    count = write_turf(turfs)
    get_run_logger().info("%s turfs in %s states", count, len(places))
    return count


if __name__ == "__main__":
    assign_turf()
