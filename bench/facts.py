"""What the figures were measured on."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import msgspec

from bench.build import HERE


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
