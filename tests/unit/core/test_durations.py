import pytest

from turnout.core.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("5m", 300),
        ("1h30m", 5400),
        ("2d", 172800),
        ("1w", 604800),
        ("250ms", 0.25),
        ("1.5h", 5400),
        (90, 90),
        (0.5, 0.5),
        (" 1h 5m ", 3900),
        ("0s", 0),
    ],
)
def test_reads_what_people_write(text: str | float, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "5", "5 minutes", "m5", "-5m", "1h-5m", True, -1, float("nan"), float("inf"), "9999999999d"]
)
def test_refuses_what_is_no_length(text: str | float) -> None:
    with pytest.raises(ValueError, match="length of time"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"), [(5400, "1h30m"), (0.25, "250ms"), (0, "0s"), (86400, "1d"), (61, "1m1s")]
)
def test_spells_and_reads_back(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text
    assert parse_duration(text) == seconds
