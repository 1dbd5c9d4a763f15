"""From the JSON of an event to its struct, in one pass; or to what is wrong with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

import msgspec

from meetmates.domain.errors import Refusal
from meetmates.edge.events import ClientEvent
from meetmates.wire.socket_packets import Unreadable, decode_event

_decode: Callable[[str], ClientEvent] = msgspec.json.Decoder(ClientEvent).decode
NAMES = frozenset(str(kind.__struct_config__.tag) for kind in get_args(ClientEvent))


@dataclass(slots=True)
class Misfit:
    """An event that is none of ours, or whose arguments are not what it takes."""

    name: str
    refusal: Refusal


def decode(text: str) -> ClientEvent | Misfit:
    """The event in `text`. Raises `ProtocolViolation` for what no client could mean."""
    try:
        return _decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return judge(decode_event(text))


def name_of(data: object) -> str:
    """The name of an event, whatever was made of it."""
    if isinstance(data, msgspec.Struct):
        return str(data.__struct_config__.tag)
    return misfit_of(data).name


def misfit_of(data: Any) -> Misfit:
    """What is wrong with an event that has no handler: a binary one was never read into a struct."""
    return data if isinstance(data, Misfit) else judge(data)


def judge(event: list[object] | Unreadable) -> Misfit:
    """What is wrong with an event that is sound, but did not fit."""
    name = event.name if isinstance(event, Unreadable) else str(event[0])
    name = name.encode(errors="replace").decode()  # JSON can name half a character, and no answer could repeat it
    return Misfit(name, Refusal.BAD_ARGUMENT if name in NAMES else Refusal.UNKNOWN_EVENT)
