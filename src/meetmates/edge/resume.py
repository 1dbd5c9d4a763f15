"""Coming back after a lost connection: what was sent lately, and who may take it up (docs/protocol.md, "Resume").

Only for clients that ask for it at their CONNECT. Nobody else has a `Resumable` for a link.
"""

import secrets
from collections import deque
from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple

from meetmates.edge.member import Member, event
from meetmates.transport.ports import Closing, Link
from meetmates.wire.engine_packets import Outgoing

KEPT_EVENTS = 256  # of those sent last; whoever missed more begins anew
KEPT_BYTES = 256 * 1024  # and their size in all
KEPT_CONFIRMED = 32  # of those that the client is known to have had: room for one whose page was slower than its engine
SECRET_BYTES = 20  # 160 random bits
TAG_LENGTH = 6  # characters; tells the offsets of one seat from those of the one that the client had before
EVENT = b"42["
# What is worth nothing later: stamped, but neither counted nor kept. The number of people is told anew on a return.
FLEETING = (b'42["onlineUsers"', b'42["queueStatus"', b'42["partnerTyping"')
TURNS = (b'42["partnerLeft"', b'42["chatStart"', b'42["seatTaken"')  # after which messages are meant for another


class _Sent(NamedTuple):
    packet: bytes
    at: float  # on the steady clock, in seconds


class Resumable:
    """The link of a member who may come back: stamps each event with its offset, and keeps it for a while.

    An offset says how far its client has got: all events up to this one. Over the limits the oldest are dropped, and
    whoever has not had those cannot come back.
    """

    __slots__ = ("_last", "_left", "_link", "_log", "_now", "_seen", "_size", "_tag", "key", "pid")

    def __init__(self, link: Link, now: Callable[[], float]) -> None:
        self.pid = secrets.token_urlsafe(SECRET_BYTES)  # the same over all returns
        self.key = ""  # the digest of the key that is good for the next one
        self._tag = secrets.token_urlsafe(SECRET_BYTES)[:TAG_LENGTH]
        self._link: Link | None = link
        self._now = now
        self._log: deque[_Sent] = deque()
        self._size = 0  # bytes of all in the log
        self._last = 0  # the number of the newest event
        self._left = 0  # the newest when the connection was lost
        self._seen = 0  # the client has had all up to this one

    # --- Link

    def send(self, packet: Outgoing) -> None:
        """Sends a packet, now or when the client is back."""
        if packet.startswith(EVENT):
            packet = self._stamp(bytes(packet), self._last) if packet.startswith(FLEETING) else self._keep(packet)
            if self._link is None and packet.startswith(FLEETING):
                return
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
        dropped = self._last - len(self._log)
        confirmed = self.confirmed
        had = next((number for number, sent in enumerate(self._log) if sent.at >= confirmed), len(self._log))
        self._seen = max(self._seen, dropped + had)
        self._link = None
        self._left = self._last

    def begin(self, offset: object, by_pid: bool) -> int | None:
        """The number of the newest event that a client who comes back with this `offset` has had; None: too long ago.

        Without an offset of ours the client has had nothing, if it knows such things (`by_pid`), else what is certain.
        """
        dropped = self._last - len(self._log)
        number = self._number(offset)
        if number is None:
            number = 0 if by_pid and dropped == 0 else self._seen
        return number if number >= dropped else None

    def is_behind(self, begin: int, offset: object) -> bool:
        """Whether a chat has ended or begun since, of which the client certainly knows nothing."""
        knows = begin if self._number(offset) is not None else max(begin, self._left)
        return any(packet.startswith(TURNS) for packet in self._behind(knows))

    def attach(self, link: Link, begin: int) -> None:
        """There is a connection again, whose client has had all up to `begin`; what it has missed is sent."""
        self._link = link
        self._seen = max(self._seen, begin)
        for packet in self._behind(begin):
            link.send(packet)

    def missed(self, begin: int) -> int:
        """How many events a client who has had all up to `begin` has not had."""
        return self._last - begin

    def about(self, name: str, argument: Any, begin: int) -> bytes:
        """The packet of an event that is about one connection alone, to be sent in front of those behind `begin`."""
        return self._stamp(event(name, argument), begin)

    # --- one level below

    def _behind(self, number: int) -> list[bytes]:
        dropped = self._last - len(self._log)
        return [sent.packet for sent in self._log][max(0, number - dropped) :]

    def _keep(self, packet: Outgoing) -> bytes:
        self._last += 1
        stamped = self._stamp(bytes(packet), self._last)
        log = self._log
        log.append(_Sent(stamped, self._now()))
        self._size += len(stamped)
        while len(log) > KEPT_EVENTS or self._size > KEPT_BYTES:
            self._size -= len(log.popleft().packet)
        while len(log) > KEPT_CONFIRMED and log[0].at < self.confirmed:
            self._size -= len(log.popleft().packet)
        return stamped

    def _stamp(self, packet: bytes, number: int) -> bytes:
        return b'%b,"%b.%d"]' % (packet[:-1], self._tag.encode(), number)

    def _number(self, offset: object) -> int | None:
        if not isinstance(offset, str):
            return None
        tag, _, digits = offset.rpartition(".")
        if tag != self._tag or not (digits.isascii() and digits.isdigit()) or len(digits) > len(str(self._last)):
            return None
        return number if (number := int(digits)) <= self._last else None


class Claim(NamedTuple):
    """Somebody asks for the seat of `member`: by its key, or by its `pid`, as the official client does, or by both."""

    member: Member
    link: Resumable
    by_key: bool
    by_pid: bool


class Seats:
    """Everybody who may come back, by digests: nothing kept here opens anything."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._by_pid: dict[str, Member] = {}
        self._by_key: dict[str, Member] = {}

    def __len__(self) -> int:
        return len(self._by_pid)

    def add(self, member: Member) -> Resumable:
        """Makes `member` one who may come back."""
        link = member.link = Resumable(member.link, self._now)
        self._by_pid[_digest(link.pid)] = member
        return link

    def new_key(self, member: Member, link: Resumable) -> str:
        """A key that is good once; the one before it is good no more."""
        self._by_key.pop(link.key, None)
        key = secrets.token_urlsafe(SECRET_BYTES)
        link.key = _digest(key)
        self._by_key[link.key] = member
        return key

    def find(self, resume: object, pid: object) -> Claim | None:
        """Whose seat these are for, if anybody's."""
        keyed = self._by_key.get(_digest(resume)) if isinstance(resume, str) else None
        known = self._by_pid.get(_digest(pid)) if isinstance(pid, str) else None
        member = known or keyed
        if member is None or not isinstance(member.link, Resumable):
            return None
        return Claim(member, member.link, keyed is member, known is member)

    def remove(self, member: Member) -> bool:
        """`member` can come back no more; false when it could not before. It is left with its plain connection."""
        link = member.link
        if not isinstance(link, Resumable):
            return False
        del self._by_pid[_digest(link.pid)]
        self._by_key.pop(link.key, None)
        member.link = member.client.link
        return True


def wants_to_resume(auth: dict[str, Any]) -> bool:
    """Whether a CONNECT asks for it: `auth.resume` is true, or a key."""
    resume = auth.get("resume")
    return resume is True or (isinstance(resume, str) and resume != "")


def _digest(secret: str) -> str:
    return sha256(secret.encode(errors="replace")).hexdigest()
