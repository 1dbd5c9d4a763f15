"""What the clock drives: due rules, places in the queue, and a look at how late the loop itself is."""

import asyncio
from collections.abc import Callable

from meetmates.service.desk import Desk
from meetmates.service.measures import Measures

REPORT_EVERY = 5.0  # seconds; docs/protocol.md, "Pairing"
LAG_EVERY = 1.0  # seconds between two measurements of the loop


class Rounds:
    """The timers of one node: one for the rules, however many people wait for something."""

    def __init__(self, desk: Desk, measures: Measures, observe: Callable[[int], None]) -> None:
        """`observe` is told every second how many are here."""
        self._desk = desk
        self._observe = observe
        self._measures = measures
        self._loop = asyncio.get_running_loop()
        self._due: asyncio.TimerHandle | None = None
        self._due_at = 0.0
        self._report_at = self._loop.time() + REPORT_EVERY
        self._reporter = self._loop.call_at(self._report_at, self._report)
        self._lag_at = self._loop.time() + LAG_EVERY
        self._lagger = self._loop.call_at(self._lag_at, self._measure_lag)

    def wake(self) -> None:
        """Something may be due sooner than before."""
        due = self._desk.next_due()
        if due is None or (self._due is not None and self._due_at <= due):
            return
        if self._due is not None:
            self._due.cancel()
        self._due_at = due
        self._due = self._loop.call_at(due, self._tick)

    def stop(self) -> None:
        """Ends every timer."""
        for timer in (self._due, self._reporter, self._lagger):
            if timer is not None:
                timer.cancel()

    def _tick(self) -> None:
        self._due = None
        self._desk.tick()
        self.wake()

    def _report(self) -> None:
        if self._desk.report():
            self._reporter = self._loop.call_later(0, self._report)
            return
        self._report_at = max(self._report_at + REPORT_EVERY, self._loop.time())
        self._reporter = self._loop.call_at(self._report_at, self._report)

    def _measure_lag(self) -> None:
        now = self._loop.time()
        self._measures.loop_lag.observe(max(0.0, now - self._lag_at))
        self._observe(self._desk.presence.count)
        self._lag_at = self._loop.time() + LAG_EVERY
        self._lagger = self._loop.call_at(self._lag_at, self._measure_lag)
