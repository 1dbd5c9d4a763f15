"""Moving windows in memory, as a store of the library `limits`.

The library's own runs a thread that looks through every key after every request, and forgets none. This one looks
through them now and then, is told the time, and can take a try back.
"""

from collections import deque
from dataclasses import dataclass, field

from limits.storage import MovingWindowSupport, Storage

from meetmates.ports import Clock

PRUNE_AFTER = 1024  # keys; the table is looked through whenever so many have come since


@dataclass(slots=True)
class _Window:
    expiry: float  # seconds
    times: deque[float] = field(default_factory=deque)  # oldest first

    def slide(self, now: float) -> None:
        while self.times and self.times[0] <= now - self.expiry:
            self.times.popleft()


class Windows(Storage, MovingWindowSupport):
    """Moving windows in memory, by a clock that is handed in. Never holds more times for a key than its limit."""

    STORAGE_SCHEME = None

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._windows: dict[str, _Window] = {}
        self._new = 0

    def __len__(self) -> int:
        return len(self._windows)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Notes `amount` tries, or none and false where they would be more than `limit`."""
        now = self._clock.now()
        window = self._windows.get(key)
        if window is None:
            self._prune(now)
            window = self._windows[key] = _Window(expiry)
        window.slide(now)
        if len(window.times) + amount > limit:
            return False
        window.times.extend([now] * amount)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest try of the window was, and how many there are."""
        now = self._clock.now()
        window = self._windows.get(key)
        if window is None:
            return now, 0
        window.slide(now)
        return (window.times[0] if window.times else now), len(window.times)

    def give_back(self, key: str) -> None:
        """Takes the newest try back."""
        window = self._windows.get(key)
        if window is not None and window.times:
            window.times.pop()

    def clear(self, key: str) -> None:
        """Forgets a key."""
        self._windows.pop(key, None)

    def reset(self) -> int:
        """Forgets everything."""
        count = len(self._windows)
        self._windows.clear()
        return count

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Fixed windows are not kept here."""
        raise NotImplementedError

    def get(self, key: str) -> int:
        """How many tries there are."""
        return self.get_moving_window(key, 0, 0)[1]

    def get_expiry(self, key: str) -> float:
        """Fixed windows are not kept here."""
        raise NotImplementedError

    @property
    def base_exceptions(self) -> type[Exception]:
        """What may go wrong in the store: nothing."""
        return MemoryError

    def _prune(self, now: float) -> None:
        self._new += 1
        if self._new >= PRUNE_AFTER:
            self._new = 0
            for window in self._windows.values():
                window.slide(now)
            self._windows = {key: window for key, window in self._windows.items() if window.times}
