"""Gives memory back to the operating system after a storm of arrivals has passed."""

import ctypes
import gc
import sys
from collections.abc import Callable

STORM = 500  # people at once, below which nothing is worth tidying up
LEFT = 4  # a storm has passed when fewer than a fourth of them are left
CALM = 2  # looks at which nobody was going any more: a connection is held for a second after its end


def give_back() -> None:
    """Frees what nobody holds, and returns free pages. Takes some milliseconds with a thousand people connected."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, others do without
        if trim is not None:
            trim(0)


class Tide:
    """Watches how many are here and tidies up, once, when most of a crowd has gone and nobody is going any more."""

    def __init__(self, tidy: Callable[[], None] = give_back) -> None:
        self._tidy = tidy
        self._high = 0
        self._last = 0
        self._calm = 0

    def observe(self, count: int) -> None:
        """To be called every second or so with the number of people connected."""
        self._high = max(self._high, count)
        self._calm = self._calm + 1 if count >= self._last else 0
        self._last = count
        if self._calm >= CALM and self._high >= STORM and count * LEFT < self._high:
            self._high = count
            self._tidy()
