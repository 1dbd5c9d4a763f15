"""Socket.IO packets: text to packet and back, with binary attachments.

Socket.IO protocol v5, section "Packet encoding":
`<type>[<number of attachments>-][<namespace>,][<ack id>][JSON data]`.
"""

import json
import re
from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple

import msgspec

from meetmates.wire.errors import ProtocolViolation

ROOT = "/"
MAX_ATTACHMENTS = 10  # CVE-2026-33151: an unlimited number is memory held for nothing
MAX_ID_DIGITS = 16  # every ack id that a JavaScript client can count up to exactly
RESERVED_EVENTS = frozenset(
    {"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}
)
_HEAD = re.compile(r"(?:(/[^,]*)(?:,|\Z))?(\d*)", re.ASCII)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Type(IntEnum):
    """Socket.IO packet types."""

    CONNECT = 0
    DISCONNECT = 1
    EVENT = 2
    ACK = 3
    CONNECT_ERROR = 4
    BINARY_EVENT = 5
    BINARY_ACK = 6


class Packet(msgspec.Struct, frozen=True, gc=False):
    """One decoded packet. `data` is what `decode` made of its JSON, None where there was none."""

    type: Type
    namespace: str
    id: int | None
    data: Any
    attachments: int = 0


Decode = Callable[[str], Any]


class Unreadable(NamedTuple):
    """An event in sound form whose JSON holds a lone surrogate: no text that could be passed on."""

    name: str


def decode_json(text: str) -> Any:
    """The value of `text`. Raises `ProtocolViolation` for anything that is no sound JSON within sane limits."""
    try:
        return _decode(text)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        raise ProtocolViolation("malformed JSON") from None


def decode_event(text: str) -> list[Any] | Unreadable:
    """The arguments of an event, its name first. Raises `ProtocolViolation` where it is no event at all."""
    try:
        value = decode_json(text)
    except ProtocolViolation:
        return _without_surrogates(text)
    return _checked_event(value)


def _checked_event(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value or not isinstance(value[0], str):
        raise ProtocolViolation("event without a name")
    if value[0] in RESERVED_EVENTS:
        raise ProtocolViolation("event with a reserved name")
    return value


_SURROGATE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}|\\u[dD][c-fC-F][0-9a-fA-F]{2}")


def _without_surrogates(text: str) -> Unreadable:
    """Tells an emoji cut in two by a front end, which is a mistake, from malformed JSON, which is none of ours."""
    if not _SURROGATE.search(text):
        raise ProtocolViolation("malformed JSON")
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_int=_bounded_int)
    except (ValueError, RecursionError):
        raise ProtocolViolation("malformed JSON") from None
    name = _checked_event(value)[0]
    return Unreadable(name)


def _no_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are no JSON: RFC 8259, section 6


def _bounded_int(digits: str) -> int:
    if len(digits) > 20:
        raise ValueError("integer out of range")
    return int(digits)


def parse(text: str, start: int, decode: Decode) -> Packet:
    """The packet that begins at `start`; `decode` reads the JSON of an EVENT and raises what it likes.

    Raises `ProtocolViolation`.
    """
    kind = text[start : start + 1]
    if kind == "2":
        return _with_data(Type.EVENT, text, start + 1, 0, decode)
    if kind not in _PARSERS:
        raise ProtocolViolation("packet of an unknown type")
    return _PARSERS[kind](text, start + 1)


def _head(text: str, start: int) -> tuple[str, int | None, int]:
    """Namespace, ack id, and where the data begins."""
    match = _HEAD.match(text, start)
    assert match is not None  # every part of the pattern may be empty
    digits = match[2]
    if len(digits) > MAX_ID_DIGITS:
        raise ProtocolViolation("ack id out of range")
    return match[1] or ROOT, int(digits) if digits else None, match.end()


def _with_data(type: Type, text: str, start: int, attachments: int, decode: Decode) -> Packet:
    namespace, id, start = _head(text, start)
    if text[start : start + 1] != "[":
        raise ProtocolViolation("data that is no array")
    if type in (Type.ACK, Type.BINARY_ACK) and id is None:
        raise ProtocolViolation("acknowledgement without an id")
    return Packet(type, namespace, id, decode(text[start:]), attachments)


def _parse_connect(text: str, start: int) -> Packet:
    namespace, id, start = _head(text, start)
    auth = decode_json(text[start:]) if start < len(text) else {}
    if id is not None or not isinstance(auth, dict):
        raise ProtocolViolation("malformed CONNECT")
    return Packet(Type.CONNECT, namespace, None, auth)


def _parse_disconnect(text: str, start: int) -> Packet:
    namespace, id, start = _head(text, start)
    if id is not None or start < len(text):
        raise ProtocolViolation("malformed DISCONNECT")
    return Packet(Type.DISCONNECT, namespace, None, None)


def _parse_ack(text: str, start: int) -> Packet:
    return _with_data(Type.ACK, text, start, 0, decode_json)


def _parse_binary(type: Type, decode: Decode) -> Callable[[str, int], Packet]:
    def parse_binary(text: str, start: int) -> Packet:
        dash = text.find("-", start, start + 3)  # at most two digits
        count = text[start:dash] if dash > 0 else ""
        if not (count.isascii() and count.isdigit()) or not 1 <= int(count) <= MAX_ATTACHMENTS:
            raise ProtocolViolation("number of attachments missing or out of range")
        return _with_data(type, text, dash + 1, int(count), decode)

    return parse_binary


def _decode_binary_event(text: str) -> Any:
    value = decode_event(text)
    if isinstance(value, Unreadable):
        raise ProtocolViolation("malformed JSON")
    return value


_PARSERS: dict[str, Callable[[str, int], Packet]] = {
    "0": _parse_connect,
    "1": _parse_disconnect,
    "3": _parse_ack,
    "5": _parse_binary(Type.BINARY_EVENT, _decode_binary_event),
    "6": _parse_binary(Type.BINARY_ACK, decode_json),
}


def encode(type: Type, namespace: str, id: int | None, data: Any) -> list[bytes | bytearray]:
    """The engine messages of one packet: its text with the engine's `4` in front, then its attachments."""
    attachments: list[bytearray] = []
    data = _take_out(data, attachments)
    if attachments:
        type = Type.BINARY_ACK if type is Type.ACK else Type.BINARY_EVENT
    text = b"4%d" % type
    if attachments:
        text += b"%d-" % len(attachments)
    if namespace != ROOT:
        text += namespace.encode() + b","
    if id is not None:
        text += b"%d" % id
    if data is not None:
        text += _encode(data)
    return [text, *attachments]


def _take_out(value: Any, attachments: list[bytearray]) -> Any:
    """`value` with a placeholder for each of its bytes, which go to `attachments`."""
    if isinstance(value, bytes | bytearray):
        attachments.append(bytearray(value))
        return {"_placeholder": True, "num": len(attachments) - 1}
    if isinstance(value, list | tuple):
        return [_take_out(item, attachments) for item in value]
    if isinstance(value, dict):
        return {key: _take_out(item, attachments) for key, item in value.items()}
    return value


def put_back(value: Any, attachments: list[bytes]) -> Any:
    """`value` with its placeholders replaced, each attachment used exactly once. Raises `ProtocolViolation`."""
    left = dict(enumerate(attachments))
    try:
        whole = _put_back(value, left)
    except RecursionError:
        raise ProtocolViolation("data nested too deeply") from None
    if left:
        raise ProtocolViolation("attachment that nothing refers to")
    return whole


def _put_back(value: Any, left: dict[int, bytes]) -> Any:
    if isinstance(value, list):
        return [_put_back(item, left) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("_placeholder") is not True:
        return {key: _put_back(item, left) for key, item in value.items()}
    number = value.get("num")
    if type(number) is not int or number not in left:
        raise ProtocolViolation("placeholder that refers to no attachment, or to one used before")
    return left.pop(number)
