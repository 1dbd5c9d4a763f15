"""A real TURN server on a free port of the loopback, and a client that asks it for a relay (RFC 8489, RFC 8656)."""

import base64
import contextlib
import hashlib
import hmac
import os
import secrets
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.server import START_LIMIT, free_port, stop, wait_for_port

COOKIE = 0x2112A442
ALLOCATE, ALLOCATED, REFUSED = 0x0003, 0x0103, 0x0113
USERNAME, INTEGRITY, ERROR, REALM, NONCE, TRANSPORT = 0x0006, 0x0008, 0x0009, 0x0014, 0x0015, 0x0019
UDP = b"\x11\x00\x00\x00"
ANSWER_LIMIT = 1.0  # seconds for one answer; a datagram may be lost on a loaded machine, so it is asked for again


@dataclass(frozen=True)
class TurnServer:
    """Where it listens, and what it shares with us."""

    port: int
    secret: str
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """As browsers take it."""
        return f"turn:127.0.0.1:{self.port}?transport=udp"


@contextlib.contextmanager
def running_turn(port: int | None = None, secret: str | None = None) -> Iterator[TurnServer]:
    """coturn as docs/video.md has it, but for the loopback, which no public server relays to.

    `port` and `secret` are for one that comes back where another was before.
    """
    port, secret = port or free_port(), secret or secrets.token_hex(16)
    with TemporaryDirectory() as folder:
        command = [
            *("turnserver", "-n", "--listening-port", str(port)),
            *("--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1"),
            *("--use-auth-secret", "--static-auth-secret", secret, "--realm", "meetmates", "--allow-loopback-peers"),
            *("--no-tls", "--no-dtls", "--no-cli", "--log-file", "stdout", "--userdb", f"{folder}/turn.db"),
            *("--pidfile", f"{folder}/turn.pid"),
        ]
        with Path(folder, "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        try:
            wait_for_port(port, process)
            yield TurnServer(port, secret, process)
        finally:
            stop(process)


def credential(username: str, secret: str) -> str:
    """The password for `username` (`<second of its end>:<who>`), as coturn's `use-auth-secret` makes it."""
    return base64.b64encode(hmac.digest(secret.encode(), username.encode(), "sha1")).decode()


def allocate(port: int, username: str, password: str) -> int:
    """Asks for a relay with a long-term credential: 0 when it was given, else the code of the error."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(ANSWER_LIMIT)
        line.connect(("127.0.0.1", port))
        challenge = _ask(line, [(TRANSPORT, UDP)])
        realm, nonce = challenge[REALM], challenge[NONCE]
        key = hashlib.md5(b":".join((username.encode(), realm, password.encode()))).digest()
        signed = [(TRANSPORT, UDP), (USERNAME, username.encode()), (REALM, realm), (NONCE, nonce)]
        answer = _ask(line, signed, key)
        return answer[ERROR][2] * 100 + answer[ERROR][3] if ERROR in answer else 0


def _ask(line: socket.socket, attributes: list[tuple[int, bytes]], key: bytes | None = None) -> dict[int, bytes]:
    transaction = os.urandom(12)
    body = b"".join(struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4) for kind, value in attributes)
    if key is not None:  # RFC 8489, section 14.5: over the message so far, as if it ended with this attribute
        head = struct.pack("!HHI", ALLOCATE, len(body) + 24, COOKIE) + transaction
        body += struct.pack("!HH", INTEGRITY, 20) + hmac.digest(key, head + body, "sha1")
    message = struct.pack("!HHI", ALLOCATE, len(body), COOKIE) + transaction + body
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        try:
            line.send(message)
            answer = line.recv(2048)
        except TimeoutError:
            continue
        except ConnectionRefusedError:  # it listens for TCP a little earlier than for UDP
            time.sleep(0.02)
            continue
        if answer[8:20] == transaction:
            assert struct.unpack("!H", answer[:2])[0] in (ALLOCATED, REFUSED)
            return _attributes(answer[20:])
    raise AssertionError("the TURN server does not answer")


def _attributes(body: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while len(body) >= 4:
        kind, length = struct.unpack("!HH", body[:4])
        found.setdefault(kind, body[4 : 4 + length])
        body = body[4 + length + (-length % 4) :]
    return found
