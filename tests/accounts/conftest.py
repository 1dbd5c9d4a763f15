"""A house with everything in it."""

from collections.abc import Iterator

import pytest

from meetmates.store.database import Database
from tests.accounts.house import House


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    """Once on each kind of database."""
    made = House(database)
    yield made
    made.passwords.close()
