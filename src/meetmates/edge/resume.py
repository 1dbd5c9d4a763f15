"""The link of somebody who may come back after a lost connection (docs/protocol.md, "Resume").

Only for clients that ask for it at their CONNECT. Nobody else has a `Resumable` for a link.
"""

from collections.abc import Callable
from typing import Any

from meetmates.edge.member import event
from meetmates.ports import EventLog, KeptSeat
from meetmates.transport.ports import Closing, Link
from meetmates.wire.engine_packets import Outgoing

SETTLE_EVERY = 32  # events; how often what is known to have arrived is looked for
EVENT = b"42["
# What is worth nothing later: stamped, but neither counted nor kept. The number of people is told anew on a return.
FLEETING = (b'42["onlineUsers"', b'42["queueStatus"', b'42["partnerTyping"')
TURNS = (b'42["partnerLeft"', b'42["chatStart"', b'42["seatTaken"')  # after which messages are meant for another


class Resumable:
    """Stamps each event for a member with its offset, notes it in the member's log, and sends it if it can.

    An offset says how far its client has got: all events up to this one. Whoever has not had what the log no longer
    keeps cannot come back.
    """

    __slots__ = ("_left", "_link", "_log", "_now", "_seen", "_tag", "keys", "pid", "seat")

    def __init__(self, link: Link, seat: KeptSeat, pid: str, log: EventLog, now: Callable[[], float]) -> None:
        """`pid` is the secret by which the official client comes back, the same over all returns."""
        self.seat = seat
        self.pid = pid
        self.keys: tuple[str, ...] = ()  # digests: the newest, and the one it was given for while it may not have come
        self._tag = seat.tag.encode()
        self._link: Link | None = link
        self._log = log
        self._now = now
        self._left = 0  # the newest event when the connection was lost
        self._seen = 0  # the client has had all up to this one

    # --- Link

    def send(self, packet: Outgoing) -> None:
        """Sends a packet, now or when the client is back."""
        if packet.startswith(EVENT):
            if packet.startswith(FLEETING):
                if self._link is None:
                    return
                packet = self._stamp(bytes(packet), self._log.last)
            else:
                packet = self._keep(bytes(packet))
        if self._link is not None:
            self._link.send(packet)

    def close(self, closing: Closing, reason: str) -> None:
        """Ends the connection, if there is one."""
        if self._link is not None:
            self._link.close(closing, reason)

    def settled(self) -> None:
        """As the connection has it."""
        if self._link is not None:
            self._link.settled()

    def await_setup(self) -> None:
        """As the connection has it."""
        if self._link is not None:
            self._link.await_setup()

    @property
    def is_slow(self) -> bool:
        """True also for somebody who is away: what may be dropped is."""
        return self._link is None or self._link.is_slow

    @property
    def confirmed(self) -> float:
        """As the connection has it."""
        return 0.0 if self._link is None else self._link.confirmed

    def confirm(self, call: Callable[[], None]) -> None:
        """As the connection has it."""
        if self._link is not None:
            self._link.confirm(call)

    # --- losing and coming back

    def detach(self) -> None:
        """The connection is gone. What its client has certainly had is noted."""
        if self._link is None:
            return
        self._seen = max(self._seen, self._log.sent_before(self.confirmed))
        self._link = None
        self._left = self._log.last

    def begin(self, offset: object, by_pid: bool) -> int | None:
        """The number of the newest event that a client who comes back with this `offset` has had; None: too long ago.

        Without an offset of ours the client has had nothing, if it knows such things (`by_pid`), else what is certain.
        """
        dropped = self._log.dropped
        number = self._number(offset)
        if number is None:
            number = 0 if by_pid and dropped == 0 else self._seen
        return number if number >= dropped else None

    def is_behind(self, begin: int, offset: object) -> bool:
        """Whether a chat has ended or begun since, of which the client certainly knows nothing."""
        knows = begin if self._number(offset) is not None else max(begin, self._left)
        return any(packet.startswith(TURNS) for packet in self._log.behind(max(knows, self._log.dropped)))

    def attach(self, link: Link, begin: int) -> None:
        """There is a connection again, whose client has had all up to `begin`; what it has missed is sent."""
        self._link = link
        self._seen = max(self._seen, begin)
        for packet in self._log.behind(max(begin, self._log.dropped)):
            link.send(packet)

    def missed(self, begin: int) -> int:
        """How many events a client who has had all up to `begin` has not had."""
        return self._log.last - begin

    def about(self, name: str, argument: Any, begin: int) -> bytes:
        """The packet of an event that is about one connection alone, to be sent in front of those behind `begin`."""
        return self._stamp(event(name, argument), begin)

    # --- one level below

    def _keep(self, packet: bytes) -> bytes:
        log = self._log
        number = log.last + 1
        stamped = self._stamp(packet, number)
        log.append(stamped, self._now())
        if number % SETTLE_EVERY == 0:
            log.settle(self.confirmed)
        return stamped

    def _stamp(self, packet: bytes, number: int) -> bytes:
        return b'%b,"%b.%d"]' % (packet[:-1], self._tag, number)

    def _number(self, offset: object) -> int | None:
        last = self._log.last
        if not isinstance(offset, str):
            return None
        tag, _, digits = offset.rpartition(".")
        if tag != self.seat.tag or not (digits.isascii() and digits.isdigit()) or len(digits) > len(str(last)):
            return None
        return number if (number := int(digits)) <= last else None
