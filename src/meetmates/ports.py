"""What the inside needs from the outside: signatures and guarantees, nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from meetmates.domain.effects import Effect, Said
from meetmates.domain.people import Person


class Clock(Protocol):
    """Two clocks. Calls cost well under a microsecond."""

    def now(self) -> float:
        """Seconds of a steady clock that never runs backwards. Its zero means nothing."""

    def wall(self) -> float:
        """Seconds since the epoch, UTC. May jump."""


class Outbox(Protocol):
    """Tells people what happened. Never waits, never raises for somebody who has gone; keeps the order of its calls."""

    def deliver(self, effects: Iterable[Effect]) -> None:
        """Tells everybody named in `effects`, in their order."""

    def say(self, said: Said) -> None:
        """Sends one message to both members of its chat, the sender first."""

    def online(self, people: Iterable[Person], count: int) -> None:
        """Tells `people` how many are connected."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is held against an account. Times are seconds since the epoch, finite ones; None: it is not held."""

    banned: bool = False
    suspended_until: float | None = None
    muted_until: float | None = None


class Safety(Protocol):
    """Blocks, mutes and bans. Every answer comes from memory, at once; changes made elsewhere arrive in their time.

    People are named by account, guests by socket id. `block`, `unblock` and `set_standing` are idempotent and take
    effect for the next question asked.
    """

    def may_meet(self, one: str, other: str) -> bool:
        """False once either has blocked the other. Symmetric."""

    def standing(self, account: str) -> Standing:
        """What is held against `account`; an unknown one has a clean record."""

    def block(self, blocker: str, blocked: str) -> None:
        """`blocker` never meets `blocked` again, nor the other way round."""

    def unblock(self, one: str, other: str) -> None:
        """Neither has blocked the other any more: whoever had deleted the account."""

    def forget(self, guest: str) -> None:
        """The guest with this socket id has gone, and can never be met again."""

    def set_standing(self, account: str, standing: Standing) -> None:
        """Replaces what is held against `account`."""


class Roster(Protocol):
    """Who belongs here. Every answer comes from memory, at once; changes made elsewhere arrive in their time."""

    def is_gate_closed(self) -> bool:
        """Whether a campus is configured, so that only its members come in."""

    def pool(self, account: str | None) -> str | None:
        """Among whom `account` (None: a guest) looks for partners; None for one who does not belong here."""

    def is_over(self, session: str) -> bool:
        """Whether this sign-in was ended while tokens of it may still be valid."""


@dataclass(frozen=True, slots=True)
class Party:
    """One member of a chat, as it is remembered: socket id, account unless it was a guest, the name shown in it."""

    id: str
    account: str | None
    name: str | None = None

    @property
    def key(self) -> str:
        """Who this is to blocks and reports."""
        return self.account or self.id


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a chat; `sender` is a socket id, `at` is on the steady clock, in seconds."""

    sender: str
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Remembered:
    """A chat that runs or ended less than 5 minutes ago, with its newest messages."""

    chat_id: str
    parties: tuple[Party, Party]
    lines: tuple[Line, ...]


class Recollection(Protocol):
    """What is known of chats for as long as somebody may report them: in memory, in plain values, never stored.

    At most 50 messages of at most 10 minutes, of running chats and for 5 minutes after their end; fewer where that
    would take too much memory. Times are seconds of the steady clock. Every answer comes at once.
    """

    def begin(self, chat_id: str, parties: tuple[Party, Party]) -> None:
        """A chat has begun."""

    def note(self, chat_id: str, sender: str, text: str, at: float) -> None:
        """A message was said in it."""

    def end(self, chat_id: str, now: float) -> None:
        """It is over."""

    def find(self, chat_id: str, now: float) -> Remembered | None:
        """The chat, if it is still remembered."""

    def last(self, key: str, now: float) -> str | None:
        """The id of the chat of somebody that ended last, if it is still remembered."""

    def sweep(self, now: float) -> None:
        """Forgets what has to be forgotten by now. To be called every few seconds."""


@dataclass(frozen=True, slots=True)
class Quote:
    """One line of evidence; `at` is in seconds since the epoch."""

    by_reporter: bool
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class Complaint:
    """A report as it is filed. `evidence` is None when the reporter keeps it to itself."""

    chat_id: str
    reporter: Party
    reported: Party
    reason: str
    note: str | None
    evidence: tuple[Quote, ...] | None


class Casework(Protocol):
    """What becomes of blocks and reports. Both are kept once the call has returned; both are idempotent."""

    async def block(self, blocker: Party, blocked: Party) -> None:
        """Keeps the block for ever. Guests are not kept."""

    async def report(self, complaint: Complaint) -> None:
        """Keeps the report, and takes whatever step follows by itself."""


KEPT_EVENTS = 256  # of those sent last to one client; docs/protocol.md, "Resume"
KEPT_BYTES = 256 * 1024  # and their size in all
KEPT_CONFIRMED = 32  # of those that have arrived: room for a client whose page was slower than its engine


@dataclass(frozen=True, slots=True)
class KeptSeat:
    """A seat to which its owner may come back: what another node has to know of it.

    `id` is the socket id, by which the lobby finds the person, its chat and its place in the queue; `tag` marks the
    offsets of its events.
    """

    id: str
    account: str | None
    pool: str
    tag: str


class EventLog(Protocol):
    """The events that one client was sent last, as bytes, numbered from 1: those from `dropped` + 1 to `last` are kept.

    At most `KEPT_EVENTS` of `KEPT_BYTES` in all, or of fewer where the adapter was told so: beyond that the oldest go,
    and nothing is skipped in between. Times are seconds of one steady clock. `append` is on the path of every message:
    it never waits.
    """

    last: int

    @property
    def dropped(self) -> int:
        """How many of the oldest are kept no more."""

    def append(self, packet: bytes, at: float) -> None:
        """One more event, sent at this time, which is not before that of the last one."""

    def behind(self, number: int) -> list[bytes]:
        """The events after this one, oldest first. `number` is from `dropped` to `last`."""

    def sent_before(self, at: float) -> int:
        """The number of the newest event that was sent before that time; `dropped` when all that are kept are newer."""

    def settle(self, before: float) -> None:
        """What was sent before that time has arrived: of that, only the newest `KEPT_CONFIRMED` are worth keeping."""


class SeatStore(Protocol):
    """Seats and their logs, in plain values. Secrets come as digests alone: nothing that is kept opens anything.

    Every answer comes at once, and is true for the next question asked. A seat is good from `add` to `remove`, however
    long that is: the lobby knows when a grace is over.
    """

    def __len__(self) -> int:
        """How many seats there are."""

    def add(self, seat: KeptSeat, pid: str) -> EventLog:
        """A new seat, with no key yet, and its empty log."""

    def set_keys(self, id: str, keys: tuple[str, ...]) -> None:
        """Replaces all keys of the seat with this socket id. Two seats never have the same one."""

    def by_pid(self, pid: str) -> KeptSeat | None:
        """The seat with this `pid`, None for one that never was or was removed."""

    def by_key(self, key: str) -> KeptSeat | None:
        """The seat with this key, None for one that never was, was replaced or went with its seat."""

    def log(self, id: str) -> EventLog | None:
        """The log of the seat with this socket id: what whoever takes the seat over sends from."""

    def remove(self, id: str) -> None:
        """The seat is gone, with its keys and its log."""
