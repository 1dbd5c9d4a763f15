"""What a peer can get wrong, and the answers that the Engine.IO specification gives to a bad request."""

from enum import Enum


class ProtocolViolation(Exception):  # noqa: N818 - the peer's fault, not ours
    """The peer broke a protocol; its session must be closed. The message is for the log and quotes nothing it sent."""


class HandshakeError(Enum):
    """The answers to a request that cannot be served: HTTP status, code and message."""

    TRANSPORT_UNKNOWN = (400, 0, "Transport unknown")
    SESSION_UNKNOWN = (400, 1, "Session ID unknown")
    BAD_METHOD = (400, 2, "Bad handshake method")
    BAD_REQUEST = (400, 3, "Bad request")
    FORBIDDEN = (403, 4, "Forbidden")
    UNSUPPORTED_VERSION = (400, 5, "Unsupported protocol version")

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.value[0]

    @property
    def body(self) -> bytes:
        """The JSON body."""
        return b'{"code":%d,"message":"%s"}' % (self.value[1], self.value[2].encode())
