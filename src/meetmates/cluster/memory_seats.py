"""`ports.SeatStore` of one process that shares with nobody."""

from collections import deque
from itertools import islice

from meetmates.ports import KEPT_BYTES, KEPT_CONFIRMED, KEPT_EVENTS, KeptSeat


class MemoryEventLog:
    """`ports.EventLog` in one queue."""

    __slots__ = ("_events", "_limit", "_size", "last")

    def __init__(self, limit: int) -> None:
        """`limit` is in bytes."""
        self.last = 0
        self._limit = limit
        self._events: deque[tuple[bytes, float]] = deque()
        self._size = 0  # bytes of all of them

    @property
    def dropped(self) -> int:
        """How many of the oldest are kept no more."""
        return self.last - len(self._events)

    def append(self, packet: bytes, at: float) -> None:
        """One more event."""
        events = self._events
        events.append((packet, at))
        self.last += 1
        self._size += len(packet)
        while self._size > self._limit or len(events) > KEPT_EVENTS:
            self._drop()

    def behind(self, number: int) -> list[bytes]:
        """The events after this one, oldest first."""
        return [packet for packet, _ in islice(self._events, number - self.dropped, None)]

    def sent_before(self, at: float) -> int:
        """The number of the newest event older than that."""
        older = next((count for count, (_, then) in enumerate(self._events) if then >= at), len(self._events))
        return self.dropped + older

    def settle(self, before: float) -> None:
        """What is older has arrived."""
        while len(self._events) > KEPT_CONFIRMED and self._events[0][1] < before:
            self._drop()

    def _drop(self) -> None:
        self._size -= len(self._events.popleft()[0])


class _Row:
    __slots__ = ("keys", "log", "pid", "seat")

    def __init__(self, seat: KeptSeat, pid: str, log: MemoryEventLog) -> None:
        self.seat = seat
        self.pid = pid
        self.keys: tuple[str, ...] = ()
        self.log = log


class MemorySeats:
    """`ports.SeatStore` in three tables."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        """`kept_bytes` is for each log."""
        self._kept_bytes = kept_bytes
        self._rows: dict[str, _Row] = {}
        self._pids: dict[str, KeptSeat] = {}
        self._keys: dict[str, KeptSeat] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, seat: KeptSeat, pid: str) -> MemoryEventLog:
        """A seat that is good from now on."""
        row = self._rows[seat.id] = _Row(seat, pid, MemoryEventLog(self._kept_bytes))
        self._pids[pid] = seat
        return row.log

    def set_keys(self, id: str, keys: tuple[str, ...]) -> None:
        """Replaces all keys of a seat."""
        row = self._rows[id]
        for key in row.keys:
            del self._keys[key]
        row.keys = keys
        for key in keys:
            self._keys[key] = row.seat

    def by_pid(self, pid: str) -> KeptSeat | None:
        """The seat, if there is one."""
        return self._pids.get(pid)

    def by_key(self, key: str) -> KeptSeat | None:
        """The seat, if there is one."""
        return self._keys.get(key)

    def log(self, id: str) -> MemoryEventLog | None:
        """The log of a seat, if there is one."""
        row = self._rows.get(id)
        return None if row is None else row.log

    def remove(self, id: str) -> None:
        """Forgets a seat, its keys and its log."""
        self.set_keys(id, ())
        del self._pids[self._rows.pop(id).pid]
