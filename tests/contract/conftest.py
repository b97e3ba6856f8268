"""One suite for every store: a store on each of the databases that `store_url` gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from samskabt.storage import Store


@pytest.fixture
def open_store(store_url: str) -> Iterator[Callable[..., Store]]:
    """Open the test's database as often as a test likes; all are closed at its end."""
    opened: list[Store] = []

    def open_(hook: Callable[[str], None] | None = None) -> Store:
        opened.append(Store.open(store_url, hook))
        return opened[-1]

    yield open_
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    """Give an empty store."""
    return open_store()
