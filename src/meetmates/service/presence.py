"""How many are online: told to a newcomer at once, to everyone else at most once per window, the last change always."""

import asyncio
from collections.abc import Mapping, Sized

from meetmates.domain.people import Person
from meetmates.ports import Outbox

PER_CONNECTION = 0.0002  # seconds that each connection adds to the window: a broadcast costs a write for each
SLICE = 250  # people told in one turn of the loop, so that no message waits behind all of them


class Presence:
    """Counts `people`, and tells them. `window` is the least time between two tellings, in seconds.

    Those of them who are `away` are not counted.
    """

    def __init__(self, people: Mapping[str, Person], outbox: Outbox, window: float, away: Sized = ()) -> None:
        self._people = people
        self._away = away
        self._outbox = outbox
        self._window = window
        self._timer: asyncio.TimerHandle | None = None
        self._told_at = float("-inf")
        self._dirty = False
        self._telling = False

    @property
    def count(self) -> int:
        """How many are here."""
        return len(self._people) - len(self._away)

    def arrived(self, person: Person) -> None:
        """A newcomer, or somebody who is back, already counted."""
        self._outbox.online((person,), self.count)
        self.changed()

    def changed(self) -> None:
        """Somebody came or went: everyone hears of it when the window ends."""
        self._dirty = True
        if self._timer is None and not self._telling:
            loop = asyncio.get_running_loop()
            window = max(self._window, len(self._people) * PER_CONNECTION)
            self._timer = loop.call_at(max(self._told_at + window, loop.time()), self._begin)

    def _begin(self) -> None:
        self._timer = None
        self._dirty = False
        self._telling = True
        self._told_at = asyncio.get_running_loop().time()
        self._tell(list(self._people.values()), 0)

    def _tell(self, people: list[Person], start: int) -> None:
        self._outbox.online(people[start : start + SLICE], self.count)
        if start + SLICE < len(people):
            asyncio.get_running_loop().call_soon(self._tell, people, start + SLICE)
            return
        self._telling = False
        if self._dirty:
            self.changed()
