"""What a test sees of an official client, whichever it is."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.support.frames import SOON

BY_THE_CLOCK = ("onlineUsers", "queueStatus")  # a test that is about something else overhears these


class Flavour(NamedTuple):
    """An official client and the transports it is told to use; None leaves its defaults."""

    library: str
    transports: tuple[str, ...] | None

    def __str__(self) -> str:
        return f"{self.library}-{self.transports[0] if self.transports else 'default'}"

    @property
    def ends_on(self) -> str:
        """The transport that carries the session once everything has settled."""
        return self.transports[0] if self.transports else "websocket"

    @property
    def stays_away(self) -> bool:
        """True where the library takes the engine's CLOSE for a last word; the others do so only with DISCONNECT."""
        return (self.library, self.transports) == ("python", ("polling",))


FLAVOURS = [
    Flavour(library, transports) for library in ("npm", "python") for transports in (None, ("websocket",), ("polling",))
]


@dataclass
class Door:
    """How a client knocks: its `auth` object, HTTP headers, and what stands behind the address."""

    auth: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


class Happened(NamedTuple):
    """An event of the server, or one of the client's own: connect, connect_error, disconnect."""

    event: str
    args: list[Any]


class Client(ABC):
    """One client. What comes is kept in its order until somebody expects it."""

    FOR_GOOD: str  # the reason of a disconnect after which it does not come back
    FOR_NOW: frozenset[str]  # and those of one after which it does

    def __init__(self) -> None:
        self.id = ""  # the socket id
        self.kept: deque[Happened] = deque()
        self._news = asyncio.Event()

    # --- what each library does in its own way

    @abstractmethod
    async def open(self, url: str, flavour: Flavour, door: Door) -> None:
        """Knocks. Whether it gets in shows in `connect` or `connect_error`."""

    @abstractmethod
    async def retry(self, auth: dict[str, Any] | None = None) -> None:
        """Knocks again, as somebody does who was turned away and has signed in meanwhile."""

    @abstractmethod
    async def emit(self, event: str, *args: Any) -> None:
        """Sends an event that asks for no acknowledgement."""

    @abstractmethod
    async def call(self, event: str, *args: Any) -> Any:
        """Sends an event and returns the one argument of its acknowledgement."""

    @abstractmethod
    async def leave(self) -> None:
        """`disconnect()`, and with it the end of every attempt to come back."""

    @abstractmethod
    async def carrier(self) -> str:
        """The transport that carries the session, once that is settled."""

    # --- what a test asks

    async def expect(self, event: str, within: float = SOON) -> Any:
        """The next event of that name: its argument, None if it has none, a list if it has several."""
        try:
            async with asyncio.timeout(within):
                while (found := next((one for one in self.kept if one.event == event), None)) is None:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {event} came, only {list(self.kept)}") from None
        self.kept.remove(found)
        return found.args[0] if len(found.args) == 1 else found.args or None

    async def heard(self) -> list[str]:
        """The names of everything that has come until now and that nobody expected, but for what comes by the clock.

        An answer to a question of its own is on its way behind everything that the server sent before.
        """
        answer = await self.call("is-there-anything-else")
        assert answer["code"] == "unknown_event", answer
        return self.left

    @property
    def left(self) -> list[str]:
        """The names of what is kept, but for what comes by the clock."""
        return [one.event for one in self.kept if one.event not in BY_THE_CLOCK]

    def happened(self, event: str, args: list[Any]) -> None:
        """Keeps what came."""
        self.kept.append(Happened(event, args))
        self._news.set()
