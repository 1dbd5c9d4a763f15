"""A lobby with a clock of its own, and people with names: what makes a test of the rules read like a story."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from meetmates.domain import effects as happened
from meetmates.domain import relay, signalling
from meetmates.domain.effects import Effect
from meetmates.domain.lobby import Lobby, Place
from meetmates.domain.matching import Policy
from meetmates.domain.names import names_of
from meetmates.domain.people import Person, State, Wish
from meetmates.domain.signalling import Signal


class Room:
    """Drives people through a lobby. `log` holds what everybody was told.

    Each step is a turn of the loop of its own; within `one_turn` several happen before anybody can have heard of any.
    """

    def __init__(self, policy: Policy | None = None, may_meet: Callable[[Person, Person], bool] | None = None) -> None:
        ids = count(1)
        self.now = 0.0
        self.blocked: set[frozenset[str]] = set()
        numbers = count()
        self.lobby = Lobby(
            policy or Policy(),
            may_meet or self._may_meet,
            lambda: f"chat{next(ids)}",
            lambda: names_of(next(numbers)),
        )
        self.people: dict[str, Person] = {}
        self.log: list[Effect] = []
        self._in_turn = False

    @contextmanager
    def one_turn(self) -> Iterator[None]:
        """What happens within happens in one turn of the loop."""
        self._in_turn = True
        yield
        self._in_turn = False
        self._told([])

    def _told(self, effects: list[Effect]) -> None:
        self.log += effects
        for effect in effects:
            if isinstance(effect, happened.Ended | happened.StayedAway):
                del self.people[effect.to.id]
        if not self._in_turn:
            self.lobby.end_turn()

    def _may_meet(self, one: Person, other: Person) -> bool:
        return frozenset((one.id, other.id)) not in self.blocked

    def enter(self, *names: str, account: str | None = None, pool: str = "", email: str | None = None) -> None:
        """Connects everybody named."""
        for name in names:
            person, effects = self.lobby.connect(name, name, account=account, email=email, pool=pool, now=self.now)
            self.people[name] = person
            self._told(effects)

    def exit(self, *names: str) -> None:
        """Disconnects everybody named."""
        for name in names:
            self._told(self.lobby.disconnect(self.people.pop(name), self.now))

    def lose(self, *names: str) -> None:
        """The connections of everybody named are lost."""
        for name in names:
            self._told(self.lobby.lose(self.people[name], self.now))

    def come_back(self, name: str, *, behind: bool = False) -> None:
        """And one of them returns."""
        self._told(self.lobby.come_back(self.people[name], self.now, behind))

    def catch_up(self, name: str) -> None:
        """Who is back has heard of everything."""
        self.lobby.catch_up(self.people[name])

    def seek(self, name: str, *interests: str, video: bool = False, language: str | None = None) -> Place:
        """`findChat`."""
        wish = Wish(video, frozenset(interests), language)
        place, effects = self.lobby.seek(self.people[name], wish, self.now)
        self._told(effects)
        return place

    def next(self, name: str) -> Place:
        """`next`."""
        place, effects = self.lobby.next(self.people[name], self.now)
        self._told(effects)
        return place

    def cancel(self, name: str) -> None:
        """`cancelSearch`."""
        self._told(self.lobby.cancel(self.people[name], self.now))

    def leave(self, name: str) -> None:
        """`leaveChat`."""
        self._told(self.lobby.leave(self.people[name], self.now))

    def separate(self, name: str, other: str) -> None:
        """What a block does at once."""
        self._told(self.lobby.separate(self.people[name], other, self.now))

    def say(self, name: str, text: str, client_id: str | None = None) -> happened.Said:
        """`sendMessage`."""
        return relay.say(self.people[name], text, client_id)

    def keep_in_touch(self, name: str, yes: bool = True) -> tuple[happened.KeptInTouch, ...]:
        """`keepInTouch`."""
        return relay.keep_in_touch(self.people[name], yes)

    def ready(self, name: str) -> list[Effect]:
        """`ready-to-connect`."""
        return signalling.ready(self.people[name])

    def signal(self, name: str, signal: Signal, payload: object = "x", size: int = 1) -> list[Effect]:
        """A WebRTC signal."""
        return signalling.signal(self.people[name], signal, payload, size)

    def wait(self, seconds: float) -> None:
        """Lets time pass, and everything that is due happen at its time."""
        end = self.now + seconds
        while (due := self.lobby.next_due(self.now)) is not None and due <= end:
            self.now = max(self.now, due)
            self._told(self.lobby.tick(self.now))
        self.now = end
        self._told(self.lobby.tick(self.now))

    def partner(self, name: str) -> str | None:
        """Who `name` is in a chat with."""
        partner = self.people[name].partner
        return None if partner is None else partner.id

    def state(self, name: str) -> State:
        """Where `name` stands."""
        return self.people[name].state

    def pairs(self) -> set[frozenset[str]]:
        """Everybody who is in a chat, two and two."""
        return {frozenset(member.id for member in chat.members) for chat in self.lobby.chats.values()}

    def heard(self, name: str) -> list[Effect]:
        """What `name` was told, and forgets what was told so far to anybody."""
        mine = [effect for effect in self.log if name in _hearers(effect)]
        self.log = []
        return mine

    def block(self, one: str, other: str) -> None:
        """The two never meet."""
        self.blocked.add(frozenset((one, other)))


def _hearers(effect: Effect) -> list[str]:
    if isinstance(effect, happened.ChatStarted | happened.Said):
        return [member.id for member in effect.chat.members]
    return [effect.to.id]


def kinds(effects: list[Effect]) -> list[str]:
    """The names of `effects`."""
    return [type(effect).__name__ for effect in effects]
