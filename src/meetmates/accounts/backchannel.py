"""Requests to identity providers: bounded in time and size, no redirect followed, nothing but JSON read."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx

PATIENCE = 5.0  # seconds for one request as a whole
MAX_ANSWER = 256 * 1024  # bytes; the largest documents of real providers have a tenth of that


class Unsound(Exception):  # noqa: N818 - an answer, not an error
    """Why a sign-in cannot be trusted, for the operator: a word or two, with nothing in it that a person sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON object, and the answer that it came in."""

    status: int
    headers: httpx.Headers
    body: dict[str, Any]


class Backchannel:
    """Asks providers over `http`, which should be a client for this alone: it would share its cookies."""

    def __init__(self, http: httpx.AsyncClient, patience: float = PATIENCE) -> None:
        """`patience` is in seconds, for each request as a whole."""
        self._http = http
        self._patience = patience

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """The JSON object at `url`, of whatever status. Raises `Unsound`."""
        return await self._ask("GET", url, headers or {}, None)

    async def post(self, url: str, headers: Mapping[str, str], body: str) -> Answer:
        """The JSON object that answers a form. Raises `Unsound`."""
        return await self._ask("POST", url, headers, body.encode())

    async def _ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        plain = {"Accept": "application/json", "Accept-Encoding": "identity"}  # what is packed could unpack without end
        try:
            async with (
                asyncio.timeout(self._patience),
                self._http.stream(
                    method,
                    url,
                    headers=plain | dict(headers),
                    content=body,
                    follow_redirects=False,
                    timeout=self._patience,
                ) as response,
            ):
                return Answer(response.status_code, response.headers, _object(await _whole(response)))
        except (TimeoutError, httpx.TimeoutException):
            raise Unsound("provider too slow") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unsound(f"provider not reached: {type(error).__name__}") from None


async def _whole(response: httpx.Response) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise Unsound("provider answered packed")
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > MAX_ANSWER:
            raise Unsound("provider answered too much")
    return bytes(body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Unsound("provider answered no JSON") from None
    if not isinstance(value, dict):
        raise Unsound("provider answered no JSON object")
    return value


def is_trusted_address(url: object, issuer: str) -> bool:
    """Whether secrets may travel to `url`: by HTTPS, or within this machine where the `issuer` itself is there."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
        if not parts.hostname or parts.username is not None or parts.fragment:
            return False
        return parts.scheme == "https" or (_is_local(url) and _is_local(issuer))
    except ValueError:
        return False


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname is None:
        return False
    try:
        return ip_address(parts.hostname).is_loopback
    except ValueError:
        return parts.hostname == "localhost"
