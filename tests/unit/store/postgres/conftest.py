"""Stores on one fresh database, as several servers have them."""

from collections.abc import Callable, Iterator

import pytest

from turnout.store import Store, open_store


@pytest.fixture
def opened(postgres_url: str) -> Iterator[Callable[[], Store]]:
    """Opens another store on the database."""
    stores: list[Store] = []

    def one_more() -> Store:
        stores.append(open_store(postgres_url))
        return stores[-1]

    yield one_more
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Callable[[], Store]) -> Store:
    return opened()
