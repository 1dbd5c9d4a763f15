"""WebRTC signals from one official client to another, as two browsers exchange them."""

import pytest

from tests.clients.client import Client
from tests.clients.people import People, meet

pytestmark = pytest.mark.asyncio(loop_scope="package")

OFFER = {"type": "offer", "sdp": "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n"}
ANSWER = {"type": "answer", "sdp": "v=0\r\n"}
CANDIDATES = [{"candidate": "candidate:1 1 udp 1 127.0.0.1 9", "sdpMid": "0", "sdpMLineIndex": 0}, "", None]
LONG = {"type": "offer", "sdp": "x" * 60_000}


async def by_id(people: People) -> tuple[Client, Client]:
    """A pair, the one with the smaller id first."""
    ana, ben = await people.pair()
    return (ana, ben) if ana.id < ben.id else (ben, ana)


async def ready(*both: Client) -> None:
    """Each says that it is."""
    for one in both:
        assert await one.call("ready-to-connect") == {"ok": True}


@pytest.mark.parametrize("last", ["smaller", "larger"])
async def test_the_smaller_id_makes_the_offer_whoever_was_ready_last(people: People, last: str) -> None:
    small, large = await by_id(people)
    first, second = (large, small) if last == "smaller" else (small, large)
    await ready(first)
    assert await first.heard() == await second.heard() == []
    await ready(second)
    assert await small.heard() == ["create-offer"]
    assert await small.expect("create-offer") is None
    assert await large.heard() == []


async def test_a_call_is_set_up(people: People) -> None:
    caller, callee = await by_id(people)
    for one in (callee, caller):
        await one.emit("ready-to-connect")
    await caller.expect("create-offer")
    assert await caller.call("webrtc-offer", {"offer": OFFER}) == {"ok": True}
    assert await callee.expect("webrtc-offer") == {"offer": OFFER, "from": caller.id}
    assert await callee.call("webrtc-answer", {"answer": ANSWER}) == {"ok": True}
    assert await caller.expect("webrtc-answer") == {"answer": ANSWER, "from": callee.id}
    for one, other in ((caller, callee), (callee, caller)):
        for candidate in CANDIDATES:
            await one.emit("ice-candidate", {"candidate": candidate})
            assert await other.expect("ice-candidate") == {"candidate": candidate, "from": one.id}
    assert await caller.heard() == await callee.heard() == []


async def test_a_long_offer_arrives_whole(people: People) -> None:
    caller, callee = await by_id(people)
    await ready(caller, callee)
    await caller.emit("webrtc-offer", {"offer": LONG})
    assert await callee.expect("webrtc-offer") == {"offer": LONG, "from": caller.id}


async def test_signals_wait_for_a_partner_who_is_not_ready(people: People) -> None:
    ana, ben = await by_id(people)
    await ready(ana)
    await ana.emit("webrtc-offer", {"offer": OFFER})
    for candidate in CANDIDATES:
        assert await ana.call("ice-candidate", {"candidate": candidate}) == {"ok": True}
    assert await ben.heard() == []
    await ready(ben)
    assert await ben.heard() == ["webrtc-offer", *["ice-candidate"] * 3]
    assert (await ben.expect("webrtc-offer"))["offer"] == OFFER
    assert [(await ben.expect("ice-candidate"))["candidate"] for _ in CANDIDATES] == CANDIDATES


async def test_somebody_ready_again_gets_the_unanswered_offer_again(people: People) -> None:
    caller, callee = await by_id(people)
    await ready(callee, caller)
    await caller.expect("create-offer")
    await caller.emit("webrtc-offer", {"offer": OFFER})
    await caller.call("ice-candidate", {"candidate": CANDIDATES[0]})
    assert await callee.heard() == ["webrtc-offer", "ice-candidate"]
    await ready(callee)
    assert await callee.heard() == ["webrtc-offer", "ice-candidate"] * 2
    assert await caller.heard() == []
    await callee.call("webrtc-answer", {"answer": ANSWER})
    await ready(callee)  # nothing is unanswered: the call begins anew
    assert await caller.heard() == ["webrtc-answer", "create-offer"]


async def test_signals_of_one_chat_never_reach_the_next(people: People) -> None:
    ana, ben = await people.pair()
    await ready(ana)
    await ana.call("webrtc-offer", {"offer": OFFER})
    await ana.call("leaveChat")
    await ben.expect("partnerLeft")
    cleo = await people.join()
    await meet(ben, cleo)
    await ready(ben)
    assert await ben.heard() == await cleo.heard() == []
