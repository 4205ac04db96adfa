"""Apply is whole: its client killed at every request, its body cut off, two of them at once, on both databases."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.integration.applying import declared
from tests.postgres import Cluster
from tests.serving import PROJECT, Served, apply, field_plan, served
from turnout.core.compare import canonical
from turnout.core.plain import same
from turnout.core.records import Page
from turnout.core.snapshot import Snapshot


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path) as running:
        with running.admin() as api:
            apply(api, field_plan())
        yield running


def applying(server: Served, name: str, *point: str) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "tests.integration.applying", server.url, server.token(), name, *point]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def at(server: Served) -> tuple[int, Snapshot]:
    """The release and what is declared, which agree: with each other, with the deployments, with the history."""
    with server.admin() as api:
        found = api.snapshot(PROJECT)
        assert found is not None
        assert {one.name for one in api.deployments(PROJECT)} == set(found[1].deployments)
        assert {one.release for one in api.deployments(PROJECT)} == {found[0]}
        assert [one.number for one in api.releases(PROJECT, Page(limit=200))] == list(range(found[0], 0, -1))
        return found


@pytest.mark.slow
def test_a_client_killed_at_any_request_leaves_one_release_or_the_next(server: Served) -> None:
    seen = set()
    for number in range(1, 10):
        for moment in ("before", "after"):
            before, name = at(server), f"at-{moment}-{number}"
            with applying(server, name, moment, str(number)) as process:
                said, _ = process.communicate(timeout=120)
            after = at(server)
            new = (before[0] + 1, declared(name))
            assert after[0] in (before[0], new[0])
            assert same(canonical(after[1]), canonical((before if after[0] == before[0] else new)[1]))
            if process.returncode == 0:
                assert said.splitlines()[-1] == f"applied {new[0]}"
                assert (moment, number) == ("before", len(seen) + 1), "every request was a point"
                assert len(seen) >= 4, "plan, is the bundle there, upload, apply"
                return
            assert process.returncode == -signal.SIGKILL
        seen.add(number)
    pytest.fail("the client asks more than it should")


def test_half_a_request_changes_nothing(server: Served) -> None:
    before = at(server)
    body = msgspec.json.encode({"snapshot": declared("half")})
    head = (
        f"POST /api/v1/apply HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {server.token()}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    host, _, port = server.url.rpartition("//")[2].partition(":")
    for sent in (0, 1, len(body) // 2, len(body) - 1):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head + body[:sent])
    assert at(server)[0] == before[0]


def race(one: Served, two: Served, rounds: int) -> None:
    for number in range(rounds):
        before = at(one)
        names = [f"ann-{number}", f"bea-{number}"]
        with applying(one, names[0]) as ann, applying(two, names[1]) as bea:
            racers = (ann, bea)
            for process in racers:
                assert process.stdout is not None
                assert process.stdout.readline() == "planned\n"
            for process in racers:
                assert process.stdin is not None
                process.stdin.write("go\n")
                process.stdin.flush()
            said = [process.communicate(timeout=120)[0].strip() for process in racers]
        won = [name for name, words in zip(names, said, strict=True) if words.startswith("applied")]
        lost = [words for words in said if words.startswith("refused")]
        assert (len(won), len(lost)) == (1, 1), said
        assert f"the server is at release {before[0] + 1}, the plan was made against {before[0]}" in lost[0]
        assert f"release {before[0] + 1} by {won[0]} <{won[0]}@example.org>" in lost[0]
        assert f"+ deployment {won[0]}" in lost[0]
        after = at(two)
        assert after[0] == before[0] + 1
        assert same(canonical(after[1]), canonical(declared(won[0])))


@pytest.mark.slow
def test_of_two_at_once_one_wins_and_the_other_is_told_what_changed(server: Served) -> None:
    race(server, server, 2)


@pytest.mark.slow
def test_so_it_is_at_two_servers_of_one_database(tmp_path: Path, postgres: Cluster) -> None:
    common = {"database_url": postgres.create()}
    with served(tmp_path / "one", **common) as one, served(tmp_path / "two", **common) as two:
        with one.admin() as api:
            apply(api, field_plan())
        race(one, two, 2)
