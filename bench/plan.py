"""What is measured: the rows of the table, and the limits that keep every one of them from hanging."""

from dataclasses import dataclass, replace

SERVERS = ("ours", "floor", "node", "python-socketio")
DRIVER_BUSY = 0.85  # share of its core; above it the driver may be what limits the wall clock
FULL_BUDGET = 690.0  # seconds; a full run stays under twelve minutes
QUICK_BUDGET = 55.0
IN_FLIGHT_HANDSHAKES = 64
IN_FLIGHT_MESSAGES = 1  # for each pair, in the closed loop


@dataclass(frozen=True)
class Row:
    """One load. All times in seconds; a rate is in relays a second over all connections."""

    connections: int
    rate: int
    saturate: bool = True  # the closed loop, for relays a second and CPU per relay
    rounds: int = 3
    window: float = 1.2
    warm: float = 0.4
    first_warm: float = 2.0  # the first round's, until a just-in-time compiler has done its work
    rate_window: float = 3.0
    rate_rounds: int = 2
    arrivals: int = 3  # how often everybody arrives, while that takes a server less than `repeat_below`
    repeat_below: float = 3.0
    arrival_limit: float = 30.0
    memory_twice: bool = False  # leave, arrive and leave again: does memory grow?

    @property
    def weighs_memory(self) -> bool:
        """Whether the connections weigh enough beside what the warm-up left behind."""
        return self.connections >= 2_000

    @property
    def title(self) -> str:
        """How the table names the row."""
        text = f"{self.connections:,} connections"
        return text if self.saturate else f"{text}, {self.rate:,} relays a second"


ROWS = {
    200: Row(200, rate=5_000, rounds=5),
    1_000: Row(1_000, rate=20_000, saturate=False, rate_rounds=3, arrivals=0),
    2_000: Row(2_000, rate=5_000),
    8_000: Row(8_000, rate=5_000, arrivals=1, memory_twice=True),
}


def quick_rows() -> list[Row]:
    """One row of 200 connections with short windows: under a minute for all servers."""
    return [
        replace(ROWS[200], rounds=3, window=0.8, warm=0.2, first_warm=1.0, rate_window=1.5, rate_rounds=1, arrivals=2)
    ]


def chosen_rows(text: str) -> list[Row]:
    """The rows named in `text` (`200,2000`), or all. Raises ValueError for a number that is no row."""
    if not text:
        return list(ROWS.values())
    names = [name.strip().replace("_", "") for name in text.split(",")]
    if unknown := [name for name in names if not name.isdigit() or int(name) not in ROWS]:
        raise ValueError(f"no such row: {', '.join(unknown)} (there are {', '.join(map(str, ROWS))})")
    return [ROWS[int(name)] for name in names]


def chosen_servers(text: str) -> list[str]:
    """The servers named in `text` (`ours,node`), or all. Raises ValueError for an unknown name."""
    if not text:
        return list(SERVERS)
    names = [name.strip() for name in text.split(",")]
    if unknown := [name for name in names if name not in SERVERS]:
        raise ValueError(f"no such server: {', '.join(unknown)} (there are {', '.join(SERVERS)})")
    return names
