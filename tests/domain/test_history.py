"""Any history of any people, held against what must always be true (docs/protocol.md, "Pairing")."""

import os
import random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from meetmates.domain import relay
from meetmates.domain.effects import ChatStarted, Effect, KeptInTouch, PartnerBack, PartnerLeft, PartnerReconnecting
from meetmates.domain.errors import Refused
from meetmates.domain.matching import Policy
from meetmates.domain.people import Person, State
from tests.domain.room import Room

HISTORIES = int(os.environ.get("MEETMATES_TEST_HISTORIES", "10000"))
GRACE = Policy().resume_grace
NAMES = [f"p{number}" for number in range(9)]
INTERESTS = ["chess", "golf", "tea"]


class Checker:
    """Keeps a record of its own of who waits and who overtook whom, and finds fault."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.overtaken: dict[str, int] = {}
        self.parted: dict[frozenset[str], float] = {}
        self.willing: dict[str, set[str]] = {}  # who would keep in touch, by chat
        self.in_touch: set[str] = set()  # chats

    def check(self) -> None:
        """Everything that must hold between any two steps."""
        room = self.room
        for name, person in room.people.items():
            partner = person.partner
            assert (person.state is State.CHATTING) == (partner is not None) == (person.chat is not None)
            assert (person.state is State.WAITING) == (person.ticket is not None)
            if partner is not None:
                assert partner is not person
                assert partner.partner is person
                assert partner.chat is person.chat
                assert partner.id in room.people
                assert partner.seat is not person.seat
                assert partner.pool == person.pool
                assert frozenset((name, partner.id)) not in room.blocked
            if person.state is not State.IDLE:
                assert person.seat.holder is person
        assert room.lobby.away.keys() == {person for person in room.people.values() if person.away}
        assert len(room.lobby.chats) * 2 == sum(person.chat is not None for person in room.people.values())
        assert set(room.lobby.people) == set(room.people)

    def keep_in_touch(self, name: str, yes: bool, told: tuple[KeptInTouch, ...]) -> None:
        """Both learn it once both would, once in a chat, and nobody learns anything else."""
        chat = self.room.people[name].chat
        assert chat is not None
        willing = self.willing.setdefault(chat.id, set())
        (willing.add if yes else willing.discard)(name)
        expected = {}
        if len(willing) == 2 and chat.id not in self.in_touch:
            self.in_touch.add(chat.id)
            one, other = chat.members
            expected = {one.id: (chat.names[1], other.email), other.id: (chat.names[0], one.email)}
        assert {effect.to.id: (effect.name, effect.contact) for effect in told} == expected

    def idle_pairs_left(self) -> list[tuple[str, str]]:
        """Pairs who take anybody, may meet, and still wait: there must be none."""
        matchmaker = self.room.lobby._matchmaker
        waiting = [p for p in self.room.people.values() if p.ticket is not None and p.ticket.open]
        return [
            (one.id, other.id)
            for index, one in enumerate(waiting)
            for other in waiting[index + 1 :]
            if one.pool == other.pool and matchmaker.verdict(one, other, self.room.now).name in ("YES", "LAST_RESORT")
        ]


class History(RuleBasedStateMachine):
    """People come, seek, talk, part and go, in any order, while time passes."""

    @initialize(
        fairness=st.sampled_from([0, 1, 2, 3, 8]),
        blocks=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=6),
    )
    def begin(self, fairness: int, blocks: list[tuple[str, str]]) -> None:
        self.room = Room(Policy(fairness=fairness))
        self.checker = Checker(self.room)
        self.until: dict[str, float] = {}  # when the grace of somebody is over
        self.newest: dict[str, int] = {}  # the number of the newest message of each chat
        self.said: dict[tuple[str, str, str | None], int] = {}
        for one, other in blocks:
            if one != other:
                self.room.block(one, other)

    @rule(name=st.sampled_from(NAMES), account=st.sampled_from([None, None, "a", "b"]), pool=st.sampled_from("xxy"))
    def enter(self, name: str, account: str | None, pool: str) -> None:
        if name not in self.room.people:
            email = f"{account}@college.edu" if account else None
            self.room.enter(name, account=account, pool="x" if account else pool, email=email)

    @rule(name=st.sampled_from(NAMES))
    def exit(self, name: str) -> None:
        if name in self.room.people:
            partner = self.room.partner(name)
            mark = len(self.room.log)
            self.room.exit(name)
            told = [effect for effect in self.room.log[mark:] if isinstance(effect, PartnerLeft)]
            assert [effect.to.id for effect in told] == ([] if partner is None else [partner])

    @rule(
        name=st.sampled_from(NAMES),
        video=st.booleans(),
        interests=st.sets(st.sampled_from(INTERESTS), max_size=2),
    )
    def seek(self, name: str, video: bool, interests: set[str]) -> None:
        if name in self.room.people:
            self.room.seek(name, *interests, video=video)

    @rule(name=st.sampled_from(NAMES), what=st.sampled_from(["next", "cancel", "leave"]))
    def act(self, name: str, what: str) -> None:
        person = self.room.people.get(name)
        if person is None:
            return
        before = (person.state, person.partner, person.ticket)
        mark = len(self.room.log)
        try:
            getattr(self.room, what)(name)
        except Refused:
            assert (person.state, person.partner, person.ticket) == before
            assert len(self.room.log) == mark

    @rule(name=st.sampled_from(NAMES), yes=st.booleans())
    def keep_in_touch(self, name: str, yes: bool) -> None:
        person = self.room.people.get(name)
        if person is None:
            return
        if person.chat is None:
            with pytest.raises(Refused):
                self.room.keep_in_touch(name, yes)
        else:
            self.checker.keep_in_touch(name, yes, self.room.keep_in_touch(name, yes))

    @rule(name=st.sampled_from(NAMES))
    def lose(self, name: str) -> None:
        if name in self.room.people:
            partner, was_away = self.room.partner(name), self.room.people[name].away
            mark = len(self.room.log)
            self.room.lose(name)
            told = [effect.to.id for effect in self.room.log[mark:] if isinstance(effect, PartnerReconnecting)]
            assert told == ([] if partner is None or was_away else [partner])
            self.until.setdefault(name, self.room.now + GRACE)

    @rule(name=st.sampled_from(NAMES), behind=st.booleans())
    def come_back(self, name: str, behind: bool) -> None:
        person = self.room.people.get(name)
        if person is not None:
            before = (person.state, person.partner, person.ticket)
            was_away = person.away
            mark = len(self.room.log)
            self.room.come_back(name, behind=behind)
            self.until.pop(name, None)
            assert (person.state, person.partner, person.ticket, person.away) == (*before, False)
            told = [effect.to for effect in self.room.log[mark:] if isinstance(effect, PartnerBack)]
            assert told == ([] if person.partner is None or not was_away else [person.partner])

    @rule(name=st.sampled_from(NAMES))
    def catch_up(self, name: str) -> None:
        if name in self.room.people:
            self.room.catch_up(name)

    @rule(name=st.sampled_from(NAMES), client_id=st.sampled_from([None, "c1", "c2"]))
    def say(self, name: str, client_id: str | None) -> None:
        person = self.room.people.get(name)
        if person is None:
            return
        try:
            said = self.room.say(name, "hello", client_id)
        except Refused:
            assert person.chat is None or person.parting
            return
        again = self.said.get((said.chat.id, name, client_id)) if client_id is not None else None
        assert said.seq == (again or self.newest.get(said.chat.id, 0) + 1)
        assert relay.is_repeat(said) == (again is not None)
        self.newest[said.chat.id] = max(said.seq, self.newest.get(said.chat.id, 0))
        self.said[said.chat.id, name, client_id] = said.seq

    @rule(seconds=st.sampled_from([0.1, 1.0, 2.0, 5.0, 10.0]))
    def wait(self, seconds: float) -> None:
        self.room.wait(seconds)

    @invariant()
    def everything_agrees(self) -> None:
        if not hasattr(self, "room"):
            return
        self.checker.check()
        self.until = {name: end for name, end in self.until.items() if name in self.room.people}
        for name, end in self.until.items():
            assert self.room.people[name].away
            assert end > self.room.now
        if self.room.lobby.next_due(self.room.now) is None:
            assert self.checker.idle_pairs_left() == []
        self._watch_parting()
        self.room.log = []

    def _watch_parting(self) -> None:
        """Nobody is given back the last partner within ten seconds."""
        last: dict[Person, Person] = {}
        for effect in self.room.log:
            if isinstance(effect, ChatStarted):
                one, other = effect.chat.members
                assert last.get(one) is not other
                assert last.get(other) is not one
            elif isinstance(effect, PartnerLeft):
                _part(last, effect, self.room)

    def teardown(self) -> None:
        if not hasattr(self, "room"):
            return
        self.room.exit(*[name for name, person in self.room.people.items() if not person.away])
        self.room.wait(GRACE)  # nobody is left of those who stay away
        assert not self.room.people
        self.room.wait(10.0)
        assert not any(self.room.lobby.tables().values())
        assert self.room.lobby.next_due(self.room.now) is None


def _part(last: dict[Person, Person], effect: PartnerLeft, room: Room) -> None:
    other = room.people.get(effect.left_id)
    if other is not None:
        last[effect.to], last[other] = other, effect.to


TestHistory = History.TestCase
TestHistory.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=25,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("fairness", [0, 1, 2, 5, 8])
def test_nobody_is_overtaken_beyond_the_bound(fairness: int) -> None:
    """Crowds of seekers with wishes of all kinds: the record of who was served when is counted afterwards."""
    seed = int(os.environ.get("MEETMATES_TEST_SEED", random.randrange(10**9)))
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(max(20, HISTORIES // 100)):
        _crowd(chance, fairness)


def _crowd(chance: random.Random, fairness: int) -> None:
    room = Room(Policy(fairness=fairness, interest_wait=chance.choice([2.0, 50.0])))
    arrived: list[str] = []
    served: set[str] = set()
    overtaken: dict[str, int] = {}
    for number in range(chance.randrange(10, 80)):
        name = f"s{number}"
        room.enter(name)
        arrived.append(name)
        room.seek(name, *chance.sample("abcdefgh", chance.choice([0, 0, 1, 2])), video=chance.random() < 0.4)
        if chance.random() < 0.2:
            room.wait(chance.random() * 3)
        _count(room.log, arrived, served, overtaken)
        room.log = []
    assert max(overtaken.values(), default=0) <= fairness


def _count(log: list[Effect], arrived: list[str], served: set[str], overtaken: dict[str, int]) -> None:
    for effect in log:
        if not isinstance(effect, ChatStarted):
            continue
        members = {member.id for member in effect.chat.members}
        served |= members
        for member in members:
            for elder in arrived[: arrived.index(member)]:
                if elder not in served:
                    overtaken[elder] = overtaken.get(elder, 0) + 1


def test_both_press_next_in_the_same_turn_ten_thousand_times() -> None:
    """Each gets exactly one `partnerLeft`, and both are in one chat again."""
    room = Room(Policy(rematch_after=0.0))
    room.enter("ana", "ben")
    room.seek("ana")
    room.seek("ben")
    for _ in range(10_000):
        room.log = []
        with room.one_turn():
            room.next("ana")
            room.next("ben")
        left = [effect.to.id for effect in room.log if isinstance(effect, PartnerLeft)]
        assert sorted(left) == ["ana", "ben"]
        assert room.pairs() == {frozenset(("ana", "ben"))}


def test_a_whole_room_presses_next_in_the_same_turn() -> None:
    """Each press is about the chat that its sender could know of: nobody's new chat ends by it."""
    room = Room(Policy(rematch_after=60.0))
    room.enter(*(f"p{number}" for number in range(40)))
    for name in room.people:
        room.seek(name)
    for _ in range(250):
        room.log = []
        room.now += 61.0
        with room.one_turn():
            for name in room.people:
                room.next(name)
        left = [effect.to.id for effect in room.log if isinstance(effect, PartnerLeft)]
        assert len(left) == len(set(left)) == 20
