"""What was measured: samples of each server in each row, and the figures drawn from them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from bench.driver import Phase
from bench.plan import Row


@dataclass
class Memory:
    """Resident memory in KiB at the stations of a row."""

    before: int = 0
    full: int = 0
    connections: int = 0
    after_leaving: list[int] = field(default_factory=list)

    @property
    def per_connection(self) -> float | None:
        """KiB for each idle connection."""
        return (self.full - self.before) / self.connections if self.connections else None

    @property
    def growth(self) -> int | None:
        """KiB that the second departure left beyond the first."""
        return self.after_leaving[1] - self.after_leaving[0] if len(self.after_leaving) == 2 else None


@dataclass
class Samples:
    """Everything about one server in one row."""

    arrivals: list[Phase] = field(default_factory=list)
    pairings: list[Phase] = field(default_factory=list)
    relays: list[Phase] = field(default_factory=list)
    rates: list[Phase] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)
    notes: list[str] = field(default_factory=list)
    quiet: bool = False  # filled without the broadcast of each arrival, because with it the limit passed

    @property
    def arrivals_per_second(self) -> float | None:
        """Connections a second, handshake to CONNECT answer."""
        return _median(phase.per_second for phase in self.arrivals)

    @property
    def arrival_us(self) -> float | None:
        """Server CPU in µs for one arrival, with the broadcasts it causes."""
        return _median(phase.server_us for phase in self.arrivals)

    @property
    def pairing_us(self) -> float | None:
        """Server CPU in µs for one user, from findChat to chatStart."""
        return _median(phase.server_us for phase in self.pairings)

    @property
    def relays_per_second(self) -> float | None:
        """Messages a second with every pair waiting for its last one."""
        return _median(phase.per_second for phase in self.relays)

    @property
    def relay_us(self) -> float | None:
        """Server CPU in µs for one message to both."""
        return _median(phase.server_us for phase in self.relays)

    @property
    def p50(self) -> float | None:
        """Median latency in µs at the row's fixed rate."""
        return _median(phase.p50 for phase in self.rates)

    @property
    def p99(self) -> float | None:
        """99th percentile of the latency in µs at the row's fixed rate."""
        return _median(phase.p99 for phase in self.rates)

    @property
    def driver_share(self) -> float | None:
        """How busy the driver's core was in the closed loop."""
        return _median(phase.driver_share for phase in self.relays)

    @property
    def driver_limits(self) -> bool:
        """Whether the driver may have been what limited relays a second."""
        return any(phase.driver_limits for phase in self.relays)


@dataclass
class RowResult:
    """One row: its servers in the order of the table."""

    row: Row
    servers: dict[str, Samples]

    def relay_ratio(self, other: str) -> float | None:
        """CPU per relay of `other` over ours: the median over rounds, whose windows lie side by side in time."""
        ours, theirs = self.servers.get("ours"), self.servers.get(other)
        if ours is None or theirs is None:
            return None
        rounds = zip(ours.relays, theirs.relays, strict=False)
        return _median(b.server_us / a.server_us for a, b in rounds if a.server_us)

    def arrival_ratio(self, other: str) -> float | None:
        """Arrivals a second of ours over those of `other`."""
        ours, theirs = self.servers.get("ours"), self.servers.get(other)
        if ours is None or theirs is None or not ours.arrivals_per_second or not theirs.arrivals_per_second:
            return None
        return ours.arrivals_per_second / theirs.arrivals_per_second


def _median(values: Iterable[float]) -> float | None:
    numbers = list(values)
    return median(numbers) if numbers else None
