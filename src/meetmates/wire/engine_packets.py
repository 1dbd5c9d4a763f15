"""Engine.IO packets and the payloads of HTTP long-polling.

Engine.IO protocol v4, sections "Packet encoding" and "Payload encoding": a packet is one digit and its data; in a
polling payload packets stand behind each other with 0x1e between them, binary ones as base64 behind a `b`.
"""

import base64
import binascii

from meetmates.wire.errors import ProtocolViolation

OPEN = "0"
CLOSE = "1"
PING = "2"
PONG = "3"
MESSAGE = "4"
UPGRADE = "5"
NOOP = "6"
PROBE = "probe"  # the data of the ping and pong that try a new transport

SEPARATOR = "\x1e"
BINARY_PREFIX = "b"

Packet = str | bytes  # text with its type digit in front, or the data of a binary message
Outgoing = bytes | bytearray  # bytes: a text packet in UTF-8; bytearray: the data of a binary message


def decode_payload(body: bytes) -> list[Packet]:
    """The packets of one POST body. Raises `ProtocolViolation`, or `UnicodeDecodeError` where it is no UTF-8."""
    return [_decode_part(part) for part in body.decode().split(SEPARATOR)]


def _decode_part(part: str) -> Packet:
    if not part.startswith(BINARY_PREFIX):
        return part
    try:
        return base64.b64decode(part[1:], validate=True)
    except (binascii.Error, ValueError):
        raise ProtocolViolation("binary data that is no base64") from None


def encode_payload(packets: list[Outgoing]) -> bytes:
    """One polling response body with all of `packets`, in their order."""
    return SEPARATOR.encode().join(
        b"b" + base64.b64encode(packet) if isinstance(packet, bytearray) else packet for packet in packets
    )


def encoded_size(packet: Outgoing) -> int:
    """The bytes that `packet` takes in a polling payload, its separator included."""
    return 2 + (len(packet) + 2) // 3 * 4 if isinstance(packet, bytearray) else 1 + len(packet)
