"""What is to happen later, in order of time. Time is an argument; nothing here waits."""

import heapq
from typing import Generic, TypeVar

T = TypeVar("T")


class Entry(Generic[T]):
    """Something due at `due` (seconds). A cancelled one has lost its `item` and holds nobody in memory."""

    __slots__ = ("due", "item", "number")

    def __init__(self, due: float, number: int, item: T) -> None:
        self.due = due
        self.number = number
        self.item: T | None = item

    def __lt__(self, other: "Entry[T]") -> bool:
        return (self.due, self.number) < (other.due, other.number)


class Agenda(Generic[T]):
    """A heap of entries that can be cancelled; the cancelled never outnumber the others for long."""

    __slots__ = ("_cancelled", "_heap", "_number")

    def __init__(self) -> None:
        self._heap: list[Entry[T]] = []
        self._number = 0
        self._cancelled = 0

    def __len__(self) -> int:
        return len(self._heap) - self._cancelled

    def add(self, due: float, item: T) -> Entry[T]:
        """Notes `item` for the time `due`; the entry is the handle to cancel it with."""
        self._number += 1
        entry = Entry(due, self._number, item)
        heapq.heappush(self._heap, entry)
        return entry

    def cancel(self, entry: Entry[T]) -> None:
        """Forgets `entry`. Harmless when it has been cancelled or popped before."""
        if entry.item is None:
            return
        entry.item = None
        self._cancelled += 1
        if self._cancelled * 2 > len(self._heap):
            self._heap = [kept for kept in self._heap if kept.item is not None]
            heapq.heapify(self._heap)
            self._cancelled = 0

    def next_due(self) -> float | None:
        """The time of the earliest entry, or None when there is none."""
        while self._heap and self._heap[0].item is None:
            heapq.heappop(self._heap)
            self._cancelled -= 1
        return self._heap[0].due if self._heap else None

    def pop(self, now: float) -> T | None:
        """The earliest item that is due at `now`, or None."""
        due = self.next_due()
        if due is None or due > now:
            return None
        entry = heapq.heappop(self._heap)
        item, entry.item = entry.item, None
        return item
