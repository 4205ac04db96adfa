"""What a writer knows of what is declared: asked for once, and never out of date."""

from turnout.store.kept import MOST, Kept


class Asked:
    """A question whose answer changes with every asking."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


def test_an_answer_stays_from_one_transaction_to_the_next() -> None:
    kept, ask = Kept(), Asked()
    kept.begin("1")
    assert kept.get("deployment", ask) == 1
    kept.begin("1")
    assert (kept.get("deployment", ask), kept.get("another", ask)) == (1, 2)


def test_without_a_transaction_that_writes_nothing_is_kept() -> None:
    kept, ask = Kept(), Asked()
    assert [kept.get("deployment", ask) for _ in range(3)] == [1, 2, 3]


def test_another_stamp_empties_it() -> None:
    kept, ask = Kept(), Asked()
    kept.begin("1")
    kept.get("deployment", ask)
    kept.begin("2")
    assert kept.get("deployment", ask) == 2


def test_after_a_change_everything_is_asked_for_until_the_next_transaction() -> None:
    """What is read then may yet be undone."""
    kept, ask = Kept(), Asked()
    kept.begin("1")
    kept.get("deployment", ask)
    kept.changed()
    assert [kept.get("deployment", ask) for _ in range(2)] == [2, 3]
    kept.begin("1")
    assert [kept.get("deployment", ask) for _ in range(2)] == [4, 4]


def test_it_does_not_grow_for_ever() -> None:
    kept, ask = Kept(), Asked()
    kept.begin()
    for number in range(MOST + 1):
        kept.get(number, ask)
    assert kept.get(MOST, ask) == MOST + 1
    assert kept.get(0, ask) == MOST + 2
