"""The pipeline's own logic, as plain functions: no server, no warehouse, no recording."""

from flows.load import as_columns, load_zip_codes, read_zip_codes
from flows.turf import cut, cut_state


def test_the_source_has_every_state() -> None:
    rows = read_zip_codes.fn()
    assert len({row["state"] for row in rows}) >= 51


def test_missing_counties_become_null_and_coordinates_numbers() -> None:
    row = {"zip_code": "00501", "city": "Holtsville", "county": "", "state": "NY", "zip_code_type": "UNIQUE"}
    columns = as_columns([{**row, "lat": "40.8", "long": "-73.0"}])
    assert columns["county"] == [None]
    assert columns["latitude"] == [40.8]


def test_turfs_are_small_and_lose_nobody() -> None:
    places = [(f"{n:05}", "A County", float(n % 7), float(n % 11)) for n in range(100)]
    turfs = cut(places, turf_size=12)
    assert max(map(len, turfs)) <= 12
    assert sorted(place for turf in turfs for place in turf) == sorted(places)


def test_turfs_are_numbered_within_their_state() -> None:
    places = [(f"4{n:04}", "Franklin County", 40.0 + n, -83.0) for n in range(5)]
    rows = cut_state.fn("OH", places, turf_size=3)
    assert {turf for turf, _, _ in rows} == {"OH-001", "OH-002"}
    assert cut_state.fn("ZZ", [], turf_size=3) == []


def test_the_flow_is_still_a_plain_function() -> None:
    assert load_zip_codes.fn.__name__ == "load_zip_codes"
