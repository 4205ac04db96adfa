"""`core.ports.Bundles`."""

from turnout.core.ports import Store


def test_a_bundle_comes_back(store: Store) -> None:
    content = bytes(range(256)) * 1000
    for _ in range(2):
        store.write(lambda tx: tx.bundles.put("d" * 64, content))
    assert store.read(lambda tx: tx.bundles.has("d" * 64))
    assert store.read(lambda tx: tx.bundles.get("d" * 64)) == content


def test_an_unknown_bundle_is_none(store: Store) -> None:
    assert not store.read(lambda tx: tx.bundles.has("e" * 64))
    assert store.read(lambda tx: tx.bundles.get("e" * 64)) is None
