"""Times as the database keeps them: whole microseconds since 1970 UTC."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(at: datetime) -> int:
    """The exact microseconds of an aware time."""
    return (at - EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC time of `to_micros`."""
    return EPOCH + timedelta(microseconds=micros)


def optional_micros(at: datetime | None) -> int | None:
    """`to_micros`, None for None."""
    return None if at is None else to_micros(at)


def optional_time(micros: int | None) -> datetime | None:
    """`from_micros`, None for None."""
    return None if micros is None else from_micros(micros)
