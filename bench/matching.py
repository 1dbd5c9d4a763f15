"""What one match costs with many waiting: the rules alone, no socket.

    python -m bench.matching

Nobody of those who wait may meet another of them (as if each had blocked all the others), so the queue stays as long
as it is; a newcomer whom everybody may meet comes, is paired and leaves again, and somebody new takes the place that
became free. Timed is the newcomer's `seek` alone, which is the whole of `findChat` below the wire.
"""

import gc
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from statistics import median, quantiles
from time import perf_counter_ns

from meetmates.domain.effects import ChatStarted
from meetmates.domain.lobby import Lobby
from meetmates.domain.matching import Policy
from meetmates.domain.names import PAIRS, names_of
from meetmates.domain.people import Person, Wish

SIZES = (1_000, 100_000)
MATCHES = 2_000
INTERESTS = tuple(f"interest {number}" for number in range(200))
MIDDAY = 1_000.0  # seconds; the clock stands still, so that nobody's patience for a shared interest ends


@dataclass(frozen=True)
class Cost:
    """µs for one match in one queue."""

    kind: str
    waiting: int
    median: float
    p99: float


def may_meet(one: Person, other: Person) -> bool:
    """Those who wait may not meet each other; `link` tells them from the newcomer."""
    return one.link is not other.link


def plain(_random: Random) -> Wish:
    """Whoever comes first."""
    return Wish()


def interested(random: Random) -> Wish:
    """Three interests, so that 100,000 people share 200 of them in lines of 1,500."""
    return Wish(interests=frozenset(random.sample(INTERESTS, 3)))


KINDS: dict[str, Callable[[Random], Wish]] = {"without interests": plain, "with interests": interested}


class Queue:
    """A lobby in which `waiting` people wait who may not meet each other."""

    def __init__(self, wish: Callable[[Random], Wish], waiting: int) -> None:
        self._random = Random(20)
        self._wish, self._ids = wish, itertools.count()
        self._lobby = Lobby(
            Policy(),
            may_meet,
            lambda: f"chat {next(self._ids)}",
            lambda: names_of(self._random.randrange(PAIRS)),
        )
        for _ in range(waiting):
            self._join("resident")

    def match(self) -> int:
        """The time of one newcomer's match in ns. The queue is as long as before."""
        newcomer = self._connect("newcomer")
        wish = self._wish(self._random)
        start = perf_counter_ns()
        _, effects = self._lobby.seek(newcomer, wish, MIDDAY)
        taken = perf_counter_ns() - start
        if not any(isinstance(effect, ChatStarted) for effect in effects) or newcomer.partner is None:
            raise RuntimeError("the newcomer was not paired")
        partner = newcomer.partner
        self._lobby.disconnect(newcomer, MIDDAY)
        self._lobby.disconnect(partner, MIDDAY)
        self._join("resident")
        return taken

    def _connect(self, link: str) -> Person:
        person, _ = self._lobby.connect(f"person {next(self._ids)}", link, now=MIDDAY)
        return person

    def _join(self, link: str) -> None:
        self._lobby.seek(self._connect(link), self._wish(self._random), MIDDAY)


def cost(kind: str, waiting: int) -> Cost:
    """Median and 99th percentile over 2,000 matches."""
    queue = Queue(KINDS[kind], waiting)
    gc.collect()
    times = [queue.match() / 1000 for _ in range(MATCHES)]
    return Cost(kind, waiting, median(times), quantiles(times, n=100)[98])


def every_cost() -> list[Cost]:
    """Each kind of queue in each size."""
    return [cost(kind, waiting) for kind in KINDS for waiting in SIZES]


def main() -> None:
    """Prints a line for each queue."""
    for one in every_cost():
        print(f"{one.waiting:>8,} waiting, {one.kind:<18} {one.median:6.1f} µs, p99 {one.p99:6.1f} µs")


if __name__ == "__main__":
    main()
