"""The figures that the server should reach, beside what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.results import RowResult, Samples

GROWTH_SHARE = 0.05  # of what the connections took: below it, memory after leaving twice counts as not grown


@dataclass(frozen=True)
class Target:
    """A figure, what it should be, what it was, and whether that is within the target; None if it was not measured."""

    figure: str
    wanted: str
    measured: str
    within: bool | None


def targets(results: Sequence[RowResult]) -> list[Target]:
    """Every target that the rows can speak to, in the order of the table."""
    rows = {result.row.connections: result for result in results}
    return [
        *relay_targets(rows),
        *(
            ratio_target(f"arrivals a second at {size:,} connections", rows.get(size), "node", 20.0, arrivals=True)
            for size in (200, 2_000)
        ),
        *memory_targets(rows),
        latency_target(rows),
    ]


def relay_targets(rows: dict[int, RowResult]) -> list[Target]:
    """CPU per relay against the peers and the floor."""
    return [
        ratio_target("CPU per relay, 200 connections", rows.get(200), "node", 2.5),
        ratio_target("CPU per relay, 200 connections", rows.get(200), "python-socketio", 9.0),
        floor_target(rows.get(200)),
        ratio_target("CPU per relay, 2,000 connections", rows.get(2_000), "node", 3.0),
    ]


NAMES = {"node": "Node", "python-socketio": "python-socketio"}


def ratio_target(figure: str, result: RowResult | None, other: str, factor: float, *, arrivals: bool = False) -> Target:
    """Ours against a peer: `factor` times less CPU, or `factor` times as many arrivals."""
    name = NAMES[other]
    wanted = f"at least {factor:g} × {name}" if arrivals else f"at most 1/{factor:g} of {name}"
    ratio = None if result is None else (result.arrival_ratio(other) if arrivals else result.relay_ratio(other))
    if ratio is not None:
        return Target(
            figure, wanted, f"{ratio:.1f} × {name}" if arrivals else f"1/{ratio:.2f} of {name}", ratio >= factor
        )
    if arrivals and result is not None and other in result.servers and (ours := of(result, "ours")) and ours.arrivals:
        return Target(figure, wanted, f"{ours.arrivals_per_second:,.0f} a second; {name} passed its time limit", None)
    return Target(figure, wanted, "not measured", None)


def floor_target(result: RowResult | None) -> Target:
    """Ours against the bare C loop."""
    figure, wanted = "CPU per relay, 200 connections", "at most 2 × a bare C loop"
    ratio = result.relay_ratio("floor") if result else None
    if not ratio:
        return Target(figure, wanted, "not measured", None)
    return Target(figure, wanted, f"{1 / ratio:.2f} × the C loop", 1 / ratio <= 2.0)


def of(result: RowResult | None, server: str) -> Samples | None:
    """The samples of a server in a row, if both were measured."""
    return result.servers.get(server) if result else None


def memory_targets(rows: dict[int, RowResult]) -> list[Target]:
    """Memory of a connection at 8,000, and what stays when all have left twice."""
    ours = of(rows.get(8_000), "ours")
    per = ours.memory.per_connection if ours else None
    growth = ours.memory.growth if ours else None
    size = Target("memory per connection, 8,000 connections", "at most 12 KiB", "not measured", None)
    stays = Target("memory after they leave, twice over", "no growth", "not measured", None)
    if per is not None:
        size = Target(size.figure, size.wanted, f"{per:.1f} KiB", per <= 12.0)
    if ours is not None and growth is not None:
        first, second = (kib / 1024 for kib in ours.memory.after_leaving)
        taken = ours.memory.full - ours.memory.before
        stays = Target(
            stays.figure, stays.wanted, f"{first:.1f} MiB, then {second:.1f} MiB", growth <= GROWTH_SHARE * taken
        )
    return [size, stays]


def latency_target(rows: dict[int, RowResult]) -> Target:
    """The 99th percentile at 20,000 relays a second."""
    ours = of(rows.get(1_000), "ours")
    figure, wanted = "p99 at 20,000 relays a second, 1,000 connections", "at most 2 ms"
    if ours is None or ours.p99 is None:
        return Target(
            figure, wanted, "not measured" if ours is None else "does not keep up", None if ours is None else False
        )
    return Target(figure, wanted, f"{ours.p99 / 1000:.2f} ms", ours.p99 <= 2000.0)
