"""A real server in its own process: started on a free loopback port, ended by its own pid."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

START_LIMIT = 60.0  # seconds until it must listen; two cores with a lot else to do have needed more than 20
SECRET = "a-secret-for-tests-only-0123456789abcdef"  # 40 bytes; RFC 7518 section 3.2 asks for 32


@dataclass(frozen=True)
class RunningServer:
    """Where a started server listens, and how to look inside it."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        """The HTTP base address, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        """The WebSocket base address, without a slash at its end."""
        return f"ws://127.0.0.1:{self.port}"

    def logged(self) -> str:
        """Everything the server has written so far, standard output and error together."""
        return self.log.read_text(errors="replace")

    def metrics(self) -> dict[str, float]:
        """Every sample of /metrics by its full name, labels included: `meetmates_table_rows{table="chats"}`."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        samples = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
        return {name: float(value) for name, value in samples}

    def tables(self) -> dict[str, int]:
        """The number of rows in each table that a connection may leave something in."""
        prefix = 'meetmates_table_rows{table="'
        return {k[len(prefix) : -2]: int(v) for k, v in self.metrics().items() if k.startswith(prefix)}


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Returns once something listens on `port`; raises if the process ends or `START_LIMIT` passes before."""
    deadline = time.monotonic() + START_LIMIT
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server did not start (exit code {process.poll()})")
        time.sleep(0.02)


@contextlib.contextmanager
def running_server(*arguments: str, **settings: object) -> Iterator[RunningServer]:
    """`meetmates serve` with `MEETMATES_*` settings, without their prefix: `running_server(PING_INTERVAL="300ms")`.

    `PORT` is for a server that comes back where one was before; without it, a free one is taken.
    """
    with TemporaryDirectory() as folder:
        port = int(str(settings.get("PORT") or free_port()))
        clean = {k: v for k, v in os.environ.items() if not k.startswith("MEETMATES_")}
        own = {"MEETMATES_JWT_SECRET": SECRET, "MEETMATES_DATA_DIR": f"{folder}/data"}
        own |= {f"MEETMATES_{name}": str(value) for name, value in settings.items()}
        log = Path(folder, "log")
        with log.open("wb") as out:
            command = [
                sys.executable,
                "-m",
                "meetmates",
                "serve",
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
                *arguments,
            ]
            process = subprocess.Popen(command, env=clean | own, stdout=out, stderr=out, cwd=folder)
        try:
            wait_for_port(port, process)
            yield RunningServer(port, process, log)
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes], limit: float = 15.0) -> int:
    """Ends the process by SIGTERM, after `limit` seconds by SIGKILL, and returns its exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
