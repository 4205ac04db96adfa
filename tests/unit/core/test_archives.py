import gzip
import io
import resource
import tarfile

import pytest

from turnout.core import archives
from turnout.core.archives import check_archive
from turnout.core.errors import ConfigurationError


def archive(*members: tarfile.TarInfo, format: int = tarfile.GNU_FORMAT) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", format=format) as target:
        for member in members:
            target.addfile(member, io.BytesIO(b"x" * member.size))
    return packed.getvalue()


def file(name: str, size: int = 6, mode: int = 0o644) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, mode
    return info


def special(name: str, kind: bytes, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def header(name: str, kind: bytes, size: int) -> bytes:
    """A member's header as it stands in an archive, whatever follows."""
    info = special(name, kind)
    info.size = size
    return info.tobuf(tarfile.GNU_FORMAT)


def test_tells_what_is_in_it() -> None:
    long = "folder/" * 40 + "flow.py"
    found = check_archive(archive(file("a.py"), special("flows", tarfile.DIRTYPE), file("flows/é b.py"), file(long)))
    assert [entry.path for entry in found] == ["a.py", "flows", "flows/é b.py", long]
    assert [entry.folder for entry in found] == [False, True, False, False]
    (linked,) = check_archive(archive(special("b.py", tarfile.SYMTYPE, "a.py")))
    assert (linked.path, linked.link) == ("b.py", "a.py")


@pytest.mark.parametrize(
    "name",
    [
        "/etc/evil", "../evil", "a/../../evil", "a/..", "..", "C:evil.py", "c:/evil.py", "..\\evil", "a\\b",
        "a//b", "./a", "a/./b", "", "/",
    ],
)  # fmt: skip
def test_names_that_are_no_plain_paths_inside_are_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"lies outside|no plain path"):
        check_archive(archive(file("good.py"), file(name)))


def test_a_long_name_hides_nothing() -> None:
    with pytest.raises(ConfigurationError, match="lies outside"):
        check_archive(archive(file("x/" * 100 + "../" * 101 + "evil")))
    with pytest.raises(ConfigurationError, match="leads out"):
        check_archive(archive(special("link", tarfile.SYMTYPE, "x/" * 100 + "../" * 101 + "etc/passwd")))
    with pytest.raises(ConfigurationError, match="too long"):
        check_archive(archive(file("x/" * 3000 + "evil")))


@pytest.mark.parametrize(
    "member",
    [
        special("hard", tarfile.LNKTYPE, "/etc/passwd"),
        special("hard", tarfile.LNKTYPE, "good.py"),
        special("device", tarfile.CHRTYPE),
        special("disk", tarfile.BLKTYPE),
        special("pipe", tarfile.FIFOTYPE),
        special("sparse", tarfile.GNUTYPE_SPARSE),
        special("more", tarfile.CONTTYPE),
        special("new", b"Z"),
    ],
    ids=lambda member: member.name,
)
def test_only_files_folders_and_links_are_taken(member: tarfile.TarInfo) -> None:
    with pytest.raises(ConfigurationError, match="neither file, folder nor link"):
        check_archive(archive(file("good.py"), member))


@pytest.mark.parametrize("mode", [0o4755, 0o2755, 0o1777])
def test_rights_of_somebody_else_are_refused(mode: int) -> None:
    with pytest.raises(ConfigurationError, match="somebody else's rights"):
        check_archive(archive(file("tool", mode=mode)))


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside", "x/../../outside", ".."])
def test_links_out_are_refused(target: str) -> None:
    with pytest.raises(ConfigurationError, match="leads out"):
        check_archive(archive(special("link", tarfile.SYMTYPE, target)))


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ((special("d", tarfile.SYMTYPE, "."), file("d/evil")), "behind a link"),
        ((file("d/evil"), special("d", tarfile.SYMTYPE, ".")), "behind a link"),
        ((file("d"), file("d/evil")), "behind a file"),
        ((file("d"), file("d")), "there twice"),
        ((special("d", tarfile.SYMTYPE, "e"), file("d")), "there twice"),
        ((special("d", tarfile.DIRTYPE), file("d")), "there twice"),
        ((file("Flow.py"), file("flow.py")), "differ in case only"),
        ((file("Flows/a.py"), file("flows/b.py")), "differ in case only"),
        ((file("stra\u00dfe.py"), file("STRASSE.py")), "differ in case only"),
        ((file("\u00e9.py"), file("e\u0301.py")), "differ in case only"),
    ],
    ids=[
        "file-behind-link", "link-over-folder", "file-below-file", "twice", "file-over-link", "file-over-folder",
        "case", "case-of-folder", "case-of-sharp-s", "accents",
    ],
)  # fmt: skip
def test_two_entries_never_meet(members: tuple[tarfile.TarInfo, ...], why: str) -> None:
    with pytest.raises(ConfigurationError, match=why):
        check_archive(archive(file("good.py"), *members))


def test_ten_gigabytes_in_eleven_megabytes_are_refused_without_room_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "UNPACKED_BYTES", 300_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bomb = gzip.compress(header("zeros", tarfile.REGTYPE, 10**10)) + gzip.compress(bytes(1 << 20)) * 10_000
    assert len(bomb) < 12_000_000
    with pytest.raises(ConfigurationError, match="too large when unpacked"):
        check_archive(bomb)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


def test_a_million_entries_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "UNPACKED_FILES", 5_000)
    folders = gzip.compress(b"".join(header(f"d{number}", tarfile.DIRTYPE, 0) for number in range(1000)))
    with pytest.raises(ConfigurationError, match="too large when unpacked"):
        check_archive(folders * 1000)


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE, b"L", b"K"])
def test_an_extended_header_that_would_fill_the_memory_is_not_read(kind: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bomb = gzip.compress(header("x", kind, 2**32)) + gzip.compress(bytes(1 << 20)) * 4096
    with pytest.raises(ConfigurationError, match=r"neither file, folder nor link|too long"):
        check_archive(bomb)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_sizes_below_nothing_and_of_folders_are_refused() -> None:
    negative = bytearray(header("a", tarfile.REGTYPE, 0))
    negative[124:136] = b"\xff" * 11 + b"\x00"  # base 256, -256
    negative[148:156] = b"%06o\0 " % (sum(negative[:148]) + 8 * 32 + sum(negative[156:]))
    for block in (bytes(negative), header("d", tarfile.DIRTYPE, 1024)):
        with pytest.raises(ConfigurationError, match="impossible size"):
            check_archive(gzip.compress(block + bytes(10_240)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"code",
        gzip.compress(b""),
        gzip.compress(b"x" * 512),
        gzip.compress(b"x" * 100),
        archive(file("a.py"))[:-20],
        gzip.compress(gzip.decompress(archive(file("a.py", 5000)))[:1000]),
        gzip.decompress(archive(file("a.py"))),
    ],
    ids=["nothing", "text", "empty", "noise", "short", "cut", "cut-inside", "not-compressed"],
)
def test_what_is_damaged_is_refused(content: bytes) -> None:
    with pytest.raises(ConfigurationError, match="damaged"):
        check_archive(content)


def test_the_limit_is_the_worker_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "UNPACKED_BYTES", 20_000)
    check_archive(archive(file("a", 5_000), file("b", 5_000)))
    with pytest.raises(ConfigurationError, match="too large"):
        check_archive(archive(file("a", 10_000), file("b", 10_000)))
