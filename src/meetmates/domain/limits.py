"""Token buckets that cost one number each, and the patience behind them."""

from array import array
from dataclasses import dataclass
from enum import IntEnum

ABUSE_WINDOW = 10  # seconds, counted whole; docs/protocol.md, "Limits"
ROUNDING = 1e-6  # of one event: sums of floats must not cost the last of a burst
ABUSE_BURSTS = 10  # so many bursts refused within the window, and the connection ends
LARGEST_ABUSE_BURST = 150  # a burst counts as no more: a thousand events a second are too many for two seconds
PRUNE_AFTER = 256  # accounts that went; the resting buckets are looked through whenever so many have


class Kind(IntEnum):
    """What is counted apart."""

    MESSAGE = 0
    SEEK = 1
    SIGNAL = 2
    TYPING = 3
    OTHER = 4


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` events in the long run, `burst` at once."""

    per_second: float
    burst: float


RATES: dict[Kind, Rate] = {
    Kind.MESSAGE: Rate(5, 20),
    Kind.SEEK: Rate(1, 10),
    Kind.SIGNAL: Rate(30, 200),
    Kind.TYPING: Rate(2, 5),
    Kind.OTHER: Rate(5, 20),
}
CONNECTS = Rate(200, 6000)  # per address: a campus sits behind one NAT


class Allowance:
    """A `Rate` worked out once. A bucket's whole state is the time at which it will be full again (GCRA)."""

    __slots__ = ("abuse_burst", "burst", "interval", "tolerance")

    def __init__(self, rate: Rate, factor: float = 1.0) -> None:
        self.burst = rate.burst * factor
        self.abuse_burst = min(rate.burst, LARGEST_ABUSE_BURST) * factor
        self.interval = 1 / (rate.per_second * factor)
        self.tolerance = (self.burst - 1 + ROUNDING) * self.interval

    def wait(self, full_at: float, now: float) -> float:
        """Seconds until one more fits into a bucket that will be full at `full_at`; 0 or less when it fits now."""
        return full_at - now - self.tolerance

    def take(self, full_at: float, now: float) -> float:
        """The bucket's next state once one has been taken."""
        return (full_at if full_at > now else now) + self.interval


class Buckets:
    """One bucket of each kind, and how much was refused of late."""

    __slots__ = ("_refused", "allowances", "full_at")

    def __init__(self, allowances: tuple[Allowance, ...]) -> None:
        self.allowances = allowances
        self.full_at = array("d", bytes(8 * len(allowances)))  # all 0.0, in one piece of memory
        self._refused: dict[int, float] | None = None  # bursts by the second in which they were refused

    def take(self, kind: Kind, now: float) -> float:
        """Takes one. Returns 0.0, or the seconds to wait when there is none (and takes nothing)."""
        allowance = self.allowances[kind]
        full_at = self.full_at[kind]
        if full_at > now:
            wait = full_at - now - allowance.tolerance
            if wait > 0:
                return wait
            self.full_at[kind] = full_at + allowance.interval
        else:
            self.full_at[kind] = now + allowance.interval
        return 0.0

    def refuse(self, kind: Kind, now: float) -> bool:
        """Counts one refusal; true when the client has gone on for too long and must go."""
        second = int(now)
        recent = {at: bursts for at, bursts in (self._refused or {}).items() if at > second - ABUSE_WINDOW}
        recent[second] = recent.get(second, 0.0) + 1 / self.allowances[kind].abuse_burst
        self._refused = recent
        return sum(recent.values()) >= ABUSE_BURSTS - ROUNDING

    def is_full(self, now: float) -> bool:
        """True when nothing has been taken for so long that new buckets would be the same."""
        return max(self.full_at) <= now


class SharedBuckets:
    """The buckets of each account, over all of its connections: kept until they are full again when it has gone."""

    def __init__(self, allowances: tuple[Allowance, ...]) -> None:
        self._allowances = allowances
        self._present: dict[str, Buckets] = {}
        self._resting: dict[str, Buckets] = {}
        self._rested = 0

    def __len__(self) -> int:
        return len(self._present) + len(self._resting)

    def of(self, account: str) -> Buckets:
        """The buckets of an account that is here."""
        buckets = self._present.get(account)
        if buckets is None:
            buckets = self._resting.pop(account) if account in self._resting else Buckets(self._allowances)
            self._present[account] = buckets
        return buckets

    def rest(self, account: str, now: float) -> None:
        """The account has gone with its last connection. Whatever is full again is forgotten, now and then."""
        self._resting[account] = self._present.pop(account)
        self._rested += 1
        if self._rested >= PRUNE_AFTER or self._resting[account].is_full(now):
            self._rested = 0
            self._resting = {name: buckets for name, buckets in self._resting.items() if not buckets.is_full(now)}


def allowances(factor: float) -> tuple[Allowance, ...]:
    """The allowance of each `Kind`, in its order, all multiplied by `factor`."""
    return tuple(Allowance(RATES[kind], factor) for kind in Kind)
