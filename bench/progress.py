"""How far the run is: a bar on a terminal, a line for each step elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Steps:
    """Counts steps. Use as a context manager; `step` names the one that begins now."""

    def __init__(self, total: int, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._bar: Progress | None = None
        if console.is_terminal:
            columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
            self._bar = Progress(*columns, console=console)
            self._task = self._bar.add_task("starting", total=total)

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    def step(self, text: str) -> None:
        """A step begins, and the one before it is done."""
        if self._bar:
            self._bar.update(self._task, advance=1, description=text)
        else:
            self._console.print(f"{self.elapsed:5.0f} s  {text}", highlight=False)

    def say(self, text: str) -> None:
        """A finding on the way, above the bar."""
        self._console.print(f"         {text}", highlight=False)
