"""A clock that stands still until somebody moves it."""

NOON = 1_800_000_000.0  # seconds since the epoch: any moment will do


class HandClock:
    """A `ports.Clock` moved by hand; both of its clocks move together."""

    def __init__(self, wall: float = NOON) -> None:
        self._wall = wall
        self._now = 0.0

    def now(self) -> float:
        """Seconds since this clock was made."""
        return self._now

    def wall(self) -> float:
        """Seconds since the epoch."""
        return self._wall

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        self._now += seconds
        self._wall += seconds
