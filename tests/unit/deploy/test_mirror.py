"""What a followed repository, its address and its owner could try on the machine that follows it."""

import base64
import os
import subprocess
from pathlib import Path

import pytest

from turnout.core.errors import ConfigurationError, TooLarge
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
    with pytest.raises(SourceUnreachable, match="gitmodulesUpdate: disallowed"):
        found.fetch()
    (theirs / ".gitmodules").write_text('[submodule "evil"]\n\tpath = evil\n\turl = https://127.0.0.1:9/evil.git\n')
    quiet = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
    run(theirs, *quiet, "add", ".gitmodules")
    run(theirs, *quiet, "commit", "-q", "--amend", "-m", "Tame")
    with found.laid_out(found.fetch().sha) as folder:
        assert not list((folder / "evil").iterdir())
        git.changed(folder)
        git.committed(folder)
    assert not owned.exists()


def commit(theirs: Path, message: str = "Next") -> None:
    run(theirs, "add", ".")
    run(theirs, "commit", "-q", "-m", message)


def test_filters_of_this_machine_s_user_do_not_run(
    tmp_path: Path, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owned = tmp_path / "owned"
    configured = tmp_path / "gitconfig"
    configured.write_text(f'[filter "lfs"]\n\tsmudge = touch {owned}; cat\n\trequired = true\n')
    (theirs / ".gitattributes").write_text("*.yaml filter=lfs\n")
    commit(theirs)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configured))
    found = mirror(tmp_path, theirs)
    with found.laid_out(found.fetch().sha) as folder:
        assert (folder / "turnout.yaml").read_text() == "project: field\n"
    assert not owned.exists()


@pytest.mark.parametrize("target", ["/etc/passwd", "../../../admin.token", "flows/../../../admin.token"])
def test_links_out_are_not_laid_out(tmp_path: Path, theirs: Path, target: str) -> None:
    (theirs / "turnout.yaml").unlink()
    (theirs / "turnout.yaml").symlink_to(target)
    commit(theirs)
    found = mirror(tmp_path, theirs)
    with pytest.raises(ConfigurationError, match=r"'turnout\.yaml' leads out"), found.laid_out(found.fetch().sha):
        pytest.fail("it was laid out")
    assert [path.name for path in (tmp_path / "followed").iterdir()] == ["mirror.git"]


@pytest.mark.parametrize("name", [".git", "..", ".", ".GIT", "git~1"])
def test_names_that_git_itself_would_trip_over_are_not_taken(tmp_path: Path, theirs: Path, name: str) -> None:
    blob = run(theirs, "rev-parse", "HEAD:turnout.yaml")
    line = f"100644 blob {blob}\t{name}\n"
    made = subprocess.run(["git", "mktree"], cwd=theirs, input=line, text=True, capture_output=True, check=True)
    sha = run(theirs, "commit-tree", "-m", name, made.stdout.strip())
    (theirs / ".git" / "refs" / "heads" / "main").write_text(f"{sha}\n")
    with pytest.raises(SourceUnreachable, match=r"hasDot|contains '"):
        mirror(tmp_path, theirs).fetch()


def test_more_than_fits_is_told_before_it_is_written(
    tmp_path: Path, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("turnout.deploy.mirror.RAW_BYTES", 1_000_000)
    (theirs / "data.bin").write_bytes(b"x" * 2_000_000)
    commit(theirs)
    found = mirror(tmp_path, theirs)
    sha = found.fetch().sha
    with pytest.raises(TooLarge, match="larger than a bundle") as told, found.laid_out(sha):
        pytest.fail("it was laid out")
    assert "data.bin (2.0 MB)" in str(told.value)


def test_history_stays_where_it_is(tmp_path: Path, theirs: Path) -> None:
    for number in range(3):
        (theirs / "turnout.yaml").write_text(f"project: field  # {number}\n")
        commit(theirs)
    found = mirror(tmp_path, theirs)
    sha = found.fetch().sha
    assert run(tmp_path / "followed" / "mirror.git", "rev-list", "--count", sha) == "1"


def test_a_password_is_no_argument_of_any_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for git writes down what everybody on the machine could read of it, and what its user alone can."""
    seen = tmp_path / "seen"
    stand_in = tmp_path / "bin" / "git"
    stand_in.parent.mkdir()
    stand_in.write_text(f'#!/bin/sh\necho "$@" >> {seen}\nenv | grep GIT_CONFIG >> {seen}.environ\nexit 1\n')
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", f"{stand_in.parent}:{os.environ['PATH']}")
    with pytest.raises(SourceUnreachable):
        mirror(tmp_path, "https://ada:s3%40cret@git.example.org/data.git").newest()
    assert "https://git.example.org/data.git" in seen.read_text()
    assert "s3" not in seen.read_text()
    told = Path(f"{seen}.environ").read_text()
    assert "GIT_CONFIG_KEY_0=http.https://git.example.org/.extraHeader" in told
    assert "Basic " + base64.b64encode(b"ada:s3@cret").decode() in told


def test_a_caller_s_git_environment_decides_nothing(
    tmp_path: Path, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owned = tmp_path / "owned"
    for name, value in {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": f"touch {owned}",
        "GIT_CONFIG_PARAMETERS": f"'core.sshcommand=touch {owned}'",
        "GIT_DIR": str(tmp_path / "elsewhere"),
        "GIT_ALLOW_PROTOCOL": "ext:file",
    }.items():
        monkeypatch.setenv(name, value)
    found = mirror(tmp_path, theirs)
    with found.laid_out(found.fetch().sha) as folder:
        assert git.changed(folder) == []
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
