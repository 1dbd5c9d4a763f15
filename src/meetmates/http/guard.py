"""Before any route: whose page asks, how large a body is and how long it takes. After it: what every answer says."""

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.http.problems import problem, refusal

API = "/api/"
TAKE_BODIES = (API, "/admin")  # elsewhere the answer is no, whatever the body would be: nobody waits for it
MAX_BODY = 64 * 1024  # bytes
BODY_TIMEOUT = 10.0  # seconds for all of it
SAFE = ("GET", "HEAD", "OPTIONS")  # RFC 9110, section 9.2.1
CORS_METHODS = "GET, POST, DELETE"
CORS_HEADERS = "authorization, content-type, x-auth-token"
CORS_EXPOSED = "retry-after"
CORS_AGE = "600"  # seconds for which a browser may keep a preflight's answer


class Guard:
    """ASGI middleware. `allows_origin` is asked with the header Origin, None where there is none."""

    def __init__(self, app: ASGIApp, allows_origin: Callable[[str | None], bool]) -> None:
        self._app = app
        self._allows = allows_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["path"].startswith(API):
            origin = headers.get("origin")
            send = _speaking(send, origin if self._allows(origin) else None)
            early = self._early(scope["method"], headers)
            if early is not None:
                await early(scope, receive, send)
                return
        if scope["method"] not in SAFE and scope["path"].startswith(TAKE_BODIES):
            body = await _whole(headers, receive)
            if body is None:
                return
            if not isinstance(body, bytes):
                await body(scope, receive, send)
                return
            receive = _again(body, receive)
        await self._app(scope, receive, send)

    def _early(self, method: str, headers: Headers) -> Response | None:
        """The answer where no route need be asked."""
        foreign = not self._allows(headers.get("origin"))
        if method == "OPTIONS" and "access-control-request-method" in headers:
            return refusal(AccountRefused(Problem.FOREIGN_ORIGIN)) if foreign else _preflight()
        if method in SAFE:
            return None
        if foreign:
            return refusal(AccountRefused(Problem.FOREIGN_ORIGIN))
        return None if _is_json(headers) else problem(415)


def _is_json(headers: Headers) -> bool:
    """JSON, or nothing: what a form can send without asking first (a preflight) is none of both."""
    kind = headers.get("content-type")
    if kind is not None:
        return kind.partition(";")[0].strip().lower() == "application/json"
    return headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers


def _preflight() -> Response:
    return Response(
        status_code=204,
        headers={
            "access-control-allow-methods": CORS_METHODS,
            "access-control-allow-headers": CORS_HEADERS,
            "access-control-max-age": CORS_AGE,
        },
    )


def _speaking(send: Send, origin: str | None) -> Send:
    """Adds what every answer of the API says: nobody keeps it, and who else may read it."""

    async def speak(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["cache-control"] = "no-store"
            headers["x-content-type-options"] = "nosniff"
            headers.add_vary_header("Origin")
            if origin is not None:
                headers["access-control-allow-origin"] = origin
                headers["access-control-allow-credentials"] = "true"
                headers["access-control-expose-headers"] = CORS_EXPOSED
        await send(message)

    return speak


async def _whole(headers: Headers, receive: Receive) -> bytes | JSONResponse | None:
    """The body, or the refusal of one that is too large or too slow. None: the client has gone in its middle."""
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length[:20]) > MAX_BODY:
        return problem(413, headers={"connection": "close"})
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                body += message.get("body", b"")
                more = message.get("more_body", False)
                if len(body) > MAX_BODY:
                    return problem(413, headers={"connection": "close"})
    except TimeoutError:
        return problem(408, headers={"connection": "close"})
    return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that begins with a body that was read already."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
