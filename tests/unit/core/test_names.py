from turnout.core.ids import make_id
from turnout.core.names import ADJECTIVES, NOUNS, run_name


def test_a_name_is_made_of_the_id_alone() -> None:
    run_id = make_id(1_790_000_000_000, b"0123456789")
    assert run_name(run_id) == run_name(run_id)
    adjective, noun, tail = run_name(run_id).split("-")
    assert adjective in ADJECTIVES.split()
    assert noun in NOUNS.split()
    assert run_id.endswith(tail)


def test_names_of_many_runs_of_one_moment_differ() -> None:
    ids = [
        make_id(
            1, bytes([0, number % 256, number // 256, 7, number % 251, 3, 1, number % 7, number // 256, number % 256])
        )
        for number in range(2000)
    ]
    assert len({run_name(run_id) for run_id in ids}) > 1990


def test_no_word_is_listed_twice() -> None:
    for words in (ADJECTIVES.split(), NOUNS.split()):
        assert len(set(words)) == len(words)
