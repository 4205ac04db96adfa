import pytest

from turnout.core.rates import format_rate, parse_rate


@pytest.mark.parametrize(
    ("text", "interval"), [("10/s", 0.1), ("5/m", 12.0), ("3/s", 0.333333), ("100 / h", 36.0), ("1/d", 86400.0)]
)
def test_a_rate_is_the_time_between_two_starts(text: str, interval: float) -> None:
    assert parse_rate(text) == interval
    assert parse_rate(format_rate(interval)) == interval


@pytest.mark.parametrize(
    "text", ["", "10", "0/s", "-1/s", "10/w", "1.5/s", "10/s/s", "1000000/s", "10/s\n1", "x" * 10_000]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no rate"):
        parse_rate(text)


def test_the_spelling_is_the_shortest() -> None:
    assert format_rate(parse_rate("60/m")) == "1/s"
    assert format_rate(parse_rate("3600/h")) == "1/s"
    assert format_rate(7.0) == "one every 7 s"
