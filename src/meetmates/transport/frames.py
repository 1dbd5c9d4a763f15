"""Several WebSocket frames in one write: RFC 6455, section 5.2, as a server sends them, whole and not masked."""

from collections.abc import Iterable

from meetmates.wire.engine_packets import Outgoing

TEXT = b"\x81"  # FIN and the opcode
BINARY = b"\x82"


def join_frames(packets: Iterable[Outgoing]) -> bytes:
    """The bytes of one frame for each packet, behind each other; a `bytearray` is binary."""
    parts: list[bytes | bytearray] = []
    for packet in packets:
        size = len(packet)
        if size < 126:
            length = bytes((size,))
        elif size < 1 << 16:
            length = b"\x7e" + size.to_bytes(2, "big")
        else:
            length = b"\x7f" + size.to_bytes(8, "big")
        parts += (TEXT if type(packet) is bytes else BINARY, length, packet)
    return b"".join(parts)
