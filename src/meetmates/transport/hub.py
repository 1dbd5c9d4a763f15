"""All sessions of one server: found by id, kept alive by one wheel, closed together."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from meetmates.transport.lanes import Deadline, Lane
from meetmates.transport.ports import Application, Closing, Journal, Opening, Rationing
from meetmates.transport.session import Session, Socket
from meetmates.wire.engine_session import Channel

SLOW_CHECK = 1.0  # seconds between two looks at clients that do not read
CLOSE_SLICE = 200  # sessions closed in one turn of the loop


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """The engine's numbers: seconds and bytes."""

    ping_interval: float = 25.0
    ping_timeout: float = 20.0
    connect_timeout: float = 9.0
    max_payload: int = 200_000
    max_buffered: int = 1024 * 1024


class Hub:
    """Sessions by their secret id, and one timer for everything that any of them waits for."""

    def __init__(self, options: EngineOptions, application: Application, journal: Journal, controls: Rationing) -> None:
        """`controls` rations WebSocket pings: browsers send none, and each would be answered."""
        self.options = options
        self.controls = controls
        self.journal = journal
        self._application = application
        self._loop = asyncio.get_running_loop()
        self.now = self._loop.time
        self.sessions: dict[str, Session] = {}
        self.slow: set[Session] = set()
        self._unwritten: list[Socket] = []
        self.pings = Lane(options.ping_interval)
        self.pongs = Lane(options.ping_timeout)
        self.setups = Lane(options.connect_timeout)
        self.slow_checks = Lane(SLOW_CHECK)
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = 0.0
        self.closing = False

    def open(self, channel: Channel, opening: Opening) -> Session:
        """A new session. Its id has 160 random bits and is known to its client alone."""
        sid = secrets.token_urlsafe(20)
        session = Session(self, sid, channel, opening.address)
        self.sessions[sid] = session
        session.start(self._application.open(session, opening))
        return session

    def find(self, sid: str) -> Session | None:
        """The session with this id, if it is alive at this very moment."""
        session = self.sessions.get(sid)
        if session is not None and session.expires_at <= self.now():
            session.expire(session.expires_at)
            return None
        return session

    def handshake(self, sid: str, channel: Channel) -> bytes:
        """The OPEN packet: times in milliseconds, as Engine.IO v4 has them."""
        options = self.options
        return b"0" + msgspec.json.encode(
            {
                "sid": sid,
                "upgrades": ["websocket"] if channel is Channel.POLLING else [],
                "pingInterval": round(options.ping_interval * 1000),
                "pingTimeout": round(options.ping_timeout * 1000),
                "maxPayload": options.max_payload,
            }
        )

    def schedule(self, lane: Lane, start: float, call: Callable[[float], None]) -> Deadline:
        """Notes a deadline in `lane` and sees to it that the timer goes off in time."""
        deadline = lane.add(start, call)
        if self._timer is None or deadline.due < self._timer_due:
            self._arm(deadline.due)
        return deadline

    def unwritten(self, socket: Socket) -> None:
        """`socket` has something to write: all do at the end of this turn of the loop.

        A write wakes the reader at the other end. One after the other, a reader on another core would wake and sleep
        again for each; together, it wakes once, and several packets for one client leave in one system call.
        """
        if not self._unwritten:
            self._loop.call_soon(self.flush)
        self._unwritten.append(socket)

    def flush(self) -> None:
        """Writes everything that was sent in this turn."""
        sockets, self._unwritten = self._unwritten, []
        for socket in sockets:
            try:
                socket.flush()
            except Exception:  # one that cannot be written to must not silence the others
                self.journal.failed("news could not be written")

    def watch(self, session: Session) -> None:
        """`session` does not read as fast as it is written to: keep an eye on it."""
        if not self.slow:
            self.schedule(self.slow_checks, self.now(), self._check_slow)
        self.slow.add(session)

    async def close(self, farewell: bytes | None, closing: Closing, reason: str, patience: float) -> None:
        """Tells everyone `farewell`, ends every session, and waits up to `patience` seconds for polls to fetch it."""
        self.closing = True
        if farewell is not None:  # to everybody, before the first end makes news of its own
            await self._in_slices(lambda session: session.send(farewell))
        await self._in_slices(lambda session: session.close(closing, reason))
        deadline = self.now() + patience
        while self.sessions and self.now() < deadline:  # noqa: ASYNC110 - the deadline ends it in any case
            await asyncio.sleep(0.02)
        for session in list(self.sessions.values()):
            session.drop()

    async def _in_slices(self, each: Callable[[Session], None]) -> None:
        for number, session in enumerate(list(self.sessions.values()), 1):
            each(session)
            if number % CLOSE_SLICE == 0:
                await asyncio.sleep(0)

    def _check_slow(self, due: float) -> None:
        for session in list(self.slow):
            session.check_progress(due)
        if self.slow:
            self.schedule(self.slow_checks, self.now(), self._check_slow)

    def _arm(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_due = due
        self._timer = self._loop.call_at(due, self._turn)

    def _turn(self) -> None:
        self._timer = None
        now = self.now()
        lanes = (self.pongs, self.pings, self.setups, self.slow_checks)
        for lane in lanes:
            lane.run(now)
        dues = [due for lane in lanes if (due := lane.next_due()) is not None]
        if dues and (self._timer is None or min(dues) < self._timer_due):
            self._arm(min(dues))
