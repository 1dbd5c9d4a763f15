"""`meetmates bench`: runs the benchmark of a checkout. The benchmark is no part of the installed package."""

import subprocess
import sys
from pathlib import Path

MISSING = "meetmates: the benchmark needs a checkout of the project: run this inside one, after `make setup`."


def bench(*, quick: bool = False, only: str = "", rows: str = "", out: str = "") -> int:
    """Runs the benchmark and returns its exit code; 1 with a line on stderr when there is no checkout.

    `quick` measures 200 connections only. `only` and `rows` choose servers and rows, with commas between; `out` is the
    folder of the report, seen from the current one.
    """
    checkout = find_checkout(Path.cwd(), Path(__file__).resolve())
    if checkout is None:
        print(MISSING, file=sys.stderr)
        return 1
    if subprocess.run([checkout / "bench" / "setup.sh"], check=False).returncode != 0:  # noqa: S603 - our own script
        return 1
    options = [f"--{name}={value}" for name, value in (("only", only), ("rows", rows)) if value]
    options += ["--quick"] if quick else []
    options += [f"--out={Path(out).resolve()}"] if out else []
    command = [sys.executable, "-m", "bench.run", *options]
    return subprocess.run(command, cwd=checkout, check=False).returncode  # noqa: S603 - no shell, own program


def find_checkout(*starts: Path) -> Path | None:
    """The nearest folder that holds the benchmark, upwards from each of `starts` in turn, or None."""
    for start in starts:
        for folder in (start, *start.parents):
            if (folder / "bench" / "run.py").is_file() and (folder / "src" / "meetmates").is_dir():
                return folder
    return None
