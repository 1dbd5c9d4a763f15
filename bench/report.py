"""The report: docs/benchmarks.md and the chart beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.chart import Bar, Panel, draw
from bench.facts import machine
from bench.matching import Cost
from bench.plan import DRIVER_BUSY, SERVERS
from bench.results import RowResult, Samples
from bench.servers import specs
from bench.targets import Target, targets

QUIET = 0.05  # share of the cores; less than that from other processes is not worth a word
METHOD = """\
Each server runs alone on core 0, the load driver on core 1; everything stays on loopback. All servers of a row are up
at the same time and are loaded in turn, one short window each, round after round: a shared machine changes its speed
by a third within seconds, and windows that lie side by side see the same machine. Figures are medians over the
rounds; ratios are taken within each round, and then the median. CPU is the CPU time of the server process, all
threads, from the kernel's clock for that process.

- **Arrivals**: 64 handshakes in flight; an arrival is complete with the answer to its CONNECT packet. Its CPU
  includes the `onlineUsers` broadcasts that it causes, and the run waits until everybody has been told the right
  number. The Node and python-socketio peers broadcast on every arrival, as the original server did.
- **Pairing**: everybody sends `findChat` at once; the time ends with the last `chatStart`.
- **Relays**: each pair keeps one message on its way, the two taking turns. A relay is one message with both copies
  delivered. Each text carries its pair, sender and number, and the driver checks every copy: the right person, once,
  in order.
- **Latency**: messages leave on a fixed schedule from all connections in turn; a latency runs from the scheduled
  moment to the partner's copy, so a server that falls behind cannot hide it.
- **Memory**: resident memory, idle, less what the server had before, after 100 connections had come and gone.

The bare C loop makes the same socket calls and does nothing else: no check, no parser, no heartbeat. It is a lower
bound. MeetMates runs with its limits raised out of reach (`MEETMATES_LIMIT_FACTOR`) and everything else as it comes:
every limit is still checked. The peers are `bench/peers/`: small implementations of the same events with the settings
that their own documentation recommends. `make bench` repeats all of it.
"""


@dataclass(frozen=True)
class Findings:
    """All that a run found: the rows, the cost of a match, how long it took (s) and how much else went on (0 to 1)."""

    results: Sequence[RowResult]
    costs: Sequence[Cost]
    elapsed: float
    other_load: float


def write(findings: Findings, folder: Path) -> tuple[Path, Path]:
    """Writes benchmarks.md and benchmarks.svg into `folder` and returns both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    page, picture = folder / "benchmarks.md", folder / "benchmarks.svg"
    page.write_text(markdown(findings))
    picture.write_text(chart(findings.results))
    return page, picture


def markdown(findings: Findings) -> str:
    """The whole page."""
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    parts = [
        "# Benchmarks",
        f"Written by `make bench` on {moment}, in {findings.elapsed / 60:.1f} minutes. "
        f"Other processes took {findings.other_load:.0%} of the two cores meanwhile{noise(findings.other_load)}.",
        "![CPU per relay, arrivals a second and memory per connection](benchmarks.svg)",
        *(row_section(result) for result in findings.results),
        *matching_section(findings.costs),
        "## Targets\n\n" + target_table(targets(findings.results, findings.costs)),
        "## Machine\n\n" + table(["", ""], [[name, value] for name, value in machine().items()]),
        "## Method\n\n" + METHOD.strip(),
    ]
    return "\n\n".join(parts) + "\n"


def noise(other_load: float) -> str:
    """What that means for the figures."""
    if other_load < QUIET:
        return ""
    return ": latencies and figures a second are worse than on a quiet machine, CPU figures and ratios less so"


def matching_section(costs: Sequence[Cost]) -> list[str]:
    """The rules alone: what one match costs."""
    if not costs:
        return []
    lines = [[f"{cost.waiting:,}", cost.kind, number(cost.median, 1), number(cost.p99, 1)] for cost in costs]
    about = (
        "The rules alone, in one process: nobody of those who wait may meet another of them, a newcomer whom everybody "
        "may meet sends `findChat`."
    )
    return ["## One match", about, table(["waiting", "queue", "median µs", "p99 µs"], lines)]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first column is left-aligned, the others right-aligned when they hold figures."""
    rule = ["---", *("---:" if len(head) > 4 else "---" for _ in head[1:])]
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, rule, *rows])


def number(value: float | None, digits: int = 0) -> str:
    """A figure, or a dash when there is none."""
    return "–" if value is None else f"{value:,.{digits}f}"


def row_section(result: RowResult) -> str:
    """One row's table, its ratios and its notes."""
    parts = [f"## {result.row.title}", saturated(result) if result.row.saturate else latency_only(result)]
    if result.row.memory_twice:
        parts.append(memory_table(result))
    if notes := notes_of(result):
        parts.append("\n".join(f"- {note}" for note in notes))
    return "\n\n".join(parts)


def saturated(result: RowResult) -> str:
    """The table of a row with a closed loop."""
    head = [
        "server", "arrivals/s", "CPU µs per arrival", "pairing CPU µs per user", "relays/s", "**CPU µs per relay**",
        "CPU per relay, MeetMates = 1", f"p50 / p99 ms at {result.row.rate:,}/s", "KiB per connection",
    ]  # fmt: skip
    return table(head, [saturated_line(result, name) for name in result.servers])


def saturated_line(result: RowResult, name: str) -> list[str]:
    """One server's cells."""
    samples, ratio = result.servers[name], result.relay_ratio(name)
    star = " *" if samples.quiet else ""
    dagger = " †" if samples.driver_limits else ""
    return [
        specs()[name].title,
        number(samples.arrivals_per_second),
        number(samples.arrival_us),
        number(samples.pairing_us, 1),
        number(samples.relays_per_second) + dagger,
        f"**{number(samples.relay_us, 1)}**",
        number(ratio, 2),
        latency(samples),
        number(samples.memory.per_connection, 1) + star if result.row.weighs_memory else "–",
    ]


def memory_table(result: RowResult) -> str:
    """Memory at the stations of a row in which all leave twice."""
    head = ["memory, MiB", "before", "all connected", "all gone", "all gone again"]
    lines = []
    for name, samples in result.servers.items():
        stations = [samples.memory.before, samples.memory.full, *samples.memory.after_leaving]
        cells = [f"{kib / 1024:.1f}" if kib else "–" for kib in stations]
        lines.append([specs()[name].title, *cells, *["–"] * (4 - len(cells))])
    return table(head, lines)


def latency(samples: Samples) -> str:
    """p50 and p99 in ms."""
    if samples.p50 is None or samples.p99 is None:
        return "–"
    return f"{samples.p50 / 1000:.2f} / {samples.p99 / 1000:.2f}"


def latency_only(result: RowResult) -> str:
    """The table of a row at a fixed rate."""
    head = [
        "server",
        "p50 ms",
        "p99 ms",
        "CPU µs per relay at this rate",
        "core used by the server",
        "core used by the driver",
    ]
    lines = []
    for name, samples in result.servers.items():
        rate = samples.rates[-1] if samples.rates else None
        lines.append(
            [
                specs()[name].title,
                number(samples.p50 / 1000 if samples.p50 is not None else None, 2),
                number(samples.p99 / 1000 if samples.p99 is not None else None, 2),
                number(rate.server_us if rate else None, 1),
                f"{rate.server_cpu / rate.wall:.0%}" if rate else "–",
                f"{rate.driver_share:.0%}" if rate else "–",
            ]
        )
    return table(head, lines)


def notes_of(result: RowResult) -> list[str]:
    """What the table's marks mean, and what each server could not do."""
    notes = [f"{specs()[name].title}: {note}." for name, samples in result.servers.items() for note in samples.notes]
    if any(samples.quiet for samples in result.servers.values()) and result.row.saturate:
        notes.append("\\* filled with the broadcast of each arrival switched off in the peer.")
    if limited := [name for name, samples in result.servers.items() if samples.driver_limits]:
        shares = ", ".join(f"{specs()[name].title} {result.servers[name].driver_share:.0%}" for name in limited)
        notes.append(
            f"† the driver's own core was more than {DRIVER_BUSY:.0%} busy ({shares}): the server might relay more "
            "a second. Its CPU per relay is not affected."
        )
    return notes


def target_table(rows: Sequence[Target]) -> str:
    """Targets beside figures."""
    words = {True: "within", False: "not reached", None: "–"}
    return table(
        ["figure", "target", "measured", ""], [[t.figure, t.wanted, t.measured, words[t.within]] for t in rows]
    )


def chart(results: Sequence[RowResult]) -> str:
    """CPU per relay, arrivals and memory, one panel each."""
    rows = [result for result in results if result.row.saturate]
    panels = [
        Panel(
            "Server CPU per relayed message",
            "µs on one core, shorter is better",
            groups(rows, lambda s: s.relay_us, 1, " µs"),
            ceiling=2
            * max((s.relay_us or 0.0 for r in rows for n, s in r.servers.items() if n == "node"), default=0.0),
        ),
        Panel(
            "Arrivals a second",
            "handshake to CONNECT answer, longer is better",
            groups(rows, lambda s: s.arrivals_per_second, 0, ""),
        ),
        Panel(
            "Memory per idle connection",
            "KiB of resident memory, shorter is better",
            groups([r for r in rows if r.row.weighs_memory], lambda s: s.memory.per_connection, 1, " KiB"),
        ),
    ]
    panels = [panel for panel in panels if panel.groups]
    servers = " · ".join(specs()[name].title for name in SERVERS if any(name in result.servers for result in rows))
    return draw(
        "What a message, an arrival and a connection cost",
        f"{servers} — same machine, same load",
        panels,
    )


def groups(
    rows: Sequence[RowResult], figure: Callable[[Samples], float | None], digits: int, unit: str
) -> list[tuple[str, list[Bar]]]:
    """The bars of one figure, a group for each row."""
    every = []
    for result in rows:
        bars = []
        for name, samples in result.servers.items():
            value = figure(samples)
            text = "not within the time limit" if value is None else f"{value:,.{digits}f}{unit}"
            bars.append(Bar(name, specs()[name].title, value, text))
        every.append((f"{result.row.connections:,} connections", bars))
    return every
