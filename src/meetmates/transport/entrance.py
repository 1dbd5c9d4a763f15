"""The way in, the same for polling and WebSocket: from a request's head to a session or an answer that says why not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from meetmates.transport.gate import Connects, Origins, Proxies
from meetmates.transport.hub import Hub
from meetmates.transport.ports import Opening
from meetmates.transport.session import Session
from meetmates.wire.engine_requests import EngineRequest, read_request
from meetmates.wire.engine_session import Channel, State
from meetmates.wire.errors import HandshakeError

TOO_MANY = b'{"code":6,"message":"Too many connections"}'
STOPPING = b'{"code":7,"message":"Server is restarting"}'
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Head:
    """What matters of a request before its body. Header names are in lower case; of several equal ones all count."""

    method: str
    query: bytes
    headers: Mapping[str, str]
    peer: str
    upgrade: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer that ends a request."""

    status: int
    body: bytes
    headers: Headers = field(default_factory=list)


class Entrance:
    """Decides on every request to the engine's path."""

    def __init__(self, hub: Hub, origins: Origins, proxies: Proxies, connects: Connects | None) -> None:
        self.hub = hub
        self._origins = origins
        self._proxies = proxies
        self._connects = connects
        self._warned = False

    def cors(self, head: Head) -> Headers:
        """The headers that go with every answer to an allowed origin."""
        origin = head.headers.get("origin")
        return self._origins.cors(origin) if self._origins.allow(origin) else []

    def preflight(self, head: Head) -> Answer:
        """The answer to an OPTIONS request."""
        if (refusal := self._foreign(head)) is not None:
            return refusal
        return Answer(204, b"", self._origins.preflight(head.headers.get("origin")))

    def admit(self, head: Head) -> Session | Answer:
        """The session that the request belongs to, opened if it asks for a new one; or why not.

        A WebSocket that wants to take over a polling session gets that session, and has yet to `probe` it: a second
        one is closed then, as the specification asks (section "Upgrade"), and the first goes on.
        """
        if (refusal := self._foreign(head)) is not None:
            return refusal
        request = read_request(head.method, head.query, head.upgrade)
        if isinstance(request, HandshakeError):
            return _answer(request)
        if request.sid is not None:
            return self._existing(request, request.sid)
        return self._new(request, head)

    def _foreign(self, head: Head) -> Answer | None:
        origin = head.headers.get("origin")
        if self._origins.allow(origin):
            return None
        self.hub.journal.refused(self.address(head), "origin not allowed")
        return _answer(HandshakeError.FORBIDDEN)

    def _existing(self, request: EngineRequest, sid: str) -> Session | Answer:
        session = self.hub.find(sid)
        if session is None:
            return _answer(HandshakeError.SESSION_UNKNOWN)
        state = session.engine.state
        if request.channel is Channel.POLLING and state is State.WEBSOCKET:
            return _answer(HandshakeError.BAD_REQUEST)
        return session

    def _new(self, request: EngineRequest, head: Head) -> Session | Answer:
        if self.hub.closing:
            return Answer(503, STOPPING, [(b"retry-after", b"1")])
        address = self.address(head)
        wait = self._connects.take(address, self.hub.now()) if self._connects is not None else None
        if wait is not None:
            self.hub.journal.refused(address, "too many connects")
            return Answer(429, TOO_MANY, [(b"retry-after", b"%d" % wait)])
        opening = Opening(address, head.headers.get("authorization"), request.token_in_query)
        return self.hub.open(request.channel, opening)

    def address(self, head: Head) -> str:
        """The client's own address."""
        return self.address_of(head.peer, head.headers)

    def address_of(self, peer: str, headers: Mapping[str, str]) -> str:
        """The client's own address, where a request came from `peer` with these headers (lower-case names)."""
        address, hearsay = self._proxies.client(peer, headers)
        if hearsay and not self._warned:
            self._warned = True
            self.hub.journal.advised(
                address, "Forwarded address ignored: if this is your proxy, name it in MEETMATES_TRUSTED_PROXIES"
            )
        return address


def _answer(error: HandshakeError) -> Answer:
    return Answer(error.status, error.body)
