"""A network with nothing but loopback: WebRTC gathers addresses on every interface, and no packet is to get out.

`isolate()` moves this process, and whatever it starts from then on, into a network namespace of its own. It needs root
on Linux, and to be called before anything else has a socket open.
"""

import ctypes
import os
import subprocess
from pathlib import Path

CLONE_NEWNET = 0x40000000  # sched.h
INTERFACES = Path("/sys/class/net")


def isolate() -> None:
    """Leaves every network but 127.0.0.1. Does nothing where there is no other one already."""
    if is_isolated():
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        error = ctypes.get_errno()
        raise PermissionError(error, f"no network namespace ({os.strerror(error)}): browser tests need root on Linux")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def is_isolated() -> bool:
    """Whether this process sees no interface but loopback."""
    table = Path("/proc/thread-self/net/dev").read_text().splitlines()[2:]
    return {line.partition(":")[0].strip() for line in table} <= {"lo"}
