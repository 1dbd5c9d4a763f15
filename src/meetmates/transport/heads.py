"""Request heads and plain answers as bytes, for what uvicorn does not do itself."""

import asyncio
import binascii
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from meetmates.transport.entrance import Answer, Head, Headers

KEY_BYTES = 16  # RFC 6455, section 4.1


@dataclass(frozen=True, slots=True)
class UpgradeHead(Head):
    """The head of an upgrade request, with the path it was sent to."""

    path: str = ""


def fold(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Header values by lower-case name; equal names are joined with a comma (RFC 9110, section 5.3)."""
    folded: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        folded[name] = f"{folded[name]}, {value}" if name in folded else value
    return folded


def peer_of(transport: asyncio.BaseTransport) -> str:
    """The address at the other end of the connection, without its port."""
    peer = transport.get_extra_info("peername")
    return str(peer[0]) if peer else ""


def read_upgrade(data: bytes, peer: str) -> tuple[UpgradeHead, bytes | Answer]:
    """The head of an upgrade request, and the least that picows needs of it, or the answer to a bad handshake.

    picows compares `Connection` as a whole, where browsers also send `keep-alive, Upgrade`; and it would keep every
    header for as long as the connection lasts.
    """
    line, *lines = data.rstrip(b"\r\n").split(b"\r\n")
    method, target, _ = line.split(b" ", 2)
    path, _, query = target.partition(b"?")
    headers = fold((name, value.strip()) for name, _, value in (header.partition(b":") for header in lines))
    head = UpgradeHead(method.decode("latin-1"), query, headers, peer, True, path.decode("latin-1"))
    if headers.get("sec-websocket-version") != "13":
        return head, Answer(426, b"Upgrade Required", [(b"sec-websocket-version", b"13")])
    key = headers.get("sec-websocket-key", "")
    if not _is_key(key):
        return head, Answer(400, b"Bad Request")
    return head, (
        b"GET / HTTP/1.1\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
        b"sec-websocket-version: 13\r\nsec-websocket-key: %b\r\n\r\n" % key.encode()
    )


def _is_key(key: str) -> bool:
    try:
        return len(b64decode(key.encode("ascii"), validate=True)) == KEY_BYTES
    except (UnicodeEncodeError, binascii.Error):
        return False


def plain_answer(answer: Answer, more: Headers) -> bytes:
    """`answer` as HTTP/1.1, after which the connection closes."""
    headers = [
        (b"content-type", content_type(answer.body)),
        (b"content-length", b"%d" % len(answer.body)),
        (b"connection", b"close"),
        *answer.headers,
        *more,
    ]
    lines = b"".join(b"%b: %b\r\n" % header for header in headers)
    return b"HTTP/1.1 %d %b\r\n%b\r\n%b" % (
        answer.status,
        HTTPStatus(answer.status).phrase.encode(),
        lines,
        answer.body,
    )


def content_type(body: bytes) -> bytes:
    """JSON where it looks like it, else plain text."""
    return b"application/json" if body.startswith(b"{") else b"text/plain; charset=utf-8"
