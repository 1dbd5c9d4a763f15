"""What happens at once to those who are here when others decide: sanctions, ended sign-ins, accounts that are gone."""

import asyncio
import itertools

import pytest

from meetmates.domain.people import State
from meetmates.ports import Standing
from meetmates.transport.ports import Closing
from tests.edge.house import Caller, House
from tests.support.travel import BEGINNING, travelling

SOON = BEGINNING + 1800.5
TOLD = "2027-01-15T08:30:00.500Z"
STANDINGS = {
    "mute": Standing(muted_until=SOON),
    "suspension": Standing(suspended_until=SOON),
    "ban": Standing(banned=True),
    "warning": Standing(),
}
ENDINGS = {"suspension": "suspended", "ban": "banned"}
STAY = ["warning", "mute"]


def sanction(house: House, account: str, kind: str, reason: str = "insults") -> None:
    """As `safety.live.LiveSafety` does it: first what holds, then who is told."""
    until = SOON if kind in ("mute", "suspension") else None
    house.safety.set_standing(account, STANDINGS[kind])
    house.steward.sanctioned(account, kind, reason, until)


def told(kind: str, reason: str = "insults") -> list[object]:
    """The event that every connection of the account gets."""
    until = TOLD if kind in ("mute", "suspension") else None
    return ["sanctioned", {"kind": kind, "reason": reason, "until": until}]


def ended(caller: Caller) -> bool:
    """Whether the connection was ended for good: DISCONNECT last, so that the official client does not come back."""
    return caller.line.closing is Closing.NORMAL and caller.line.sent[-1] == "41"


async def tabs_in_a_chat(house: House) -> tuple[list[Caller], Caller]:
    """Three tabs of ana, the middle one in a chat with ben; nobody has heard anything yet."""
    tabs = [house.enter("ana") for _ in range(3)]
    ben = house.enter("ben")
    await house.chat(tabs[1], ben)
    for tab in tabs:
        tab.heard()
    return tabs, ben


@pytest.mark.parametrize("kind", STAY)
@travelling
async def test_who_is_warned_or_muted_is_told_in_every_tab_and_stays(kind: str) -> None:
    house = House()
    tabs, ben = await tabs_in_a_chat(house)
    sanction(house, "ana", kind)
    assert [tab.heard() for tab in tabs] == [[told(kind)]] * 3
    assert [tab.line.closing for tab in tabs] == [None] * 3
    assert ben.heard() == []
    assert tabs[1].person.partner is ben.person
    assert tabs[1].call("sendMessage", "hello").get("code") == ("muted" if kind == "mute" else None)


@pytest.mark.parametrize("kind", ENDINGS)
@travelling
async def test_who_is_suspended_or_banned_is_told_and_goes(kind: str) -> None:
    house = House()
    tabs, ben = await tabs_in_a_chat(house)
    sanction(house, "ana", kind)
    assert all(ended(tab) for tab in tabs)
    assert [tab.heard() for tab in tabs] == [[told(kind)]] * 3
    assert house.notes.lines.count(("disconnected", ENDINGS[kind])) == 3
    await asyncio.sleep(1)
    assert ben.heard() == [["partnerLeft", {"partnerId": "id2"}]]
    assert ben.person.state is State.IDLE
    assert house.desk.tables() | {"partings": 0} == dict.fromkeys(house.desk.tables(), 0) | {
        "connections": 1,
        "people": 1,
        "accounts": 1,
        "tokens": 1,
    }


@pytest.mark.parametrize("kind", ENDINGS)
@travelling
async def test_who_waits_in_the_queue_is_met_by_nobody_any_more(kind: str) -> None:
    house = House()
    ana, ben = house.enter("ana"), house.enter("ben")
    ana.call("findChat")
    sanction(house, "ana", kind)
    assert ben.call("findChat")["position"] == 1


@pytest.mark.parametrize("kind", ENDINGS)
@travelling
async def test_who_comes_back_is_told_at_the_door(kind: str) -> None:
    house = House()
    sanction(house, "ana", kind)
    answer = house.greet(house.knock(), "ana")
    code = {"suspension": f'"account_suspended","until":"{TOLD}"', "ban": '"account_banned"'}[kind]
    assert answer == f'44{{"message":"Authentication failed","data":{{"code":{code}}}}}'


@travelling
async def test_a_suspension_ends_by_its_time() -> None:
    house = House()
    sanction(house, "ana", "suspension")
    await asyncio.sleep(1801)
    house.enter("ana")


@pytest.mark.parametrize("kind", [*STAY, *ENDINGS])
@travelling
async def test_nobody_else_is_told_or_goes(kind: str) -> None:
    house = House()
    others = [house.enter("ben"), house.enter()]
    for other in others:
        other.heard()
    for account in ("ana", "nobody", ""):
        sanction(house, account, kind)
    assert [other.heard() for other in others] == [[], []]
    assert [other.line.closing for other in others] == [None, None]


@travelling
async def test_a_guest_who_was_reported_is_known_by_its_socket_id() -> None:
    house = House()
    guest, ben = house.enter(), house.enter("ben")
    await house.chat(guest, ben)
    sanction(house, "id1", "mute")
    assert guest.heard() == [told("mute")]
    assert guest.call("sendMessage", "hello")["code"] == "muted"
    sanction(house, "id1", "suspension")
    assert ended(guest)
    assert ben.heard() == [["partnerLeft", {"partnerId": "id1"}]]
    assert not any(vars(house.safety).values())  # nothing is kept of who cannot come back
    assert house.enter("id2").line.closing is None  # an account of that name is somebody else


@travelling
async def test_an_account_that_is_called_like_a_socket_id_is_not_that_guest() -> None:
    house = House()
    guest, ben = house.enter(), house.enter("ben")
    namesake = house.enter(guest.person.id)
    sanction(house, guest.person.id, "ban")
    assert ended(namesake)
    assert guest.line.closing is None
    sanction(house, ben.person.id, "ban")  # the socket id of somebody with an account is nobody's name
    assert ben.line.closing is None


@travelling
async def test_two_who_are_stopped_at_once_are_each_told_once() -> None:
    house = House()
    ana, ben = house.enter("ana"), house.enter("ben")
    await house.chat(ana, ben)
    for account in ("ana", "ben"):
        sanction(house, account, "ban")
    assert ana.heard() == [told("ban")]
    assert ben.heard() == [["partnerLeft", {"partnerId": "id1"}], told("ban")]
    await asyncio.sleep(300)
    house.recollection.sweep(house.clock.now())
    assert not any(vars(house.recollection).values())


@travelling
async def test_a_reason_is_told_as_it_was_written() -> None:
    house = House()
    ana = house.enter("ana")
    ana.heard()
    reason = '"\\</script>\N{GRINNING FACE}'
    sanction(house, "ana", "warning", reason)
    assert ana.heard() == [told("warning", reason)]


# --- sign-ins and accounts


@travelling
async def test_an_ended_sign_in_ends_its_connections_and_no_others() -> None:
    house = House()
    phone, laptop = house.enter("ana", sid="phone"), house.enter("ana", sid="laptop")
    second, old = house.enter("ana", sid="phone"), house.enter("ana")
    ben, guest = house.enter("ben", sid="phone-of-ben"), house.enter()
    await house.chat(phone, ben)
    house.steward.signed_out("phone")
    assert [ended(caller) for caller in (phone, second)] == [True, True]
    assert [caller.line.closing for caller in (laptop, old, ben, guest)] == [None] * 4
    assert house.notes.lines.count(("disconnected", "signed_out")) == 2
    assert ben.heard() == [["partnerLeft", {"partnerId": "id1"}]]


@travelling
async def test_a_refreshed_token_binds_the_connection_to_its_own_sign_in() -> None:
    house = House()
    tab = house.enter("ana", sid="first")
    assert tab.call("refreshToken", house.token("ana", sid="second")) == {"ok": True}
    house.steward.signed_out("first")
    assert tab.line.closing is None
    house.steward.signed_out("second")
    assert ended(tab)


@travelling
async def test_an_account_that_is_gone_ends_in_every_tab() -> None:
    house = House()
    tabs, ben = await tabs_in_a_chat(house)
    house.steward.account_gone("ana")
    assert all(ended(tab) for tab in tabs)
    assert [tab.heard() for tab in tabs] == [[]] * 3
    assert ben.heard() == [["partnerLeft", {"partnerId": "id2"}]]
    assert house.notes.lines.count(("disconnected", "account_gone")) == 3


@travelling
async def test_an_ending_that_nobody_is_here_for_is_harmless() -> None:
    house = House()
    for account, session in itertools.product(("ana", ""), ("phone", "")):
        house.steward.account_gone(account)
        house.steward.signed_out(session)
    guest = house.enter()
    house.steward.signed_out("")
    assert guest.line.closing is None
