"""What an HTTP request or a WebSocket upgrade asks of the engine, read from its method and query alone.

Engine.IO protocol v4, section "Protocol": `EIO`, `transport` and, after the handshake, `sid`.
"""

from typing import NamedTuple
from urllib.parse import parse_qsl

from meetmates.wire.engine_session import Channel
from meetmates.wire.errors import HandshakeError

VERSION = "4"
CHANNELS = {"polling": Channel.POLLING, "websocket": Channel.WEBSOCKET}
TOKEN_PARAMETERS = ("token", "access_token")  # never taken from a query: queries are logged
MAX_QUERY = 4096  # bytes; the official client's is below 100


class EngineRequest(NamedTuple):
    """A sound request: `sid` is None where it wants a new session."""

    channel: Channel
    sid: str | None
    token_in_query: bool


def read_request(method: str, query: bytes, upgrade: bool) -> EngineRequest | HandshakeError:
    """What is asked for; or the answer that the specification has for what cannot be served."""
    if len(query) > MAX_QUERY:
        return HandshakeError.BAD_REQUEST
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError:  # UnicodeDecodeError is one
        return HandshakeError.BAD_REQUEST
    parameters = dict(reversed(pairs))  # the first of several counts
    channel = CHANNELS.get(parameters.get("transport", ""))
    if channel is None:
        return HandshakeError.TRANSPORT_UNKNOWN
    sid = parameters.get("sid")
    if parameters.get("EIO") != VERSION:
        return HandshakeError.UNSUPPORTED_VERSION
    if upgrade != (channel is Channel.WEBSOCKET):
        return HandshakeError.BAD_REQUEST
    if method not in (("GET",) if sid is None else ("GET", "POST")):
        return HandshakeError.BAD_METHOD
    return EngineRequest(channel, sid, any(name in parameters for name in TOKEN_PARAMETERS))
