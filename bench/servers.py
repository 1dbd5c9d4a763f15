"""The servers under test: how each is started, pinned to its core, read and ended."""

import contextlib
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.build import BUILD, HERE

SERVER_CORE, DRIVER_CORE = 0, 1
START_LIMIT = 20.0  # seconds
STOP_LIMIT = 5.0
QUIET_PRESENCE = {"PRESENCE": "newcomer"}


class ServerError(Exception):
    """A server did not start, or has ended."""


@dataclass(frozen=True)
class Spec:
    """A server: its name on the command line, its title in the table, and its command without the port."""

    name: str
    title: str
    command: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    quiet: Mapping[str, str] | None = (
        None  # settings under which arrivals are not broadcast, where a peer needs that to fill up
    )


def specs() -> dict[str, Spec]:
    """All servers by name, in the order of the table."""
    meetmates = Path(sys.executable).with_name("meetmates")
    peers = HERE / "peers"
    every = [
        Spec(
            "ours",
            "MeetMates",
            (str(meetmates), "serve", "--host", "127.0.0.1", "--port"),
            {"MEETMATES_LIMIT_FACTOR": "1000000"},  # no refusals, but every check is still made
        ),
        Spec("floor", "bare C loop", (str(BUILD / "floor"),)),
        Spec("node", "Node socket.io", ("node", str(peers / "node" / "server.js")), quiet=QUIET_PRESENCE),
        Spec(
            "python-socketio",
            "python-socketio",
            (sys.executable, str(peers / "python_socketio" / "server.py")),
            quiet=QUIET_PRESENCE,
        ),
    ]
    return {spec.name: spec for spec in every}


def raise_descriptor_limit() -> None:
    """Lets this process and its children open as many files as the machine allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def pinned(core: int, command: tuple[str, ...]) -> list[str]:
    """`command` bound to one core."""
    taskset = shutil.which("taskset")
    if taskset is None:
        raise ServerError("taskset is missing: it is in Debian's package util-linux")
    return [taskset, "-c", str(core), *command]


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Running:
    """A started server."""

    spec: Spec
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def memory(self) -> int:
        """Resident memory in KiB, shared pages included."""
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Rss:"):
                    return int(line.split()[1])
        raise ServerError(f"{self.spec.title} has ended")

    def last_words(self) -> str:
        """The last line that the server wrote, for a message about its end."""
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it wrote nothing"


@contextlib.contextmanager
def running(spec: Spec, *, quiet: bool = False) -> Iterator[Running]:
    """Starts a server on a free port and core 0, ends it by its pid. Raises ServerError when it does not come up."""
    with TemporaryDirectory(prefix="meetmates-bench-") as folder:
        log = Path(folder, "log")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("MEETMATES_", "PRESENCE"))}
        own = {"MEETMATES_DATA_DIR": f"{folder}/data"} | dict(spec.settings) | dict((quiet and spec.quiet) or {})
        port = free_port()
        with log.open("wb") as out:
            command = pinned(SERVER_CORE, (*spec.command, str(port)))
            process = subprocess.Popen(
                command, env=clean | own, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder
            )
        server = Running(spec, port, process, log)
        try:
            wait_until_listening(server)
            yield server
        finally:
            end(process)


def wait_until_listening(server: Running) -> None:
    """Returns once the port answers. Raises ServerError when the process ends or 20 s pass before."""
    deadline = time.monotonic() + START_LIMIT
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port), timeout=1):
            return
        if server.process.poll() is not None or time.monotonic() > deadline:
            raise ServerError(f"{server.spec.title} did not start: {server.last_words()}")
        time.sleep(0.02)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process by SIGTERM, and by SIGKILL when that takes longer than 5 s."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
