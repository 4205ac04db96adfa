"""What a followed repository, its address and its owner could try on the machine that follows it."""

import os
import subprocess
from pathlib import Path

import pytest

from turnout.core.errors import ConfigurationError
from turnout.deploy import git
from turnout.deploy.mirror import Mirror, SourceUnreachable, check_branch, check_url, redacted


def run(folder: Path, *arguments: str) -> str:
    """Git, as the owner of a repository uses it."""
    who = ["-c", "user.name=Eve", "-c", "user.email=eve@example.org", "-c", "protocol.file.allow=always"]
    environ = git.environ() | {"GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(["git", *who, *arguments], cwd=folder, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A repository with one commit on main."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    run(folder, "init", "-q", "-b", "main")
    (folder / "turnout.yaml").write_text("project: field\n")
    run(folder, "add", ".")
    run(folder, "commit", "-q", "-m", "First")
    return folder


def mirror(tmp_path: Path, url: str | Path, branch: str = "main") -> Mirror:
    return Mirror(tmp_path / "followed" / "mirror.git", str(url), branch)


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% /etc/owned",
        "fd::17",
        "--upload-pack=touch owned",
        "-oProxyCommand=owned",
        "ssh://-oProxyCommand=owned/field.git",
        "git@-host:field.git",
        "git@host:-field.git",
        "transport::https://example.org",
        "ftp://example.org/field.git",
        "relative/path.git",
        "https://example.org/field.git\n--exec",
        "",
    ],
)
def test_addresses_that_are_none(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match="is no address of a git repository"):
        mirror(tmp_path, url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/field/data.git",
        "https://user:password@example.org:8443/data.git",
        "ssh://git@example.org:2222/data.git",
        "git@example.org:field/data.git",
        "file:///srv/git/data.git",
        "/srv/git/data.git",
    ],
)
def test_addresses(url: str) -> None:
    assert check_url(url) == url


@pytest.mark.parametrize(
    "name", ["-main", "--force", "a..b", "a b", "main:other", "+main", "@{-1}", "a.lock", "", "x" * 300]
)
def test_branches_that_are_none(name: str) -> None:
    with pytest.raises(ConfigurationError, match="is no name of a branch"):
        check_branch(name)


@pytest.mark.parametrize("name", ["main", "release/2026.11", "ada+fix", "v1.2"])
def test_branches(name: str) -> None:
    assert check_branch(name) == name


def test_passwords_are_shown_nowhere(tmp_path: Path) -> None:
    assert redacted("https://ada:s3cret@example.org/data.git") == "https://example.org/data.git"
    assert redacted("fatal: unable to access 'https://ada:s3cret@example.org/x': gone") == (
        "fatal: unable to access 'https://example.org/x': gone"
    )
    with pytest.raises(SourceUnreachable) as told:
        mirror(tmp_path, "http://ada:s3cret@127.0.0.1:9/data.git").newest()
    assert "s3cret" not in str(told.value)
    assert "127.0.0.1:9/data.git" in str(told.value)


def test_a_commit_is_laid_out_and_leaves_nothing(tmp_path: Path, theirs: Path) -> None:
    found = mirror(tmp_path, theirs)
    commit = found.fetch()
    assert commit.sha == found.newest() == run(theirs, "rev-parse", "HEAD")
    assert (commit.author, commit.message) == ("Eve <eve@example.org>", "First")
    with found.laid_out(commit.sha) as folder:
        assert [path.name for path in folder.iterdir() if path.name != ".git"] == ["turnout.yaml"]
        head = git.head(folder)
        assert head is not None
        assert head.sha == commit.sha
    assert not folder.exists()
    with found.laid_out(commit.sha) as again:
        assert (again / "turnout.yaml").exists()
    assert [path.name for path in (tmp_path / "followed").iterdir()] == ["mirror.git"]


def test_what_a_killed_follower_left_is_gone(tmp_path: Path, theirs: Path) -> None:
    found = mirror(tmp_path, theirs)
    commit = found.fetch()
    kept = found.laid_out(commit.sha)
    folder = kept.__enter__()
    assert mirror(tmp_path, theirs).fetch().sha == commit.sha  # the next process, while the folder is still there
    assert not folder.exists()
    with mirror(tmp_path, theirs).laid_out(commit.sha) as again:
        assert (again / "turnout.yaml").exists()


def test_a_half_made_mirror_is_made_anew(tmp_path: Path, theirs: Path) -> None:
    (tmp_path / "followed" / "mirror.git" / "objects").mkdir(parents=True)
    assert mirror(tmp_path, theirs).fetch().message == "First"


def test_nothing_of_the_repository_is_executed(tmp_path: Path, theirs: Path) -> None:
    owned = tmp_path / "owned"
    touch = f"sh -c 'touch {owned}'"
    # What its owner's own configuration says stays there; what a commit can say is here.
    run(theirs, "config", "core.fsmonitor", touch)
    run(theirs, "config", "uploadpack.packObjectsHook", touch)
    hooks = theirs / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "pre-commit", "post-merge", "reference-transaction"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {owned}\n")
        (hooks / name).chmod(0o755)
    (theirs / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
    (theirs / ".gitmodules").write_text(
        f'[submodule "evil"]\n\tpath = evil\n\turl = ext::{touch}\n\tupdate = !{touch}\n'
    )
    sha = run(theirs, "-c", "core.fsmonitor=false", "rev-parse", "HEAD")
    run(theirs, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "add", ".")
    index = ("update-index", "--add", "--cacheinfo", f"160000,{sha},evil")
    run(theirs, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", *index)
    run(theirs, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "Evil")
    found = mirror(tmp_path, theirs)
    with found.laid_out(found.fetch().sha) as folder:
        assert not list((folder / "evil").iterdir())
        git.changed(folder)
        git.committed(folder)
    assert not owned.exists()


def test_what_has_no_commit_is_said(tmp_path: Path, theirs: Path) -> None:
    with pytest.raises(SourceUnreachable, match="no branch 'prod'") as told:
        mirror(tmp_path, theirs, "prod").newest()
    assert "there are: main" in str(told.value)
    empty = tmp_path / "empty.git"
    run(tmp_path, "init", "-q", "--bare", str(empty))
    with pytest.raises(SourceUnreachable, match="has no commits yet"):
        mirror(tmp_path, empty).newest()
    with pytest.raises(SourceUnreachable, match="ls-remote failed: fatal: "):
        mirror(tmp_path, tmp_path / "nowhere").newest()
