"""What a rule can make happen. A rule returns these; the shell tells the people named in them."""

from dataclasses import dataclass, field
from typing import Any

from meetmates.domain.chat import Chat
from meetmates.domain.errors import Ending
from meetmates.domain.people import Person


@dataclass(slots=True)
class Waiting:
    """`to` is in the queue."""

    to: Person


@dataclass(slots=True)
class ChatStarted:
    """Two people were paired; `waited` is how long each member waited, in seconds, in the order of `chat.members`."""

    chat: Chat
    waited: tuple[float, float]


@dataclass(slots=True)
class PartnerLeft:
    """The chat of `to` is over: `left_id` left it. There is exactly one for each chat that ends."""

    to: Person
    left_id: str
    chat_id: str = field(default="", compare=False)


@dataclass(slots=True)
class PartnerReconnecting:
    """The partner of `to` has lost the connection and may come back; the chat goes on."""

    to: Person


@dataclass(slots=True)
class PartnerBack:
    """The partner of `to` is back."""

    to: Person


@dataclass(slots=True)
class StayedAway:
    """The grace of `to` is over; every table has already let go of it."""

    to: Person


@dataclass(slots=True)
class SeatTaken:
    """Another connection of the same account took the seat of `to`."""

    to: Person


@dataclass(slots=True)
class Said:
    """One message, to both members of the chat. `seq` counts from 1 within the chat."""

    chat: Chat
    sender: Person
    partner: Person
    text: str
    id: str
    seq: int


@dataclass(slots=True)
class PartnerTyping:
    """Whether the partner of `to` is typing. May be dropped under pressure."""

    to: Person
    typing: bool


@dataclass(slots=True)
class PartnerMedia:
    """What the partner of `to` sends at the moment."""

    to: Person
    audio: bool
    video: bool
    screen: bool


@dataclass(slots=True)
class KeptInTouch:
    """Both want to keep in touch: `to` learns how to reach the partner, `name` in their chat.

    `contact` is the partner's e-mail address, None where there is none.
    """

    to: Person
    name: str
    contact: str | None


@dataclass(slots=True)
class CreateOffer:
    """Both are ready: `to`, and nobody else, makes the WebRTC offer."""

    to: Person


@dataclass(slots=True)
class Signalled:
    """A WebRTC signal for `to`; `kind` is its event name, `payload` is passed on as it came."""

    to: Person
    from_id: str
    kind: str
    payload: Any


@dataclass(slots=True)
class QueueStatus:
    """Where `to` stands in the queue (from 1) and about how many seconds it may take, if that can be told."""

    to: Person
    position: int
    estimate: int | None


@dataclass(slots=True)
class TokenExpiring:
    """The token of `to` is over soon, at `expires_at` (seconds since the epoch)."""

    to: Person
    expires_at: float


@dataclass(slots=True)
class Sanctioned:
    """Something is held against `to` from now on: `until` (seconds since the epoch), or for good."""

    to: Person
    kind: str
    reason: str
    until: float | None


@dataclass(slots=True)
class Ended:
    """The server ends the connection of `to`; every table has already let go of it."""

    to: Person
    ending: Ending


Effect = (
    Waiting
    | ChatStarted
    | PartnerLeft
    | PartnerReconnecting
    | PartnerBack
    | StayedAway
    | SeatTaken
    | Said
    | PartnerTyping
    | PartnerMedia
    | KeptInTouch
    | CreateOffer
    | Signalled
    | QueueStatus
    | TokenExpiring
    | Sanctioned
    | Ended
)
