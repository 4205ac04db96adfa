"""`core.ports.Idempotency`: the first answer stays, for its principal, for a day."""

from tests.contract.factories import ManualClock
from turnout.core.ports import Store


def test_the_first_answer_stays(store: Store) -> None:
    store.write(lambda tx: tx.idempotency.put("admin:ada", "k", b"\x00one"))
    store.write(lambda tx: tx.idempotency.put("admin:ada", "k", b"two"))
    assert store.read(lambda tx: tx.idempotency.get("admin:ada", "k")) == b"\x00one"


def test_keys_belong_to_their_principal(store: Store) -> None:
    store.write(lambda tx: tx.idempotency.put("admin:ada", "k", b"one"))
    assert store.read(lambda tx: tx.idempotency.get("admin:bo", "k")) is None
    assert store.read(lambda tx: tx.idempotency.get("admin:ada", "other")) is None


def test_an_answer_is_forgotten_after_a_day(store: Store, clock: ManualClock) -> None:
    store.write(lambda tx: tx.idempotency.put("admin:ada", "k", b"one"))
    clock.advance(24 * 3600 - 1)
    assert store.read(lambda tx: tx.idempotency.get("admin:ada", "k")) == b"one"
    clock.advance(1)
    assert store.read(lambda tx: tx.idempotency.get("admin:ada", "k")) is None
    store.write(lambda tx: tx.idempotency.put("admin:ada", "k", b"two"))
    assert store.read(lambda tx: tx.idempotency.get("admin:ada", "k")) == b"two"
