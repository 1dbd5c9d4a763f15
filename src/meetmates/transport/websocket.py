"""WebSocket: picows in the place of uvicorn's own protocol class (RFC 6455).

uvicorn builds the class given as `ws` for each request that asks for an upgrade, calls `connection_made`, hands the
request's head over in one piece and then makes it the transport's protocol. What picows leaves to us: the reserved
bits (section 5.2), fragments (5.4), answers to pings, and an end that lets the close frame arrive.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from picows import WSAutoPingStrategy, WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport
from picows.picows import WSProtocol  # type: ignore[attr-defined]  # in no stub: see the version pin

from meetmates.transport.backlog import Backlog
from meetmates.transport.entrance import Answer, Entrance
from meetmates.transport.frames import join_frames
from meetmates.transport.heads import peer_of, plain_answer, read_upgrade
from meetmates.transport.lingering import Lingering
from meetmates.transport.ports import Closing
from meetmates.transport.session import Session
from meetmates.wire.engine_packets import MESSAGE, Outgoing
from meetmates.wire.engine_session import Channel
from meetmates.wire.errors import ProtocolViolation

TEXT = WSMsgType.TEXT
BINARY = WSMsgType.BINARY
CONTINUATION = WSMsgType.CONTINUATION
UNSENDABLE: frozenset[Any] = frozenset({0, 1004, 1005, 1006, 1015})  # RFC 6455, section 7.4.1; picows lets some pass
READ_BUFFER = 2048  # bytes; picows' least, and more than nearly every packet takes


class Connection(WSListener):
    """One WebSocket. `on_ws_frame` runs the whole way of a message, with no task and no await."""

    __slots__ = (
        "_controls",
        "_fragments",
        "_packet",
        "_parts",
        "_paused",
        "_queue",
        "_raw",
        "_take",
        "_unwritten",
        "closed",
        "session",
        "transport",
    )

    def __init__(self, session: Session, raw: Lingering) -> None:
        self.session = session
        self.transport: WSTransport
        self._raw = raw
        self._take: Callable[[str], None] | None = None  # where messages go, once this carries the session
        self._fragments: bytearray | None = None  # of a message whose last frame has not come
        self._parts = TEXT
        self._controls = 0.0
        self._paused = False  # something could not be written at once
        self._packet: Outgoing | None = None  # sent in this turn of the loop
        self._queue: list[Outgoing] | None = None  # and all of them, where there are several
        self._unwritten = raw.hub.unwritten
        self.closed = False

    # --- picows' callbacks

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The handshake is done: the session opens, or is probed."""
        self.transport = transport
        transport.request.headers.clear()  # a kilobyte that nobody reads again
        session = self.session
        if session.is_new:
            session.carry(self)
            self.send(self._raw.hub.handshake(session.sid, Channel.WEBSOCKET))
        elif not session.probe(self):
            self.close(Closing.POLICY, "upgraded before")

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """One frame. The common one, a whole text message, goes straight to the application.

        That leaves out what the session's table would say of it, and every object on that way: with thousands of
        connections, what a message costs is the memory that it touches.
        """
        if (
            frame.msg_type is TEXT
            and frame.fin
            and self._fragments is None
            and not (frame.rsv1 or frame.rsv2 or frame.rsv3)
        ):
            if self.closed:
                return
            try:
                text = frame.get_payload_as_utf8_text()
            except UnicodeDecodeError:
                self._violate("invalid UTF-8", Closing.INVALID_TEXT)
                return
            if self._take is not None and text[:1] == MESSAGE:
                try:
                    self._take(text)
                except ProtocolViolation as violation:
                    self.session.violate(str(violation), Channel.WEBSOCKET)
            else:
                self.session.receive(text, Channel.WEBSOCKET)
        elif not self.closed:
            self._on_other_frame(transport, frame)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The connection is gone, with or without a goodbye."""
        self.closed = True
        self.session.socket_lost(self, "transport close")

    def pause_writing(self) -> None:
        """Something could not be written at once."""
        self._paused = True
        if self.session.socket is self:
            self.session.set_slow(True)

    def resume_writing(self) -> None:
        """Everything is written."""
        self._paused = False
        if self.session.socket is self:
            self.session.set_slow(False)

    # --- the session's `Socket`

    def carries(self, take: Callable[[str], None]) -> None:
        """This connection carries the session from now on; `take` is where its text messages go."""
        self._take = take

    def send(self, packet: Outgoing) -> None:
        """Notes one packet, to be written at the end of this turn of the loop: see `Hub.unwritten`."""
        if self._packet is None:
            self._packet = packet
            self._unwritten(self)
        elif self._queue is None:
            self._queue = [self._packet, packet]
        else:
            self._queue.append(packet)

    def flush(self) -> None:
        """Writes what was sent in this turn. picows drops what comes after the close frame."""
        packet, self._packet = self._packet, None
        if self._queue is not None:
            queue, self._queue = self._queue, None
            if not self.closed:
                self._raw.write(join_frames(queue))
        elif packet is not None:
            self.transport.send(TEXT if type(packet) is bytes else BINARY, packet)
        if self._paused:
            self._check_slow()

    def close(self, closing: Closing, reason: str) -> None:
        """Says goodbye and ends the connection as soon as the peer has had a chance to hear it."""
        if self.closed:
            return
        self.flush()
        self.closed = True
        self.transport.send_close(WSCloseCode(closing.value), reason.encode())
        self._raw.close()

    def cut_off(self) -> None:
        """Ends the connection of a client that does not read: 1013 for one that is only slow, so that it comes back."""
        self.closed = True
        self._packet = self._queue = None
        self.transport.send_close(WSCloseCode(Closing.TRY_LATER.value), b"slow reader")
        self._raw.close()
        self.session.socket_lost(self, "slow reader")

    def _check_slow(self) -> None:
        if self._raw.get_write_buffer_size() > self._raw.hub.options.max_buffered:
            self._raw.hub.journal.violated(self.session.address, "does not read")
            self.cut_off()

    def unsent(self) -> int:
        """Bytes that could not be written yet."""
        return self._raw.get_write_buffer_size()

    def progress(self) -> int:
        """Grows while bytes that had to wait are written."""
        return self._raw.progress()

    # --- everything but a whole text message

    def _on_other_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if frame.rsv1 or frame.rsv2 or frame.rsv3:
            self._violate("reserved bits", Closing.PROTOCOL_ERROR)
        elif kind is WSMsgType.CLOSE:
            self._on_close_frame(transport, frame)
        elif kind is WSMsgType.PING:
            self._on_ping(transport, frame)
        elif kind is WSMsgType.PONG:
            self._count_control()
        else:
            self._on_data(frame, kind)

    def _on_data(self, frame: WSFrame, kind: WSMsgType) -> None:
        if (kind is CONTINUATION) != (self._fragments is not None):
            self._violate("fragment out of order", Closing.PROTOCOL_ERROR)
            return
        payload = frame.get_payload_as_bytes()
        if self._fragments is None:
            if frame.fin:
                self._deliver(payload, kind)
            else:
                self._fragments, self._parts = bytearray(payload), kind
            return
        if len(self._fragments) + len(payload) > self._raw.hub.options.max_payload:
            self._violate("message too big", Closing.TOO_BIG)
            return
        self._fragments += payload
        if frame.fin:
            whole, self._fragments = bytes(self._fragments), None
            self._deliver(whole, self._parts)

    def _deliver(self, payload: bytes, kind: WSMsgType) -> None:
        if kind is BINARY:
            self.session.receive(payload, Channel.WEBSOCKET)
            return
        try:
            text = payload.decode()
        except UnicodeDecodeError:
            self._violate("invalid UTF-8", Closing.INVALID_TEXT)
            return
        self.session.receive(text, Channel.WEBSOCKET)

    def _on_close_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Answers, as section 5.5.1 asks; the session ends with the connection."""
        if frame.payload_size and frame.get_close_code() in UNSENDABLE:
            self._violate("close code that is never sent", Closing.PROTOCOL_ERROR)
            return
        self.closed = True
        transport.send_close(WSCloseCode.OK)
        self._raw.finish()
        self.session.socket_lost(self, "transport close")

    def _on_ping(self, transport: WSTransport, frame: WSFrame) -> None:
        if self._count_control():
            transport.send_pong(frame.get_payload_as_bytes())

    def _count_control(self) -> bool:
        now = self._raw.hub.now()
        rationing = self._raw.hub.controls
        if rationing.wait(self._controls, now) > 0:
            self._violate("too many control frames", Closing.POLICY)
            return False
        self._controls = rationing.take(self._controls, now)
        return True

    def _violate(self, reason: str, closing: Closing) -> None:
        self._fragments = None
        self.session.violate(reason, Channel.WEBSOCKET, closing)
        if not self.closed:  # the session had let go of this connection before
            self.close(closing, reason)

    def broken(self, closing: Closing) -> None:
        """picows' parser found a frame that is none, or is too big."""
        if not self.closed:
            self._violate("message too big" if closing is Closing.TOO_BIG else "malformed frame", closing)

    def failed(self) -> None:
        """Something of our own failed while a frame was handled."""
        if not self.closed:
            self.session.close(Closing.INTERNAL_ERROR, "internal error")


def websocket_class(entrances: Mapping[str, Entrance]) -> type[asyncio.BaseProtocol]:
    """The class for uvicorn's `ws` setting: upgrades go to the entrance at their path (named with its last slash)."""

    first = next(iter(entrances.values()))

    class EngineWebSocket(WSProtocol):  # type: ignore[misc]  # picows declares no type for it
        """One upgrade request, and the WebSocket that becomes of it."""

        __slots__ = ("_raw", "_server")

        def __init__(self, config: Any, server_state: Any, app_state: Any, _loop: Any = None) -> None:
            self._server = server_state
            self._raw = raw = (Backlog if config.is_ssl else Lingering)(first.hub)
            super().__init__(
                None,  # host and port, for clients
                None,  # path, for clients
                False,  # client side
                raw.listener,
                raw,  # for a logger
                True,  # disconnect on exceptions
                None,  # handshake time-out: the head is there
                False,  # automatic ping, its times and its strategy: the engine has its own heartbeat
                20,
                20,
                WSAutoPingStrategy.PING_WHEN_IDLE,
                False,  # automatic pong: they are rationed
                first.hub.options.max_payload,
                None,
                READ_BUFFER,
            )

        def connection_made(self, transport: asyncio.Transport) -> None:
            """The connection is open: uvicorn has read a request from it."""
            self._raw.attach(transport, self)
            self._server.connections.add(self)
            super().connection_made(self._raw)

        def data_received(self, data: bytes) -> None:
            """The head of the request, in one piece; what follows comes through picows' own buffer."""
            head, upgrade = read_upgrade(data, peer_of(self._raw.transport))
            entrance = entrances.get(head.path, entrances.get(f"{head.path}/"))
            if entrance is None:
                self._raw.refuse(plain_answer(Answer(404, b"Not Found"), []))
                return
            outcome = upgrade if isinstance(upgrade, Answer) else entrance.admit(head)
            if isinstance(outcome, Session) and isinstance(upgrade, bytes):
                self._raw.hub = entrance.hub
                self._raw.connection = Connection(outcome, self._raw)
                view = memoryview(self.get_buffer(len(upgrade)))
                view[: len(upgrade)] = upgrade
                self.buffer_updated(len(upgrade))
            elif isinstance(outcome, Answer):
                self._raw.refuse(plain_answer(outcome, entrance.cors(head)))

        def connection_lost(self, exc: Exception | None) -> None:
            """The end, however it came."""
            self._server.connections.discard(self)
            super().connection_lost(exc)
            self._raw.detach()

        def pause_writing(self) -> None:
            """The transport has more than it can write."""
            self._raw.pause()

        def resume_writing(self) -> None:
            """It has written everything."""
            self._raw.resume()

        def shutdown(self) -> None:
            """uvicorn stops."""
            if self._raw.connection is not None:
                self._raw.connection.close(Closing.RESTART, "restart")

    return EngineWebSocket
