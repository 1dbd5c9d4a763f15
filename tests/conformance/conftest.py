"""The echo application, started once for both suites."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.frames import leave_all
from tests.support.server import free_port, stop, wait_for_port

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running echo; what it wrote must hold no traceback in the end."""
    port = free_port()
    log = tmp_path_factory.mktemp("echo") / "log"
    with log.open("wb") as out:
        command = [sys.executable, "-m", "tests.conformance.echo", "--host", "127.0.0.1", "--port", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out)
    try:
        wait_for_port(port, process)
        yield f"http://127.0.0.1:{port}"
        assert process.poll() is None, log.read_text()
    finally:
        stop(process)
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(autouse=True)
async def no_connection_left() -> AsyncIterator[None]:
    """Whatever a test leaves open is closed."""
    yield
    await leave_all()
