"""The terminal client, over the real protocol against a real server, with its keyboard on a pipe."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from meetmates.cli.chat import clean
from tests.support.server import RunningServer, free_port, running_server, stop

LIMIT = 30.0  # seconds to wait for a line on a loaded machine


class Terminal:
    """One `meetmates chat`: what it shows, and lines typed into it."""

    def __init__(self, url: str, *arguments: str) -> None:
        clean_environment = {k: v for k, v in os.environ.items() if not k.startswith("MEETMATES_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "meetmates", "chat", "--url", url, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=clean_environment | {"PYTHONUNBUFFERED": "1"},
            text=True,
            bufsize=1,
        )
        self.shown: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def sees(self, wanted: str) -> str:
        """The next line with `wanted` in it."""
        deadline = time.monotonic() + LIMIT
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"never shown: {wanted!r}; only: {self.shown}")
            self.shown.append(line)
            if wanted in line:
                return line

    def types(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ends(self) -> int:
        """Its exit code, once it has ended by itself."""
        code = self.process.wait(LIMIT)
        self._reader.join(LIMIT)
        while (line := self._lines.get(timeout=LIMIT)) is not None:
            self.shown.append(line)
        assert "Traceback" not in "\n".join(self.shown)
        return code

    def close(self) -> None:
        stop(self.process)  # type: ignore[arg-type]  # of text, here
        self._reader.join(LIMIT)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with running_server(REMATCH_AFTER="0", INTEREST_WAIT="0") as started:
        yield started


@contextlib.contextmanager
def terminals(*started: Terminal) -> Iterator[None]:
    try:
        yield
    finally:
        for terminal in started:
            terminal.close()


def met(terminal: Terminal, more: str = "") -> str:
    """The name of the partner who has come."""
    return terminal.sees(f" is here.{more}").partition(" is here.")[0]


def test_two_windows_meet_and_talk_and_part(server: RunningServer) -> None:
    ana = Terminal(server.url, "--interests", "chess")
    with terminals(ana):
        ana.sees("You are in the queue.")
        ben = Terminal(server.url, "--interests", "chess,hiking")
        with terminals(ben):
            callers = [met(terminal, " Say hello! You both like chess.") for terminal in (ana, ben)]
            for terminal, name in zip((ben, ana), callers, strict=True):  # each is called what the other was told
                terminal.sees(f"In this chat you are {name}.")
            ana.types("hello, [bold]Ben[/bold] ☺")
            assert ana.sees("hello") == "you  hello, [bold]Ben[/bold] ☺"
            assert ben.sees("hello") == f"{callers[1]}  hello, [bold]Ben[/bold] ☺"
            ben.types("\x1b[31mred\x1b[0m")
            assert "\x1b" not in ana.sees("red")
            ana.types("/help")
            ana.sees("/next somebody else")
            ana.types("/leave")
            ana.sees("You have left the chat.")
            ben.sees(f"{callers[1]} has left.")
            ana.types("anybody?")
            ana.sees("Nobody is here yet to hear that.")
            ana.types("/leave")
            ana.sees("You are not in a chat.")
            ben.types("/quit")
            assert ben.ends() == 0
        assert ana.process.stdin is not None
        ana.process.stdin.close()  # Ctrl-D
        assert ana.ends() == 0


def test_next_looks_again(server: RunningServer) -> None:
    ana, ben = Terminal(server.url), Terminal(server.url)
    with terminals(ana, ben):
        met(ana)
        partner = met(ben)
        ana.types("/next")
        ben.sees(f"{partner} has left.")
        ana.sees("You are in the queue.")
        ben.sees("You are in the queue.")


def test_control_c_is_a_clean_end(server: RunningServer) -> None:
    ana = Terminal(server.url)
    with terminals(ana):
        ana.sees("You are in the queue.")
        ana.process.send_signal(signal.SIGINT)
        assert ana.ends() == 0


def test_a_bad_token_is_told(server: RunningServer) -> None:
    ana = Terminal(server.url, "--token", "abc")
    with terminals(ana):
        ana.sees("The server says no: Authentication failed (token_invalid)")
        assert ana.ends() == 1


def test_nobody_there_is_told() -> None:
    ana = Terminal(f"http://127.0.0.1:{free_port()}")
    with terminals(ana):
        ana.sees("Is the server running? Start it with: meetmates serve")
        assert ana.ends() == 1


def test_what_is_typed_may_come_from_a_file(server: RunningServer, tmp_path: Path) -> None:
    (tmp_path / "typed").write_text("hello?\n/quit")
    with (tmp_path / "typed").open() as typed:
        done = subprocess.run(
            [sys.executable, "-m", "meetmates", "chat", "--url", server.url],
            stdin=typed,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nobody is here yet to hear that." in done.stdout


def test_a_lost_server_is_told() -> None:
    with running_server() as server:
        ana = Terminal(server.url)
        with terminals(ana):
            ana.sees("You are in the queue.")
            stop(server.process)
            ana.sees("The server restarts; back in a moment ...")
            ana.sees("The connection is lost; trying again ...")
            ana.types("/next")
            ana.sees("Not connected just now; that was not sent.")
            ana.types("/quit")
            assert ana.ends() == 0


@pytest.mark.parametrize(
    "harmful", ["\x1b[2J", "\x07", "\r", "\n", "\x9b31m", "\u202e", "\u2028", "\u2066", "\0", "\ud800"]
)
def test_what_a_stranger_sends_is_harmless(harmful: str) -> None:
    assert clean(f"a{harmful}b") == "a" + " " + harmful[1:] + "b"


def test_what_a_stranger_sends_stays_readable() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert clean(f"¡Olé! {family} 你好") == f"¡Olé! {family} 你好"
    assert len(clean("x" * 10_000)) == 4_000
    assert clean(None) == "None"
