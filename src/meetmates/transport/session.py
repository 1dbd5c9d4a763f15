"""One engine session on whichever transport carries it now.

The rules are `wire.engine_session`'s; here they meet time, a queue for polling, and the two transports.
Long, because all of these end one and the same session, each in its own way, and every end has to be told once.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from meetmates.transport.ports import Closing, Receiver
from meetmates.wire.engine_packets import Outgoing, Packet, encoded_size
from meetmates.wire.engine_session import Action, Channel, EngineSession, State
from meetmates.wire.errors import ProtocolViolation

if TYPE_CHECKING:
    from meetmates.transport.hub import Hub
    from meetmates.transport.lanes import Deadline

PING = b"2"
PROBE_ANSWER = b"3probe"
NOOP = b"6"
CLOSE = b"1"
POLL_PACKETS = 16  # packets in one payload: python-socketio's client hangs up when it gets more
STALLED_AFTER = 15.0  # seconds in which nothing of what waits for a client could be written


class Socket(Protocol):
    """A WebSocket that carries a session, or would like to."""

    def carries(self, take: Callable[[str], None]) -> None:
        """It carries the session from now on: text messages may go straight to `take`."""

    def send(self, packet: Outgoing) -> None:
        """Writes one packet."""

    def close(self, closing: Closing, reason: str) -> None:
        """Ends the connection with a close frame."""

    def cut_off(self) -> None:
        """Ends the connection of a client that does not read, with nothing more written but the reason."""

    def flush(self) -> None:
        """Writes what was sent in this turn of the loop."""

    def unsent(self) -> int:
        """Bytes that could not be written yet."""

    def progress(self) -> int:
        """A number that grows while bytes that had to wait are written."""


class Session:
    """The shell of an `EngineSession`; what `Link` promises to the application."""

    __slots__ = (
        "_beat",
        "_closed_told",
        "_confirming",
        "_heard",
        "_hub",
        "_mark",
        "_mark_at",
        "_poll",
        "_posting",
        "_queue",
        "_queued",
        "_setup",
        "address",
        "confirmed",
        "engine",
        "expires_at",
        "greeted",
        "receiver",
        "send",
        "sid",
        "slow",
        "socket",
        "violated",
    )

    def __init__(self, hub: "Hub", sid: str, channel: Channel, address: str) -> None:
        self._hub = hub
        self.sid = sid
        self.address = address
        self.engine = EngineSession(channel)
        self.receiver: Receiver
        self.socket: Socket | None = None  # which carries the session, or probes it
        self.slow = False
        self.confirmed = 0.0  # when the newest ping was sent that was answered: whatever went before it has arrived
        self.greeted = False  # its client has the OPEN packet
        self.violated = False  # its client broke the protocol: why the session is over
        self._queue: list[Outgoing] = []  # for polling
        self._queued = 0
        self._poll: asyncio.Future[list[Outgoing]] | None = None
        self._posting: asyncio.Timeout | None = None
        self._setup: Deadline | None = None
        self._closed_told = False
        self._confirming: Callable[[], None] | None = None  # waits for the next pong
        self._mark, self._mark_at = 0, 0.0  # how far the socket was at the last progress, and when that was
        self.send = self._enqueue  # the carrier's own method after `carry`: one call less for every message

    # --- the life of a session

    def start(self, receiver: Receiver) -> None:
        """Begins the heartbeat; `receiver` is the application's end."""
        self.receiver = receiver
        hub = self._hub
        now = hub.now()
        self.expires_at = now + hub.options.ping_interval + hub.options.ping_timeout
        self._beat = hub.schedule(hub.pings, now, self._ping)
        self.await_setup()

    def await_setup(self) -> None:
        """The session must get somewhere within the connect time-out, or it is dropped."""
        if self._setup is None:
            self._setup = self._hub.schedule(self._hub.setups, self._hub.now(), self._setup_late)

    def settled(self) -> None:
        """It did."""
        if self._setup is not None:
            self._setup.cancel()
            self._setup = None

    def carry(self, socket: Socket) -> None:
        """From now on `socket` carries the session; what waited for a poll goes out over it."""
        self.socket = socket
        self.send = socket.send
        socket.carries(self.receiver.text)
        queue, self._queue, self._queued = self._queue, [], 0
        self._answer_poll([NOOP])
        for packet in queue:
            socket.send(packet)

    def close(self, closing: Closing, reason: str) -> None:
        """Ends the session from our side. A polling client may still fetch what was sent before with its next poll."""
        self._close(closing, reason, keep=True)

    def _close(self, closing: Closing, reason: str, keep: bool) -> None:
        if self.engine.state is State.CLOSED:
            return
        carried = self.engine.state is State.WEBSOCKET
        if not carried:
            self._enqueue(CLOSE)
        self._end(reason, keep_polling=not carried and (keep or self._poll is not None))
        if self.socket is not None:
            self.socket.close(closing, reason)
            self.socket = None

    def drop(self) -> None:
        """Forgets the session, whatever its client may still have to fetch."""
        self._end("dropped")
        self._forget()

    def expire(self, due: float) -> None:
        """No pong within pingInterval + pingTimeout."""
        self._end("ping timeout")
        if self.socket is not None:
            self.socket.close(Closing.GOING_AWAY, "ping timeout")

    @property
    def is_slow(self) -> bool:
        """True while what is sent piles up."""
        return self.slow or self._queued > self._hub.options.max_buffered // 4

    @property
    def is_closed(self) -> bool:
        """True once the session is over, even while its last packets wait for a poll."""
        return self.engine.state is State.CLOSED

    @property
    def is_new(self) -> bool:
        """True for a session that was opened by a WebSocket, until that carries it."""
        return self.engine.state is State.WEBSOCKET and self.socket is None

    # --- what comes in

    def receive(self, packet: Packet, channel: Channel) -> None:
        """One packet. A client that breaks the protocol loses its session, or its probe if only that is to blame."""
        try:
            action = self.engine.receive(packet, channel)
            if action is Action.DELIVER:
                if isinstance(packet, str):
                    self.receiver.text(packet)
                else:
                    self.receiver.binary(packet)
            elif action is Action.BEAT:
                self._beat_received()
            else:
                self._switch(action)
        except ProtocolViolation as violation:
            self.violate(str(violation), channel)

    def violate(self, reason: str, channel: Channel, closing: Closing = Closing.PROTOCOL_ERROR) -> None:
        """The client broke the protocol on `channel`."""
        self._hub.journal.violated(self.address, reason)
        if channel is Channel.WEBSOCKET and self.engine.state is not State.WEBSOCKET:
            self._refuse_probe(closing, reason)
        else:
            self.violated = True
            self._close(closing, reason, keep=False)

    def socket_lost(self, socket: Socket, reason: str) -> None:
        """A WebSocket ended: the session with it, if it carried the session."""
        if self.socket is not socket:
            return
        self.socket = None
        if self.engine.state is State.WEBSOCKET:
            self._end(reason)
        else:
            self.engine.probe_lost()

    def probe(self, socket: Socket) -> bool:
        """`socket` would like to carry this polling session. False when another one does or tries."""
        if not self.engine.probe_opened():
            return False
        self.socket = socket
        self._hub.schedule(self._hub.setups, self._hub.now(), lambda due: self._probe_late(socket))
        return True

    # --- polling

    def poll(self) -> "asyncio.Future[list[Outgoing]] | None":
        """The packets for one GET, now or when there are some; None when another GET waits (the session is closed)."""
        if self._poll is not None:
            self.violate("two polls at once", Channel.POLLING)
            return None
        poll: asyncio.Future[list[Outgoing]] = asyncio.get_running_loop().create_future()
        self._poll = poll
        if self._queue:
            self._flush()
        elif self.engine.state is State.PROBED:
            self._answer_poll([NOOP])  # the client waits for its polls to end before it moves
        return poll

    def poll_lost(self) -> None:
        """The GET was given up by its client, and whatever it was about to carry with it."""
        self._poll = None
        self._end("poll aborted")

    def begin_post(self, deadline: asyncio.Timeout) -> bool:
        """False when another POST of this session is on its way (the session is closed).

        `deadline` is the time-out of reading its body: the end of the session is the end of that as well.
        """
        if self._posting is not None:
            self.violate("two posts at once", Channel.POLLING)
            return False
        self._posting = deadline
        return True

    def end_post(self) -> None:
        """The POST has been read, or given up."""
        self._posting = None

    # --- one level below

    def _enqueue(self, packet: Outgoing) -> None:
        if self._closed_told:
            return
        self._queue.append(packet)
        self._queued += encoded_size(packet)
        if self._queued > self._hub.options.max_buffered:
            self._queue, self._queued = [], 0
            self.send = _nowhere
            # Not within the sending of news: what comes of this end must not overtake them.
            asyncio.get_running_loop().call_soon(self._overflow)
        elif self._poll is not None and not self._poll.done():
            # Packets of one turn of the loop go out as one payload.
            asyncio.get_running_loop().call_soon(self._flush)

    def _overflow(self) -> None:
        self._hub.journal.violated(self.address, "does not poll")
        self.close(Closing.TRY_LATER, "slow reader")

    def _flush(self) -> None:
        """Answers the poll that waits. CLOSE goes alone: the npm client loses what it finds in front of one."""
        if not self._queue or self._poll is None:
            return
        packets = self._queue[:POLL_PACKETS]
        if len(packets) > 1 and packets[-1] is CLOSE:
            packets.pop()
        del self._queue[: len(packets)]
        self._queued -= sum(map(encoded_size, packets))
        self._answer_poll(packets)
        if self.engine.state is State.CLOSED and not self._queue:
            self._forget()

    def _answer_poll(self, packets: list[Outgoing]) -> None:
        poll, self._poll = self._poll, None
        if poll is not None and not poll.done():
            poll.set_result(packets)

    def _switch(self, action: Action) -> None:
        socket = self.socket
        if action is Action.END:
            self._answer_poll([NOOP])
            self._end("transport close")
            if socket is not None:
                socket.close(Closing.NORMAL, "")
        elif action is Action.ANSWER_PROBE and socket is not None:
            socket.send(PROBE_ANSWER)
            self._answer_poll([NOOP])
        elif action is Action.MOVE and socket is not None:
            self.carry(socket)

    def _refuse_probe(self, closing: Closing, reason: str) -> None:
        socket, self.socket = self.socket, None
        self.engine.probe_lost()
        if socket is not None:
            socket.close(closing, reason)

    def _probe_late(self, socket: Socket) -> None:
        if self.socket is socket and self.engine.state in (State.PROBING, State.PROBED):
            self._refuse_probe(Closing.POLICY, "upgrade not completed")

    def _setup_late(self, due: float) -> None:
        self._setup = None
        self.close(Closing.POLICY, "no CONNECT in time")

    def _ping(self, due: float) -> None:
        hub = self._hub
        self.engine.awaits_pong = True
        self._beat = hub.schedule(hub.pongs, due, self.expire)
        self.send(PING)

    def _beat_received(self) -> None:
        hub = self._hub
        self.confirmed = self._beat.due - hub.options.ping_timeout
        self._beat.cancel()
        now = hub.now()
        self.expires_at = now + hub.options.ping_interval + hub.options.ping_timeout
        self._beat = hub.schedule(hub.pings, now, self._ping)
        if (confirming := self._confirming) is not None:
            self._confirming = None
            confirming()

    def confirm(self, call: Callable[[], None]) -> None:
        """Pings out of turn; where a pong is owed already, that one says too little, and another ping follows it."""
        if self.engine.state is State.CLOSED:
            return
        if self.engine.awaits_pong:
            self._confirming = lambda: self.confirm(call)
            return
        self._confirming = call
        self._beat.cancel()
        self._ping(self._hub.now())

    def check_progress(self, now: float) -> None:
        """Cuts the client off when too much waits for it, or nothing of it has moved for too long."""
        if self.socket is None or not self.slow:
            self._hub.slow.discard(self)
            return
        waiting, progress = self.socket.unsent(), self.socket.progress()
        if progress > self._mark or waiting == 0:
            self._mark, self._mark_at = progress, now
        if waiting > self._hub.options.max_buffered or now - self._mark_at >= STALLED_AFTER:
            self._hub.journal.violated(self.address, "does not read")
            self.socket.cut_off()

    def set_slow(self, slow: bool) -> None:
        """The WebSocket's buffer began to fill, or is empty again."""
        self.slow = slow
        if slow:
            self._mark_at = self._hub.now()
            self._hub.watch(self)
        else:
            self._hub.slow.discard(self)

    def _end(self, reason: str, keep_polling: bool = False) -> None:
        """Tells the application, once, and lets go of everything that waits for time to pass."""
        if not self._closed_told:
            self._closed_told = True
            self.engine.close()
            self._beat.cancel()
            self.settled()
            self._hub.slow.discard(self)
            if self._posting is not None and not self._posting.expired():
                self._posting.reschedule(self._hub.now())
            self._tell_closed(reason)
        if keep_polling:
            self._flush_or_wait()
        else:
            self._forget()

    def _tell_closed(self, reason: str) -> None:
        try:
            self.receiver.closed(reason)
        except Exception:  # whatever it is, the session must be gone afterwards
            self._hub.journal.failed("the end of a session could not be told")

    def _flush_or_wait(self) -> None:
        """What was sent before the end still goes out: with the poll that waits, or with the next ones."""
        self._flush()
        if self._queue:
            self._hub.schedule(self._hub.setups, self._hub.now(), lambda due: self._forget())

    def _forget(self) -> None:
        self._hub.sessions.pop(self.sid, None)
        self.send = _nowhere
        self.receiver = GONE
        self._confirming = None
        self._queue, self._queued = [], 0
        if self._poll is not None:
            self._answer_poll([CLOSE])


def _nowhere(packet: Outgoing) -> None:
    """Where packets for a session that is over go."""


class _Gone:
    """The receiver of a session that is over: session and application let go of each other, and memory is back."""

    def text(self, packet: str) -> None:
        """Dropped."""

    def binary(self, data: bytes) -> None:
        """Dropped."""

    def closed(self, reason: str) -> None:
        """Known."""


GONE = _Gone()
