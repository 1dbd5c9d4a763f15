"""Every event, declared once: what clients may send, what the server sends.

A client event is a JSON array with its name first, so its struct is array-like and its tag is the name: one pass of
msgspec reads and checks it. The same declarations make `docs/asyncapi.yaml`.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

# --- from clients


class SeekOptions(Struct, rename="camel"):
    """What somebody looks for. Interests and language are wishes: they are given up after a short wait."""

    college_email: Annotated[str, Meta(max_length=320)] | None = None
    with_video: bool | None = None
    interests: list[str] | None = None
    language: str | None = None


class FindChat(Struct, array_like=True, tag="findChat"):
    """Ends a running chat, joins the queue, pairs when somebody fits. Acknowledged with the place in the queue."""

    wish: str | SeekOptions | None = None
    with_video: bool | None = None


class Next(Struct, array_like=True, tag="next"):
    """Ends the chat and queues both again; outside of a chat joins the queue."""


class CancelSearch(Struct, array_like=True, tag="cancelSearch"):
    """Leaves the queue."""


class LeaveChat(Struct, array_like=True, tag="leaveChat"):
    """Ends the chat; nobody is queued."""


class SendMessage(Struct, array_like=True, tag="sendMessage", gc=False):
    """One message to the partner. A repeat with the same client id is answered as the first and delivered once."""

    text: str
    client_id: str | None = None


class Typing(Struct, array_like=True, tag="typing"):
    """Whether the sender is typing."""

    typing: bool


class ReadyToConnect(Struct, array_like=True, tag="ready-to-connect"):
    """The sender can take WebRTC signals now."""


class OfferPayload(Struct):
    """A session description of type `offer`."""

    offer: dict[str, Any]


class AnswerPayload(Struct):
    """A session description of type `answer`."""

    answer: dict[str, Any]


class CandidatePayload(Struct):
    """An ICE candidate; null or empty at the end of candidates."""

    candidate: dict[str, Any] | str | None


class WebrtcOffer(Struct, array_like=True, tag="webrtc-offer"):
    """An offer for the partner."""

    payload: OfferPayload


class WebrtcAnswer(Struct, array_like=True, tag="webrtc-answer"):
    """An answer for the partner."""

    payload: AnswerPayload


class IceCandidate(Struct, array_like=True, tag="ice-candidate"):
    """A candidate for the partner."""

    payload: CandidatePayload


class Media(Struct):
    """What somebody sends at the moment."""

    audio: bool
    video: bool
    screen: bool = False


class MediaState(Struct, array_like=True, tag="mediaState"):
    """What the sender sends now."""

    media: Media


class RefreshToken(Struct, array_like=True, tag="refreshToken"):
    """A fresh token of the same account, before the old one ends."""

    token: Annotated[str, Meta(max_length=8192)]


class BlockOptions(Struct, rename="camel"):
    """Which chat's partner; the running chat's, or else the last one's, where none is named."""

    chat_id: Annotated[str, Meta(max_length=64)] | None = None


class Block(Struct, array_like=True, tag="block"):
    """Never meet that partner again. Works for 5 minutes after a chat, too."""

    options: BlockOptions | None = None


class ReportOptions(Struct, rename="camel"):
    """What happened. `evidence` hands the chat's last messages to the moderators, and nobody else."""

    reason: Literal["harassment", "nudity", "minor", "spam", "threat", "other"]
    chat_id: Annotated[str, Meta(max_length=64)] | None = None
    note: Annotated[str, Meta(max_length=1000)] | None = None
    evidence: bool = False


class Report(Struct, array_like=True, tag="report"):
    """Tells the moderators about that partner. Works for 5 minutes after a chat, too."""

    report: ReportOptions


ClientEvent = (
    FindChat
    | Next
    | CancelSearch
    | LeaveChat
    | SendMessage
    | Typing
    | ReadyToConnect
    | WebrtcOffer
    | WebrtcAnswer
    | IceCandidate
    | MediaState
    | RefreshToken
    | Block
    | Report
)

# --- from the server: the first argument of each, by its name


class ChatStart(Struct, rename="camel"):
    """A chat has begun. `yourVideo` says whether to open one's own camera, `partnerVideo` whether to expect one."""

    with_video: bool
    partner_id: str
    your_video: bool
    partner_video: bool
    common_interests: list[str]
    chat_id: str


class PartnerLeft(Struct, rename="camel"):
    """The chat is over; `partnerId` is who left."""

    partner_id: str


class Message(Struct, rename="camel", gc=False):
    """One message, to both sides. `seq` counts from 1 within the chat and is the order for both."""

    sender: str
    text: str
    sender_email: str
    timestamp: str
    id: str
    seq: int
    chat_id: str


class PartnerTyping(Struct):
    """Whether the partner is typing."""

    typing: bool


class QueueStatus(Struct):
    """The place in the queue, from 1, and about how many seconds it may take, if that can be told."""

    position: int
    estimate: int | None


class EventError(Struct, rename="camel", omit_defaults=True):
    """An event that asked for no acknowledgement was refused. `retryAfter` is in milliseconds."""

    event: str
    code: str
    message: str
    retry_after: int | None = None


class TokenExpiring(Struct, rename="camel"):
    """The token ends at `expiresAt` (ISO 8601, UTC): answer with `refreshToken`."""

    expires_at: str


class Sanctioned(Struct):
    """A moderator, or the automatic step, acted: `until` is ISO 8601 in UTC, or null for good."""

    kind: Literal["warning", "mute", "suspension", "ban"]
    reason: str
    until: str | None


class ResumeKey(Struct):
    """With `auth.resume` set to this key the client takes up where it was, once."""

    key: str


class Resumed(Struct, rename="camel"):
    """Where the client stands after its return; `missed` events follow that it may not have seen."""

    state: Literal["idle", "waiting", "chatting"]
    chat_id: str | None
    missed: int


class SignalFrom(Struct, rename={"from_id": "from"}, omit_defaults=True):
    """A WebRTC signal from the partner `from`."""

    from_id: str
    offer: Any = msgspec.UNSET
    answer: Any = msgspec.UNSET
    candidate: Any = msgspec.UNSET


class Nothing(Struct):
    """No content: the event says it all."""


SERVER_EVENTS: dict[str, tuple[Any, str]] = {
    "onlineUsers": (int, "The number of connections: to a newcomer at once, to everyone else once per window."),
    "waiting": (None, "The client is in the queue."),
    "queueStatus": (QueueStatus, "Every 5 s, to clients that used an acknowledgement with findChat or next."),
    "chatStart": (ChatStart, "Two people were paired."),
    "partnerLeft": (PartnerLeft, "The chat is over."),
    "partnerReconnecting": (Nothing, "The partner's connection was lost; the chat goes on while it may come back."),
    "partnerBack": (Nothing, "The partner is back."),
    "resumeKey": (ResumeKey, "After each CONNECT of a client that can resume: private, good once."),
    "resumed": (Resumed, "The client came back by its key; what it missed follows."),
    "seatTaken": (Nothing, "Another connection of the same account took over the chat or the place in the queue."),
    "message": (Message, "One message, to both sides."),
    "partnerTyping": (PartnerTyping, "Whether the partner is typing; dropped under pressure."),
    "partnerMedia": (Media, "What the partner sends at the moment."),
    "create-offer": (None, "Both are ready: make the WebRTC offer. Exactly one of the two is told."),
    "webrtc-offer": (SignalFrom, "An offer from the partner."),
    "webrtc-answer": (SignalFrom, "An answer from the partner."),
    "ice-candidate": (SignalFrom, "A candidate from the partner."),
    "eventError": (EventError, "An event that asked for no acknowledgement was refused."),
    "tokenExpiring": (TokenExpiring, "The token ends in 60 s."),
    "sanctioned": (Sanctioned, "Something is held against the account from now on."),
    "tokenExpired": (Nothing, "The token is over; the connection ends."),
    "replaced": (Nothing, "The account opened a sixth connection; this one, its oldest, ends."),
    "serverRestarting": (Nothing, "The server restarts: the connection ends, come back in a moment."),
}
