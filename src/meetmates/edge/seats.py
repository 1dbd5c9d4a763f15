"""Who may come back to which seat: the secrets, and the members behind them."""

import secrets
from collections.abc import Callable
from hashlib import sha256
from typing import Any, NamedTuple

from meetmates.edge.member import Member
from meetmates.edge.resume import Resumable
from meetmates.ports import KeptSeat, SeatStore

SECRET_BYTES = 20  # 160 random bits
TAG_LENGTH = 6  # characters; tells the offsets of one seat from those of the one that the client had before


class Claim(NamedTuple):
    """Somebody asks for the seat of `member`: by its key, or by its `pid`, as the official client does, or by both."""

    member: Member
    link: Resumable
    key: str | None  # the digest of that key
    by_pid: bool

    @property
    def seat(self) -> KeptSeat:
        """What is kept of it."""
        return self.link.seat


class Seats:
    """The members of this node who may come back. In the store are digests alone: nothing there opens anything."""

    def __init__(self, store: SeatStore, now: Callable[[], float]) -> None:
        self._store = store
        self._now = now
        self._members: dict[str, Member] = {}

    def __len__(self) -> int:
        return len(self._store)

    def add(self, member: Member) -> Resumable:
        """Makes `member` one who may come back."""
        person = member.person
        pid = secrets.token_urlsafe(SECRET_BYTES)
        seat = KeptSeat(person.id, person.account, person.pool, secrets.token_urlsafe(SECRET_BYTES)[:TAG_LENGTH])
        log = self._store.add(seat, _digest(pid))
        link = member.link = Resumable(member.link, seat, pid, log, self._now)
        self._members[seat.id] = member
        return link

    def new_key(self, link: Resumable, used: str | None = None) -> str:
        """A key that is good once. All before it are good no more, but for the one that was `used` (its digest).

        That one is, until `arrived`: the answer with the new key may be lost on its way.
        """
        key = secrets.token_urlsafe(SECRET_BYTES)
        self._set_keys(link, (_digest(key),) if used is None else (_digest(key), used))
        return key

    def arrived(self, link: Resumable) -> None:
        """The client has its newest key: the one that it came with is good no more."""
        self._set_keys(link, link.keys[:1])

    def find(self, resume: object, pid: object) -> Claim | None:
        """Whose seat these are for, if anybody's. Where they are for two, the one of the `pid` is meant."""
        key = _digest(resume) if isinstance(resume, str) else None
        keyed = self._store.by_key(key) if key is not None else None
        known = self._store.by_pid(_digest(pid)) if isinstance(pid, str) else None
        seat = known or keyed
        member = None if seat is None else self._members.get(seat.id)
        if member is None or not isinstance(member.link, Resumable):
            return None
        return Claim(member, member.link, key if keyed == seat else None, known is not None)

    def remove(self, member: Member) -> bool:
        """`member` can come back no more; false when it could not before. It is left with its plain connection."""
        link = member.link
        if not isinstance(link, Resumable):
            return False
        self._store.remove(link.seat.id)
        del self._members[link.seat.id]
        member.link = member.client.link
        return True

    def _set_keys(self, link: Resumable, keys: tuple[str, ...]) -> None:
        link.keys = keys
        self._store.set_keys(link.seat.id, keys)


def wants_to_resume(auth: dict[str, Any]) -> bool:
    """Whether a CONNECT asks for it: `auth.resume` is true, or a key."""
    resume = auth.get("resume")
    return resume is True or (isinstance(resume, str) and resume != "")


def _digest(secret: str) -> str:
    return sha256(secret.encode(errors="replace")).hexdigest()
