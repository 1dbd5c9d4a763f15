"""What the figures were measured on."""

import os
import platform
import resource
import subprocess
from importlib.metadata import version
from pathlib import Path

import msgspec

from bench.build import HERE
from bench.servers import DRIVER_CORE, SERVER_CORE

CORES = (f"cpu{SERVER_CORE}", f"cpu{DRIVER_CORE}")


def machine() -> dict[str, str]:
    """Facts about the machine and the software, in the order of the report."""
    python = f"uvicorn {version('uvicorn')}, uvloop {version('uvloop')}, picows {version('picows')}"
    peer = f"python-engineio {version('python-engineio')}, websockets {version('websockets')}"
    return {
        "Processor": f"{processor()}, {os.cpu_count()} cores",
        "Memory": memory(),
        "Kernel": f"{platform.system()} {platform.release().split('-')[0]}",
        "Python": f"{platform.python_version()}; {python}",
        "Node": f"{node()}; socket.io {npm('socket.io')}, ws {npm('ws')}",
        "python-socketio": f"{version('python-socketio')}; {peer}",
    }


class OtherLoad:
    """How much of the two cores went to processes that are not the benchmark's, from its making on."""

    def __init__(self) -> None:
        self._busy, self._own, self._all = self._read()

    def share(self) -> float:
        """0 to 1. Only children that have ended count as the benchmark's own."""
        busy, own, every = self._read()
        elsewhere = (busy - self._busy) - (own - self._own)
        return max(0.0, elsewhere) / (every - self._all) if every > self._all else 0.0

    def _read(self) -> tuple[float, float, float]:
        """Seconds of both cores since the start of the machine: busy, ours, all."""
        tick = os.sysconf("SC_CLK_TCK")
        busy = every = 0.0
        for line in Path("/proc/stat").read_text().splitlines():
            name, *fields = line.split()
            if name in CORES:
                ticks = [int(field) for field in fields[:8]]  # user nice system idle iowait irq softirq steal
                every += sum(ticks) / tick
                busy += (sum(ticks) - ticks[3] - ticks[4]) / tick
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        own = resource.getrusage(resource.RUSAGE_SELF)
        return busy, sum(usage.ru_utime + usage.ru_stime for usage in (children, own)), every


def processor() -> str:
    """The processor's name as the kernel gives it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def memory() -> str:
    """The machine's memory in GiB."""
    total = Path("/proc/meminfo").read_text().splitlines()[0].split()[1]
    return f"{int(total) / 2**20:.0f} GiB"


def node() -> str:
    """Node's version, or that it is missing."""
    try:
        return (
            subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
            .stdout.strip()
            .removeprefix("v")
        )
    except (OSError, subprocess.CalledProcessError):
        return "not installed"


def npm(package: str) -> str:
    """The version of a package that the Node peer uses."""
    lock = msgspec.json.decode((HERE / "peers" / "node" / "package-lock.json").read_bytes())
    return str(lock["packages"][f"node_modules/{package}"]["version"])
