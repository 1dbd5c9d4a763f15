"""Looking for somebody, meeting, and parting."""

import pytest

from meetmates.domain.names import ADJECTIVES, NOUNS
from tests.clients.client import FLAVOURS
from tests.clients.npm import Node
from tests.clients.people import People, meet, someone
from tests.support.tokens import token

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_two_people_are_paired_and_told_all_of_it(people: People) -> None:
    ana, ben = await people.join(), await people.join()
    place = await ana.call("findChat", {"interests": ["Chess", "hiking"], "language": "en", "withVideo": True})
    assert place == {"ok": True, "position": 1, "estimate": place["estimate"]}
    assert await ana.heard() == ["waiting"]
    place = await ben.call("findChat", {"interests": ["CHESS", "tea"], "withVideo": False})
    assert place == {"ok": True, "position": 0, "estimate": place["estimate"]}
    assert place["estimate"] is None or place["estimate"] >= 0
    assert await ana.heard() == await ben.heard() == ["waiting", "chatStart"]
    ours, theirs = await ana.expect("chatStart"), await ben.expect("chatStart")
    both = {"withVideo": True, "commonInterests": ["chess"], "chatId": ours["chatId"]}
    names = {"yourName": ours["yourName"], "partnerName": ours["partnerName"]}
    assert ours == {**both, **names, "partnerId": ben.id, "yourVideo": True, "partnerVideo": False}
    names = {"yourName": ours["partnerName"], "partnerName": ours["yourName"]}
    assert theirs == {**both, **names, "partnerId": ana.id, "yourVideo": False, "partnerVideo": True}
    assert len(ours["chatId"]) >= 20


async def test_the_two_have_names_that_share_no_word(people: People) -> None:
    ana, ben = await people.join(token(someone())), await people.join(token(someone()))
    start, _ = await meet(ana, ben)
    (adjective, noun), (other_adjective, other_noun) = (start[name].split() for name in ("yourName", "partnerName"))
    assert {adjective, other_adjective} <= set(ADJECTIVES)
    assert {noun, other_noun} <= set(NOUNS)
    assert adjective != other_adjective
    assert noun != other_noun


async def test_the_first_form_of_find_chat_is_understood(people: People) -> None:
    """The page that the product began from gives an address and a flag, and asks for no acknowledgement."""
    ana, ben = await people.join(), await people.join()
    await ana.emit("findChat", "ana@college.edu", True)
    await ana.expect("waiting")
    assert (await ben.call("findChat", "ben@college.edu"))["position"] == 0
    ours, theirs = await ana.expect("chatStart"), await ben.expect("chatStart")
    assert (ours["withVideo"], ours["yourVideo"], ours["partnerVideo"]) == (True, True, False)
    assert (theirs["withVideo"], theirs["yourVideo"], theirs["partnerVideo"]) == (True, False, True)
    assert ours["partnerId"] == ben.id


async def test_find_chat_needs_no_arguments_at_all(people: People) -> None:
    ana, ben = await people.join(), await people.join()
    for one in (ana, ben):
        await one.emit("findChat")
        await one.expect("waiting")
    assert (await ana.expect("chatStart"))["withVideo"] is False
    assert (await ben.expect("chatStart"))["commonInterests"] == []


async def test_each_client_can_meet_another_one(people: People, node: Node) -> None:
    ana = await people.join()
    others = People(people.server, node, FLAVOURS[(FLAVOURS.index(people.flavour) + 3) % len(FLAVOURS)])
    ben = await others.join()
    await meet(ana, ben)
    assert (await ana.call("sendMessage", "hello, other client"))["ok"] is True
    assert (await ben.expect("message"))["text"] == "hello, other client"
    await others.leave()


async def test_next_ends_the_chat_and_queues_both_but_not_for_each_other(people: People) -> None:
    ana, ben = await people.pair(wish={})
    place = await ana.call("next")
    assert (place["ok"], place["position"]) == (True, 1)
    assert await ana.heard() == ["waiting"]
    assert await ben.heard() == ["partnerLeft", "waiting"]
    assert await ben.expect("partnerLeft") == {"partnerId": ana.id}
    cleo = await people.join()
    assert (await cleo.call("findChat"))["position"] == 0
    assert (await cleo.expect("chatStart"))["partnerId"] == ana.id


async def test_next_outside_of_a_chat_looks_for_somebody(people: People) -> None:
    ana, ben = await people.join(), await people.join()
    assert (await ana.call("next"))["position"] == 1
    await ben.emit("next")
    assert (await ana.expect("chatStart"))["partnerId"] == ben.id
    assert await ben.heard() == ["waiting", "chatStart"]


async def test_a_find_chat_that_echoes_the_requeueing_ends_nothing(people: People) -> None:
    """The first page sends one two seconds after every `partnerLeft`, whoever has been found by then."""
    ana, ben = await people.pair(wish={})
    cleo, dora = await people.join(), await people.join()
    await ana.call("next")
    for one in (cleo, dora):
        assert (await one.call("findChat"))["position"] == 0
    assert (await dora.expect("chatStart"))["partnerId"] == ben.id
    assert (await ben.call("findChat"))["position"] == 0
    assert (await ben.call("sendMessage", "still here"))["seq"] == 1
    assert await dora.heard() == ["waiting", "message"]


async def test_find_chat_in_a_chat_ends_it(people: People) -> None:
    ana, ben = await people.pair()
    assert (await ana.call("findChat", {"withVideo": True}))["position"] == 1
    assert await ben.heard() == ["partnerLeft"]
    assert await ana.heard() == ["waiting"]


async def test_cancel_search_leaves_the_queue(people: People) -> None:
    ana, ben = await people.join(), await people.join()
    await ana.call("findChat")
    assert await ana.call("cancelSearch") == {"ok": True}
    assert (await ben.call("findChat"))["position"] == 1
    assert await ana.heard() == await ben.heard() == ["waiting"]


async def test_leave_chat_queues_nobody(people: People) -> None:
    ana, ben = await people.pair()
    assert await ana.call("leaveChat") == {"ok": True}
    assert await ben.expect("partnerLeft") == {"partnerId": ana.id}
    assert await ana.heard() == await ben.heard() == []
    cleo = await people.join()
    assert (await cleo.call("findChat"))["position"] == 1


async def test_a_partner_who_disconnects_has_left(people: People) -> None:
    ana, ben = await people.pair()
    await ana.leave()
    assert await ben.expect("partnerLeft") == {"partnerId": ana.id}
    assert (await ben.call("sendMessage", "are you there?"))["code"] == "not_in_chat"
    assert (await ben.call("findChat"))["position"] == 1


async def test_a_second_tab_takes_the_seat_when_it_looks_for_somebody(people: People) -> None:
    ours = token(someone())
    tab, ben = await people.pair(ours, None)
    other = await people.join(ours)
    assert await tab.heard() == await ben.heard() == []  # coming in takes nothing
    assert (await other.call("findChat"))["position"] == 1
    assert await ben.expect("partnerLeft") == {"partnerId": tab.id}
    assert await tab.heard() == ["seatTaken"]
    assert await tab.expect("seatTaken") == {}
    assert (await tab.call("next"))["position"] == 1
    assert await other.heard() == ["waiting", "seatTaken"]
