"""The use cases of safety: somebody blocks or reports a partner, and somebody is stopped."""

from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from meetmates.domain.effects import Effect, Ended, Sanctioned
from meetmates.domain.errors import Ending, Refusal, Refused
from meetmates.domain.lobby import Lobby
from meetmates.domain.people import Person
from meetmates.ports import Casework, Clock, Complaint, Line, Party, Quote, Recollection, Remembered, Safety

ENDINGS = {"suspension": Ending.SUSPENDED, "ban": Ending.BANNED}  # the steps of the ladder that end a connection


class Steward:
    """What people may do about a partner, and what happens at once to those who are here when others decide."""

    def __init__(
        self,
        lobby: Lobby,
        safety: Safety,
        recollection: Recollection,
        casework: Casework,
        clock: Clock,
        tell: Callable[[list[Effect]], None],
    ) -> None:
        """`tell` tells people what happened."""
        self._lobby = lobby
        self._safety = safety
        self._recollection = recollection
        self._casework = casework
        self._clock = clock
        self._tell = tell

    # --- what people do

    def block(self, person: Person, chat_id: str | None) -> Coroutine[Any, Any, None]:
        """`block`: acts at once, in both directions; what is returned keeps it for ever. Raises `Refused`."""
        chat = self._chat_of(person, chat_id)
        mine, theirs = _sides(chat, person)
        if theirs.account is not None or theirs.id in self._lobby.people:  # a guest who has gone is never met again
            self._safety.block(mine.key, theirs.key)
        self._tell(self._lobby.separate(person, theirs.key, self._clock.now()))
        return self._casework.block(mine, theirs)

    def report(
        self, person: Person, chat_id: str | None, reason: str, note: str | None, evidence: bool
    ) -> Coroutine[Any, Any, None]:
        """`report`: what is returned keeps it. Raises `Refused`."""
        chat = self._chat_of(person, chat_id)
        mine, theirs = _sides(chat, person)
        quotes = tuple(self._quotes(chat.lines, mine)) if evidence else None
        return self._casework.report(Complaint(chat.chat_id, mine, theirs, reason, note, quotes))

    # --- what is done to them

    def sanctioned(self, account: str, kind: str, reason: str, until: float | None) -> None:
        """Tells every connection of `account`, and ends it where the step says so.

        `until`: seconds since the epoch. Somebody who was reported as a guest is known by the socket id.
        """
        for person in self._connections(account):
            self._tell([Sanctioned(person, kind, reason, until)])
            if kind in ENDINGS:
                self._end(person, ENDINGS[kind])

    def signed_out(self, session: str) -> None:
        """The sign-in is over: so is every connection that came in with it."""
        for person in list(self._lobby.people.values()):
            if person.session == session:
                self._end(person, Ending.SIGNED_OUT)

    def account_gone(self, account: str) -> None:
        """The account was deleted, or belongs nowhere any more."""
        for person in self._connections(account):
            self._end(person, Ending.ACCOUNT_GONE)

    # --- one level below

    def _connections(self, account: str) -> list[Person]:
        seat = self._lobby.accounts.get(account)
        if seat is not None:
            return list(seat.connections)
        guest = self._lobby.people.get(account)
        return [guest] if guest is not None and guest.account is None else []

    def _end(self, person: Person, ending: Ending) -> None:
        self._tell([*self._lobby.disconnect(person, self._clock.now()), Ended(person, ending)])

    def _chat_of(self, person: Person, chat_id: str | None) -> Remembered:
        """The chat that is meant, if `person` was in it."""
        now = self._clock.now()
        if chat_id is None:
            running = None if person.parting else person.chat  # what is said while parting means the chat before
            chat_id = running.id if running is not None else self._recollection.last(person.key, now)
        chat = None if chat_id is None else self._recollection.find(chat_id, now)
        if chat is None or person.key not in (party.key for party in chat.parties):
            raise Refused(Refusal.NOT_IN_CHAT, "You were in no such chat in the last five minutes.")
        return chat

    def _quotes(self, lines: Iterable[Line], reporter: Party) -> Iterable[Quote]:
        ahead = self._clock.wall() - self._clock.now()
        return (Quote(line.sender == reporter.id, line.text, line.at + ahead) for line in lines)


def _sides(chat: Remembered, person: Person) -> tuple[Party, Party]:
    """The party of `person`, and the other one."""
    one, other = chat.parties
    return (one, other) if one.key == person.key else (other, one)
