import os
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

import pytest

from turnout.core.errors import ConfigurationError, Forbidden
from turnout.core.records import Principal
from turnout.core.tokens import token_hash
from turnout.server.auth.files import ANY_PROJECT, TokenFiles
from turnout.server.auth.origin import allowed_names, check_origin, host_name
from turnout.server.auth.scope import check_machine
from turnout.server.auth.sessions import cookie_name, read_cookie, set_cookie
from turnout.server.auth.tokens import new_token, token_kind


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_tokens_name_their_kind_and_never_repeat() -> None:
    made = {new_token("run") for _ in range(100)}
    assert len(made) == 100
    assert {token_kind(token) for token in made} == {"run"}


@pytest.mark.parametrize(
    "text", ["", "tn_admin_", "tn_root_" + "a" * 43, "tn_admin_" + "a" * 44, "x" * 52, "tn_run_é" * 9]
)
def test_what_is_not_spelled_like_a_token_has_no_kind(text: str) -> None:
    assert token_kind(text) is None


def test_threads_that_make_the_same_files_at_once_agree(tmp_path: Path) -> None:
    pools = [("plan", f"pool-{number}") for number in range(20)]
    files, go = TokenFiles(tmp_path), threading.Barrier(8)

    def make(_: int) -> set[str]:
        go.wait(30)
        files.pools(pools)
        return set(files.held())

    with ThreadPoolExecutor(8) as threads:
        held = list(threads.map(make, range(8)))
    assert len(held[0]) == 40
    assert all(found == held[0] for found in held)


def test_token_files_are_private_under_any_umask_and_survive_a_restart(tmp_path: Path, open_umask: None) -> None:
    files = TokenFiles(tmp_path)
    token = files.admin()
    files.pools([("plan", "default"), ("plan", "heavy")])
    assert {mode(path) for path in tmp_path.iterdir()} == {0o600}
    assert TokenFiles(tmp_path).admin() == token
    holder = files.holder(token_hash((tmp_path / "pool.heavy.token").read_text().strip()))
    assert holder is not None
    assert (holder.kind, holder.scope, holder.project) == ("worker", "heavy", "*")
    narrow = files.holder(token_hash((tmp_path / "pool.heavy@plan.token").read_text().strip()))
    assert narrow is not None
    assert (narrow.kind, narrow.scope, narrow.project) == ("worker", "heavy", "plan")
    assert files.holder(token_hash(new_token("admin"))) is None


def test_a_readable_token_file_is_closed_again(tmp_path: Path) -> None:
    TokenFiles(tmp_path).admin()
    (tmp_path / "admin.token").chmod(0o644)
    TokenFiles(tmp_path).admin()
    assert mode(tmp_path / "admin.token") == 0o600


def test_a_link_in_place_of_a_token_file_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_text(new_token("admin"))
    (tmp_path / "admin.token").symlink_to(target)
    with pytest.raises(ConfigurationError, match="safely"):
        TokenFiles(tmp_path).admin()


@pytest.mark.parametrize("content", ["", "secret", "tn_worker_" + "a" * 43])
def test_a_file_without_the_right_token_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "admin.token").write_text(content)
    with pytest.raises(ConfigurationError, match="holds no admin token"):
        TokenFiles(tmp_path).admin()


def test_session_cookies_are_guarded_and_bound_to_host_and_port() -> None:
    assert cookie_name(4747, secure=False) == "turnout_4747"
    name = cookie_name(443, secure=True)
    assert name.startswith("__Host-")
    session = new_token("session")
    header = set_cookie(name, session, secure=True)
    assert all(flag in header for flag in ("; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"))
    assert "Max-Age=0" in set_cookie(name, "", secure=True)
    assert read_cookie(f"other=1; {name}={session}", name) == session


@pytest.mark.parametrize("header", ["", "turnout_1=", "turnout_1=tn_admin_" + "a" * 43, "a=b;;;=x", '\x00="'])
def test_other_cookies_are_no_session(header: str) -> None:
    assert read_cookie(header, "turnout_1") is None


@pytest.mark.parametrize(
    ("header", "name"),
    [("localhost:1", "localhost"), ("[::1]:80", "::1"), ("A.Example.", "a.example"), ("a@b", None), ("", None),
     ("a:b", None), ("a/b", None), ("a b", "a b"), ("[::1", None), ("a?b", None)],
)  # fmt: skip
def test_host_names(header: str, name: str | None) -> None:
    assert host_name(header) == name


def test_the_names_we_answer_to() -> None:
    names = allowed_names("10.0.0.5", ["Turnout.Example"])
    assert {"localhost", "127.0.0.1", "::1", "10.0.0.5", "turnout.example"} == names


OWN = {"host": "localhost:4747", "origin": "http://localhost:4747"}


@pytest.mark.parametrize(
    ("method", "headers"),
    [("POST", OWN), ("GET", {"host": "localhost:4747"}), ("POST", {"host": "h", "sec-fetch-site": "same-origin"}),
     ("GET", {"host": "h", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}),
     ("GET", {"host": "h", "sec-fetch-site": "none"})],
)  # fmt: skip
def test_own_pages_and_navigation_pass(method: str, headers: dict[str, str]) -> None:
    check_origin(method, headers, ["http"], session=True)


@pytest.mark.parametrize(
    ("method", "headers"),
    [("POST", {"host": "h"}), ("POST", {"host": "h", "sec-fetch-site": "none"}), ("GET", {**OWN, "origin": "null"}),
     ("POST", {"host": "h", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}),
     ("POST", {**OWN, "origin": "https://localhost:4747"}), ("POST", {**OWN, "sec-fetch-site": "same-site"})],
)  # fmt: skip
def test_what_does_not_come_from_our_page_may_not_use_a_session(method: str, headers: dict[str, str]) -> None:
    with pytest.raises(Forbidden):
        check_origin(method, headers, ["http"], session=True)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("127.0.0.1", True), ("127.8.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("", True),
        ("10.0.0.5", False), ("192.0.2.1", False), ("2001:db8::1", False), ("::ffff:10.0.0.5", False),
    ],
)  # fmt: skip
def test_a_pools_token_for_every_project_is_for_this_machine(address: str, allowed: bool) -> None:
    wide = Principal(kind="worker", name="heavy", scope="heavy", project=ANY_PROJECT)
    for who in (None, Principal(kind="worker", name="heavy", scope="heavy", project="field"), wide):
        with nullcontext() if allowed or who is not wide else pytest.raises(Forbidden, match="server's machine alone"):
            check_machine(who, address)
