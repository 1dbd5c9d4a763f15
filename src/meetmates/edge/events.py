"""Every event, declared once: what clients may send, what the server sends.

A client event is a JSON array with its name first, so its struct is array-like and its tag is the name: one pass of
msgspec reads and checks it. The same declarations make `docs/asyncapi.yaml`, and the page's types in
`web/src/wire/events.ts`.

Longer than most files: it is the one page of events.
"""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from meetmates.domain import errors

# JSON as browsers make it: passed on as it came, so nothing in it is checked. The second name is TypeScript's.
Description = Annotated[dict[str, Any], Meta(extra_json_schema={"x-typescript": "RTCSessionDescriptionInit"})]
Candidate = Annotated[dict[str, Any], Meta(extra_json_schema={"x-typescript": "RTCIceCandidateInit"})]
RefusalCode = Annotated[str, Meta(extra_json_schema={"enum": [refusal.value.code for refusal in errors.Refusal]})]
DenialCode = Annotated[str, Meta(extra_json_schema={"enum": [denial.value.code for denial in errors.Denial]})]

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

    offer: Description


class AnswerPayload(Struct):
    """A session description of type `answer`."""

    answer: Description


class CandidatePayload(Struct):
    """An ICE candidate; null or empty at the end of candidates."""

    candidate: Candidate | str | None


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


class KeepInTouch(Struct, array_like=True, tag="keepInTouch"):
    """Whether the sender would keep in touch with the partner. Nobody is told before both would."""

    yes: bool


class RefreshToken(Struct, array_like=True, tag="refreshToken"):
    """A fresh token of the same account, before the old one ends."""

    token: Annotated[str, Meta(max_length=8192)]


class IceKey(Struct, array_like=True, tag="iceKey"):
    """Asks for a key that opens `GET /api/ice-servers` without a token, for as long as this connection lasts."""


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
    | KeepInTouch
    | RefreshToken
    | IceKey
    | Block
    | Report
)

# --- what acknowledgements add to `ok: true`


class Placed(Struct):
    """The place in the queue from 1, or 0 when paired at once; about how many seconds it may take, or null."""

    position: int
    estimate: int | None


class Accepted(Struct):
    """Which message of the chat it became."""

    id: str
    seq: int


class IceKeyGiven(Struct, rename="camel"):
    """A key for the header `x-ice-key`, good for `expiresIn` seconds if the connection lasts as long."""

    key: str
    expires_in: int


ACKS: dict[str, Any] = {"findChat": Placed, "next": Placed, "sendMessage": Accepted, "iceKey": IceKeyGiven}

# So many, or so slight, that pages ask for no acknowledgement.
QUIET = frozenset({"typing", "mediaState", "ready-to-connect", "webrtc-offer", "webrtc-answer", "ice-candidate"})


class Refusal(Struct, rename="camel"):
    """An event was refused, and nothing has changed. `retryAfter` is in milliseconds."""

    ok: Literal[False]
    code: RefusalCode
    message: str
    retry_after: int | UnsetType = UNSET


class ConnectRefused(Struct):
    """The `data` of a CONNECT_ERROR. `until` (ISO 8601, UTC) stands beside `account_suspended`."""

    code: DenialCode
    until: str | UnsetType = UNSET


# --- from the server: the first argument of each, by its name


class ChatStart(Struct, rename="camel"):
    """A chat has begun. `yourVideo` says whether to open one's own camera, `partnerVideo` whether to expect one.

    `yourName` and `partnerName` are what the two are called in this chat alone.
    """

    with_video: bool
    partner_id: str
    your_video: bool
    partner_video: bool
    common_interests: list[str]
    chat_id: str
    your_name: str
    partner_name: str


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


class KeptInTouch(Struct):
    """Both would keep in touch: `name` is the partner's in this chat, `contact` its e-mail address, if it has one."""

    name: str
    contact: str | None


class QueueStatus(Struct):
    """The place in the queue, from 1, and about how many seconds it may take, if that can be told."""

    position: int
    estimate: int | None


class EventError(Struct, rename="camel"):
    """An event that asked for no acknowledgement was refused. `retryAfter` is in milliseconds."""

    event: str
    code: RefusalCode
    message: str
    retry_after: int | UnsetType = UNSET


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


class PartnerMedia(Struct):
    """What the partner sends at the moment."""

    audio: bool
    video: bool
    screen: bool


class OfferFrom(Struct, rename={"from_id": "from"}):
    """An offer from the partner, whose socket id is `from`."""

    from_id: str
    offer: Description


class AnswerFrom(Struct, rename={"from_id": "from"}):
    """An answer from the partner, whose socket id is `from`."""

    from_id: str
    answer: Description


class CandidateFrom(Struct, rename={"from_id": "from"}):
    """A candidate from the partner, whose socket id is `from`; null or empty at the end of candidates."""

    from_id: str
    candidate: Candidate | str | None


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
    "partnerMedia": (PartnerMedia, "What the partner sends at the moment."),
    "keptInTouch": (KeptInTouch, "Both would keep in touch, and each learns how to reach the other; once in a chat."),
    "create-offer": (None, "Both are ready: make the WebRTC offer. Exactly one of the two is told."),
    "webrtc-offer": (OfferFrom, "An offer from the partner."),
    "webrtc-answer": (AnswerFrom, "An answer from the partner."),
    "ice-candidate": (CandidateFrom, "A candidate from the partner."),
    "eventError": (EventError, "An event that asked for no acknowledgement was refused."),
    "tokenExpiring": (TokenExpiring, "The token ends in 60 s."),
    "sanctioned": (Sanctioned, "Something is held against the account from now on."),
    "tokenExpired": (Nothing, "The token is over; the connection ends."),
    "replaced": (Nothing, "The account opened a sixth connection; this one, its oldest, ends."),
    "serverRestarting": (Nothing, "The server restarts: the connection ends, come back in a moment."),
}
