"""An event loop in which no time passes but by timers: it jumps to the next one as soon as there is nothing to do.

A test of ten seconds takes a millisecond, and every timer goes off to the moment.
"""

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec

from meetmates.edge.clock import SystemClock

P = ParamSpec("P")
BEGINNING = 1_800_000_000.0  # seconds since the epoch, by the wall clock of a test


class _Jumping(selectors.DefaultSelector):
    """Never waits: what it would have waited is added to the time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "nothing will ever happen here"
            self.now += max(timeout, 0)
        return ready


class TravelLoop(asyncio.SelectorEventLoop):
    """Its `time` begins at 0."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def hold_up(self, seconds: float) -> None:
        """What a callback does that takes too long."""
        self._jumping.now += seconds


class TravelClock(SystemClock):
    """The clocks of such a loop."""

    def __init__(self) -> None:
        super().__init__()
        loop = asyncio.get_running_loop()
        self.now = loop.time
        self.wall = lambda: BEGINNING + loop.time()


def travelling(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Makes a test of a coroutine that runs in a `TravelLoop`."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=TravelLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run
