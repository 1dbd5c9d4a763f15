"""The server stops and comes back on the same port, while an official client of every flavour is connected."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.clients.client import FLAVOURS, Client, Flavour
from tests.clients.npm import Node
from tests.clients.people import People, meet, someone
from tests.support.frames import SOON
from tests.support.server import running_server, stop
from tests.support.tokens import token

pytestmark = pytest.mark.asyncio(loop_scope="package")

COMES_BACK = 10.0 + SOON  # seconds: clients wait 1 s, then 2 s, then 4 s, give or take a half
Pairs = dict[Flavour, tuple[str, Client, Client]]


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def pairs(node: Node) -> AsyncIterator[Pairs]:
    """A pair of each flavour that has seen a restart; with them, the id that the first of them had before."""
    with running_server() as before:
        everybody = {flavour: People(before, node, flavour) for flavour in FLAVOURS}
        chats = {flavour: await people.pair(token(someone()), None) for flavour, people in everybody.items()}
        ids = {flavour: ana.id for flavour, (ana, _) in chats.items()}
        for one in (one for chat in chats.values() for one in chat):
            while await one.expect("onlineUsers") != 2 * len(chats):
                pass
        assert await asyncio.to_thread(stop, before.process) == 0
    with running_server(PORT=before.port):
        yield {flavour: (ids[flavour], *chats[flavour]) for flavour in FLAVOURS}
        for people in everybody.values():
            await people.leave()


async def test_everybody_is_told_and_comes_back_alone(pairs: Pairs, flavour: Flavour) -> None:
    id_before, ana, ben = pairs[flavour]
    for one in (ana, ben):
        assert [told for told in one.left if told != "partnerLeft"][:2] == ["serverRestarting", "disconnect"]
        assert await one.expect("serverRestarting") == {}
        reason = await one.expect("disconnect")
        if flavour.stays_away:
            assert reason == one.FOR_GOOD
            await one.retry()
        else:
            assert reason in one.FOR_NOW
        await one.expect("connect", COMES_BACK)
        assert await one.carrier() == flavour.ends_on
    assert ana.id != id_before
    await meet(ana, ben)
    assert (await ana.call("sendMessage", "we are back"))["seq"] == 1
