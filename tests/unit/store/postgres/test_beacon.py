"""Hints between servers: they arrive, they come back after a loss, and nothing waits for them."""

import threading
from collections.abc import Iterator
from queue import Queue

import pytest

from tests.postgres import Cluster
from turnout.store.postgres.beacon import PAYLOAD_BYTES, Beacon, payloads


@pytest.fixture
def pair(postgres_url: str) -> Iterator[tuple[Beacon, Beacon, "Queue[str]"]]:
    """Two beacons, and what the second heard."""
    heard: Queue[str] = Queue()
    one, two = Beacon(postgres_url, lambda _: None), Beacon(postgres_url, heard.put)
    assert two.wait_listening(30)
    yield one, two, heard
    one.close()
    two.close()


def test_what_one_server_notifies_the_other_hears(pair: tuple[Beacon, Beacon, "Queue[str]"]) -> None:
    one, _, heard = pair
    one.notify("run:1")
    one.notify("pool:field/default")
    assert {heard.get(timeout=30), heard.get(timeout=30)} == {"run:1", "pool:field/default"}


def test_a_server_does_not_hear_itself(pair: tuple[Beacon, Beacon, "Queue[str]"]) -> None:
    one, two, heard = pair
    two.notify("run:own")
    two.notify("run:own too")
    one.notify("run:theirs")
    assert heard.get(timeout=30) == "run:theirs"


def test_lost_connections_are_made_again(pair: tuple[Beacon, Beacon, "Queue[str]"], postgres: Cluster) -> None:
    one, two, heard = pair
    postgres.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'test%' AND query LIKE 'LISTEN%'"
    )
    again = threading.Event()

    def shout() -> None:
        while not again.wait(0.05):
            one.notify("run:1")

    shouting = threading.Thread(target=shout)
    shouting.start()
    assert heard.get(timeout=30) == "run:1"
    again.set()
    shouting.join()
    assert two.wait_listening(30)


def test_messages_are_short_enough_and_lose_nothing() -> None:
    topics = [f"run:{number:032}" for number in range(1000)]
    messages = payloads(topics)
    assert "\n".join(messages).split("\n") == topics
    assert max(len(message.encode()) for message in messages) <= PAYLOAD_BYTES
    assert payloads(["x" * 9000, "run:1", "a\nb"]) == ["run:1"]
