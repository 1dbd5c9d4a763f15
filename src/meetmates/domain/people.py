"""Who is here: one state per person, one table of what may follow what."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from meetmates.domain.errors import Refusal, Refused

if TYPE_CHECKING:
    from meetmates.domain.chat import Chat
    from meetmates.domain.matching import Ticket


class State(Enum):
    """Where a connected person stands. Waiting and chatting at once cannot be written down."""

    IDLE = auto()
    WAITING = auto()
    CHATTING = auto()
    GONE = auto()


class Step(Enum):
    """What can happen to a person."""

    SEEK = "findChat"
    NEXT = "next"
    MATCH = "chatStart"
    CANCEL = "cancelSearch"
    LEAVE = "leaveChat"
    PARTNER_LEFT = "partnerLeft"
    SEAT_TAKEN = "seatTaken"
    DEPART = "disconnect"


TRANSITIONS: dict[tuple[State, Step], State] = {
    (State.IDLE, Step.SEEK): State.WAITING,
    (State.IDLE, Step.NEXT): State.WAITING,
    (State.IDLE, Step.CANCEL): State.IDLE,  # a cancel that crosses a departure is no error
    (State.IDLE, Step.DEPART): State.GONE,
    (State.WAITING, Step.SEEK): State.WAITING,
    (State.WAITING, Step.NEXT): State.WAITING,
    (State.WAITING, Step.MATCH): State.CHATTING,
    (State.WAITING, Step.CANCEL): State.IDLE,
    (State.WAITING, Step.SEAT_TAKEN): State.IDLE,
    (State.WAITING, Step.DEPART): State.GONE,
    (State.CHATTING, Step.SEEK): State.WAITING,
    (State.CHATTING, Step.NEXT): State.WAITING,
    (State.CHATTING, Step.LEAVE): State.IDLE,
    (State.CHATTING, Step.PARTNER_LEFT): State.IDLE,
    (State.CHATTING, Step.SEAT_TAKEN): State.IDLE,
    (State.CHATTING, Step.DEPART): State.GONE,
}

REFUSED: dict[Step, Refusal] = {Step.LEAVE: Refusal.NOT_IN_CHAT}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody looks for: `tags` are interests and the language, normalised, all soft."""

    video: bool = False
    interests: frozenset[str] = frozenset()
    language: str | None = None

    @property
    def tags(self) -> frozenset[str]:
        """Interests and language as one set; a language cannot be mistaken for an interest."""
        return self.interests if self.language is None else self.interests | {f"\0{self.language}"}


class Seat:
    """The one place that a person may hold in the queue or in a chat, however many tabs are open.

    A guest has a seat for each connection; an account has one for all of its connections.
    """

    __slots__ = ("account", "connections", "holder", "last_seat", "last_until", "wish")

    def __init__(self, account: str | None) -> None:
        self.account = account
        self.connections: list[Person] = []  # the oldest first
        self.holder: Person | None = None  # who of them waits or chats
        self.wish = Wish()  # the newest; `next` uses it again
        self.last_seat: Seat | None = None  # the partner of the chat that ended last
        self.last_until = 0.0  # seconds; until then they are not paired again


class Person:
    """One connection as the rules see it. `link` is the shell's own handle, never looked at here."""

    __slots__ = (
        "account",
        "away",
        "chat",
        "email",
        "id",
        "key",
        "link",
        "parting",
        "partner",
        "pool",
        "reports",
        "requeued_at",
        "seat",
        "session",
        "state",
        "ticket",
    )

    def __init__(self, id: str, seat: Seat, email: str | None, pool: str, link: Any) -> None:
        self.id = id  # the socket id that partners see
        self.session: str | None = None  # the sign-in behind the token
        self.seat = seat
        self.account = seat.account  # None for a guest
        self.key = seat.account or id  # who this is to blocks and reports
        self.email = email
        self.pool = pool
        self.link = link
        self.state = State.IDLE
        self.away = False  # the connection was lost and may come back: nothing else about this person has changed
        self.ticket: Ticket | None = None
        self.chat: Chat | None = None
        self.partner: Person | None = None
        self.parting = False  # a chat ended in this turn of the loop: what is said now was meant for that one
        self.reports = False  # an ack was used: queue status is wanted
        self.requeued_at = float("-inf")  # seconds; when the server put this person back, in the queue or on its seat

    def step(self, step: Step) -> None:
        """Moves to the state that the table names, or raises `Refused` with nothing changed."""
        state = TRANSITIONS.get((self.state, step))
        if state is None:
            refusal = REFUSED.get(step, Refusal.NOT_ALLOWED)
            raise Refused(refusal, f"{step.value} is not possible while {self.state.name.lower()}.")
        self.state = state
