"""The official JavaScript client loses its connection and comes back: its own connection state recovery."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import pytest_asyncio

from tests.clients.client import FLAVOURS, Client, Door, Flavour
from tests.clients.npm import Node, NpmClient
from tests.clients.people import all_gone_after
from tests.support.frames import SOON
from tests.support.server import RunningServer, running_server
from tests.support.wire import Wire, wire_to

NPM = [flavour for flavour in FLAVOURS if flavour.library == "npm"]
pytestmark = [
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.parametrize("flavour", NPM, ids=str, indirect=True),
]
GRACE = 4.0  # seconds; the clients here try to come back at least twice a second
BACK = GRACE + SOON
LONG = "😀" * 2000  # 8,000 bytes
Loss = Callable[[NpmClient, Wire], None]
LOSSES: dict[str, Loss] = {
    "its engine ends": lambda client, wire: client.lose(),
    "the wire is cut": lambda client, wire: wire.cut(down=True),
}


@pytest.fixture(scope="module")
def graceful() -> Iterator[RunningServer]:
    """A server whose grace can be waited for; a polling client that has gone between two polls is soon noticed.

    Little may wait for anybody, and what was said to one whose connection was taken over for no longer than a test can.
    """
    times = {"RESUME_GRACE": f"{GRACE}s", "PING_INTERVAL": "1s", "PING_TIMEOUT": "1s", "CONNECT_TIMEOUT": "3s"}
    with running_server(**times, MAX_BUFFERED="64KiB") as running:
        yield running
        assert "Traceback" not in running.logged(), running.logged()


@pytest_asyncio.fixture(loop_scope="package")
async def wire(graceful: RunningServer) -> AsyncIterator[Wire]:
    """The wire of whoever is to be lost."""
    async with wire_to(graceful.port) as made, all_gone_after(graceful):
        yield made


class Two:
    """Ana, who can resume and whose wire can be cut, and Ben, for whom nothing has changed."""

    def __init__(self, node: Node, flavour: Flavour, wire: Wire, server: RunningServer) -> None:
        self.ana, self.ben = node.client(), node.client()
        self._flavour, self._wire, self._server = flavour, wire, server

    async def come(self, losses: int = 0, *, alike: bool = False) -> None:
        """Where they are `alike`, Ben is as Ana."""
        self.ana.open_and_lose(self._wire.url, self._flavour, Door({"resume": True}), losses)
        if alike:
            self.ben.open_and_lose(self._wire.url, self._flavour, Door({"resume": True}))
        else:
            await self.ben.open(self._server.url, self._flavour, Door())
        for one in (self.ana, self.ben):
            await one.expect("connect")


@pytest_asyncio.fixture(loop_scope="package")
async def two(node: Node, flavour: Flavour, wire: Wire, graceful: RunningServer) -> AsyncIterator[Two]:
    """The two, who are on their way."""
    made = Two(node, flavour, wire, graceful)
    yield made
    for one in (made.ana, made.ben):
        await one.leave()


async def text_of(client: Client) -> Any:
    """The text of the next message; one with an offset behind it, too."""
    said = await client.expect("message")
    return (said[0] if isinstance(said, list) else said)["text"]


async def pair(two: Two) -> None:
    """The two in a chat, with nothing kept of how they got there."""
    for one in (two.ana, two.ben):
        assert (await one.call("findChat"))["ok"] is True
    for one in (two.ana, two.ben):
        await one.expect("waiting")
        await one.expect("chatStart")


@pytest.mark.parametrize("loss", LOSSES)
async def test_a_chat_survives_several_losses_in_a_row(two: Two, wire: Wire, loss: str) -> None:
    await two.come()
    ana, ben = two.ana, two.ben
    id = ana.id
    await pair(two)
    for number in range(3):
        assert (await ana.call("sendMessage", f"{number} from ana"))["ok"] is True
        assert await text_of(ana) == await text_of(ben) == f"{number} from ana"
        LOSSES[loss](ana, wire)
        assert await ana.expect("disconnect") in {*ana.FOR_NOW, "forced close"}
        assert await ben.expect("partnerReconnecting", BACK) == {}
        wire.repair()
        assert (await ben.call("sendMessage", f"{number} from ben"))["seq"] == 2 * number + 2
        assert await ana.expect("connect", BACK) == id
        await ana.expect("recovered")
        assert await text_of(ana) == await text_of(ben) == f"{number} from ben"
        assert await ben.expect("partnerBack") == {}
    assert [told for told in await ana.heard() if told not in ("resumeKey", "connect_error")] == []
    assert await ben.heard() == []


async def test_a_return_takes_over_what_the_server_still_believes_in(two: Two, wire: Wire) -> None:
    await two.come()
    ana, ben, id = two.ana, two.ben, two.ana.id
    await pair(two)
    wire.strand()
    await ana.expect("disconnect")
    wire.repair()
    assert await ana.expect("connect", BACK) == id
    await ana.expect("recovered")
    assert (await ben.call("sendMessage", "hello"))["ok"] is True
    assert await text_of(ana) == await text_of(ben) == "hello"
    assert {*await ben.heard()} <= {"partnerReconnecting", "partnerBack"}  # where the heartbeat was quicker


async def test_two_who_are_lost_at_once_find_each_other_again(two: Two, wire: Wire) -> None:
    await two.come(alike=True)
    ana, ben = two.ana, two.ben
    ids = (ana.id, ben.id)
    await pair(two)
    wire.cut(down=True)
    for one in (ana, ben):
        await one.expect("disconnect")
        await one.emit("sendMessage", f"from {one.id}")  # which it keeps until it is back
    wire.repair()
    for one, id in zip((ana, ben), ids, strict=True):
        assert await one.expect("connect", BACK) == id
        await one.expect("recovered")
    texts = [[await text_of(one), await text_of(one)] for one in (ana, ben)]
    assert texts[0] == texts[1]
    assert sorted(texts[0]) == sorted(f"from {id}" for id in ids)


async def test_a_find_chat_that_was_kept_while_offline_ends_nothing(two: Two, wire: Wire) -> None:
    await two.come()
    ana, ben = two.ana, two.ben
    await pair(two)
    wire.cut(down=True)
    await ana.expect("disconnect")
    await ben.expect("partnerReconnecting", BACK)
    await ana.emit("findChat")
    wire.repair()
    await ana.expect("recovered", BACK)
    assert (await ana.call("sendMessage", "still here"))["ok"] is True
    assert await text_of(ben) == "still here"
    assert await ben.heard() == ["partnerBack"]


async def test_a_client_that_had_heard_nothing_yet_recovers_several_times(two: Two) -> None:
    await two.come(losses=3)
    ids = {two.ana.id}
    for _ in range(3):
        ids.add(await two.ana.expect("connect", BACK))
        await two.ana.expect("recovered")
    assert len(ids) == 1
    await pair(two)
    assert (await two.ben.call("sendMessage", "hello"))["ok"] is True
    assert await text_of(two.ana) == "hello"


async def test_whoever_stays_away_has_left_and_comes_back_as_somebody_new(two: Two, wire: Wire) -> None:
    await two.come()
    await pair(two)
    id = two.ana.id
    wire.cut(down=True)
    await two.ben.expect("partnerReconnecting", BACK)
    assert await two.ben.expect("partnerLeft", BACK) == {"partnerId": id}
    wire.repair()
    assert await two.ana.expect("connect", 10 + SOON) != id
    assert "recovered" not in two.ana.left
    await pair(two)


async def test_whoever_has_missed_more_than_may_wait_for_anybody_is_somebody_new_and_stays(
    two: Two, wire: Wire
) -> None:
    await two.come()
    ana, ben, id = two.ana, two.ben, two.ana.id
    await pair(two)
    wire.cut(down=True)
    await ana.expect("disconnect")
    await ben.expect("partnerReconnecting", BACK)
    for _ in range(10):
        assert (await ben.call("sendMessage", LONG))["ok"] is True
    wire.repair()
    assert await ana.expect("connect", BACK) != id
    assert await ben.expect("partnerLeft") == {"partnerId": id}
    assert (await ana.call("findChat"))["ok"] is True
    assert "recovered" not in ana.left


async def test_disconnect_is_no_loss(two: Two) -> None:
    await two.come()
    await pair(two)
    id = two.ana.id
    await two.ana.leave()
    assert await two.ben.expect("partnerLeft") == {"partnerId": id}
    assert "partnerReconnecting" not in two.ben.left


async def test_what_was_written_for_one_partner_reaches_no_other(
    two: Two, wire: Wire, node: Node, flavour: Flavour, graceful: RunningServer
) -> None:
    await two.come()
    ana, ben, cem = two.ana, two.ben, node.client()
    await pair(two)
    wire.cut(down=True)
    await ana.expect("disconnect")
    await ben.expect("partnerReconnecting", BACK)
    await ana.emit("sendMessage", "for ben alone")  # which the client keeps until it is back
    for event in ("next", "cancelSearch"):  # the server puts both back into the queue
        assert (await ben.call(event))["ok"] is True
    await cem.open(graceful.url, flavour, Door())
    assert (await cem.call("findChat"))["ok"] is True
    assert (await cem.expect("chatStart"))["partnerId"] == ana.id
    await cem.expect("partnerReconnecting")
    wire.repair()
    assert await ana.expect("connect", BACK) == ana.id
    assert (await ana.expect("eventError"))[0]["code"] == "not_in_chat"
    await ana.expect("chatStart")
    assert (await ana.call("sendMessage", "for cem"))["ok"] is True
    assert await text_of(cem) == "for cem"
    await cem.leave()
