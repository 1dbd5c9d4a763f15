"""HTTPS and WSS: a server with a certificate of its own, and connections that trust it.

A client of these tests trusts what `SSL_CERT_FILE` names, as OpenSSL does for whoever asks for nothing else.
"""

import asyncio
import contextlib
import ipaddress
import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.support.frames import RawConnection, RawWebSocket
from tests.support.server import RunningServer, running_server

ADDRESS = "127.0.0.1"


class TlsServer(RunningServer):
    """A server whose addresses begin with `https` and `wss`."""

    @property
    def url(self) -> str:
        """The HTTPS base address, without a slash at its end."""
        return f"https://{ADDRESS}:{self.port}"

    @property
    def ws_url(self) -> str:
        """The WebSocket base address, without a slash at its end."""
        return f"wss://{ADDRESS}:{self.port}"


class TlsConnection(RawConnection):
    """A connection whose bytes are all the test's own, within TLS."""

    @classmethod
    async def open(cls, port: int, *, receive_buffer: int | None = None) -> Self:
        """Connects and shakes hands; `receive_buffer` as for a bare connection."""
        bare = socket.socket()
        if receive_buffer is not None:
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        bare.setblocking(False)
        await asyncio.get_running_loop().sock_connect(bare, (ADDRESS, port))
        trusting = ssl.create_default_context()
        streams = await asyncio.open_connection(sock=bare, limit=1 << 22, ssl=trusting, server_hostname=ADDRESS)
        return cls(*streams)

    async def leave(self) -> None:
        """Hangs up; unread data is no error, though OpenSSL would call it one."""
        with contextlib.suppress(ssl.SSLError):
            await super().leave()


class TlsWebSocket(TlsConnection, RawWebSocket):
    """A WebSocket within TLS."""


@dataclass(frozen=True)
class Certificate:
    """PEM files of a certificate for 127.0.0.1 that is signed by itself, and of its key."""

    chain: Path
    key: Path

    @contextlib.contextmanager
    def trusted(self) -> Iterator[None]:
        """Every TLS client of this process trusts it, and nothing else."""
        before = os.environ.get("SSL_CERT_FILE")
        os.environ["SSL_CERT_FILE"] = str(self.chain)
        try:
            yield
        finally:
            del os.environ["SSL_CERT_FILE"]
            if before is not None:
                os.environ["SSL_CERT_FILE"] = before


def make_certificate(folder: Path) -> Certificate:
    """A certificate in `folder`, for the day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "MeetMates, for tests only")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(ADDRESS))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    made = Certificate(folder / "chain.pem", folder / "key.pem")
    made.chain.write_bytes(certificate.public_bytes(Encoding.PEM))
    made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


@contextlib.contextmanager
def running_tls_server(certificate: Certificate, **settings: object) -> Iterator[TlsServer]:
    """As `running_server`, for clients that trust `certificate`."""
    with running_server(TLS_CERT=certificate.chain, TLS_KEY=certificate.key, **settings) as bare:
        yield TlsServer(bare.port, bare.process, bare.log)
