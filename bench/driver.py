"""The load driver's other end: commands in, one measured phase out. driver.c describes the commands."""

import contextlib
import select
import subprocess
import time
from collections.abc import Iterator

import msgspec

from bench.build import BUILD
from bench.plan import DRIVER_BUSY
from bench.servers import DRIVER_CORE, Running, end, pinned

CAPACITY = 9_000
SLACK = 15.0  # seconds that a phase may take beyond its own limit, for settling and draining


class PhaseError(Exception):
    """A phase did not come to its end: a limit passed, or a message went wrong. Says what in words for the table."""

    def __init__(self, reason: str, phase: "Phase | None" = None) -> None:
        super().__init__(reason)
        self.phase = phase


class Phase(msgspec.Struct, frozen=True):
    """What the driver reports of one command. Times in seconds, latencies in µs."""

    phase: str
    ok: bool
    count: int
    wall: float
    cpu: float
    server_cpu: float
    frames: int
    bytes: int
    presence: int
    pings: int
    misdelivered: int
    disordered: int
    errors: int
    error: str
    p50: float
    p90: float
    p99: float
    p999: float
    slowest: float
    latencies: list[tuple[float, int]]

    @property
    def per_second(self) -> float:
        """How many of what was counted went by in a second of the wall clock."""
        return self.count / self.wall if self.wall else 0.0

    @property
    def server_us(self) -> float:
        """CPU time of the server for each, in µs."""
        return self.server_cpu / self.count * 1e6 if self.count else 0.0

    @property
    def driver_share(self) -> float:
        """How busy the driver's core was, 0 to 1."""
        return self.cpu / self.wall if self.wall else 0.0

    @property
    def driver_limits(self) -> bool:
        """Whether the driver may be what limited this phase's wall clock."""
        return self.driver_share > DRIVER_BUSY

    def complaint(self) -> str:
        """Why the phase is not good, in words."""
        if self.misdelivered or self.disordered:
            return f"{self.misdelivered} messages to the wrong person, {self.disordered} out of order"
        return self.error or "not complete within its limit"


class Driver:
    """A running driver process, connected to one server."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def ask(self, command: str, limit: float) -> Phase:
        """Runs one command of at most `limit` s. Raises PhaseError when it fails, or when no answer comes in time."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{command}\n".encode())
            self._process.stdin.flush()
        except BrokenPipeError:
            raise PhaseError("the driver has ended") from None
        phase = msgspec.json.decode(self._read_line(limit + SLACK), type=Phase)
        if not phase.ok:
            raise PhaseError(phase.complaint(), phase)
        return phase

    def _read_line(self, limit: float) -> bytes:
        assert self._process.stdout is not None
        deadline, line = time.monotonic() + limit, b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self._process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise PhaseError(f"no answer within {limit:.0f} s")
            piece = self._process.stdout.readline()
            if not piece:
                raise PhaseError("the driver has ended")
            line += piece
        return line


@contextlib.contextmanager
def driving(server: Running) -> Iterator[Driver]:
    """A driver on core 1 for a running server, ended by its pid."""
    command = pinned(DRIVER_CORE, (str(BUILD / "driver"), str(server.port), str(server.process.pid), str(CAPACITY)))
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield Driver(process)
    finally:
        end(process)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
