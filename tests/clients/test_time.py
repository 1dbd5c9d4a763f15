"""What only time brings. Waiting is most of it, so every story of every flavour waits at once on one server.

Each still passes or fails under its own name: the fixture runs them all, and each test looks at its own outcome.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from meetmates.edge.clock import iso
from tests.clients.client import FLAVOURS, Flavour
from tests.clients.npm import Node
from tests.clients.people import People, all_gone_after, someone
from tests.support.frames import SOON
from tests.support.server import running_server
from tests.support.tokens import token

pytestmark = pytest.mark.asyncio(loop_scope="package")

# Whoever has an interest of their own waits for somebody who shares it: no story pairs with another one.
SETTINGS = {"INTEREST_WAIT": "60s", "FAIRNESS": "1000", "PING_INTERVAL": "500ms", "PING_TIMEOUT": "2s"}
HEARTBEAT = 2.5  # seconds after which somebody who does not answer pings is gone
LEEWAY = 30  # seconds that a token is honoured beyond its end
LEFT = 5  # seconds that are left of it here
COMES_BACK = 1.5  # seconds after which a client that means to has come back: a delay of 1 s, give or take a half
REPORTS = 5.0  # seconds between two reports of the place in the queue
STORIES: list[Callable[[People], Awaitable[None]]] = []
Outcomes = dict[tuple[str, Flavour], BaseException | None]


def story(told: Callable[[People], Awaitable[None]]) -> Callable[[People], Awaitable[None]]:
    """Puts one more among the stories."""
    STORIES.append(told)
    return told


def ending_token(name: str) -> tuple[str, int]:
    """A token that is honoured for a few seconds more, and its end in seconds since the epoch."""
    end = int(time.time()) - LEEWAY + LEFT
    return token(name, exp=end), end


async def until_over(end: int) -> None:
    """Until a token that ended at `end` would not be honoured any more, and a second for what happens then."""
    await asyncio.sleep(end + LEEWAY - time.time() + 1)


@story
async def a_token_ends_and_the_connection_with_it(people: People) -> None:
    ours, end = ending_token(someone())
    ana = await people.join(ours)
    assert await ana.expect("tokenExpiring") == {"expiresAt": iso(end)}
    assert await ana.expect("tokenExpired", LEFT + SOON) == {}
    assert time.time() > end + LEEWAY - 0.1
    assert await ana.expect("disconnect") == ana.FOR_GOOD
    await asyncio.sleep(COMES_BACK)
    assert ana.left == []


@story
async def a_refreshed_token_keeps_the_connection(people: People) -> None:
    name = someone()
    ours, end = ending_token(name)
    ana = await people.join(ours)
    await ana.expect("tokenExpiring")
    assert (await ana.call("refreshToken", token(someone())))["code"] == "not_allowed"
    assert await ana.call("refreshToken", token(name)) == {"ok": True}
    await until_over(end)
    assert await ana.heard() == []


@story
async def a_page_that_cannot_refresh_is_kept_until_its_chat_ends(people: People) -> None:
    ours, end = ending_token(someone())
    ana, ben = await people.pair(ours, None)
    await ana.expect("tokenExpiring")
    await until_over(end)
    assert (await ana.call("sendMessage", "we go on"))["ok"] is True
    assert await ana.heard() == await ben.heard() == ["message"]
    await ben.call("leaveChat")
    assert await ana.expect("partnerLeft") == {"partnerId": ben.id}
    assert await ana.expect("tokenExpired") == {}
    assert await ana.expect("disconnect") == ana.FOR_GOOD


@story
async def a_sixth_connection_replaces_the_oldest(people: People) -> None:
    ours = token(someone())
    tabs = [await people.join(ours) for _ in range(6)]
    assert await tabs[0].expect("replaced") == {}
    assert await tabs[0].expect("disconnect") == tabs[0].FOR_GOOD
    await asyncio.sleep(COMES_BACK)
    assert tabs[0].left == []
    for tab in tabs[1:]:
        assert await tab.heard() == []


@story
async def whoever_asked_is_told_the_place_in_the_queue(people: People) -> None:
    ana, ben = await people.join(), await people.join()
    await ben.emit("findChat", {"interests": [someone()]})
    await ben.expect("waiting")
    assert (await ana.call("findChat", {"interests": [someone()]}))["position"] >= 1
    status = await ana.expect("queueStatus", REPORTS + SOON)
    assert status == {"position": status["position"], "estimate": status["estimate"]}
    assert status["position"] >= 1
    assert status["estimate"] is None or status["estimate"] >= 0
    assert await ben.heard() == []
    assert "queueStatus" not in [one.event for one in ben.kept]


@story
async def who_answers_the_heartbeat_stays(people: People) -> None:
    ana, ben = await people.pair()
    await asyncio.sleep(HEARTBEAT + 1)
    assert (await ana.call("sendMessage", "still here"))["ok"] is True
    assert await ana.heard() == await ben.heard() == ["message"]


@pytest_asyncio.fixture(scope="module", loop_scope="package")
async def outcomes(node: Node) -> AsyncIterator[Outcomes]:
    """What became of every story: None where it was true to the end."""
    with running_server(**SETTINGS) as server:
        told = [(told, People(server, node, flavour)) for flavour in FLAVOURS for told in STORIES]
        async with all_gone_after(server):
            ends = await asyncio.gather(*(told(people) for told, people in told), return_exceptions=True)
            for _, people in told:
                await people.leave()
        yield {(told.__name__, people.flavour): end for (told, people), end in zip(told, ends, strict=True)}


@pytest.mark.parametrize("name", [told.__name__ for told in STORIES])
async def test_that(outcomes: Outcomes, name: str, flavour: Flavour) -> None:
    if (error := outcomes[name, flavour]) is not None:
        raise error
