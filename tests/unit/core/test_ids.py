from hypothesis import given
from hypothesis import strategies as st

from turnout.core.ids import id_time_ms, is_id, make_id

MILLISECONDS = st.integers(min_value=0, max_value=(1 << 48) - 1)
RANDOM = st.binary(min_size=10, max_size=10)


@given(MILLISECONDS, RANDOM)
def test_an_id_is_a_version_7_uuid_that_carries_its_time(at: int, randomness: bytes) -> None:
    made = make_id(at, randomness)
    assert is_id(made)
    assert made[12] == "7"
    assert made[16] in "89ab"
    assert id_time_ms(made) == at


@given(MILLISECONDS, MILLISECONDS, RANDOM, RANDOM)
def test_ids_sort_by_time(one: int, other: int, first: bytes, second: bytes) -> None:
    if one != other:
        assert (make_id(one, first) < make_id(other, second)) is (one < other)


@given(MILLISECONDS, RANDOM, RANDOM)
def test_randomness_tells_ids_apart(at: int, first: bytes, second: bytes) -> None:
    # Two of the eighty bits give way to the variant; the 12 + 62 that count are the top and the bottom ones.
    def kept(randomness: bytes) -> tuple[int, int]:
        tail = int.from_bytes(randomness, "big")
        return tail >> 68, tail & ((1 << 62) - 1)

    assert (make_id(at, first) == make_id(at, second)) is (kept(first) == kept(second))


def test_what_is_no_id() -> None:
    good = make_id(1, b"0123456789")
    for text in ("", good[:-1], good + "0", good.upper(), good + "\n", "../" + good[3:], "g" + good[1:]):
        assert not is_id(text), text
