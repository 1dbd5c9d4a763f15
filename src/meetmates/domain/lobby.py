"""Everyone who is here, and every rule of coming, seeking, pairing and going.

Each rule takes the time `now` (seconds of one steady clock) and returns what happened, in the order in which people
are to hear of it. On `Refused` nothing has changed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from meetmates.domain.agenda import Agenda, Entry
from meetmates.domain.chat import Chat
from meetmates.domain.effects import (
    ChatStarted,
    Effect,
    Ended,
    PartnerBack,
    PartnerLeft,
    PartnerReconnecting,
    QueueStatus,
    SeatTaken,
    StayedAway,
    Waiting,
)
from meetmates.domain.errors import Ending, Refusal, Refused
from meetmates.domain.matching import Matchmaker, Policy, Ticket
from meetmates.domain.people import Person, Seat, State, Step, Wish

CONNECTIONS_PER_ACCOUNT = 5  # docs/protocol.md, "Handshake"
REPEAT_WINDOW = 5.0  # seconds in which a findChat that echoes a requeueing by the server, or a return, ends nothing
UNFINISHED_STEPS = 64  # long lines looked into in one tick; see Matchmaker.advance


@dataclass(frozen=True, slots=True)
class Place:
    """Where a seeker stands: `position` from 1, 0 when paired at once; `estimate` in seconds, None when unknown."""

    position: int
    estimate: int | None


class Lobby:
    """The tables of one node."""

    def __init__(
        self,
        policy: Policy,
        may_meet: Callable[[Person, Person], bool],
        new_id: Callable[[], str],
        new_names: Callable[[], tuple[str, str]],
    ) -> None:
        """`new_id` gives chat ids that nobody can guess, `new_names` what the two of a chat are called in it."""
        self._policy = policy
        self._matchmaker = Matchmaker(policy, may_meet)
        self._new_id = new_id
        self._new_names = new_names
        self.people: dict[str, Person] = {}
        self.accounts: dict[str, Seat] = {}
        self.chats: dict[str, Chat] = {}
        self.away: dict[Person, Entry[Person]] = {}  # who was lost and may come back
        self._graces: Agenda[Person] = Agenda()
        self._just_parted: list[Person] = []
        self._behind: set[Person] = set()  # who is back, and has not heard yet how its chat changed meanwhile
        self._partings: Agenda[Seat] = Agenda()  # seats whose last partner is to be forgotten
        self._parted: dict[Seat, Entry[Seat]] = {}

    # --- coming and going

    def connect(
        self, id: str, link: Any, *, account: str | None = None, email: str | None = None, pool: str = "", now: float
    ) -> tuple[Person, list[Effect]]:
        """A new connection. The sixth of an account ends the oldest one.

        `id` is the socket id, `link` the shell's handle, `account` None for a guest.
        """
        seat = self.accounts.get(account) if account is not None else None
        if seat is None:
            seat = Seat(account)
            if account is not None:
                self.accounts[account] = seat
        effects: list[Effect] = []
        if len(seat.connections) >= CONNECTIONS_PER_ACCOUNT:
            oldest = seat.connections[0]
            effects = [*self.disconnect(oldest, now), Ended(oldest, Ending.REPLACED)]
        person = Person(id, seat, email, pool, link)
        seat.connections.append(person)
        self.people[id] = person
        return person, effects

    def disconnect(self, person: Person, now: float) -> list[Effect]:
        """The end of a connection, for whatever reason: it leaves nothing in any table. Harmless when it has gone."""
        if person.state is State.GONE:
            return []
        effects = self._vacate(person, Step.DEPART, now)
        self._end_grace(person)
        self._behind.discard(person)
        seat = person.seat
        seat.connections.remove(person)
        if not seat.connections and seat not in self._parted:
            self._clear_seat(seat)
        del self.people[person.id]
        return effects

    def lose(self, person: Person, now: float) -> list[Effect]:
        """The connection of `person` was lost: for the grace everything stays as it is. Harmless when it has gone."""
        if person.away or person.state is State.GONE:
            return []
        person.away = True
        self.away[person] = self._graces.add(now + self._policy.resume_grace, person)
        return [] if person.partner is None else [PartnerReconnecting(person.partner)]

    def come_back(self, person: Person, now: float, behind: bool = False) -> list[Effect]:
        """`person` is here again, with all that it had. Harmless when it was not away.

        A findChat that its page sends with each connection, or kept meanwhile, is an echo, as one of the server's own
        requeueing is: it ends nothing. Somebody who is `behind` has yet to hear that a chat has ended or begun: until
        `catch_up`, what it says was meant for another partner, and reaches nobody.
        """
        person.requeued_at = now
        if behind:
            self._behind.add(person)
            person.parting = True
        else:
            self.catch_up(person)
        if not self._end_grace(person) or person.partner is None:
            return []
        return [PartnerBack(person.partner)]

    def catch_up(self, person: Person) -> None:
        """`person` has heard of everything."""
        if person in self._behind:
            self._behind.discard(person)
            person.parting = False

    # --- seeking

    def seek(self, person: Person, wish: Wish, now: float) -> tuple[Place, list[Effect]]:
        """`findChat`: ends a running chat, joins the queue, pairs when somebody fits."""
        if self._is_echo(person, wish, now):
            return self._place(person), [Waiting(person)] if person.state is State.WAITING else []
        if person.state is State.WAITING and person.seat.wish == wish:
            return self._place(person), [Waiting(person)]  # asking again costs nobody a place
        person.seat.wish = wish
        effects = self._take_seat(person, Step.SEEK, now)
        return self._queue([person], effects, now)

    def next(self, person: Person, now: float) -> tuple[Place, list[Effect]]:
        """`next`: both of a chat join the queue again; without a chat the one who asked joins it."""
        if person.state is State.WAITING:
            return self._place(person), [Waiting(person)]
        partner = person.partner
        if person.parting and partner is not None and person.seat.last_seat is not partner.seat:
            return self._place(person), []  # it was about the chat before, which is over as asked
        effects = self._take_seat(person, Step.NEXT, now)
        if partner is None:
            return self._queue([person], effects, now)
        partner.step(Step.SEEK)
        partner.seat.holder = partner
        partner.requeued_at = now
        return self._queue([person, partner], effects, now)

    def cancel(self, person: Person, now: float) -> list[Effect]:
        """`cancelSearch`: leaves the queue. Refused with `not_allowed` in a chat."""
        return self._vacate(person, Step.CANCEL, now)

    def leave(self, person: Person, now: float) -> list[Effect]:
        """`leaveChat`: ends the chat and queues nobody. Refused with `not_in_chat` outside of one."""
        if person.parting:
            raise Refused(Refusal.NOT_IN_CHAT)  # the chat that was meant is over
        return self._vacate(person, Step.LEAVE, now)

    def separate(self, person: Person, key: str, now: float) -> list[Effect]:
        """Ends the chat that `person`, in whichever of its tabs, has with `key`: a block acts at once."""
        holder = person.seat.holder
        if holder is None or holder.partner is None or holder.partner.key != key:
            return []
        if holder is person:
            return self._vacate(person, Step.LEAVE, now)
        return [*self._vacate(holder, Step.SEAT_TAKEN, now), SeatTaken(holder)]

    # --- time

    def end_turn(self) -> None:
        """Whoever's chat has ended can have heard of it: the shell says so once it has written its news.

        Until then what such a person says was meant for the old partner, and reaches no new one.
        """
        for person in self._just_parted:
            person.parting = person in self._behind
        self._just_parted = []

    def tick(self, now: float) -> list[Effect]:
        """What time alone makes happen.

        Graces and patience that end, last partners who may meet again, long looks that go on.
        """
        effects: list[Effect] = []
        while (person := self._graces.pop(now)) is not None:
            effects += [*self.disconnect(person, now), StayedAway(person)]
        while (seat := self._partings.pop(now)) is not None:
            self._forget_parting(seat)
        for pair in self._matchmaker.advance(now, UNFINISHED_STEPS):
            effects += self._start(pair, now)
        return effects + self._settle(now)

    def next_due(self, now: float) -> float | None:
        """When `tick` has something to do, or None."""
        times = (self._matchmaker.next_due(now), self._partings.next_due(), self._graces.next_due())
        return min((due for due in times if due is not None), default=None)

    def report(self) -> Iterator[QueueStatus]:
        """Where everyone stands who asked to be told. To be consumed in slices, while nothing changes in between."""
        for pool in list(self._matchmaker.pools.values()):
            estimate = self._matchmaker.estimate(pool.key)
            for position, ticket in enumerate(list(pool.queue), 1):
                ticket.position = position
                if ticket.person.reports and ticket.waits:
                    yield QueueStatus(ticket.person, position, estimate)

    def tables(self) -> dict[str, int]:
        """The number of rows in every table that a connection may stand in."""
        people = self.people.values()
        return {
            "connections": len(self.people),
            "people": sum(person.account is not None for person in people),
            "accounts": sum(bool(seat.connections) for seat in self.accounts.values()),
            "partings": len(self._parted),
            "away": len(self.away),
            "waiting": sum(pool.queue.size for pool in self._matchmaker.pools.values()),
            "chats": len(self.chats),
            "video": sum(person.state is not State.IDLE and person.seat.wish.video for person in people),
            "rtc_ready": sum(person.chat is not None and person.chat.is_ready(person) for person in people),
        }

    # --- one level below

    def _is_echo(self, person: Person, wish: Wish, now: float) -> bool:
        """The original page's own findChat, two seconds behind a `partnerLeft` that had queued it already.

        Or that of a page which sends one with every connect, also where everything is still as it was.
        """
        return (
            person.state in (State.WAITING, State.CHATTING)
            and now - person.requeued_at < REPEAT_WINDOW
            and person.seat.wish == wish
        )

    def _take_seat(self, person: Person, step: Step, now: float) -> list[Effect]:
        """Makes `person` the one who holds its seat, out of whatever it or another tab of it was in."""
        effects: list[Effect] = []
        holder = person.seat.holder
        if holder is not None and holder is not person:
            effects += [*self._vacate(holder, Step.SEAT_TAKEN, now), SeatTaken(holder)]
        effects += self._vacate(person, step, now)
        person.seat.holder = person
        return effects

    def _vacate(self, person: Person, step: Step, now: float) -> list[Effect]:
        """Takes `person` out of queue or chat by `step`. The partner, if there is one, is told and stays idle."""
        was_idle = person.state is State.IDLE
        person.step(step)
        if not (was_idle and step is Step.SEEK):  # else another echo of the same requeueing may still be on its way
            person.requeued_at = float("-inf")
        if person.seat.holder is person:
            person.seat.holder = None
        if person.ticket is not None:
            self._matchmaker.leave(person.ticket)
        return [] if person.chat is None else self._end(person.chat, person, now)

    def _end(self, chat: Chat, leaver: Person, now: float) -> list[Effect]:
        partner = leaver.partner
        assert partner is not None  # a chat has two members until here
        for one, other in ((leaver, partner), (partner, leaver)):
            one.chat = one.partner = None
            one.parting = True
            self._just_parted.append(one)
            self._remember_parting(one.seat, other.seat, now)
        partner.step(Step.PARTNER_LEFT)
        partner.seat.holder = None
        del self.chats[chat.id]
        return [PartnerLeft(partner, leaver.id, chat.id)]

    def _queue(self, people: list[Person], effects: list[Effect], now: float) -> tuple[Place, list[Effect]]:
        """Puts `people`, already in the state of waiting, into the queue, the first of them first."""
        tickets = [self._matchmaker.join(person, person.seat.wish, now) for person in people]
        effects += [Waiting(person) for person in people]
        for ticket in tickets:
            effects += self._match(ticket, now)
        effects += self._settle(now)
        return self._place(people[0]), effects

    def _settle(self, now: float) -> list[Effect]:
        """Tries every ticket that time, or being overtaken, has made ready."""
        effects: list[Effect] = []
        while tickets := self._matchmaker.due(now):
            for ticket in tickets:
                effects += self._match(ticket, now)
        return effects

    def _match(self, ticket: Ticket, now: float) -> list[Effect]:
        """Pairs `ticket` if it can; where an elder had to come first, tries again for it."""
        effects: list[Effect] = []
        while ticket.waits and (pair := self._matchmaker.match(ticket, now)) is not None:
            effects += self._start(pair, now)
        return effects

    def _start(self, pair: tuple[Ticket, Ticket], now: float) -> list[Effect]:
        one, other = pair[0].person, pair[1].person
        chat = Chat(self._new_id(), (one, other), self._new_names())
        for person, partner in ((one, other), (other, one)):
            person.step(Step.MATCH)
            person.chat, person.partner = chat, partner
        self.chats[chat.id] = chat
        started = ChatStarted(chat, (now - pair[0].joined_at, now - pair[1].joined_at))
        return [started, *(PartnerReconnecting(to) for to, lost in ((one, other), (other, one)) if lost.away)]

    def _end_grace(self, person: Person) -> bool:
        """False when `person` was not away."""
        if not person.away:
            return False
        person.away = False
        self._graces.cancel(self.away.pop(person))
        return True

    def _place(self, person: Person) -> Place:
        ticket = person.ticket
        if ticket is None:
            return Place(0, 0)
        return Place(ticket.pool.position(ticket), self._matchmaker.estimate(person.pool))

    def _remember_parting(self, seat: Seat, other: Seat, now: float) -> None:
        """Notes the last partner: with the seat while somebody sits on it, and for `rematch_after` in any case."""
        seat.last_seat, seat.last_until = other, now + self._policy.rematch_after
        if seat.account is None:
            return  # a guest's seat goes with the connection
        if (entry := self._parted.pop(seat, None)) is not None:
            self._partings.cancel(entry)
        self._parted[seat] = self._partings.add(seat.last_until, seat)

    def _forget_parting(self, seat: Seat) -> None:
        del self._parted[seat]
        if not seat.connections:
            self._clear_seat(seat)

    def _clear_seat(self, seat: Seat) -> None:
        seat.last_seat = None  # or each seat would keep the one before it in memory, and so on
        if seat.account is not None:
            del self.accounts[seat.account]
