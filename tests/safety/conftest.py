"""Safety on a fresh database: each test runs on SQLite and on PostgreSQL."""

import pytest

from meetmates.store.database import Database
from tests.safety.station import Station


@pytest.fixture
def station(database: Database) -> Station:
    """The use cases of safety."""
    return Station(database)
