"""What happens to a request before any route is asked, seen from the server's side of it."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from meetmates.http.guard import BODY_TIMEOUT, Guard
from tests.support.travel import travelling

HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"4")]


class Inside:
    """Notes what reaches it."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.bodies.append((await receive())["body"])


async def through(inside: Inside, *messages: Message, method: str = "POST", path: str = "/api/x") -> list[Any]:
    """Sends a request whose client says `messages` and then no more; the statuses of the answers."""
    rest = list(messages)
    sent: list[Message] = []

    async def receive() -> Message:
        if not rest:
            await asyncio.Event().wait()
        return rest.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": HEADERS, "query_string": b""}
    await Guard(inside, lambda origin: origin is None)(scope, receive, send)
    return [message["status"] for message in sent if message["type"] == "http.response.start"]


def part(body: bytes, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


@travelling
async def test_a_body_in_pieces_arrives_as_one() -> None:
    inside = Inside()
    assert await through(inside, part(b"{", True), part(b"", True), part(b"  }", False)) == []
    assert inside.bodies == [b"{  }"]


@travelling
async def test_half_a_body_is_not_waited_for_without_end() -> None:
    inside = Inside()
    assert await through(inside, part(b"{}", True)) == [408]
    assert asyncio.get_running_loop().time() == pytest.approx(BODY_TIMEOUT)
    assert inside.bodies == []


@travelling
async def test_a_client_that_goes_in_the_middle_of_a_body_has_asked_for_nothing() -> None:
    inside = Inside()
    assert await through(inside, part(b"{}", True), {"type": "http.disconnect"}) == []
    assert inside.bodies == []


@travelling
async def test_pages_outside_of_the_api_have_the_same_bounds() -> None:
    inside = Inside()
    assert await through(inside, part(b"x" * 65_537, True), path="/admin/login") == [413]
    assert await through(inside, part(b"x" * 65_536, False), path="/admin/login") == []
    assert len(inside.bodies) == 1
