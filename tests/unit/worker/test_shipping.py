from pathlib import Path

import pytest

from turnout.core import errors
from turnout.worker.shipping import Backoff, Shipper
from turnout.worker.spool_files import AttemptFiles

RUN = "0" * 32


class Journal:
    """Stores lines as the server does."""

    def __init__(self) -> None:
        self.stored: dict[int, list[bytes]] = {}
        self.calls: list[tuple[int, int]] = []

    def ship(self, run_id: str, attempt: int, stream: int, first: int, lines: bytes) -> int:
        self.calls.append((stream, first))
        have = self.stored.setdefault(stream, [])
        if first > len(have):
            raise errors.Conflict("gap")
        if b"bad" in lines:
            raise errors.ParameterError("malformed")
        have += lines.split(b"\n")[:-1][len(have) - first :]
        return len(have) - 1


@pytest.fixture
def files(tmp_path: Path) -> AttemptFiles:
    return AttemptFiles(tmp_path, RUN, 1)


def test_captured_output_goes_before_the_flows_own_stream(files: AttemptFiles) -> None:
    for number in (0, 1, 2):
        files.stream(number).write_bytes(b"header\nline\n")
    api = Journal()
    assert Shipper(files, api).ship_all() == 6
    assert [stream for stream, _ in api.calls] == [2, 1, 0]


def test_bad_line_is_replaced_by_a_word_about_it(files: AttemptFiles) -> None:
    files.stream(0).write_bytes(b"header\na\nbad\nb\n")
    api = Journal()
    Shipper(files, api).ship_all()
    header, a, note, b = api.stored[0]
    assert (header, a, b) == (b"header", b"a", b"b")
    assert b"3 bytes was refused" in note


def test_one_bad_line_of_thousands_is_found_by_halving(files: AttemptFiles) -> None:
    files.stream(0).write_bytes(b"header\n" + b"".join(b"bad\n" if n == 2_345 else b"%d\n" % n for n in range(4_000)))
    api = Journal()
    assert Shipper(files, api).ship_all() == 4_001
    assert [line for line in api.stored[0] if b"refused" not in line] == [
        b"header",
        *(b"%d" % n for n in range(4_000) if n != 2_345),
    ]
    assert b"refused" in api.stored[0][2_346]
    assert len(api.calls) <= 2 * 12 + 2


def test_every_bad_line_gets_its_word(files: AttemptFiles) -> None:
    files.stream(0).write_bytes(b"bad\nbad\na\nbad\nb\nbad\n")
    api = Journal()
    Shipper(files, api).ship_all()
    assert [b"refused" in line for line in api.stored[0]] == [True, True, False, True, False, True]


def test_gap_found_while_halving_starts_again(files: AttemptFiles) -> None:
    files.stream(0).write_bytes(b"header\na\nb\nbad\nc\n")

    class Restored(Journal):
        def ship(self, run_id: str, attempt: int, stream: int, first: int, lines: bytes) -> int:
            if len(self.calls) == 2:
                self.stored.clear()
            return super().ship(run_id, attempt, stream, first, lines)

    api = Restored()
    Shipper(files, api).ship_all()
    stored = api.stored[0]
    assert [*stored[:3], stored[4]] == [b"header", b"a", b"b", b"c"]
    assert b"refused" in stored[3]


def test_server_that_lost_lines_gets_them_again(files: AttemptFiles) -> None:
    files.stream(0).write_bytes(b"header\na\n")
    api = Journal()
    shipper = Shipper(files, api)
    shipper.ship_all()
    api.stored.clear()
    with files.stream(0).open("ab") as file:
        file.write(b"b\n")
    shipper.ship_all()
    assert api.stored[0] == [b"header", b"a", b"b"]


def test_what_an_earlier_shipper_sent_is_not_stored_twice(files: AttemptFiles) -> None:
    files.stream(0).write_bytes(b"header\na\n")
    api = Journal()
    Shipper(files, api).ship_all()
    with files.stream(0).open("ab") as file:
        file.write(b"b\n")
    Shipper(files, api).ship_all()
    assert api.stored[0] == [b"header", b"a", b"b"]


def test_what_the_disk_had_no_room_for_follows_its_file(files: AttemptFiles) -> None:
    files.stream(0).write_bytes(b"header\nend\n")
    files.stream(1).write_bytes(b"header\na\n")
    api = Journal()
    shipper = Shipper(files, api)
    shipper.add_unwritten([b"b\n", b"bad\n", b"c\n"])
    shipper.ship_all()
    shipper.ship_all()
    assert api.stored[1][:3] == [b"header", b"a", b"b"]
    assert b"refused" in api.stored[1][3]
    assert api.stored[1][4:] == [b"c"]
    assert api.calls[-1] == (0, 0)


def test_what_the_disk_had_no_room_for_survives_a_restored_server(files: AttemptFiles) -> None:
    files.stream(1).write_bytes(b"header\na\n")
    api = Journal()
    shipper = Shipper(files, api)
    shipper.ship_all()
    api.stored.clear()
    shipper.add_unwritten([b"b\n"])
    shipper.ship_all()
    assert api.stored[1] == [b"header", b"a", b"b"]


def test_fenced_is_told(files: AttemptFiles) -> None:
    files.stream(0).write_bytes(b"header\n")

    class Fencing(Journal):
        def ship(self, run_id: str, attempt: int, stream: int, first: int, lines: bytes) -> int:
            raise errors.Fenced

    with pytest.raises(errors.Fenced):
        Shipper(files, Fencing()).ship_all()


def test_backoff_grows_to_its_limit_and_starts_again() -> None:
    waits: list[float] = []
    backoff = Backoff(waits.append, longest=0.3)
    for _ in range(5):
        backoff.pause()
    backoff.reset()
    backoff.pause()
    assert waits == [0.05, 0.1, 0.2, 0.3, 0.3, 0.05]
