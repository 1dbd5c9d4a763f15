"""What an operator does beside a running server: its commands, with the settings and in the folder that it has."""

import os
import subprocess
import sys

from tests.support.server import SECRET, RunningServer

LIMIT = 60  # seconds; a command starts Python and opens the database


def operate(server: RunningServer, *words: str) -> str:
    """Runs `meetmates` with these words; returns what it printed. Fails with what it complained of."""
    folder = server.log.parent
    own = {"MEETMATES_JWT_SECRET": SECRET, "MEETMATES_DATA_DIR": f"{folder}/data"}
    clean = {k: v for k, v in os.environ.items() if not k.startswith("MEETMATES_")}
    command = [sys.executable, "-m", "meetmates", *words]
    done = subprocess.run(
        command, env=clean | own, cwd=folder, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
