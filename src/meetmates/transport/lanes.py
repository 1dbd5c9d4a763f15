"""Deadlines that all lie equally far ahead: a queue, with no heap and no timer of its own."""

from collections import deque
from collections.abc import Callable


class Deadline:
    """What will happen at `due`, unless it is called off before; then it holds nobody in memory."""

    __slots__ = ("call", "due")

    def __init__(self, due: float, call: Callable[[float], None]) -> None:
        self.due = due
        self.call: Callable[[float], None] | None = call


class Lane:
    """Deadlines of one `delay` (seconds). Each is kept to the moment, whatever was called off in between."""

    __slots__ = ("_deadlines", "delay")

    def __init__(self, delay: float) -> None:
        self.delay = delay
        self._deadlines: deque[Deadline] = deque()

    def add(self, start: float, call: Callable[[float], None]) -> Deadline:
        """Notes `call` for `start + delay`; it will be given its due time. Starts must not run backwards by much."""
        deadline = Deadline(start + self.delay, call)
        self._deadlines.append(deadline)
        return deadline

    def next_due(self) -> float | None:
        """When the first deadline comes, or None."""
        deadlines = self._deadlines
        while deadlines and deadlines[0].call is None:
            deadlines.popleft()
        return deadlines[0].due if deadlines else None

    def run(self, now: float) -> None:
        """Makes happen whatever is due at `now`."""
        while (due := self.next_due()) is not None and due <= now:
            call = self._deadlines.popleft().call
            if call is not None:
                call(due)
