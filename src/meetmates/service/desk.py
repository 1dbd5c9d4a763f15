"""The use cases of one node. Each takes a step of the rules and tells everybody what came of it."""

from collections.abc import Callable
from itertools import islice
from typing import Any

from meetmates.domain import relay, signalling
from meetmates.domain.chat import Chat
from meetmates.domain.effects import ChatStarted, Effect, Ended, PartnerLeft, QueueStatus, Said
from meetmates.domain.errors import Refusal, Refused
from meetmates.domain.lobby import Lobby, Place
from meetmates.domain.people import Person, Wish
from meetmates.domain.signalling import Signal
from meetmates.domain.tenure import Tenure
from meetmates.ports import Clock, Outbox, Party, Recollection, Safety
from meetmates.service.measures import Measures
from meetmates.service.presence import Presence

REPORT_SLICE = 500  # people told their place in the queue in one go


class Desk:
    """Where everything that a client can ask for is done. `new_id` gives socket ids that nobody can guess."""

    def __init__(
        self,
        lobby: Lobby,
        tenure: Tenure,
        safety: Safety,
        recollection: Recollection,
        outbox: Outbox,
        clock: Clock,
        presence: Presence,
        measures: Measures,
        new_id: Callable[[], str],
        soon: Callable[[Callable[[], None]], object],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """`soon` makes its argument happen once everything told in this turn of the loop is written.

        `wake` is called whenever `next_due` may have come nearer.
        """
        self.lobby = lobby
        self.tenure = tenure
        self._safety = safety
        self._recollection = recollection
        self._outbox = outbox
        self._clock = clock
        self.presence = presence
        self._measures = measures
        self._new_id = new_id
        self._soon = soon
        self.wake = wake
        self._reports: list[QueueStatus] = []

    # --- coming and going

    def connect(
        self,
        link: Any,
        account: str | None,
        email: str | None,
        pool: str,
        expires_at: float | None,
        session: str | None = None,
    ) -> Person:
        """Lets somebody in. `expires_at` is the end of the token, in seconds since the epoch; `session` its sign-in."""
        now = self._clock.now()
        person, effects = self.lobby.connect(self._new_id(), link, account=account, email=email, pool=pool, now=now)
        person.session = session
        if expires_at is not None:
            self.tenure.hold(person, expires_at, self._clock.wall(), now)
            self.wake()
        self._measures.connections_total += 1
        self.tell(effects)
        return person

    def welcome(self, person: Person) -> None:
        """Tells the newcomer, at once, and everybody else, in a while, how many are here."""
        self.presence.arrived(person)

    def disconnect(self, person: Person) -> None:
        """Somebody has gone, for whatever reason."""
        effects = self.lobby.disconnect(person, self._clock.now())
        self.tenure.release(person)
        if person.account is None:
            self._safety.forget(person.id)
        self.tell(effects)
        self.presence.changed()
        self.wake()

    def lose(self, person: Person) -> None:
        """Somebody's connection was lost, and may come back within the grace."""
        self.tell(self.lobby.lose(person, self._clock.now()))
        self.presence.changed()
        self.wake()

    def come_back(
        self, person: Person, expires_at: float | None, session: str | None = None, *, behind: bool = False
    ) -> None:
        """Somebody is back, with a token that may be another one of the same account.

        `behind`: whoever has not heard yet how the chat has changed; `catch_up` follows.
        """
        now = self._clock.now()
        person.session = session
        if expires_at is not None:
            self.tenure.hold(person, expires_at, self._clock.wall(), now)
        self._measures.connections_total += 1
        self.tell(self.lobby.come_back(person, now, behind))
        self.wake()

    def catch_up(self, person: Person) -> None:
        """Somebody who is back has heard of everything, and now hears how many are here."""
        self.lobby.catch_up(person)
        self.welcome(person)

    def renew(self, person: Person, expires_at: float, session: str | None = None) -> None:
        """A fresh token for somebody who is here."""
        person.session = session
        self.tenure.renew(person, expires_at, self._clock.wall(), self._clock.now())
        self.wake()

    # --- seeking

    def seek(self, person: Person, wish: Wish, reports: bool) -> Place:
        """`findChat`; `reports` asks for the place in the queue from now on."""
        person.reports = reports
        place, effects = self.lobby.seek(person, wish, self._clock.now())
        self.tell(effects)
        self.wake()
        return place

    def next(self, person: Person, reports: bool) -> Place:
        """`next`."""
        person.reports = reports
        place, effects = self.lobby.next(person, self._clock.now())
        self.tell(effects)
        self.wake()
        return place

    def cancel(self, person: Person) -> None:
        """`cancelSearch`."""
        self.tell(self.lobby.cancel(person, self._clock.now()))

    def leave(self, person: Person) -> None:
        """`leaveChat`."""
        self.tell(self.lobby.leave(person, self._clock.now()))
        self.wake()

    # --- talking

    def say(self, person: Person, text: str, client_id: str | None) -> Said:
        """`sendMessage`."""
        self._check_muted(person.key)
        said = relay.say(person, text, client_id)
        if not relay.is_repeat(said):
            self._recollection.note(said.chat.id, person.id, text, self._clock.now())
            self._outbox.say(said)
        return said

    def typing(self, person: Person, on: bool) -> None:
        """`typing`."""
        self._outbox.deliver((relay.typing(person, on),))

    def media(self, person: Person, audio: bool, video: bool, screen: bool) -> None:
        """`mediaState`."""
        self._outbox.deliver((relay.media(person, audio, video, screen),))

    def keep_in_touch(self, person: Person, yes: bool) -> None:
        """`keepInTouch`."""
        self._outbox.deliver(relay.keep_in_touch(person, yes))

    def ready(self, person: Person) -> None:
        """`ready-to-connect`."""
        self._outbox.deliver(signalling.ready(person))

    def signal(self, person: Person, signal: Signal, payload: Any, size: int) -> None:
        """`webrtc-offer`, `webrtc-answer`, `ice-candidate`."""
        self._outbox.deliver(signalling.signal(person, signal, payload, size))

    # --- time

    def tick(self) -> None:
        """Whatever time alone makes happen."""
        now = self._clock.now()
        self.tell(self.lobby.tick(now))
        self.tell(self.tenure.tick(now))

    def next_due(self) -> float | None:
        """When `tick` has something to do, on the steady clock, or None."""
        times = (self.lobby.next_due(self._clock.now()), self.tenure.next_due())
        return min((due for due in times if due is not None), default=None)

    def report(self) -> bool:
        """Tells some more of those who asked where they stand; true when there are others left."""
        if not self._reports:
            self._reports = list(self.lobby.report())[::-1]
        part = self._reports[-REPORT_SLICE:]
        del self._reports[-REPORT_SLICE:]
        self._outbox.deliver(status for status in islice(reversed(part), REPORT_SLICE) if status.to.ticket is not None)
        return bool(self._reports)

    def tables(self) -> dict[str, int]:
        """The number of rows in every table that a connection may stand in."""
        return {**self.lobby.tables(), "tokens": len(self.tenure)}

    def _check_muted(self, key: str) -> None:
        until = self._safety.standing(key).muted_until
        if until is not None and (left := until - self._clock.wall()) > 0:
            raise Refused(Refusal.MUTED, retry_after=left)

    def tell(self, effects: list[Effect]) -> None:
        """Tells everybody what happened, and notes what has to be noted of it."""
        if not effects:
            return
        parted = False
        for effect in effects:
            if isinstance(effect, PartnerLeft):
                parted = True
                self._recollection.end(effect.chat_id, self._clock.now())
            elif isinstance(effect, ChatStarted):
                self._measures.chats_total += 1
                self._begin(effect.chat)
                for waited in effect.waited:
                    self._measures.waiting.observe(waited)
            elif isinstance(effect, Ended):
                self.tenure.release(effect.to)
        self._outbox.deliver(effects)
        if parted:  # asked for behind the writing of what was just delivered
            self._soon(self.lobby.end_turn)
            self.wake()

    def _begin(self, chat: Chat) -> None:
        one, other = (Party(person.id, person.account, chat.name_of(person)) for person in chat.members)
        self._recollection.begin(chat.id, (one, other))
