"""HTTP long-polling as a bare ASGI application: Engine.IO protocol v4, section "HTTP long-polling"."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from meetmates.transport.entrance import Answer, Entrance, Head, Headers
from meetmates.transport.heads import content_type, fold
from meetmates.transport.ports import Closing
from meetmates.transport.session import Session
from meetmates.wire.engine_packets import decode_payload, encode_payload
from meetmates.wire.engine_session import Channel, State
from meetmates.wire.errors import HandshakeError, ProtocolViolation

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

BODY_IDLE = 10.0  # seconds without a byte of a body
BODY_TOTAL = 60.0  # seconds for all of it
DRAIN = 1.0  # seconds, and one more payload, that are read of a body that was refused: the answer has to arrive
TOO_LARGE = Answer(413, b"Payload Too Large", [(b"connection", b"close")])
TOO_SLOW = Answer(408, b"Request Timeout", [(b"connection", b"close")])


class Disconnected(Exception):  # noqa: N818 - the client's good right
    """The client went away in the middle of its request."""


class Polling:
    """The engine's path over plain HTTP."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._hub = entrance.hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        client = scope.get("client")
        head = Head(scope["method"], scope["query_string"], fold(scope["headers"]), client[0] if client else "")
        cors = self._entrance.cors(head)
        if head.method == "OPTIONS":
            await _respond(send, self._entrance.preflight(head), [])
            return
        outcome = self._entrance.admit(head)
        if isinstance(outcome, Answer):
            await _respond(send, outcome, cors)
        elif head.method == "POST":
            await self._post(outcome, head, receive, send, cors)
        elif outcome.greeted:
            await self._poll(outcome, receive, send, cors)
        else:
            outcome.greeted = True
            await _respond(send, Answer(200, self._hub.handshake(outcome.sid, Channel.POLLING)), cors)

    async def _poll(self, session: Session, receive: Receive, send: Send, cors: Headers) -> None:
        poll = session.poll()
        if poll is None:
            await _respond(send, _answer(HandshakeError.BAD_REQUEST), cors)
            return
        if not poll.done():
            gone = asyncio.ensure_future(_until_disconnect(receive))
            try:
                await asyncio.wait((poll, gone), return_when=asyncio.FIRST_COMPLETED)
            finally:
                gone.cancel()
            if not poll.done() or gone.done():  # whatever it was to carry is lost
                session.poll_lost()
                poll.cancel()
                return
        await _respond(send, Answer(200, encode_payload(poll.result())), cors)

    async def _post(self, session: Session, head: Head, receive: Receive, send: Send, cors: Headers) -> None:
        if session.is_closed:
            ended = Answer(200, b"ok")  # by us: the poll says so, and an error would be heard before it
            await _respond(send, _answer(HandshakeError.SESSION_UNKNOWN) if session.violated else ended, cors)
            return
        limit = self._hub.options.max_payload
        if (declared := _length(head)) is not None and declared > limit:
            await self._overflow(receive, send, cors)
            return
        try:
            async with asyncio.timeout(BODY_TOTAL) as deadline:
                if not session.begin_post(deadline):
                    await _respond(send, _answer(HandshakeError.BAD_REQUEST), cors)
                    return
                try:
                    body = await _read_body(receive, limit)
                finally:
                    session.end_post()
        except TimeoutError:
            await _respond(send, TOO_SLOW, cors)
            return
        except Disconnected:
            return
        if body is None:
            await self._overflow(receive, send, cors)
        else:
            await _respond(send, self._take(session, body), cors)

    def _take(self, session: Session, body: bytes) -> Answer:
        """Gives every packet of `body` to the session, in their order.

        A session that the application ends meanwhile is no fault of the request: an error would keep the client from
        fetching the DISCONNECT that says so, and it would come back.
        """
        if session.is_closed or session.engine.state is State.WEBSOCKET:  # while the body was on its way
            return _answer(HandshakeError.BAD_REQUEST)
        try:
            packets = decode_payload(body)
        except (ProtocolViolation, UnicodeDecodeError):
            session.violate("malformed payload", Channel.POLLING)
            return _answer(HandshakeError.BAD_REQUEST)
        for number, packet in enumerate(packets, 1):
            try:
                session.receive(packet, Channel.POLLING)
            except Exception:
                self._hub.journal.failed("a packet could not be handled")
                session.close(Closing.INTERNAL_ERROR, "internal error")
            if session.is_closed:
                fault = session.violated or (packet == "1" and number < len(packets))
                return _answer(HandshakeError.BAD_REQUEST) if fault else Answer(200, b"ok")
        return Answer(200, b"ok")

    async def _overflow(self, receive: Receive, send: Send, cors: Headers) -> None:
        """413 at once; then at most one more payload, or a second, is read and thrown away."""
        await _start(send, TOO_LARGE, cors)
        await send({"type": "http.response.body", "body": TOO_LARGE.body, "more_body": True})
        left = self._hub.options.max_payload
        try:
            async with asyncio.timeout(DRAIN):
                while left > 0:
                    message = await receive()
                    left -= len(message.get("body", b""))
                    if message["type"] == "http.disconnect" or not message.get("more_body"):
                        break
        except TimeoutError:
            pass
        await send({"type": "http.response.body", "body": b""})


async def _until_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _read_body(receive: Receive, limit: int) -> bytes | None:
    """The whole body, or None once it is longer than `limit`. Raises `TimeoutError` or `Disconnected`."""
    body = bytearray()
    while True:
        async with asyncio.timeout(BODY_IDLE):
            message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        body += message["body"]
        if len(body) > limit:
            return None
        if not message["more_body"]:
            return bytes(body)


def _length(head: Head) -> int | None:
    value = head.headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() else None


def _answer(error: HandshakeError) -> Answer:
    return Answer(error.status, error.body)


async def _start(send: Send, answer: Answer, cors: Headers) -> None:
    headers = [
        (b"content-type", content_type(answer.body)),
        (b"content-length", b"%d" % len(answer.body)),
        (b"cache-control", b"no-store"),
        *answer.headers,
        *cors,
    ]
    if answer.status == 204:
        headers = headers[2:]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})


async def _respond(send: Send, answer: Answer, cors: Headers) -> None:
    await _start(send, answer, cors)
    await send({"type": "http.response.body", "body": answer.body})
