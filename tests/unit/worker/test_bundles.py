import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest

from turnout.core.errors import ConfigurationError, NotFound
from turnout.worker.bundles import BundleCache, unpack


def _archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


def _file(name: str, content: bytes = b"x = 1\n") -> tuple[tarfile.TarInfo, bytes]:
    return tarfile.TarInfo(name), content


def _special(name: str, kind: bytes, link: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info, b""


def test_bundle_is_fetched_once_unpacked_and_compiled(tmp_path: Path) -> None:
    content = _archive(_file("flows/van.py"), _file("broken.py", b"def (\n"))
    digest = hashlib.sha256(content).hexdigest()
    fetched: list[str] = []

    def fetch(wanted: str) -> bytes:
        fetched.append(wanted)
        return content

    cache = BundleCache(tmp_path / "bundles", fetch)
    assert cache.find(digest) is None
    path = cache.ensure(digest)
    assert cache.ensure(digest) == path == cache.find(digest)
    assert fetched == [digest]
    assert (path / "flows/van.py").read_text() == "x = 1\n"
    assert list((path / "flows/__pycache__").glob("van.*.pyc"))
    assert [entry.name for entry in (tmp_path / "bundles").iterdir()] == [digest]


def test_content_that_is_not_the_bundle_is_refused(tmp_path: Path) -> None:
    cache = BundleCache(tmp_path, lambda digest: b"something else")
    with pytest.raises(ConfigurationError, match="the digest"):
        cache.ensure("0" * 64)
    assert list(tmp_path.iterdir()) == []


def test_missing_bundle_raises_what_the_server_says(tmp_path: Path) -> None:
    def fetch(digest: str) -> bytes:
        raise NotFound("no bundle")

    with pytest.raises(NotFound):
        BundleCache(tmp_path, fetch).ensure("0" * 64)


@pytest.mark.parametrize("digest", ["../../etc", "", "G" * 64, "0" * 63, "0" * 64 + "\n"])
def test_digest_never_becomes_another_path(tmp_path: Path, digest: str) -> None:
    with pytest.raises(ConfigurationError, match="not a bundle digest"):
        BundleCache(tmp_path, lambda _: b"").ensure(digest)


@pytest.mark.parametrize(
    "member",
    [
        _file("/etc/evil"),
        _file("../evil"),
        _file("a/../../evil"),
        _special("link", tarfile.SYMTYPE, "/etc/passwd"),
        _special("link", tarfile.SYMTYPE, "../../outside"),
        _special("hard", tarfile.LNKTYPE, "/etc/passwd"),
        _special("device", tarfile.CHRTYPE),
        _special("pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda member: f"{member[0].name}-{member[0].type.decode()}",
)
def test_members_that_leave_the_folder_are_refused(tmp_path: Path, member: tuple[tarfile.TarInfo, bytes]) -> None:
    target = tmp_path / "in" / "tree"
    target.mkdir(parents=True)
    with pytest.raises(ConfigurationError):
        unpack(_archive(_file("good.py"), member), target)
    assert [path.name for path in tmp_path.rglob("*")] == ["in", "tree"]


@pytest.mark.parametrize(
    "members",
    [
        (_special("d", tarfile.SYMTYPE, "."), _file("d/evil")),
        (_special("d", tarfile.SYMTYPE, "."), _file("./d")),
        (_special("a/d", tarfile.SYMTYPE, ".."), _special("a/d/e", tarfile.SYMTYPE, "..")),
        (_special("d", tarfile.SYMTYPE, "good/../.."),),
    ],
    ids=["file-behind-link", "file-over-link", "link-behind-link", "climbing-after-going-down"],
)
def test_nothing_is_written_through_a_link(tmp_path: Path, members: tuple[tuple[tarfile.TarInfo, bytes], ...]) -> None:
    with pytest.raises(ConfigurationError, match=r"behind a link|leads out|no plain path"):
        unpack(_archive(_file("good/a.py"), *members), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_link_inside_is_kept(tmp_path: Path) -> None:
    unpack(_archive(_file("a.py"), _special("b.py", tarfile.SYMTYPE, "a.py")), tmp_path)
    assert (tmp_path / "b.py").read_text() == "x = 1\n"


@pytest.mark.filterwarnings("ignore:.*filter:DeprecationWarning")
def test_a_python_without_filters_unpacks_too_and_is_no_less_careful(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """3.11 got them with 3.11.4; Debian 12 has 3.11.2."""
    monkeypatch.delattr(tarfile, "data_filter")
    unpack(_archive(_file("flows/a.py")), tmp_path)
    assert (tmp_path / "flows" / "a.py").read_text() == "x = 1\n"
    with pytest.raises(ConfigurationError):
        unpack(_archive(_file("../evil")), tmp_path)


def test_too_large_when_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turnout.core.archives.UNPACKED_BYTES", 1000)
    with pytest.raises(ConfigurationError, match="too large"):
        unpack(_archive(_file("zeros", b"\0" * 2000)), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a tar", _archive(_file("a.py"))[:-20]], ids=["empty", "text", "cut"])
def test_damaged_archive_is_named(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ConfigurationError, match="damaged"):
        unpack(content, tmp_path)


def _bundles(count: int) -> dict[str, bytes]:
    contents = [_archive(_file(f"{number}.py")) for number in range(count)]
    return {hashlib.sha256(content).hexdigest(): content for content in contents}


def test_old_bundles_go_but_those_of_living_runs_and_the_last_used_stay(tmp_path: Path) -> None:
    bundles = _bundles(9)
    digests = list(bundles)
    cache = BundleCache(tmp_path, bundles.__getitem__, lambda: {digests[1]})
    paths = [cache.ensure(digest) for digest in digests]
    for age, path in enumerate(paths):
        os.utime(path, (0, age))
    (tmp_path / ".unpacking-half" / "tree").mkdir(parents=True)
    os.utime(tmp_path / ".unpacking-half", (0, 0))
    (tmp_path / ".unpacking-now").mkdir()
    (tmp_path / "notes.txt").touch()
    assert cache.find(digests[0])  # used again: now the newest
    cache.prune()
    kept = {digests[0], digests[1], *digests[-4:], ".unpacking-now", "notes.txt"}
    assert {entry.name for entry in tmp_path.iterdir()} == kept


def test_bundles_used_lately_stay_however_many(tmp_path: Path) -> None:
    bundles = _bundles(9)
    cache = BundleCache(tmp_path, bundles.__getitem__)
    for digest in bundles:
        cache.ensure(digest)
    assert {entry.name for entry in tmp_path.iterdir()} == set(bundles)
