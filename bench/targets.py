"""The figures that the server should reach, beside what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.matching import SIZES, Cost
from bench.results import RowResult, Samples

MATCH_US = 20.0
ALIKE = 1.5  # how much more 100,000 may cost than 1,000 and still count as the same: caches hold less of them
MATCH_WANTED = f"at most {MATCH_US:.0f} µs, and the same with {min(SIZES):,}"
GROWTH_SHARE = 0.05  # of what the connections took: below it, memory after leaving twice counts as not grown


@dataclass(frozen=True)
class Target:
    """A figure, what it should be, what it was, and whether that is within the target; None if it was not measured."""

    figure: str
    wanted: str
    measured: str
    within: bool | None


def targets(results: Sequence[RowResult], costs: Sequence[Cost]) -> list[Target]:
    """Every target, in the order of the table."""
    rows = {result.row.connections: result for result in results}
    return [
        *relay_targets(rows),
        ratio_target("arrivals a second, up to 2,000 connections", rows.get(2_000), "node", 20.0, arrivals=True),
        *memory_targets(rows),
        *matching_targets(costs),
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
        most = result.row.connections / result.row.arrival_limit  # or it would have been done within its time limit
        bound = (ours.arrivals_per_second or 0.0) / most
        measured = f"over {bound:.1f} × {name}, which passed its limit of {result.row.arrival_limit:.0f} s"
        return Target(figure, wanted, measured, True if bound >= factor else None)
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
        before, first, second = (kib / 1024 for kib in (ours.memory.before, *ours.memory.after_leaving))
        taken = ours.memory.full - ours.memory.before
        stays = Target(
            stays.figure,
            stays.wanted,
            f"{before:.0f} MiB before, {first:.1f} after, {second:.1f} after the second time",
            growth <= GROWTH_SHARE * taken,
        )
    return [size, stays]


def matching_targets(costs: Sequence[Cost]) -> list[Target]:
    """One match with few and with many waiting, in each kind of queue."""
    found = []
    for kind in dict.fromkeys(cost.kind for cost in costs):
        few, many = sorted((cost for cost in costs if cost.kind == kind), key=lambda cost: cost.waiting)
        measured = f"{many.median:.1f} µs; {few.median:.1f} µs with {few.waiting:,}"
        within = many.median <= MATCH_US and many.median <= ALIKE * few.median
        found.append(Target(f"one match, {many.waiting:,} waiting, {kind}", MATCH_WANTED, measured, within))
    return found or [Target(f"one match, {max(SIZES):,} waiting", MATCH_WANTED, "not measured", None)]


def latency_target(rows: dict[int, RowResult]) -> Target:
    """The 99th percentile at 20,000 relays a second."""
    ours = of(rows.get(1_000), "ours")
    figure, wanted = "p99 at 20,000 relays a second, 1,000 connections", "at most 2 ms"
    if ours is None or ours.p99 is None:
        return Target(
            figure, wanted, "not measured" if ours is None else "does not keep up", None if ours is None else False
        )
    return Target(figure, wanted, f"{ours.p99 / 1000:.2f} ms", ours.p99 <= 2000.0)
