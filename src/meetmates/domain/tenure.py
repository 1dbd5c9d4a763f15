"""How long a token carries a connection: a warning before its end, and mercy for pages that cannot renew it."""

from dataclasses import dataclass

from meetmates.domain.agenda import Agenda, Entry
from meetmates.domain.chat import Chat
from meetmates.domain.effects import Effect, Ended, TokenExpiring
from meetmates.domain.errors import Ending
from meetmates.domain.people import Person

WARN_BEFORE = 60.0  # seconds before the end of the token
LEEWAY = 30.0  # seconds after it, as everywhere with tokens
MERCY = 3600.0  # seconds at most that a running chat goes on with a page that knows no refreshToken
RECHECK = 1.0  # seconds between two looks at such a chat


@dataclass(slots=True)
class _Term:
    person: Person
    expires_at: float  # seconds since the epoch
    ends_at: float  # of the steady clock, leeway included
    warned: bool = False
    chat: Chat | None = None  # the one that may be finished


class Tenure:
    """The tokens of everybody who is connected with one."""

    def __init__(self) -> None:
        self._agenda: Agenda[_Term] = Agenda()
        self._entries: dict[Person, Entry[_Term]] = {}
        self._renewers: set[Person] = set()

    def hold(self, person: Person, expires_at: float, wall: float, now: float) -> None:
        """`person` has a token that ends at `expires_at`; a newer one takes the place of an older one."""
        self._cancel(person)
        left = expires_at - wall
        self._put(now + max(left - WARN_BEFORE, 0.0), _Term(person, expires_at, now + left + LEEWAY))

    def renew(self, person: Person, expires_at: float, wall: float, now: float) -> None:
        """`person` sent `refreshToken`: it knows how to stay, and gets no mercy later.

        A token that ends when the one before it does changes nothing: its end has been told, or will be.
        """
        self._renewers.add(person)
        entry = self._entries.get(person)
        if entry is None or entry.item is None or entry.item.expires_at != expires_at:
            self.hold(person, expires_at, wall, now)

    def release(self, person: Person) -> None:
        """`person` has gone."""
        self._cancel(person)
        self._renewers.discard(person)

    def tick(self, now: float) -> list[Effect]:
        """Warnings and ends that are due. The shell ends the connections, and with them come `release`."""
        effects: list[Effect] = []
        while (term := self._agenda.pop(now)) is not None:
            del self._entries[term.person]
            effects += self._turn(term, now)
        return effects

    def next_due(self) -> float | None:
        """When `tick` has something to do, or None."""
        return self._agenda.next_due()

    def __len__(self) -> int:
        return len(self._entries)

    def _turn(self, term: _Term, now: float) -> list[Effect]:
        if not term.warned:
            term.warned = True
            self._put(term.ends_at, term)
            return [TokenExpiring(term.person, term.expires_at)]
        if self._has_mercy(term, now):
            self._put(now + RECHECK, term)
            return []
        return [Ended(term.person, Ending.TOKEN_EXPIRED)]

    def _has_mercy(self, term: _Term, now: float) -> bool:
        person = term.person
        if person in self._renewers or person.chat is None or now >= term.ends_at + MERCY:
            return False
        if term.chat is None:
            term.chat = person.chat
        return term.chat is person.chat

    def _put(self, due: float, term: _Term) -> None:
        self._entries[term.person] = self._agenda.add(due, term)

    def _cancel(self, person: Person) -> None:
        if (entry := self._entries.pop(person, None)) is not None:
            self._agenda.cancel(entry)
