"""What each client event does: read it, call the use case, say what to acknowledge."""

from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

import msgspec

from meetmates.domain.errors import Refusal, Refused
from meetmates.domain.limits import Kind
from meetmates.domain.lobby import Place
from meetmates.domain.signalling import Signal
from meetmates.edge import events
from meetmates.edge.decoding import misfit_of
from meetmates.edge.handshake import Handshake
from meetmates.edge.member import Member
from meetmates.edge.wishes import read_wish
from meetmates.service.desk import Desk
from meetmates.service.ice import KEY_TTL, IceKeys
from meetmates.service.steward import Steward

_encode = msgspec.json.Encoder().encode


class Later:
    """The answer comes when `work` is done: something has to be stored first."""

    __slots__ = ("work",)

    def __init__(self, work: Coroutine[Any, Any, None]) -> None:
        self.work = work


Reply = dict[str, Any] | Later | None  # what an acknowledgement adds to `ok: true`
Handler = Callable[[Member, Any, bool], Reply]  # the last argument: an acknowledgement was asked for


class Route(NamedTuple):
    """How an event is limited, and who handles it."""

    kind: Kind
    handler: Handler


def _no_route(member: Member, data: object, ack: bool) -> Reply:
    """An unknown event, or one with arguments that it does not take."""
    raise Refused(misfit_of(data).refusal)


NO_ROUTE = Route(Kind.OTHER, _no_route)


class Handlers:
    """Every client event's handler, by the event's type."""

    def __init__(self, desk: Desk, steward: Steward, handshake: Handshake, ice_keys: IceKeys) -> None:
        self._desk = desk
        self._steward = steward
        self._handshake = handshake
        self._ice_keys = ice_keys
        self.routes: dict[type[Any], Route] = {
            events.SendMessage: Route(Kind.MESSAGE, self._send_message),
            events.FindChat: Route(Kind.SEEK, self._find_chat),
            events.Next: Route(Kind.SEEK, self._next),
            events.CancelSearch: Route(Kind.OTHER, self._cancel_search),
            events.LeaveChat: Route(Kind.OTHER, self._leave_chat),
            events.Typing: Route(Kind.TYPING, self._typing),
            events.MediaState: Route(Kind.OTHER, self._media_state),
            events.KeepInTouch: Route(Kind.OTHER, self._keep_in_touch),
            events.ReadyToConnect: Route(Kind.SIGNAL, self._ready),
            events.WebrtcOffer: Route(Kind.SIGNAL, self._offer),
            events.WebrtcAnswer: Route(Kind.SIGNAL, self._answer),
            events.IceCandidate: Route(Kind.SIGNAL, self._candidate),
            events.RefreshToken: Route(Kind.OTHER, self._refresh_token),
            events.IceKey: Route(Kind.OTHER, self._ice_key),
            events.Block: Route(Kind.OTHER, self._block),
            events.Report: Route(Kind.OTHER, self._report),
        }

    def _send_message(self, member: Member, event: events.SendMessage, ack: bool) -> Reply:
        said = self._desk.say(member.person, event.text, event.client_id)
        return {"id": said.id, "seq": said.seq} if ack else None

    def _find_chat(self, member: Member, event: events.FindChat, ack: bool) -> Reply:
        return _placed(self._desk.seek(member.person, read_wish(event), reports=ack))

    def _next(self, member: Member, event: events.Next, ack: bool) -> Reply:
        return _placed(self._desk.next(member.person, reports=ack))

    def _cancel_search(self, member: Member, event: events.CancelSearch, ack: bool) -> Reply:
        self._desk.cancel(member.person)
        return None

    def _leave_chat(self, member: Member, event: events.LeaveChat, ack: bool) -> Reply:
        self._desk.leave(member.person)
        return None

    def _typing(self, member: Member, event: events.Typing, ack: bool) -> Reply:
        self._desk.typing(member.person, event.typing)
        return None

    def _media_state(self, member: Member, event: events.MediaState, ack: bool) -> Reply:
        self._desk.media(member.person, event.media.audio, event.media.video, event.media.screen)
        return None

    def _keep_in_touch(self, member: Member, event: events.KeepInTouch, ack: bool) -> Reply:
        self._desk.keep_in_touch(member.person, event.yes)
        return None

    def _ready(self, member: Member, event: events.ReadyToConnect, ack: bool) -> Reply:
        self._desk.ready(member.person)
        return None

    def _offer(self, member: Member, event: events.WebrtcOffer, ack: bool) -> Reply:
        return self._signal(member, Signal.OFFER, event.payload.offer)

    def _answer(self, member: Member, event: events.WebrtcAnswer, ack: bool) -> Reply:
        return self._signal(member, Signal.ANSWER, event.payload.answer)

    def _candidate(self, member: Member, event: events.IceCandidate, ack: bool) -> Reply:
        return self._signal(member, Signal.CANDIDATE, event.payload.candidate)

    def _signal(self, member: Member, signal: Signal, payload: Any) -> Reply:
        encoded = _encode(payload)  # once: it is passed on as it stands
        self._desk.signal(member.person, signal, msgspec.Raw(encoded), len(encoded))
        return None

    def _refresh_token(self, member: Member, event: events.RefreshToken, ack: bool) -> Reply:
        account = member.person.account
        claims = self._handshake.renewed(event.token)
        if account is None or claims is None or claims.user_id != account:
            raise Refused(Refusal.NOT_ALLOWED, "That is no valid token of this account.")
        self._desk.renew(member.person, claims.expires_at, claims.session_id)
        return None

    def _ice_key(self, member: Member, event: events.IceKey, ack: bool) -> Reply:
        return {"key": self._ice_keys.make(member.person.id), "expiresIn": KEY_TTL}

    def _block(self, member: Member, event: events.Block, ack: bool) -> Reply:
        chat_id = event.options.chat_id if event.options is not None else None
        return Later(self._steward.block(member.person, chat_id))

    def _report(self, member: Member, event: events.Report, ack: bool) -> Reply:
        told = event.report
        return Later(self._steward.report(member.person, told.chat_id, told.reason, told.note, told.evidence))


def _placed(place: Place) -> Reply:
    return {"position": place.position, "estimate": place.estimate}
