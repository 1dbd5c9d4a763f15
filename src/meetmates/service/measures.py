"""What is counted while the server runs: plain numbers, cheap enough for every message."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field

RELAY_BOUNDS = (0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.1, 1.0)  # seconds
WAITING_BOUNDS = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
LAG_BOUNDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0)


class Histogram:
    """Counts values by upper bound, as Prometheus wants them."""

    __slots__ = ("_bounds", "_counts", "sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Counts one value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self.sum += value

    def buckets(self) -> list[tuple[str, float]]:
        """Upper bounds with the number of values up to each, `+Inf` last."""
        total = 0
        rows: list[tuple[str, float]] = []
        for bound, count in zip((*self._bounds, None), self._counts, strict=True):
            total += count
            rows.append(("+Inf" if bound is None else str(bound), total))
        return rows


class RelayTimer:
    """Times messages until they are written, which happens to all of a turn of the loop together, at its end."""

    __slots__ = ("_histogram", "_now", "_soon", "_started")

    def __init__(
        self, histogram: Histogram, now: Callable[[], float], soon: Callable[[Callable[[], None]], object]
    ) -> None:
        """`soon` makes its argument happen after what was asked of it before, in the next turn of the loop."""
        self._histogram = histogram
        self._now = now
        self._soon = soon
        self._started: list[float] = []

    def relayed(self, started: float) -> None:
        """A message that arrived at `started` (steady clock, seconds) is on its way to both."""
        if not self._started:
            self._soon(self._written)
        self._started.append(started)

    def _written(self) -> None:
        now = self._now()
        observe = self._histogram.observe
        for started in self._started:
            observe(now - started)
        self._started.clear()


@dataclass(slots=True)
class Measures:
    """Everything that is counted on one node. Times are in seconds."""

    relay: Histogram = field(default_factory=lambda: Histogram(RELAY_BOUNDS))
    waiting: Histogram = field(default_factory=lambda: Histogram(WAITING_BOUNDS))
    loop_lag: Histogram = field(default_factory=lambda: Histogram(LAG_BOUNDS))
    refusals: dict[str, int] = field(default_factory=dict)  # by code
    connections_total: int = 0
    chats_total: int = 0
