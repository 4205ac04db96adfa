"""A bare copy of somebody's repository, from which commits are laid out one at a time. Nothing in it is executed: no
hook, no filter, no submodule, and no transport but those that only move objects."""

import base64
import fcntl
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from turnout.core.archives import NAME_BYTES, UNPACKED_FILES
from turnout.core.errors import ConfigurationError, TooLarge, TurnoutError
from turnout.core.links import leads_out
from turnout.deploy import git
from turnout.deploy.bundle import RAW_BYTES

FETCH_SECONDS = 600.0
"""How long a transfer may take."""
_REF = "refs/followed/head"
_BRANCH = re.compile(r"(?![-+])[\w.+@/-]{1,200}", re.ASCII)
_SHORT_SSH = re.compile(r"[\w.-]+@(?!-)[\w.-]+:(?![-:])[^\0\n]+", re.ASCII)
_SHA = re.compile(r"[0-9a-f]{40,64}")
_NO_CONFIGURATION = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_ATTR_NOSYSTEM": "1"}
_PROTOCOLS = ("https", "http", "ssh", "file")


class SourceUnreachable(TurnoutError):
    """There is no commit to be had: the repository does not answer, has no such branch, or nothing in it."""


class Mirror:
    """One branch of one repository, below a folder of its own."""

    def __init__(self, folder: Path, url: str, branch: str) -> None:
        """Raises ConfigurationError for an address or a branch that git could take for something else."""
        self.url = check_url(url)
        self.branch = check_branch(branch)
        self.folder = folder
        # Neither the list of processes nor an error of git shows what it is not told as an argument.
        self._address, self._password = _without_password(self.url)

    @contextmanager
    def alone(self) -> Iterator[int]:
        """Nobody else works on this folder meanwhile. The file descriptor is for a process that shall count, too: who
        is killed leaves it behind, and what it still does comes before what the next one does."""
        self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder.parent / "lock").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file.fileno()

    def newest(self) -> str:
        """The SHA that the branch is at there. Raises SourceUnreachable."""
        heads = self.heads()
        if not heads:
            raise SourceUnreachable(
                "the repository has no commits yet", where=redacted(self.url), fix="push the first one"
            )
        if self.branch not in heads:
            names = ", ".join(sorted(heads)[:10])
            raise SourceUnreachable(
                f"the repository has no branch '{self.branch}'", where=redacted(self.url), fix=f"there are: {names}"
            )
        return heads[self.branch]

    def heads(self) -> dict[str, str]:
        """Branch -> the SHA it is at there. Raises SourceUnreachable."""
        listed = self._git("ls-remote", "--heads", "--", self._address)
        rows = (line.partition("\t") for line in listed.splitlines())
        return {name.removeprefix("refs/heads/"): sha for sha, _, name in rows if _SHA.fullmatch(sha)}

    def fetch(self) -> git.Commit:
        """Bring what the branch is at, also when it was rewritten. Raises SourceUnreachable."""
        self._make()
        self._git(
            "-c", "fetch.fsckObjects=true", "-c", "http.followRedirects=false",
            "fetch", "--quiet", "--force", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance",
            "--no-write-fetch-head", "--", self._address, f"+refs/heads/{self.branch}:{_REF}",
        )  # fmt: skip
        commit = git.commit_of(self.folder, _REF)
        if commit is None:
            raise SourceUnreachable("the branch names no commit", where=redacted(self.url))
        return commit

    @contextmanager
    def laid_out(self, commit: str) -> Iterator[Path]:
        """The commit's files in a folder of their own, which is gone afterwards. Raises ConfigurationError, TooLarge
        for a tree that is not to be written to a disk."""
        _check_tree(self.folder, commit)
        folder = Path(tempfile.mkdtemp(prefix="commit-", dir=self.folder.parent)) / "tree"
        try:
            self._git("worktree", "prune")
            self._git("worktree", "add", "--quiet", "--detach", "--force", "--", str(folder), commit)
            yield folder
        finally:
            shutil.rmtree(folder.parent, ignore_errors=True)

    def _make(self) -> None:
        self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in self.folder.parent.glob("commit-*"):  # by one that was killed
            shutil.rmtree(left, ignore_errors=True)
        if not (self.folder / "HEAD").is_file():
            shutil.rmtree(self.folder, ignore_errors=True)
            self._git("init", "--quiet", "--bare", "--template=", "--", str(self.folder), cwd=self.folder.parent)

    def _git(self, *arguments: str, cwd: Path | None = None) -> str:
        where = cwd or (self.folder if self.folder.is_dir() else self.folder.parent)
        where.mkdir(parents=True, exist_ok=True, mode=0o700)
        allowed = [word for name in self._protocols() for word in ("-c", f"protocol.{name}.allow=always")]
        environ = git.environ() | _silent() | self._password
        if _verb(arguments) not in ("fetch", "ls-remote"):
            # Those may need what this user's configuration says of credentials; nothing may need its filters.
            environ |= _NO_CONFIGURATION
        done = _run(["git", *git.QUIET, *allowed, *arguments], where, environ)
        verb = _verb(arguments)
        if done is None:
            raise SourceUnreachable(f"git {verb} took more than {FETCH_SECONDS:g} s", where=redacted(self.url))
        code, out, said = done
        if code != 0:
            words = redacted(said.strip()).splitlines() or ["no word"]
            told = next((line for line in words if line.startswith(("fatal:", "error:"))), words[0])
            raise SourceUnreachable(
                f"git {verb} failed: {told[:500]}", where=redacted(self.url), fix=f"{self._hint(said)}"
            )
        return out

    def _protocols(self) -> tuple[str, ...]:
        kind = (
            self.url.partition("://")[0] if "://" in self.url else ("ssh" if _SHORT_SSH.fullmatch(self.url) else "file")
        )
        return (kind,)

    def _hint(self, said: str) -> str:
        if "Authentication" in said or "Permission denied" in said or "could not read Username" in said:
            return "give this machine's user a deploy key, or a credential helper of git"
        if "error: object" in said:
            return "git takes that object for an attack or for damage: `git fsck` in the repository finds it"
        return "check the address from this machine: git ls-remote " + redacted(self.url)


def _check_tree(folder: Path, commit: str) -> None:
    """Nothing that a bundle would refuse later is laid out, nor more than fits: its author decides what is in it."""
    entries = git.entries(folder, commit)
    largest = sorted(entries, key=lambda entry: -entry.size)[:3]
    if len(entries) > UNPACKED_FILES or sum(entry.size for entry in entries) > RAW_BYTES:
        listed = ", ".join(f"{entry.path} ({entry.size / 1e6:,.1f} MB)" for entry in largest)
        raise TooLarge(
            f"the commit is larger than a bundle may be: {len(entries):,} files",
            where=f"largest: {listed}",
            fix="keep data out of git: git rm --cached FILE, and name it in .gitignore",
        )
    links = [entry for entry in entries if entry.mode == git.LINK]
    for entry, target in zip(links, git.contents(folder, links), strict=True):
        if entry.size > NAME_BYTES or leads_out(entry.path, os.fsdecode(target)):
            raise ConfigurationError(
                f"the link '{entry.path}' leads out of the project",
                where=entry.path,
                fix="put the file itself into the project",
            )


def _verb(arguments: tuple[str, ...]) -> str:
    return next(word for word in arguments if word != "-c" and "=" not in word)


def _without_password(url: str) -> tuple[str, dict[str, str]]:
    """The address without user and password, and the environment that tells git those for it alone."""
    parts = urlsplit(url) if url.startswith(("http://", "https://")) else None
    if parts is None or "@" not in parts.netloc:
        return url, {}
    host = parts.netloc.rpartition("@")[2]
    who = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode()
    return urlunsplit(parts._replace(netloc=host)), {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{parts.scheme}://{host}/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {base64.b64encode(who).decode()}",
    }


def check_url(url: str) -> str:
    """The address, if git can only take it for one. Raises ConfigurationError."""
    scheme, separator, _ = url.partition("://")
    fine = scheme in _PROTOCOLS if separator else bool(_SHORT_SSH.fullmatch(url) or url.startswith("/"))
    parts = urlsplit(url) if separator and fine else None
    if parts is not None and (parts.hostname or "").startswith("-"):
        fine = False
    if not fine or "\0" in url or "\n" in url or "::" in url.partition("/")[0]:
        raise ConfigurationError(
            f"'{redacted(url)[:200]}' is no address of a git repository",
            where="repo_url",
            fix="give https://host/path.git, ssh://git@host/path.git, git@host:path.git, or the full path of a folder",
        )
    return url


def check_branch(name: str) -> str:
    """The name, if it can only be a branch's. Raises ConfigurationError."""
    if not _BRANCH.fullmatch(name) or ".." in name or "@{" in name or name.endswith(("/", ".lock", ".")):
        raise ConfigurationError(
            f"'{name[:200]}' is no name of a branch", where="repo_branch", fix="give one like main"
        )
    return name


def redacted(text: str) -> str:
    """The text, with the user and password of every address in it left out."""
    if "://" in text and " " not in text and "\n" not in text:
        parts = urlsplit(text)
        if "@" in parts.netloc:
            return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return re.sub(r"(\w+://)[^/@\s']*@", r"\1", text)


def _silent() -> dict[str, str]:
    """Nobody is there to be asked for a password."""
    return {
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "GIT_SSH_COMMAND": os.environ.get("GIT_SSH_COMMAND", "ssh -o BatchMode=yes -o ConnectTimeout=20"),
    }


def _run(command: list[str], folder: Path, environ: dict[str, str]) -> tuple[int, str, str] | None:
    """(exit code, stdout, stderr); None when it took too long: then it is gone with all that it started."""
    process = subprocess.Popen(
        command, cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, errors="replace", start_new_session=True,
    )  # fmt: skip
    try:
        out, said = process.communicate(timeout=FETCH_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None
    return process.returncode, out, said
