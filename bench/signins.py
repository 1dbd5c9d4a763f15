"""How much sign-ins slow down chats: the latency of relays at a fixed load, alone and with sign-ins beside it.

python -m bench.signins [--per-second 10] [--connections 200] [--rate 5000]

A password costs some 20 ms of one core to check, off the event loop. Windows with and without sign-ins take turns, so
that both see the same machine.
"""

import argparse
import contextlib
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from rich.console import Console
from rich.table import Table

from bench.build import build
from bench.driver import Driver, Phase, driving
from bench.servers import Running, raise_descriptor_limit, running, specs

EMAIL, PASSWORD = "bench@college.example", "correct horse battery staple"
ROUNDS = 4
WINDOW = 4.0  # seconds
LIMIT = 60.0  # seconds for any phase
WANTED = 5.0  # ms; the p99 with ten sign-ins a second


class SignIns:
    """A thread that signs in at a steady pace while it is switched on."""

    def __init__(self, port: int, per_second: float) -> None:
        self.count = 0
        self.failed = 0
        self._url = f"http://127.0.0.1:{port}/api/auth/login"
        self._pause = 1 / per_second
        self._on = threading.Event()
        self._over = False
        self._thread = threading.Thread(target=self._run, daemon=True)

    @contextlib.contextmanager
    def beside(self) -> Iterator[None]:
        """Signs in for as long as the block lasts."""
        self._on.set()
        try:
            yield
        finally:
            self._on.clear()

    def __enter__(self) -> "SignIns":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._on.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx.Client(trust_env=False, timeout=10.0) as client:
            while True:
                self._on.wait()
                if self._over:
                    return
                due = time.monotonic() + self._pause
                answer = client.post(self._url, json={"email": EMAIL, "password": PASSWORD})
                self.count += 1
                self.failed += answer.status_code != 200
                time.sleep(max(0.0, due - time.monotonic()))


def compare(driver: Driver, signins: SignIns, rate: int) -> tuple[list[Phase], list[Phase]]:
    """Windows alone, and windows with sign-ins beside them."""
    alone, beside = [], []
    for _ in range(ROUNDS):
        alone.append(driver.ask(f"rate {rate} 0.5 {WINDOW}", LIMIT))
        with signins.beside():
            beside.append(driver.ask(f"rate {rate} 0.5 {WINDOW}", LIMIT))
    return alone, beside


def shown(alone: list[Phase], beside: list[Phase], signins: SignIns) -> Table:
    """Both, in ms."""
    table = Table("relays", "p50", "p99", "p99.9", title="latency in ms, medians of the windows")
    for name, phases in (("alone", alone), ("with sign-ins", beside)):
        cells = (statistics.median(getattr(phase, part) for phase in phases) / 1000 for part in ("p50", "p99", "p999"))
        table.add_row(name, *(f"{cell:.2f}" for cell in cells))
    table.caption = f"{signins.count} sign-ins, {signins.failed} of them failed; wanted: p99 under {WANTED:g} ms"
    return table


def account(folder: str) -> None:
    """Makes the account that will sign in."""
    command = [str(Path(sys.executable).with_name("meetmates")), "user", "create", EMAIL, "--password", PASSWORD]
    subprocess.run(command, check=True, env={"MEETMATES_DATA_DIR": folder}, stdout=subprocess.DEVNULL)


def main() -> int:
    """Runs it all; 0 when the target is met."""
    parser = argparse.ArgumentParser(prog="bench.signins", description="Do sign-ins slow chats down?")
    parser.add_argument("--per-second", type=float, default=10.0)
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--rate", type=int, default=5_000, help="relays a second, over all connections")
    options = parser.parse_args()
    build()
    raise_descriptor_limit()
    with TemporaryDirectory() as folder:
        account(folder)
        ours = specs()["ours"]
        spec = replace(ours, settings={**ours.settings, "MEETMATES_DATA_DIR": folder})
        with running(spec, quiet=False) as server, driving(server) as driver:
            return _measured(server, driver, options)


def _measured(server: Running, driver: Driver, options: argparse.Namespace) -> int:
    driver.ask(f"arrive {options.connections} 64 1 {LIMIT}", LIMIT)
    driver.ask(f"pair {LIMIT}", LIMIT)
    with SignIns(server.port, options.per_second) as signins:
        alone, beside = compare(driver, signins, options.rate)
        Console().print(shown(alone, beside, signins))
    return int(signins.failed > 0 or statistics.median(phase.p99 for phase in beside) / 1000 > WANTED)


if __name__ == "__main__":
    sys.exit(main())
