"""Who meets whom. The cost of a match does not depend on how many wait.

Hard rules (a seat's own tabs, pools, blocks, the last partner within `rematch_after`) are never broken. Soft ones
(video with video, shared interests, patience for them) give way before anybody is overtaken by more than `fairness`
later arrivals.

Everyone who waits stands in three kinds of lines: the pool's queue in order of arrival; the open line of its medium,
once it would take anybody; a line for each of its tags. People in the open lines are there because no two of them may
meet, so a newcomer looks through the first few at once and through the rest a slice at a time (`advance`).
"""

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice

from meetmates.domain.line import Line, Node
from meetmates.domain.people import Person, Seat, Wish

GLANCE = 8  # people looked at in one go, in each line; keeps the cost of a match constant
GUARDED = 16  # the eldest of a pool whose overtakings are counted one by one
NEAR = 50  # people counted to tell a place in the queue exactly
SMOOTHING = 0.1  # weight of the newest wait in the estimate


@dataclass(frozen=True, slots=True)
class Policy:
    """Times in seconds; `fairness` is the number of later arrivals that may be served before anybody."""

    rematch_after: float = 10.0
    interest_wait: float = 2.0
    fairness: int = 8
    resume_grace: float = 15.0  # how long somebody who was lost keeps everything


class Ticket:
    """A place in the queue."""

    __slots__ = (
        "counted",
        "hurried",
        "joined_at",
        "nodes",
        "number",
        "open",
        "passed",
        "person",
        "pool",
        "position",
        "rest",
        "rests_left",
        "retry_at",
        "wish",
    )

    def __init__(self, number: int, person: Person, wish: Wish, pool: "Pool", joined_at: float) -> None:
        self.number = number  # order of arrival
        self.person = person
        self.wish = wish
        self.pool = pool
        self.joined_at = joined_at
        self.passed = 0  # later arrivals that were served before
        self.position = 0  # from 1; as it was at the time of joining or of the last report
        self.counted = pool.queue.size < GUARDED  # False while too far behind for `passed` to be kept up to date
        self.open = False  # takes anybody now
        self.hurried = False  # because it was overtaken enough: it looks for shared interests no more
        self.retry_at: float | None = None  # when a last partner stops being off limits
        self.nodes: list[Node[Ticket]] = []
        self.rest: Node[Ticket] | None = None  # where the look through an open line goes on
        self.rests_left: list[Line[Ticket]] = []  # open lines not looked at yet

    @property
    def waits(self) -> bool:
        """False once the ticket was served or given up."""
        return bool(self.nodes)


class Pool:
    """The people of one campus who wait."""

    __slots__ = ("bound", "key", "open", "queue", "tags")

    def __init__(self, key: str) -> None:
        self.key = key
        self.queue: Line[Ticket] = Line()
        self.open: dict[bool, Line[Ticket]] = {False: Line(), True: Line()}
        self.tags: dict[str, Line[Ticket]] = {}
        self.bound = 0  # nobody behind the guarded ones was overtaken more often

    def position(self, ticket: Ticket) -> int:
        """The place of `ticket`, from 1: exact near the front, else as it was when last told."""
        for position, other in enumerate(islice(self.queue, NEAR), 1):
            if other is ticket:
                return position
        return ticket.position

    def guarded(self, newest: int) -> list[Ticket]:
        """The eldest, with `passed` true for each. `newest` is the number of the newest ticket of all.

        Whoever comes from behind takes over the bound: an elder is never overtaken less often than a younger one.
        """
        tickets: list[Ticket] = []
        node = self.queue.eldest
        while node is not None and len(tickets) < GUARDED + 2:  # two of them may be about to be served
            ticket = node.item
            if not ticket.counted:
                ticket.counted = True
                ticket.passed = min(self.bound, newest - ticket.number)
            tickets.append(ticket)
            node = node.newer
        return tickets


class Verdict(Enum):
    """Whether two people may meet now."""

    YES = auto()
    LAST_RESORT = auto()  # they met last time, and nobody else fits
    NOT_YET = auto()  # they have only just parted
    NEVER = auto()


# An enumeration looks its members up anew each time they are named.
_YES, _LAST_RESORT, _NOT_YET, _NEVER = Verdict.YES, Verdict.LAST_RESORT, Verdict.NOT_YET, Verdict.NEVER


class Matchmaker:
    """All pools. Times are seconds of one steady clock; `may_meet` is symmetric and says no to blocked pairs."""

    def __init__(self, policy: Policy, may_meet: Callable[[Person, Person], bool]) -> None:
        self._policy = policy
        self._may_meet = may_meet
        self._pools: dict[str, Pool] = {}
        self._patience = policy.interest_wait if policy.fairness >= 2 else 0.0  # a pair is two arrivals
        self._patient: deque[Ticket] = deque()  # the first to lose patience first
        self._retries: list[tuple[float, int, Ticket]] = []
        self._unfinished: deque[Ticket] = deque()
        self._number = 0
        self._mean_wait: dict[str, float] = {}

    @property
    def pools(self) -> dict[str, Pool]:
        """Every pool in which somebody waits."""
        return self._pools

    def join(self, person: Person, wish: Wish, now: float) -> Ticket:
        """Puts `person` behind everyone else of its pool."""
        pool = self._pools.get(person.pool)
        if pool is None:
            pool = self._pools[person.pool] = Pool(person.pool)
        self._number += 1
        ticket = person.ticket = Ticket(self._number, person, wish, pool, now)
        ticket.nodes.append(pool.queue.append(ticket))
        ticket.position = pool.queue.size
        tags = wish.tags
        for tag in tags:
            ticket.nodes.append(pool.tags.setdefault(tag, Line()).append(ticket))
        if tags and self._patience > 0:
            self._patient.append(ticket)
        else:
            self._open(ticket)
        return ticket

    def leave(self, ticket: Ticket) -> None:
        """Takes a ticket out of every line. Harmless when it is out."""
        for node in ticket.nodes:
            assert node.line is not None  # it is taken out here and nowhere else
            node.line.remove(node)
        ticket.nodes = []
        ticket.rest, ticket.rests_left = None, []
        ticket.person.ticket = None
        pool = ticket.pool
        for tag in ticket.wish.tags:
            line = pool.tags.get(tag)
            if line is not None and line.size == 0:
                del pool.tags[tag]
        if pool.queue.size == 0:
            self._pools.pop(pool.key, None)

    def match(self, ticket: Ticket, now: float) -> tuple[Ticket, Ticket] | None:
        """The pair that `ticket` makes possible, the elder first, both taken out of the queue; or None.

        Where `ticket` was about to be given somebody past an elder who has been overtaken enough, the pair has that
        elder in it and may leave `ticket` waiting.
        """
        found = None if ticket.hurried else self._by_tags(ticket, now)
        if found is None and ticket.open:
            ticket.rest, ticket.rests_left = (
                None,
                [ticket.pool.open[ticket.wish.video], ticket.pool.open[not ticket.wish.video]],
            )
            found = self._by_opening(ticket, now)
        return None if found is None else self._serve(ticket, found, now)

    def due(self, now: float) -> list[Ticket]:
        """The tickets for which time has changed something: `match` is worth trying for each, in this order."""
        tickets: list[Ticket] = []
        while self._patient and self._patient[0].joined_at + self._patience <= now:
            ticket = self._patient.popleft()
            if ticket.waits:
                self._open(ticket)
                tickets.append(ticket)
        while self._retries and self._retries[0][0] <= now:
            ticket = heapq.heappop(self._retries)[2]
            if ticket.waits:
                ticket.retry_at = None
                tickets.append(ticket)
        return sorted(tickets, key=lambda ticket: ticket.number)

    def advance(self, now: float, steps: int) -> list[tuple[Ticket, Ticket]]:
        """Goes on with at most `steps` unfinished looks through long lines; the pairs that this found."""
        pairs = []
        for _ in range(min(steps, len(self._unfinished))):
            ticket = self._unfinished.popleft()
            if ticket.waits and (found := self._by_opening(ticket, now)) is not None:
                pairs.append(self._serve(ticket, found, now))
        return pairs

    def next_due(self, now: float) -> float | None:
        """When `due` or `advance` has something to do, or None."""
        if self._unfinished:
            return now
        times = [self._patient[0].joined_at + self._patience] if self._patient else []
        if self._retries:
            times.append(self._retries[0][0])
        return min(times, default=None)

    def estimate(self, pool: str) -> int | None:
        """About how many seconds people of `pool` have waited lately, or None while nobody was served."""
        mean = self._mean_wait.get(pool)
        return None if mean is None else max(1, round(mean))

    def verdict(self, one: Person, other: Person, now: float) -> Verdict:
        """Whether the two may meet at `now`."""
        mine, theirs = one.seat, other.seat
        if mine is theirs or not self._may_meet(one, other):
            return _NEVER
        if mine.last_seat is not theirs and theirs.last_seat is not mine:
            return _YES
        return _NOT_YET if now < _parted_until(mine, theirs) else _LAST_RESORT

    def _open(self, ticket: Ticket) -> None:
        ticket.open = True
        ticket.nodes.append(ticket.pool.open[ticket.wish.video].append(ticket))

    def _by_tags(self, ticket: Ticket, now: float) -> Ticket | None:
        """The best of those who share a tag: the same medium first, then the longest wait."""
        best: Ticket | None = None  # of the same medium
        other_medium: Ticket | None = None
        for tag in ticket.wish.tags:
            node = ticket.pool.tags[tag].eldest
            for _ in range(GLANCE):
                if node is None or (best is not None and best.number < node.item.number):
                    break  # those behind have waited even less
                other = node.item
                node = node.newer
                if other is ticket or not self._fits(ticket, other, now):
                    continue
                if other.wish.video is ticket.wish.video:
                    best = other
                    break
                if other_medium is None or other.number < other_medium.number:
                    other_medium = other
        return best or other_medium

    def _fits(self, ticket: Ticket, other: Ticket, now: float) -> bool:
        verdict = self.verdict(ticket.person, other.person, now)
        if verdict is _NOT_YET:
            self._retry_later(ticket, other)
        return verdict is _YES

    def _by_opening(self, ticket: Ticket, now: float) -> Ticket | None:
        """The first of those who would take anybody. Looks at a glance's worth and leaves the rest for later."""
        last_resort: Ticket | None = None
        for _ in range(GLANCE):
            while ticket.rest is None:
                if not ticket.rests_left:
                    return last_resort
                ticket.rest = ticket.rests_left.pop(0).eldest
            node = ticket.rest
            ticket.rest = node.newer
            other = node.item
            if node.line is None or other is ticket:
                continue
            verdict = self.verdict(ticket.person, other.person, now)
            if verdict is _YES:
                return other
            if verdict is _NOT_YET:
                self._retry_later(ticket, other)
            elif verdict is _LAST_RESORT and last_resort is None:
                last_resort = other
        if last_resort is None:
            self._unfinished.append(ticket)
        return last_resort

    def _retry_later(self, ticket: Ticket, other: Ticket) -> None:
        """Notes that `ticket` is worth another try when `other`, its last partner, is off limits no longer."""
        at = _parted_until(ticket.person.seat, other.person.seat)
        if ticket.retry_at is None or at < ticket.retry_at:
            ticket.retry_at = at
            heapq.heappush(self._retries, (at, ticket.number, ticket))

    def _serve(self, ticket: Ticket, found: Ticket, now: float) -> tuple[Ticket, Ticket]:
        pair = (found, ticket) if found.number < ticket.number else (ticket, found)
        guarded = ticket.pool.guarded(self._number)
        pair = self._fair(pair, guarded, now)
        for served in pair:
            self.leave(served)
        self._learn(now - pair[0].joined_at, ticket.pool.key)
        self._count_overtaken(pair, [other for other in guarded if other.waits])
        return pair

    def _fair(self, pair: tuple[Ticket, Ticket], guarded: list[Ticket], now: float) -> tuple[Ticket, Ticket]:
        """`pair`, or the pair that comes first: the eldest who has been overtaken enough, with one of the two."""
        elder, younger = pair
        enough = self._policy.fairness
        for other in guarded:
            if other.number >= younger.number:
                return pair
            if other.passed + 2 <= enough or other is elder or other.passed + _later(other, pair) <= enough:
                continue
            for one in pair:
                if self.verdict(other.person, one.person, now) in (_YES, _LAST_RESORT):
                    return (other, one) if other.number < one.number else (one, other)
        return pair

    def _count_overtaken(self, pair: tuple[Ticket, Ticket], guarded: list[Ticket]) -> None:
        """Counts for the eldest who were overtaken. One who has been overtaken enough is patient no longer."""
        elder, younger = pair[0].number, pair[1].number
        almost = self._policy.fairness - 1
        for other in guarded:
            if other.number < younger:
                other.passed += 1 if elder < other.number else 2
            if other.passed >= almost and not other.open:
                other.hurried = True
                self._open(other)
                heapq.heappush(self._retries, (float("-inf"), other.number, other))
        if len(guarded) >= GUARDED:
            pair[0].pool.bound = guarded[-1].passed

    def _learn(self, waited: float, pool: str) -> None:
        mean = self._mean_wait.get(pool)
        self._mean_wait[pool] = waited if mean is None else mean + SMOOTHING * (waited - mean)


def _parted_until(one: Seat, other: Seat) -> float:
    """Until when the two, at least one of whom met the other last, may not meet."""
    return max(seat.last_until for seat, last in ((one, other), (other, one)) if seat.last_seat is last)


def _later(ticket: Ticket, pair: tuple[Ticket, Ticket]) -> int:
    """How many of `pair` came after `ticket`."""
    return (pair[0].number > ticket.number) + (pair[1].number > ticket.number)
