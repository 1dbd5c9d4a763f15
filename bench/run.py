"""Runs the benchmark and writes its report.

python -m bench.run [--quick] [--only ours,node] [--rows 200,2000] [--out DIR]
"""

import argparse
import os
import sys
from pathlib import Path

from rich.console import Console

from bench.build import HERE, BuildError, build
from bench.facts import OtherLoad
from bench.matching import every_cost
from bench.measure import measure, steps_of
from bench.plan import FULL_BUDGET, QUICK_BUDGET, chosen_rows, chosen_servers, quick_rows
from bench.progress import Steps
from bench.report import Findings, write
from bench.servers import raise_descriptor_limit, specs


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options. Exits with 2 and a line of help on a wrong one."""
    parser = argparse.ArgumentParser(prog="bench", description="Measures MeetMates and its peers under the same load.")
    parser.add_argument("--quick", action="store_true", help="200 connections only, under a minute")
    parser.add_argument("--only", default="", help="servers, separated by commas: ours, floor, node, python-socketio")
    parser.add_argument(
        "--rows", default="", help="rows by their connections, separated by commas: 200, 1000, 2000, 8000"
    )
    parser.add_argument(
        "--out", default="", help="folder of the report (default: docs/, or bench/results/ for a part of the whole)"
    )
    options = parser.parse_args(arguments)
    try:
        options.servers = chosen_servers(options.only)
        options.chosen = quick_rows() if options.quick else chosen_rows(options.rows)
    except ValueError as wrong:
        parser.error(str(wrong))
    if options.quick and options.rows:
        parser.error("--quick has one row of its own; leave --rows out")
    return options


def obstacles(servers: list[str]) -> list[str]:
    """What is missing on this machine, in words that say what to do."""
    found = []
    if (os.cpu_count() or 1) < 2:
        found.append("two cores are needed: one for the server, one for the driver")
    if "node" in servers and not (HERE / "peers" / "node" / "node_modules" / "socket.io").is_dir():
        found.append("the Node peer is not installed: run bench/setup.sh")
    if "ours" in servers and not Path(specs()["ours"].command[0]).exists():
        found.append(f"no `meetmates` beside {sys.executable}: install the package first (`make setup`)")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Runs it all and returns an exit code: 0 done, 1 something is missing, 2 a wrong option."""
    options = parse(sys.argv[1:] if arguments is None else arguments)
    console = Console()
    if missing := obstacles(options.servers):
        console.print("\n".join(missing), style="red", highlight=False)
        return 1
    try:
        build()
    except BuildError as broken:
        console.print(str(broken), style="red", highlight=False, markup=False)
        return 1
    raise_descriptor_limit()
    whole = not (options.quick or options.only or options.rows)
    folder = Path(options.out) if options.out else (HERE.parent / "docs" if whole else HERE / "results")
    chosen = [specs()[name] for name in options.servers]
    budget = QUICK_BUDGET if options.quick else FULL_BUDGET
    limits_seen: set[str] = set()
    load = OtherLoad()
    with Steps(whole + sum(steps_of(row, len(chosen)) for row in options.chosen), console) as steps:
        results = [measure(row, chosen, steps, budget, limits_seen) for row in options.chosen]
        costs = []
        if whole:
            steps.step("one match with many waiting")
            costs = every_cost()
        findings = Findings(results, costs, steps.elapsed, load.share())
    page, picture = write(findings, folder)
    console.print(f"Written: {page} and {picture}", highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
