"""The door and the campuses: who is let in, who meets whom, and who has to come to the door again."""

import asyncio
from dataclasses import dataclass, field

import pytest

from meetmates.domain.people import State
from meetmates.transport.ports import Closing
from tests.edge.house import Caller, House
from tests.support.travel import BEGINNING, travelling

MISSING = '44{"message":"Authentication token required","data":{"code":"token_missing"}}'
GONE = '44{"message":"Authentication failed","data":{"code":"account_gone"}}'
INVALID = '44{"message":"Authentication failed","data":{"code":"token_invalid"}}'


@dataclass
class Register:
    """`ports.Roster` written by hand: accounts by campus; ended sign-ins. Without a campus the gate is open."""

    campuses: set[str] = field(default_factory=lambda: {"north", "south"})
    accounts: dict[str, str] = field(
        default_factory=lambda: {"ana": "north", "ben": "north", "cem": "south", "dan": "south"}
    )
    over: set[str] = field(default_factory=set)
    across: bool = False

    def is_gate_closed(self) -> bool:
        return bool(self.campuses)

    def pool(self, account: str | None) -> str | None:
        if not self.campuses:
            return ""
        if account is None:
            return "?"
        campus = self.accounts.get(account)
        return "*" if campus is not None and self.across else campus

    def is_over(self, session: str) -> bool:
        return session in self.over


def answer(house: House, account: str | None = None, **claims: object) -> str:
    """What somebody hears at the door."""
    return house.greet(house.knock(), account, **claims)


async def meets(one: Caller, other: Caller) -> bool:
    """Whether the two, of whom one may wait already, are paired, however long it takes."""
    for caller in (one, other):
        if caller.person.state is State.IDLE:
            assert caller.call("findChat")["ok"] is True
    await asyncio.sleep(60)
    return one.person.partner is other.person


# --- who is let in


@travelling
async def test_while_the_gate_is_open_everybody_may_come_and_meet_everybody() -> None:
    house = House(roster=Register(campuses=set()))
    assert await meets(house.enter("somebody-unknown"), house.enter())


@travelling
async def test_a_closed_gate_takes_no_guests_where_nothing_else_was_said() -> None:
    house = House(roster=Register())
    assert answer(house) == MISSING
    assert house.notes.lines == [("denied", "token_missing")]
    house.enter("ana")


@travelling
async def test_where_tokens_are_required_an_open_gate_takes_no_guests_either() -> None:
    assert answer(House(roster=Register(campuses=set()), required=True)) == MISSING


@pytest.mark.parametrize("required", [None, True, False])
@travelling
async def test_a_closed_gate_takes_nobody_whom_it_does_not_know(required: bool | None) -> None:
    house = House(roster=Register(), required=required)
    assert answer(house, "eve") == GONE
    assert house.measures.refusals == {"account_gone": 1}


@travelling
async def test_a_token_of_an_ended_sign_in_opens_nothing() -> None:
    house = House(roster=Register(over={"phone"}))
    assert answer(house, "ana", sid="phone") == INVALID
    house.enter("ana", sid="laptop")
    house.enter("ana")


@travelling
async def test_a_token_of_an_ended_sign_in_refreshes_nothing() -> None:
    register = Register()
    house = House(roster=register)
    tab = house.enter("ana", sid="laptop")
    register.over.add("phone")
    refused = tab.call("refreshToken", house.token("ana", sid="phone"))
    assert refused == {"ok": False, "code": "not_allowed", "message": "That is no valid token of this account."}
    assert tab.call("refreshToken", house.token("ana", sid="tablet")) == {"ok": True}


@travelling
async def test_a_token_of_an_account_that_belongs_nowhere_refreshes_nothing() -> None:
    register = Register()
    house = House(roster=register)
    tab = house.enter("ana")
    del register.accounts["ana"]
    assert tab.call("refreshToken", house.token("ana"))["code"] == "not_allowed"


@travelling
async def test_the_newest_answer_holds() -> None:
    """Guests as long as there is no campus, none from the first one on, and guests again."""
    register = Register(campuses=set())
    house = House(roster=register)
    house.enter()
    register.campuses.add("north")
    assert answer(house) == MISSING
    register.campuses.clear()
    house.enter()


# --- who meets whom


@travelling
async def test_members_of_one_campus_meet() -> None:
    house = House(roster=Register())
    assert await meets(house.enter("ana"), house.enter("ben"))


@travelling
async def test_members_of_different_campuses_never_meet() -> None:
    house = House(roster=Register())
    ana, cem = house.enter("ana"), house.enter("cem")
    assert not await meets(ana, cem)
    assert [house.enter("dan").call("findChat")["position"], ana.call("findChat")["position"]] == [0, 1]


@travelling
async def test_members_of_different_campuses_meet_where_the_settings_say_so() -> None:
    house = House(roster=Register(across=True))
    assert await meets(house.enter("ana"), house.enter("cem"))


@pytest.mark.parametrize("across", [False, True])
@travelling
async def test_guests_behind_a_closed_gate_meet_guests_only(across: bool) -> None:
    house = House(roster=Register(across=across), required=False)
    guest, ana = house.enter(), house.enter("ana")
    assert not await meets(guest, ana)
    assert await meets(house.enter(), guest)
    assert ana.person.partner is None


# --- campuses change while people are here


@travelling
async def test_who_would_not_be_let_in_any_more_is_sent_to_the_door() -> None:
    """The transport is closed without a DISCONNECT: the official client comes back, and is told why it may not."""
    register = Register(campuses=set())
    house = House(roster=register)
    guest, stranger = house.enter(), house.enter("eve")
    await house.chat(guest, stranger)
    register.campuses.add("north")
    house.gateway.reconsider()
    assert [caller.line.closing for caller in (guest, stranger)] == [Closing.RESTART] * 2
    assert "41" not in [*guest.line.sent, *stranger.line.sent]
    assert not any((house.desk.tables() | {"partings": 0}).values())
    assert answer(house) == MISSING
    assert answer(house, "eve") == GONE


@travelling
async def test_whoever_belongs_elsewhere_now_comes_back_to_that() -> None:
    register = Register(campuses=set())
    house = House(roster=register, required=False)
    people = [house.enter("ana"), house.enter("ben"), house.enter()]
    register.campuses.add("north")
    house.gateway.reconsider()
    assert [caller.line.closing for caller in people] == [Closing.RESTART] * 3
    ana, guest, ben = house.enter("ana"), house.enter(), house.enter("ben")
    assert not await meets(ana, guest)
    assert await meets(ben, ana)


@travelling
async def test_whoever_belongs_where_it_is_notices_nothing() -> None:
    register = Register()
    house = House(roster=register)
    ana, ben, cem = house.enter("ana"), house.enter("ben"), house.enter("cem")
    await house.chat(ana, ben)
    cem.heard()
    register.campuses.add("east")
    house.gateway.reconsider()
    assert [caller.heard() for caller in (ana, ben, cem)] == [[], [], []]
    register.campuses.discard("south")
    del register.accounts["cem"]
    house.gateway.reconsider()
    assert [caller.line.closing for caller in (ana, ben, cem)] == [None, None, Closing.RESTART]
    assert ana.person.partner is ben.person


@travelling
async def test_the_time_of_a_token_does_not_depend_on_the_gate() -> None:
    house = House(roster=Register())
    assert "token_expired" in answer(house, "ana", exp=BEGINNING - 31)
