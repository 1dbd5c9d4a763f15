"""What a query asks for: Engine.IO protocol v4, "Protocol"."""

import pytest

from meetmates.wire.engine_requests import EngineRequest, read_request
from meetmates.wire.engine_session import Channel
from meetmates.wire.errors import HandshakeError

P, W = Channel.POLLING, Channel.WEBSOCKET


@pytest.mark.parametrize(
    ("method", "query", "upgrade", "expected"),
    [
        ("GET", b"EIO=4&transport=polling", False, EngineRequest(P, None, False)),
        ("GET", b"EIO=4&transport=websocket", True, EngineRequest(W, None, False)),
        ("GET", b"EIO=4&transport=polling&sid=a%2Fb&t=x", False, EngineRequest(P, "a/b", False)),
        ("POST", b"EIO=4&transport=polling&sid=ab", False, EngineRequest(P, "ab", False)),
        ("GET", b"transport=polling&sid=ab", False, HandshakeError.UNSUPPORTED_VERSION),
        ("GET", b"EIO=4&transport=polling&token=x", False, EngineRequest(P, None, True)),
        ("GET", b"EIO=4&transport=polling&access_token=", False, EngineRequest(P, None, True)),
        ("GET", b"EIO=4&EIO=3&transport=polling", False, EngineRequest(P, None, False)),
        ("GET", b"EIO=4", False, HandshakeError.TRANSPORT_UNKNOWN),
        ("GET", b"EIO=4&transport=abc", False, HandshakeError.TRANSPORT_UNKNOWN),
        ("GET", b"EIO=4&transport=constructor", False, HandshakeError.TRANSPORT_UNKNOWN),
        ("GET", b"EIO=4&transport=__proto__", False, HandshakeError.TRANSPORT_UNKNOWN),
        ("GET", b"transport=polling", False, HandshakeError.UNSUPPORTED_VERSION),
        ("GET", b"EIO=3&transport=polling", False, HandshakeError.UNSUPPORTED_VERSION),
        ("GET", b"EIO=3&transport=polling&sid=ab", False, HandshakeError.UNSUPPORTED_VERSION),
        ("POST", b"EIO=4&transport=polling", False, HandshakeError.BAD_METHOD),
        ("PUT", b"EIO=4&transport=polling&sid=ab", False, HandshakeError.BAD_METHOD),
        ("GET", b"EIO=4&transport=websocket", False, HandshakeError.BAD_REQUEST),
        ("GET", b"EIO=4&transport=polling", True, HandshakeError.BAD_REQUEST),
        ("GET", b"EIO=4&transport=polling&x=%ff", False, HandshakeError.BAD_REQUEST),
        ("GET", b"EIO=4&transport=polling&x=\xff", False, HandshakeError.BAD_REQUEST),
        ("GET", b"EIO=4&transport=polling&x=" + b"y" * 5000, False, HandshakeError.BAD_REQUEST),
    ],
)
def test_requests(method: str, query: bytes, upgrade: bool, expected: EngineRequest | HandshakeError) -> None:
    assert read_request(method, query, upgrade) == expected


@pytest.mark.parametrize("error", list(HandshakeError))
def test_the_answers_are_those_of_the_specification(error: HandshakeError) -> None:
    assert error.status == (403 if error is HandshakeError.FORBIDDEN else 400)
    assert HandshakeError.SESSION_UNKNOWN.body == b'{"code":1,"message":"Session ID unknown"}'
