"""Every test here is run by each official client over each of its transports, against a real server."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.clients.client import FLAVOURS, Flavour
from tests.clients.npm import Node, running_node
from tests.clients.people import People, all_gone_after
from tests.support.server import RunningServer, running_server


@pytest.fixture(scope="package")
def server() -> Iterator[RunningServer]:
    """A server as it is delivered."""
    with running_server() as running:
        yield running
        assert "Traceback" not in running.logged(), running.logged()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def node() -> AsyncIterator[Node]:
    """The process that holds the JavaScript clients."""
    async with running_node() as running:
        yield running


@pytest.fixture(params=FLAVOURS, ids=str)
def flavour(request: pytest.FixtureRequest) -> Flavour:
    """Each official client with each choice of transports."""
    chosen: Flavour = request.param
    return chosen


@pytest_asyncio.fixture(loop_scope="package")
async def people(server: RunningServer, node: Node, flavour: Flavour) -> AsyncIterator[People]:
    """Clients of one flavour, none of which is left behind."""
    async with all_gone_after(server):
        everybody = People(server, node, flavour)
        yield everybody
        await everybody.leave()


@pytest.fixture(scope="package")
def members_server() -> Iterator[RunningServer]:
    """A server that lets no guests in."""
    with running_server(AUTH="required") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="package")
async def members_only(members_server: RunningServer, node: Node, flavour: Flavour) -> AsyncIterator[People]:
    """Clients of one flavour on that server."""
    async with all_gone_after(members_server):
        everybody = People(members_server, node, flavour)
        yield everybody
        await everybody.leave()
