"""What the transports need from the application above them, and tell it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from meetmates.wire.engine_packets import Outgoing


class Closing(Enum):
    """How a session may end: the WebSocket close code (RFC 6455, section 7.4; 1012 and 1013 from the IANA registry)."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    INVALID_TEXT = 1007
    POLICY = 1008
    TOO_BIG = 1009
    INTERNAL_ERROR = 1011
    RESTART = 1012
    TRY_LATER = 1013


@dataclass(frozen=True, slots=True)
class Opening:
    """The request that opened a session: `address` is the client's own, behind whatever proxies are trusted."""

    address: str
    authorization: str | None
    token_in_query: bool


class Link(Protocol):
    """One session, as the application sees it. Nothing here waits, and nothing raises once the session is over."""

    def send(self, packet: Outgoing) -> None:
        """Sends one engine packet: `bytes` are text with its type digit, a `bytearray` is a binary message."""

    def close(self, closing: Closing, reason: str) -> None:
        """Ends the session; what was sent before still goes out."""

    def settled(self) -> None:
        """The session has got where it was to get: the connect time-out is over."""

    def await_setup(self) -> None:
        """The session must get there (again) within the connect time-out, or it is ended."""

    @property
    def is_slow(self) -> bool:
        """True while the client reads slower than it is written to."""

    @property
    def confirmed(self) -> float:
        """The client has had everything that was sent before this time (steady clock, seconds); 0.0 at first."""

    def confirm(self, call: Callable[[], None]) -> None:
        """Asks the client for a sign that it has everything sent so far; `call` comes with it, if it ever does.

        What the client sends before that sign may have been said without that knowledge.
        """


class Receiver(Protocol):
    """The application's end of one session. `ProtocolViolation` from `text` or `binary` ends the session."""

    def text(self, packet: str) -> None:
        """A text message, its engine type digit still in front (cutting it off would copy it)."""

    def binary(self, data: bytes) -> None:
        """A binary message."""

    def closed(self, reason: str) -> None:
        """The session is over. Called exactly once, for whatever reason."""


class Application(Protocol):
    """What makes a receiver for each new session."""

    def open(self, link: Link, opening: Opening) -> Receiver:
        """A session was opened."""


class Rationing(Protocol):
    """A rate worked out once. A bucket's whole state is one number, kept by the caller, 0.0 at first."""

    def wait(self, state: float, now: float, /) -> float:
        """Seconds until the bucket gives one more; 0 or less when it does now."""

    def take(self, state: float, now: float, /) -> float:
        """The bucket's state once one has been taken."""


class Journal(Protocol):
    """Where the transports report what somebody running the server may want to know."""

    def refused(self, address: str, reason: str) -> None:
        """A request was turned away."""

    def advised(self, address: str, advice: str) -> None:
        """Something is not set up as it may have been meant. Nobody was turned away."""

    def violated(self, address: str, reason: str) -> None:
        """A session was ended because its client broke a protocol or a limit."""

    def failed(self, reason: str) -> None:
        """Something of our own went wrong; the exception in hand, if there is one, is what it was."""
