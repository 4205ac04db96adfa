"""`core.ports.Credentials`: they expire, and one-time ones work one time."""

from datetime import timedelta

from tests.contract.factories import START, ManualClock
from turnout.core.ports import Store


def test_a_credential_is_known_until_it_is_removed(store: Store) -> None:
    store.write(lambda tx: tx.credentials.put("h", "worker", "pool", "field/default", None))
    assert store.read(lambda tx: tx.credentials.get("h")) == ("worker", "pool", "field/default")
    assert store.read(lambda tx: tx.credentials.get("H")) is None
    store.write(lambda tx: tx.credentials.remove("h"))
    assert store.read(lambda tx: tx.credentials.get("h")) is None


def test_a_credential_ends_at_its_time(store: Store, clock: ManualClock) -> None:
    store.write(lambda tx: tx.credentials.put("h", "session", "ada", None, START + timedelta(seconds=10)))
    clock.advance(9.9)
    assert store.read(lambda tx: tx.credentials.get("h")) == ("session", "ada", None)
    clock.advance(0.1)
    assert store.read(lambda tx: tx.credentials.get("h")) is None
    assert store.write(lambda tx: tx.credentials.take("h")) is None


def test_it_is_taken_once(store: Store) -> None:
    store.write(lambda tx: tx.credentials.put("h", "login", "ada", None, START + timedelta(seconds=10)))
    assert store.write(lambda tx: tx.credentials.take("h")) == ("login", "ada", None)
    assert store.write(lambda tx: tx.credentials.take("h")) is None


def test_putting_again_renews(store: Store, clock: ManualClock) -> None:
    store.write(lambda tx: tx.credentials.put("h", "session", "ada", None, START + timedelta(seconds=10)))
    store.write(lambda tx: tx.credentials.put("h", "session", "ada", None, START + timedelta(seconds=30)))
    store.write(lambda tx: tx.credentials.put("gone", "session", "bo", None, START + timedelta(seconds=10)))
    clock.advance(20)
    store.write(lambda tx: tx.credentials.put("new", "session", "cy", None, None))
    known = [store.read(lambda tx, name=name: tx.credentials.get(name)) for name in ("h", "gone", "new")]
    assert known == [("session", "ada", None), None, ("session", "cy", None)]


def test_a_token_that_its_file_holds_no_more_is_gone(store: Store, clock: ManualClock) -> None:
    end = START + timedelta(days=30)
    for hashed in ("old", "new", "new"):
        store.write(lambda tx, hashed=hashed: tx.credentials.issue("f1", "admin", hashed, "admin", "admin", None, end))
    store.write(lambda tx: tx.credentials.issue("f2", "admin", "theirs", "admin", "admin", None, end))
    found = store.read(lambda tx: [tx.credentials.get(hashed) for hashed in ("old", "new", "theirs")])
    assert found == [None, ("admin", "admin", None), ("admin", "admin", None)]
    clock.advance(30 * 86400)
    assert store.read(lambda tx: tx.credentials.get("new")) is None
