"""The clocks of this machine, and times as text."""

import time

from meetmates.accounts.times import iso

__all__ = ["SystemClock", "iso"]


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
