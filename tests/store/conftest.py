"""Databases for tests that change the tables themselves."""

import pytest

from meetmates.store.migrate import upgrade


@pytest.fixture
def own_address(empty_address: str) -> str:
    """The URL of a migrated database that no other test gets to see."""
    upgrade(empty_address)
    return empty_address
