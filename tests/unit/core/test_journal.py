import pytest

from turnout.core.ids import make_id
from turnout.core.journal import parse_spool_name, spool_name

RUN = make_id(1_790_000_000_000, b"0123456789")


@pytest.mark.parametrize(("attempt", "stream"), [(1, 0), (12, 1), (3, 17)])
def test_a_spool_name_is_read_back(attempt: int, stream: int) -> None:
    assert parse_spool_name(spool_name(RUN, attempt, stream)) == (RUN, attempt, stream)


@pytest.mark.parametrize(
    "name",
    [
        "",
        RUN,
        f"{RUN}.1",
        f"{RUN}.1.job",
        f"{RUN}.1.0.new",
        f"{RUN}.x.0",
        f"{RUN}.-1.0",
        f"{RUN}.1.0.refused",
        f"{RUN}.1.²",
    ],
)
def test_other_files_of_the_folder_are_no_spools(name: str) -> None:
    assert parse_spool_name(name) is None
