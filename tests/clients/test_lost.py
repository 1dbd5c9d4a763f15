"""A client that ends without a word: its process is killed, as a crashed browser's is."""

from collections.abc import Iterator

import pytest

from tests.clients.client import FLAVOURS, Flavour
from tests.clients.npm import Node, running_node
from tests.clients.people import People, all_gone_after, meet
from tests.support.frames import SOON
from tests.support.server import RunningServer, running_server

pytestmark = pytest.mark.asyncio(loop_scope="package")

HEARTBEAT = 2.5  # seconds; only this ends a polling client that has gone between two polls


@pytest.fixture(scope="module")
def watchful() -> Iterator[RunningServer]:
    """A server with a quick heartbeat."""
    with running_server(PING_INTERVAL="500ms", PING_TIMEOUT="2s") as running:
        yield running


@pytest.mark.parametrize("flavour", [one for one in FLAVOURS if one.library == "npm"], ids=str, indirect=True)
async def test_the_partner_of_a_killed_client_is_told(watchful: RunningServer, node: Node, flavour: Flavour) -> None:
    async with all_gone_after(watchful), running_node() as doomed:
        ana = await People(watchful, doomed, flavour).join()
        ben = await People(watchful, node, flavour).join()
        await meet(ana, ben)
        await doomed.kill()
        assert await ben.expect("partnerLeft", HEARTBEAT + SOON) == {"partnerId": ana.id}
        assert (await ben.call("findChat"))["position"] == 1
        await ben.leave()
