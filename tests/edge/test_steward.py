"""What people do about a partner: `block` and `report`, during a chat and for five minutes after it.

Longer than most files: both are tried from every side, in a time of its own.
"""

import asyncio
import itertools
from unittest.mock import ANY

import pytest

from meetmates.cluster.memory import MemoryCasework
from meetmates.domain.matching import Policy
from meetmates.ports import Complaint, Party, Quote
from tests.edge.house import Caller, House
from tests.support.travel import BEGINNING, travelling

OK = {"ok": True}
PARTED = ["partnerLeft", {"partnerId": "id1"}]
NO_CHAT = {"ok": False, "code": "not_in_chat", "message": "You were in no such chat in the last five minutes."}
NOT_STORED = {"ok": False, "code": "not_allowed", "message": "That could not be stored. Please try again."}
SPAM = {"reason": "spam"}
AT_ONCE = Policy(rematch_after=0.0)  # last partners meet again at once, so that only a block keeps anybody apart
EVENTS = [("block", {}), ("report", SPAM)]
on_both = pytest.mark.parametrize(("event", "options"), EVENTS, ids=["block", "report"])


class Vault(MemoryCasework):
    """Takes its time: nothing is kept before somebody opens it, and nothing at all when it is broken."""

    def __init__(self, broken: bool = False) -> None:
        super().__init__()
        self.open = asyncio.Event()
        self.blocks: list[tuple[str, str]] = []
        self._broken = broken

    async def block(self, blocker: Party, blocked: Party) -> None:
        await self._turn()
        self.blocks.append((blocker.key, blocked.key))

    async def report(self, complaint: Complaint) -> None:
        await self._turn()
        await super().report(complaint)

    async def _turn(self) -> None:
        await self.open.wait()
        if self._broken:
            raise OSError("the disk is full, and this line has a text in it")


async def chatting(house: House, one: str | None = "ana", other: str | None = "ben") -> tuple[Caller, Caller]:
    """Two in a chat, who have heard nothing yet."""
    callers = house.enter(one), house.enter(other)
    await house.chat(*callers)
    return callers


async def part(leaver: Caller, *others: Caller) -> None:
    """Ends the chat, and lets everybody hear of it."""
    assert leaver.call("leaveChat") == OK
    await asyncio.sleep(0)
    for caller in (leaver, *others):
        caller.heard()


async def never_meet(one: Caller, other: Caller) -> bool:
    """Whether the two, whoever comes first and however long they wait, stay apart."""
    for first, second in ((one, other), (other, one)):
        for caller in (first, second):
            assert caller.call("findChat")["ok"] is True
        await asyncio.sleep(30)
        if first.person.partner is not None or second.person.partner is not None:
            return False
        for caller in (first, second):
            caller.call("cancelSearch")
    return True


async def lasting(seconds: float) -> None:
    """Lets time pass, and whatever then happens happen."""
    await asyncio.sleep(seconds)


# --- block


@pytest.mark.parametrize("blocker", [0, 1])
@travelling
async def test_a_block_ends_the_chat_and_the_two_never_meet_again(blocker: int) -> None:
    house = House(policy=AT_ONCE)
    callers = await chatting(house)
    one, other = callers[blocker], callers[1 - blocker]
    assert await one.ask("block") == OK
    assert one.heard() == []
    assert other.heard() == [["partnerLeft", {"partnerId": one.person.id}]]
    assert one.person.chat is other.person.chat is None
    assert one.person.ticket is other.person.ticket is None
    assert house.desk.tables()["chats"] == 0
    assert await never_meet(one, other)


@travelling
async def test_without_a_block_they_do() -> None:
    """Without this, a lobby that pairs nobody would pass."""
    one, other = await chatting(House(policy=AT_ONCE))
    await part(one, other)
    assert not await never_meet(one, other)


@travelling
async def test_a_block_needs_no_acknowledgement() -> None:
    house = House()
    one, other = await chatting(house)
    one.say("block")
    await lasting(1)
    assert one.heard() == []
    assert other.heard() == [PARTED]
    assert not house.safety.may_meet("ana", "ben")


@travelling
async def test_a_block_acts_before_it_is_stored() -> None:
    """Nobody has to bear somebody for as long as a disk takes."""
    vault = Vault()
    house = House(casework=vault, policy=AT_ONCE)
    one, other = await chatting(house)
    one.line.receiver.text('42["block"]')
    assert other.heard() == [PARTED]
    assert await never_meet(one, other)
    assert vault.blocks == []
    vault.open.set()
    await lasting(0)
    assert vault.blocks == [("ana", "ben")]


@travelling
async def test_a_second_block_changes_nothing() -> None:
    vault = Vault()
    vault.open.set()
    house = House(casework=vault)
    one, other = await chatting(house)
    for _ in range(2):
        assert await one.ask("block") == OK
    assert other.heard() == [PARTED]
    assert vault.blocks == [("ana", "ben")] * 2  # keeping it twice is the casework's to make harmless


@travelling
async def test_who_was_blocked_is_not_told_so() -> None:
    """The one who is blocked sees what a `leaveChat` looks like, and nothing else."""
    house = House()
    one, other = await chatting(house)
    await one.ask("block")
    heard = other.heard()
    third = house.enter("cem")
    await house.chat(third, other)
    await part(third)
    assert heard == [PARTED]
    assert other.heard() == [["partnerLeft", {"partnerId": third.person.id}]]


@travelling
async def test_a_block_of_an_earlier_chat_ends_the_one_that_runs_with_the_same_person() -> None:
    house = House(policy=AT_ONCE)
    one, other = await chatting(house)
    await part(one, other)
    await house.chat(one, other)
    assert await one.ask("block", {"chatId": "chat1"}) == OK
    assert one.person.chat is None
    assert other.heard() == [PARTED]


@travelling
async def test_a_block_of_an_earlier_partner_leaves_the_chat_that_runs() -> None:
    house = House()
    ana, ben = await chatting(house)
    await part(ana, ben)
    cem = house.enter("cem")
    await house.chat(ana, cem)
    assert await ana.ask("block", {"chatId": "chat1"}) == OK
    assert ana.person.partner is cem.person
    assert cem.heard() == ben.heard() == []
    assert not house.safety.may_meet("ben", "ana")
    assert house.safety.may_meet("ana", "cem")


@travelling
async def test_a_block_from_another_tab_ends_the_chat_too() -> None:
    house = House()
    one, other = await chatting(house)
    tab = house.enter("ana")
    tab.heard()
    assert await tab.ask("block", {"chatId": "chat1"}) == OK
    assert other.heard() == [PARTED]
    assert one.heard() == [["seatTaken", {}]]
    assert tab.heard() == []
    assert one.person.chat is None


@travelling
async def test_a_block_in_the_turn_in_which_the_partner_leaves_means_the_one_who_left() -> None:
    """The next chat has begun already, but its `chatStart` cannot have been read yet."""
    house = House()
    ana, ben = await chatting(house)
    cem, dan = house.enter("cem"), house.enter("dan")
    ben.call("next")  # both are queued again
    dan.call("findChat")  # and meets ben, who asked first
    cem.call("findChat")
    assert ana.person.partner is cem.person
    assert await ana.ask("block") == OK
    assert not house.safety.may_meet("ana", "ben")
    assert house.safety.may_meet("ana", "cem")
    assert ana.person.partner is cem.person


@travelling
async def test_guests_can_block_and_be_blocked_as_long_as_they_are_here() -> None:
    house = House(policy=AT_ONCE)
    for one, other in ((None, "ben"), ("ana", None), (None, None)):
        callers = await chatting(house, one, other)
        assert await callers[0].ask("block") == OK
        assert await never_meet(*callers)
        for caller in callers:
            caller.leave()
    await lasting(301)
    assert not any(vars(house.safety).values())  # every table


@travelling
async def test_a_guest_who_has_gone_leaves_nothing_to_be_blocked() -> None:
    """A guest is never met again anyway; a row for each of them would be kept for ever."""
    house = House()
    ana, guest = await chatting(house, "ana", None)
    guest.leave()
    assert await ana.ask("block") == OK
    assert not any(vars(house.safety).values())  # every table


@travelling
async def test_a_block_outlives_every_connection() -> None:
    house = House(policy=AT_ONCE)
    ana, ben = await chatting(house)
    await ana.ask("block")
    for caller in (ana, ben):
        caller.leave()
    await lasting(3000)
    assert await never_meet(house.enter("ana"), house.enter("ben"))


# --- which chat is meant


@on_both
@travelling
async def test_the_running_chat_is_meant_where_none_is_named(event: str, options: dict[str, str]) -> None:
    house = House(casework=(vault := Vault()))
    vault.open.set()
    ana, ben = await chatting(house)
    await part(ben, ana)
    cem = house.enter("cem")
    await house.chat(ana, cem)
    assert await ana.ask(event, options) == OK
    assert (vault.blocks or [(c.reporter.key, c.reported.key) for c in vault.complaints]) == [("ana", "cem")]


@on_both
@travelling
async def test_without_one_the_last_is_meant(event: str, options: dict[str, str]) -> None:
    house = House(casework=(vault := Vault()))
    vault.open.set()
    ana, ben = await chatting(house)
    await part(ben, ana)
    cem = house.enter("cem")
    await house.chat(ana, cem)
    await part(cem, ana)
    ana.call("findChat")  # waiting for the next one
    assert await ana.ask(event, options) == OK
    assert (vault.blocks or [(c.reporter.key, c.reported.key) for c in vault.complaints]) == [("ana", "cem")]


@on_both
@pytest.mark.parametrize("named", [True, False])
@travelling
async def test_a_chat_is_remembered_for_five_minutes_after_its_end(
    event: str, options: dict[str, str], named: bool
) -> None:
    house = House()
    chosen = options | ({"chatId": "chat1"} if named else {})
    ana, ben = await chatting(house)
    await lasting(3000)  # however long it ran
    await part(ben, ana)
    await lasting(299.9)
    assert await ana.ask(event, chosen) == OK
    await lasting(0.2)
    assert ana.call(event, chosen) == NO_CHAT
    ana.heard()
    ana.say(event, chosen)
    assert ana.heard() == [["eventError", {"event": event, "code": "not_in_chat", "message": NO_CHAT["message"]}]]


@on_both
@travelling
async def test_nobody_speaks_of_a_chat_of_others(event: str, options: dict[str, str]) -> None:
    house = House()
    await chatting(house)
    cem = house.enter("cem")
    for chat_id in ("chat1", "chat2", "", "id1"):
        assert cem.call(event, options | {"chatId": chat_id}) == NO_CHAT
    assert cem.call(event, options) == NO_CHAT
    assert house.casework.complaints == []
    assert not any(vars(house.safety).values())  # every table


@on_both
@pytest.mark.parametrize("named", [True, False])
@travelling
async def test_an_account_that_comes_back_speaks_of_the_chat_it_was_in(
    event: str, options: dict[str, str], named: bool
) -> None:
    house = House()
    ana, _ben = await chatting(house)
    ana.leave()
    await lasting(60)
    back = house.enter("ana")
    assert await back.ask(event, options | ({"chatId": "chat1"} if named else {})) == OK


@on_both
@travelling
async def test_a_guest_who_comes_back_is_somebody_else(event: str, options: dict[str, str]) -> None:
    house = House()
    guest, _ben = await chatting(house, None)
    guest.leave()
    back = house.enter()
    assert back.call(event, options | {"chatId": "chat1"}) == NO_CHAT
    assert back.call(event, options) == NO_CHAT


@on_both
@travelling
async def test_both_work_on_a_partner_who_has_gone(event: str, options: dict[str, str]) -> None:
    """Most offenders leave first."""
    house = House()
    ana, ben = await chatting(house)
    ben.leave()
    await lasting(1)
    assert await ana.ask(event, options) == OK


# --- report


@travelling
async def test_a_report_leaves_the_chat_as_it_is() -> None:
    house = House()
    ana, ben = await chatting(house)
    assert await ana.ask("report", {"reason": "threat", "note": "He knows where I live."}) == OK
    assert ana.heard() == ben.heard() == []
    assert ana.person.partner is ben.person
    assert house.casework.complaints == [
        Complaint("chat1", Party("id1", "ana", ANY), Party("id2", "ben", ANY), "threat", "He knows where I live.", None)
    ]


@travelling
async def test_a_report_needs_no_acknowledgement() -> None:
    house = House()
    ana, ben = await chatting(house)
    ana.say("report", SPAM)
    await lasting(1)
    assert ana.heard() == ben.heard() == []
    assert len(house.casework.complaints) == 1


@travelling
async def test_evidence_says_who_said_what_and_when() -> None:
    house = House()
    ana, ben = await chatting(house, "ana", None)
    for caller, text in ((ana, "hello"), (ben, "go away"), (ana, " \N{GRINNING FACE} ")):
        caller.say("sendMessage", text)
        await lasting(10)
    await part(ben, ana)
    await lasting(60)
    assert await ana.ask("report", SPAM | {"evidence": True}) == OK
    (complaint,) = house.casework.complaints
    assert complaint.reported == Party("id2", None, ANY)
    assert complaint.evidence is not None
    start = complaint.evidence[0].at
    assert BEGINNING <= start < BEGINNING + 1
    assert complaint.evidence == (
        Quote(True, "hello", start),
        Quote(False, "go away", start + 10),
        Quote(True, " \N{GRINNING FACE} ", start + 20),
    )


@travelling
async def test_each_side_s_evidence_is_seen_from_that_side() -> None:
    house = House()
    ana, ben = await chatting(house)
    ana.say("sendMessage", "hello")
    for caller in (ana, ben):
        await caller.ask("report", SPAM | {"evidence": True})
    assert [[quote.by_reporter for quote in c.evidence or ()] for c in house.casework.complaints] == [[True], [False]]


@pytest.mark.parametrize("choice", [{}, {"evidence": False}])
@travelling
async def test_nothing_is_kept_of_what_was_said_where_the_reporter_does_not_choose_it(choice: dict[str, bool]) -> None:
    house = House()
    ana, ben = await chatting(house)
    ben.say("sendMessage", "what nobody else is to read")
    assert await ana.ask("report", SPAM | choice) == OK
    assert [complaint.evidence for complaint in house.casework.complaints] == [None]
    assert "nobody else" not in repr(house.casework.complaints)


@travelling
async def test_evidence_of_a_chat_without_a_word_is_empty() -> None:
    house = House()
    ana, _ben = await chatting(house)
    await ana.ask("report", SPAM | {"evidence": True})
    assert [complaint.evidence for complaint in house.casework.complaints] == [()]


@travelling
async def test_evidence_is_the_last_fifty_messages() -> None:
    house = House()
    ana, ben = await chatting(house)
    for number in range(60):
        (ana, ben)[number % 2].say("sendMessage", str(number))
        await lasting(0.2)
    await ana.ask("report", SPAM | {"evidence": True})
    (complaint,) = house.casework.complaints
    assert [quote.text for quote in complaint.evidence or ()] == [str(number) for number in range(10, 60)]


@travelling
async def test_evidence_goes_back_ten_minutes() -> None:
    house = House()
    ana, _ben = await chatting(house)
    for number in range(15):
        ana.say("sendMessage", f"minute {number}")
        await lasting(60)
    await ana.ask("report", SPAM | {"evidence": True})
    (complaint,) = house.casework.complaints
    assert [quote.text for quote in complaint.evidence or ()] == [f"minute {number}" for number in range(6, 15)]


@travelling
async def test_a_refused_or_repeated_message_is_no_evidence() -> None:
    house = House()
    ana, _ben = await chatting(house)
    for text in ("", "once", "once", "x" * 4001):
        ana.call("sendMessage", text, "a1")
    await ana.ask("report", SPAM | {"evidence": True})
    (complaint,) = house.casework.complaints
    assert [quote.text for quote in complaint.evidence or ()] == ["once"]


@travelling
async def test_a_second_report_is_passed_on_like_the_first() -> None:
    """The casework answers it as the first one; see tests/safety/test_reports.py."""
    house = House()
    ana, _ben = await chatting(house)
    for reason in ("spam", "threat"):
        assert await ana.ask("report", {"reason": reason}) == OK
    assert [complaint.chat_id for complaint in house.casework.complaints] == ["chat1"] * 2


@travelling
async def test_nothing_of_a_chat_is_left_after_five_minutes() -> None:
    """Chats are remembered in memory alone, and not for a second longer than somebody may report them."""
    house = House()
    people = [house.enter(name) for name in ("ana", "ben", "cem", None)]
    for one, other in itertools.combinations(people, 2):
        await house.chat(one, other)
        one.say("sendMessage", "hello")
        await part(one, other)
        await lasting(11)
    assert len(house.recollection) == 6
    await lasting(300)
    house.recollection.sweep(house.clock.now())
    assert not any(vars(house.recollection).values())  # every table


# --- answers that come later


@on_both
@travelling
async def test_what_cannot_be_stored_is_refused(event: str, options: dict[str, str]) -> None:
    vault = Vault(broken=True)
    vault.open.set()
    house = House(casework=vault)
    ana, ben = await chatting(house)
    assert await ana.ask(event, options) == NOT_STORED
    ana.heard()
    ana.say(event, options)
    await lasting(1)
    assert ana.heard() == [["eventError", {"event": event, "code": "not_allowed", "message": NOT_STORED["message"]}]]
    assert house.notes.lines[-1] == ("failed", "what a client asked for could not be stored")
    assert house.measures.refusals == {"not_allowed": 2}
    assert ben.line.closing is ana.line.closing is None


@travelling
async def test_a_block_that_could_not_be_stored_holds_as_long_as_the_server_runs() -> None:
    vault = Vault(broken=True)
    vault.open.set()
    ana, ben = await chatting(House(casework=vault, policy=AT_ONCE))
    assert await ana.ask("block") == NOT_STORED
    assert await never_meet(ana, ben)


@pytest.mark.parametrize("broken", [False, True])
@on_both
@travelling
async def test_who_has_gone_hears_no_answer(event: str, options: dict[str, str], broken: bool) -> None:
    vault = Vault(broken)
    house = House(casework=vault)
    ana, _ben = await chatting(house)
    ana.line.receiver.text(f'427["{event}",{{"reason":"spam"}}]')
    ana.leave()
    vault.open.set()
    await lasting(1)
    assert not any(packet.startswith("437") for packet in ana.line.sent)
    assert len(vault.blocks) + len(vault.complaints) == (not broken)  # it is kept all the same


@on_both
@travelling
async def test_who_comes_back_on_the_same_session_hears_no_answer_of_before(
    event: str, options: dict[str, str]
) -> None:
    """DISCONNECT and CONNECT: the new client counts its acknowledgements anew."""
    vault = Vault()
    house = House(casework=vault)
    ana, _ben = await chatting(house)
    ana.line.receiver.text(f'420["{event}",{{"reason":"spam"}}]')
    ana.line.receiver.text("41")
    house.greet(ana, "ana")
    del ana.line.sent[:]
    vault.open.set()
    await lasting(1)
    assert not any(packet.startswith("43") for packet in ana.line.sent)


@travelling
async def test_a_stop_waits_for_what_is_being_stored() -> None:
    vault = Vault()
    house = House(casework=vault)
    ana, _ben = await chatting(house)
    ana.say("report", SPAM)
    waiting = asyncio.create_task(house.gateway.settle(5))
    await lasting(1)
    assert not waiting.done()
    vault.open.set()
    await waiting
    assert len(vault.complaints) == 1


@travelling
async def test_a_stop_waits_no_longer_than_it_may() -> None:
    house = House(casework=Vault())
    ana, _ben = await chatting(house)
    ana.say("report", SPAM)
    await house.gateway.settle(5)
    assert house.clock.now() == pytest.approx(5)


@on_both
@travelling
async def test_both_count_as_other_events(event: str, options: dict[str, str]) -> None:
    house = House()
    ana, _ben = await chatting(house)
    for _ in range(20):
        assert (await ana.ask(event, options))["ok"] is True
    assert ana.call(event, options)["code"] == "rate_limited"
