"""A server for each module that needs one, quick to tell and to time out."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.frames import leave_all
from tests.support.server import RunningServer, running_server


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """A heartbeat of two seconds; last partners are remembered for a moment, so that it can be seen to end."""
    with running_server(
        PING_INTERVAL="1", PING_TIMEOUT="1", CONNECT_TIMEOUT="1", PRESENCE_WINDOW="20ms", REMATCH_AFTER="100ms"
    ) as running:
        yield running


@pytest.fixture(autouse=True)
async def no_connection_left() -> AsyncIterator[None]:
    """Whatever a test leaves open is closed."""
    yield
    await leave_all()
