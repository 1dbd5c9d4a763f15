"""The clocks of this machine, and times as text."""

import time
from datetime import UTC, datetime


class SystemClock:
    """`ports.Clock` on the operating system's clocks, the steady one shared with the event loop."""

    now = staticmethod(time.monotonic)
    wall = staticmethod(time.time)

    def __init__(self) -> None:
        self._millisecond = -1
        self._text = ""

    def stamp(self) -> str:
        """Now, as ISO 8601 in UTC with milliseconds. Made once a millisecond, whatever the traffic."""
        millisecond = int(self.wall() * 1000)
        if millisecond != self._millisecond:
            self._millisecond = millisecond
            self._text = iso(millisecond / 1000)
        return self._text


def iso(seconds: float) -> str:
    """Seconds since the epoch as `2026-01-31T23:59:59.999Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
