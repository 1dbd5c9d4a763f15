"""A server for each module, and two people chatting on it beside every attack."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.abuse.bystanders import Bystanders
from tests.support.frames import leave_all
from tests.support.server import RunningServer, running_server

SETTINGS = {"PING_INTERVAL": "2", "PING_TIMEOUT": "1", "CONNECT_TIMEOUT": "2", "PRESENCE_WINDOW": "20ms"}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """A server that is quick to tell and to time out; every other limit is as it is delivered."""
    with running_server(**SETTINGS) as running:
        yield running


@pytest.fixture
async def bystanders(server: RunningServer) -> AsyncIterator[Bystanders]:
    """Two people who chat before, during and after the test, and must notice nothing of it."""
    pair = await Bystanders.join(server)
    yield pair
    await pair.assert_unharmed()


@pytest.fixture(autouse=True)
async def no_connection_left() -> AsyncIterator[None]:
    """Whatever a test leaves open is closed."""
    yield
    await leave_all()
