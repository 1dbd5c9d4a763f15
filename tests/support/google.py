"""A provider like Google's in a process of its own: `python -m tests.support.google PORT`.

It publishes its description and its keys, counts who asks for them, signs whatever it is told to, and can be made to
misbehave. It ends with its standard input.
"""

import base64
import contextlib
import http.server
import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, HMACAlgorithm, RSAAlgorithm

from tests.support.server import free_port, wait_for_port

ROOT = Path(__file__).parents[2]
DISCOVERY, KEYS = "/.well-known/openid-configuration", "/keys"


@dataclass(frozen=True)
class RunningProvider:
    """That process, seen from a test."""

    url: str

    def sign(self, header: object, claims: object, key: str = "rsa1") -> str:
        """A token with any header and any claims, signed with one of its keys; `pem` is a public key as a secret."""
        token: str = self._post("/sign", {"header": header, "claims": claims, "key": key})["token"]
        return token

    def behave(self, **how: object) -> None:
        """`keys`: names of those published; `modes`: path -> a way to misbehave; `headers`; `description`: changes."""
        self._post("/behave", how)

    def asked(self, path: str) -> int:
        """How often `path` was asked for since `behave`."""
        count: int = self._post("/asked", {})["asked"].get(path, 0)
        return count

    def _post(self, path: str, body: object) -> Any:
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)


@contextlib.contextmanager
def running_provider() -> Iterator[RunningProvider]:
    """The provider on a free port."""
    port = free_port()
    command = [sys.executable, "-m", "tests.support.google", str(port)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT)
    try:
        wait_for_port(port, process)
        yield RunningProvider(f"http://127.0.0.1:{port}")
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(15)


def pair(key: Any, algorithm: Any, **more: str) -> tuple[Any, Any, dict[str, Any]]:
    """A private key, how it signs, and how it is published."""
    return key, algorithm, {**algorithm.to_jwk(key.public_key(), as_dict=True), **more}


def make_keys() -> dict[str, tuple[Any, Any, dict[str, Any]]]:
    """Good and bad ones by name, which is also their `kid`."""
    rs256, es256 = RSAAlgorithm(RSAAlgorithm.SHA256), ECAlgorithm(ECAlgorithm.SHA256)
    first, second = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    pem = first.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {
        "rsa1": pair(first, rs256, kid="rsa1", alg="RS256"),
        "rsa2": pair(second, rs256, kid="rsa2"),
        "ec1": pair(ec.generate_private_key(ec.SECP256R1()), es256, kid="ec1", alg="ES256"),
        "p384": pair(ec.generate_private_key(ec.SECP384R1()), es256, kid="p384"),
        "small": pair(rsa.generate_private_key(65537, 1024), rs256, kid="small"),
        "sealing": pair(second, rs256, kid="sealing", use="enc"),
        "other_use": pair(second, rs256, kid="other_use", alg="RS512"),
        "secret": (
            b"k" * 32,
            HMACAlgorithm(HMACAlgorithm.SHA256),
            {"kty": "oct", "kid": "secret", "k": encoded(b"k" * 32)},
        ),
        "pem": (pem, HMACAlgorithm(HMACAlgorithm.SHA256), {}),
        "none": (b"", None, {}),
    }


def encoded(value: bytes) -> str:
    """Base64 as in tokens."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


class Provider(http.server.ThreadingHTTPServer):
    """What it publishes now, and who asked."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Conversation)
        self.keys = make_keys()
        self.behaviour: dict[str, Any] = {}
        self.asked: dict[str, int] = {}

    @property
    def documents(self) -> dict[str, Any]:
        """What stands at which path."""
        own = f"http://127.0.0.1:{self.server_port}"
        description = {"issuer": own, "jwks_uri": own + KEYS} | self.behaviour.get("description", {})
        published = [self.keys[name][2] for name in self.behaviour.get("keys", ["rsa1", "ec1"])]
        return {DISCOVERY: description, KEYS: {"keys": published}}

    def sign(self, order: dict[str, Any]) -> str:
        """The token that was ordered."""
        key, algorithm, _ = self.keys[order["key"]]
        signed = ".".join(encoded(json.dumps(order[part]).encode()) for part in ("header", "claims"))
        return f"{signed}.{encoded(algorithm.sign(signed.encode(), key)) if algorithm else ''}"


class Conversation(http.server.BaseHTTPRequestHandler):
    """One connection."""

    server: Provider

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def do_POST(self) -> None:
        """Orders of the test."""
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer: dict[str, Any] = {}
        if self.path == "/sign":
            answer["token"] = self.server.sign(order)
        elif self.path == "/behave":
            self.server.behaviour, self.server.asked = order, {}
        else:
            answer["asked"] = self.server.asked
        self.answer(json.dumps(answer).encode())

    def do_GET(self) -> None:
        """What is published, or something else."""
        asked = self.server.asked
        asked[self.path] = asked.get(self.path, 0) + 1
        body = json.dumps(self.server.documents.get(self.path, {})).encode()
        mode = self.server.behaviour.get("modes", {}).get(self.path, "good")
        getattr(self, f"be_{mode}")(body)

    def answer(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """One whole answer."""
        self.send_response(status)
        for name, value in (self.server.behaviour.get("headers", {}) | (headers or {})).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def be_good(self, body: bytes) -> None:
        """As asked."""
        self.answer(body)

    def be_down(self, body: bytes) -> None:
        """No answer at all."""
        self.close_connection = True

    def be_slow(self, body: bytes) -> None:
        """A byte now and then, without end: no time limit between two bytes is ever reached."""
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b" ")
                time.sleep(0.02)

    def be_huge(self, body: bytes) -> None:
        """Spaces without end."""
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            while True:
                self.wfile.write(b" " * 65536)

    def be_packed(self, body: bytes) -> None:
        """What says that it unpacks."""
        self.answer(body, headers={"Content-Encoding": "gzip"})

    def be_rubbish(self, body: bytes) -> None:
        """No JSON."""
        self.answer(b"<html>hello</html>")

    def be_a_list(self, body: bytes) -> None:
        """JSON, but no object."""
        self.answer(b"[" + body + b"]")

    def be_deep(self, body: bytes) -> None:
        """JSON that nests without sense."""
        self.answer(b"[" * 100_000)

    def be_empty(self, body: bytes) -> None:
        """An object with nothing in it."""
        self.answer(b"{}")

    def be_broken(self, body: bytes) -> None:
        """An error, with a good document beside it."""
        self.answer(body, 500)

    def be_elsewhere(self, body: bytes) -> None:
        """A redirect to the same, which is there."""
        self.answer(body, 302, {"Location": self.path + "?elsewhere"})


if __name__ == "__main__":
    provider = Provider(int(sys.argv[1]))
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    sys.stdin.read()
    provider.shutdown()
