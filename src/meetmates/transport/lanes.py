"""Deadlines that all lie equally far ahead: a queue, with no heap and no timer of its own."""

from collections import deque
from collections.abc import Callable

COMPACT_FROM = 64  # called-off deadlines that may lie about in any case


class Deadline:
    """What will happen at `due`, unless it is called off before; then it holds nobody in memory."""

    __slots__ = ("_lane", "call", "due")

    def __init__(self, lane: "Lane", due: float, call: Callable[[float], None]) -> None:
        self._lane = lane
        self.due = due
        self.call: Callable[[float], None] | None = call

    def cancel(self) -> None:
        """Calls it off. Harmless when it has happened or been called off before."""
        if self.call is not None:
            self.call = None
            self._lane.count_cancelled()


class Lane:
    """Deadlines of one `delay` (seconds). Each is kept to the moment, whatever was called off in between."""

    __slots__ = ("_cancelled", "_deadlines", "delay")

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self._deadlines: deque[Deadline] = deque()
        self._cancelled = 0

    def __len__(self) -> int:
        return len(self._deadlines) - self._cancelled

    @property
    def remembered(self) -> int:
        """How many deadlines take up memory, those that were called off and not thrown out yet among them."""
        return len(self._deadlines)

    def add(self, start: float, call: Callable[[float], None]) -> Deadline:
        """Notes `call` for `start + delay`; it will be given its due time. Starts must not run backwards by much."""
        deadline = Deadline(self, start + self.delay, call)
        self._deadlines.append(deadline)
        return deadline

    def next_due(self) -> float | None:
        """When the first deadline comes, or None."""
        deadlines = self._deadlines
        while deadlines and deadlines[0].call is None:
            deadlines.popleft()
            self._cancelled -= 1
        return deadlines[0].due if deadlines else None

    def run(self, now: float) -> None:
        """Makes happen whatever is due at `now`."""
        while (due := self.next_due()) is not None and due <= now:
            deadline = self._deadlines.popleft()
            call, deadline.call = deadline.call, None
            if call is not None:
                call(due)

    def count_cancelled(self) -> None:
        """One more was called off. They are thrown out as soon as they are most: left alone, the few bytes of each
        would keep the memory around them from being given back after a storm.
        """
        self._cancelled += 1
        if self._cancelled > COMPACT_FROM and self._cancelled * 2 > len(self._deadlines):
            self._deadlines = deque(deadline for deadline in self._deadlines if deadline.call is not None)
            self._cancelled = 0
