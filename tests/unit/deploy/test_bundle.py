import io
import os
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from turnout.core import limits
from turnout.core.errors import ConfigurationError, TooLarge
from turnout.deploy import bundle as subject
from turnout.deploy import git as repository
from turnout.deploy.bundle import Bundle, make_bundle


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "flows").mkdir(parents=True)
    (root / "turnout.yaml").write_text("project: p\n")
    (root / "flows" / "a.py").write_text("print('a')\n")
    (root / ".gitignore").write_text("ignored.txt\n")
    (root / "ignored.txt").write_text("private")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "First\n\nand more")
    return root


def names(made: Bundle) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(made.content)) as archive:
        return {entry.name: entry for entry in archive}


def content(made: Bundle, name: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(made.content)) as archive:
        return archive.extractfile(name).read()


def test_holds_what_git_tracks_at_head_and_nothing_else(project: Path) -> None:
    (project / "untracked.py").write_text("secret = 1")
    made = make_bundle(project)
    assert sorted(names(made)) == [".gitignore", "flows/a.py", "turnout.yaml"]
    assert made.commit == git(project, "rev-parse", "HEAD")
    assert (made.author, made.message, made.dirty) == ("Ada <ada@example.org>", "First", False)


def test_is_the_same_bytes_for_the_same_commit(project: Path, tmp_path: Path) -> None:
    first = make_bundle(project)
    git(tmp_path, "clone", "-q", str(project), "copy")
    os.utime(tmp_path / "copy" / "turnout.yaml", (0, 0))
    assert make_bundle(tmp_path / "copy") == first
    assert all((e.mtime, e.uid, e.gid, e.uname) == (0, 0, 0, "") for e in names(first).values())


def test_a_manifest_in_a_subfolder_takes_that_folder_alone(project: Path) -> None:
    inner = project / "teams" / "field"
    inner.mkdir(parents=True)
    (inner / "turnout.yaml").write_text("project: field\n")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "Second")
    (project / "flows" / "a.py").write_text("changed elsewhere")
    assert sorted(names(make_bundle(inner))) == ["turnout.yaml"]


def test_a_dirty_tree_is_refused_unless_allowed(project: Path) -> None:
    (project / "flows" / "a.py").write_text("print('changed')\n")
    with pytest.raises(ConfigurationError, match=r"'flows/a\.py' changed since the last commit") as caught:
        make_bundle(project)
    assert "--allow-dirty" in caught.value.fix
    made = make_bundle(project, allow_dirty=True)
    assert made.commit == f"{git(project, 'rev-parse', 'HEAD')}+dirty.{made.digest[:12]}"
    assert content(made, "flows/a.py") == b"print('changed')\n"


def test_a_dirty_bundle_has_added_files_and_lacks_deleted_ones(project: Path) -> None:
    (project / "flows" / "b.py").write_text("b")
    git(project, "add", "flows/b.py")
    (project / "flows" / "a.py").unlink()
    assert sorted(names(make_bundle(project, allow_dirty=True))) == [".gitignore", "flows/b.py", "turnout.yaml"]


def test_no_repository_and_no_commit_say_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "turnout.yaml").write_text("project: p\n")
    with pytest.raises(ConfigurationError, match="not in a git repository") as caught:
        make_bundle(tmp_path, allow_dirty=True, allow_no_commit=True)
    assert caught.value.fix == 'git init && git add . && git commit -m "First"'
    git(tmp_path, "init", "-q")
    with pytest.raises(ConfigurationError, match="no commit yet"):
        make_bundle(tmp_path, allow_dirty=True)


def test_before_the_first_commit_everything_that_is_not_ignored_travels(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    for name, text in {"turnout.yaml": "project: p", "a.py": "", ".gitignore": "data/\n"}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "big.csv").write_text("x")
    made = make_bundle(tmp_path, allow_dirty=True, allow_no_commit=True)
    assert sorted(names(made)) == [".gitignore", "a.py", "turnout.yaml"]
    assert made.commit == f"none+dirty.{made.digest[:12]}"


def test_what_a_deployment_needs_must_be_tracked(project: Path) -> None:
    (project / "flows" / "new.py").write_text("")
    with pytest.raises(ConfigurationError, match=r"'flows/new\.py' would be missing") as caught:
        make_bundle(project, needed=["flows/a.py", "flows/new.py"])
    assert caught.value.fix == "git add flows/new.py && git commit"


def test_links_inside_travel_and_links_out_are_refused(project: Path) -> None:
    (project / "flows" / "b.py").symlink_to("a.py")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "Link")
    assert names(make_bundle(project))["flows/b.py"].linkname == "a.py"


@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside", "x/../../../outside", "../.."])
def test_links_out_of_the_project_are_refused(project: Path, target: str) -> None:
    (project / "flows" / "out").symlink_to(target)
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "Link")
    with pytest.raises(ConfigurationError, match="out of the project"):
        make_bundle(project)


def test_executable_files_stay_executable(project: Path) -> None:
    (project / "run.sh").write_text("#!/bin/sh\n")
    (project / "run.sh").chmod(0o755)
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "Script")
    assert names(make_bundle(project))["run.sh"].mode == 0o755
    (project / "flows" / "a.py").write_text("dirty")
    assert names(make_bundle(project, allow_dirty=True))["run.sh"].mode == 0o755


def test_submodules_are_refused(project: Path) -> None:
    sha = git(project, "rev-parse", "HEAD")
    git(project, "update-index", "--add", "--cacheinfo", f"160000,{sha},vendor")
    git(project, "commit", "-q", "-m", "Submodule")
    (project / "vendor").mkdir()
    with pytest.raises(ConfigurationError, match="'vendor' is a git submodule"):
        make_bundle(project)


def test_lfs_pointers_are_refused(project: Path) -> None:
    (project / "data.bin").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 5\n")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "Pointer")
    with pytest.raises(ConfigurationError, match="Git LFS pointer"):
        make_bundle(project)


def test_too_much_code_names_the_largest_files(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "BUNDLE_BYTES", 10_000)
    (project / "noise.bin").write_bytes(os.urandom(20_000))
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "Noise")
    with pytest.raises(TooLarge) as caught:
        make_bundle(project)
    assert "noise.bin" in caught.value.where
    assert limits.BUNDLE_BYTES == 50_000_000


def test_names_with_spaces_quotes_newlines_and_accents_travel(project: Path) -> None:
    for name in ("a b.txt", "it's.txt", "zweite Zeile\n.txt", "épée.txt", "-n"):
        (project / name).write_text(name)
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "Names")
    made = make_bundle(project)
    assert content(made, "zweite Zeile\n.txt") == b"zweite Zeile\n.txt"
    assert content(made, "épée.txt").decode() == "épée.txt"


def test_no_hook_or_monitor_of_the_repository_runs(project: Path) -> None:
    trace = project.parent / "ran"
    script = project / ".git" / "evil"
    script.write_text(f"#!/bin/sh\ntouch {trace}\n")
    script.chmod(0o755)
    git(project, "config", "core.fsmonitor", str(script))
    (project / ".git" / "hooks" / "post-index-change").write_text(script.read_text())
    (project / ".git" / "hooks" / "post-index-change").chmod(0o755)
    make_bundle(project)
    assert not trace.exists()


def test_a_caller_s_git_environment_does_not_answer_for_another_repository(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    expected = git(project, "rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    assert make_bundle(project).commit == expected


@pytest.mark.parametrize("ask", [make_bundle, repository.untracked])
def test_a_folder_in_no_repository_is_told_to_become_one(ask: Callable[[Path], object], tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not in a git repository") as caught:
        ask(tmp_path)
    assert caught.value.fix.startswith("git init")
