"""The log: one event a line, human on a terminal and JSON elsewhere, with nothing in it that is nobody's business.

A traceback shows lines of source and never the values of variables: those may be tokens and what people say.
"""

import logging
import re
import sys
import time
from collections.abc import MutableMapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Literal

import msgspec
import structlog

How = Literal["cut", "full", "none"]
HIDDEN = re.compile(r"(?:^|_)(?:token|jwt|authorization|auth|text|e?mail|password|secret|sid|cookie)s?(?:$|_)")
SECRETS = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*|[^\s@\"'<>]+@[^\s@\"'<>]+\.[^\s@\"'<>]+")  # tokens, e-mail addresses
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
LINES_PER_SECOND = 10  # of one kind, so that a flood does not become one in the log


def cut_address(address: str, how: How) -> str:
    """A network address as the settings want it in the log: /24 or /56 unless it may be whole."""
    if how == "none":
        return "-"
    try:
        ip = ip_address(address)
    except ValueError:
        return "-"
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return str(ip) if how == "full" else str(ip_network((ip, 24 if ip.version == 4 else 56), strict=False))


class Sampler:
    """Lets a few lines of each kind through in a second, and counts the others."""

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._second = 0
        self._seen: dict[str, int] = {}
        self._dropped: dict[str, int] = {}

    def let(self, kind: str, now: float) -> int | None:
        """None when a line of this `kind` is to be dropped; else how many were dropped before it."""
        second = int(now)
        if second != self._second:
            self._second, self._seen = second, {}
        seen = self._seen[kind] = self._seen.get(kind, 0) + 1
        if seen > self._per_second:
            self._dropped[kind] = self._dropped.get(kind, 0) + 1
            return None
        return self._dropped.pop(kind, 0)


def redact(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last defence: whatever has a telling name, or looks like a token or an address, is not written."""
    for key, value in event.items():
        event[key] = _fit(key, value)
    return event


@lru_cache(maxsize=256)  # the names are our own and few, and there is a line for everybody who connects
def _is_telling(name: str) -> bool:
    return HIDDEN.search(_HUMPS.sub("_", name).replace("-", "_").lower()) is not None


def _fit(key: str, value: object) -> object:
    if _is_telling(key):
        return "(hidden)"
    if isinstance(value, dict):
        return {str(name): _fit(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_fit(key, inner) for inner in value]
    if not isinstance(value, str):
        return value
    if "@" in value or "eyJ" in value:
        value = SECRETS.sub("(hidden)", value)
    if key != "exception" and not value.isprintable():
        value = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value)  # no forged lines
    return value


def configure_logs(level: str, form: Literal["auto", "human", "json"]) -> None:
    """Sends everything, the libraries' own lines included, to standard error in one form."""
    human = form == "human" or (form == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if human else "iso", utc=not human),
    ]
    renderer: Any = structlog.processors.JSONRenderer(_to_json)
    if human:
        plain = structlog.dev.plain_traceback
        renderer = structlog.dev.ConsoleRenderer(pad_event_to=0, colors=sys.stderr.isatty(), exception_formatter=plain)
    last: list[Any] = [structlog.processors.format_exc_info, redact, renderer]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level.upper()),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)  # libraries: only what went wrong
    for name, least in (("uvicorn.error", logging.ERROR), ("asyncio", logging.ERROR)):
        logging.getLogger(name).setLevel(least)


def _to_json(event: dict[str, Any], **options: Any) -> str:
    """structlog's own encoder takes several times as long, and there is a line for everybody who connects."""
    return msgspec.json.encode(event, enc_hook=str).decode()


class EventJournal:
    """What the transports and the gateway report, as log lines. `how` says what becomes of network addresses."""

    def __init__(self, how: How) -> None:
        self._log = structlog.get_logger().bind()  # once: a lazy one would do it anew for every line
        self._how = how
        self._sampler = Sampler(LINES_PER_SECOND)

    def connected(self, id: str, count: int) -> None:
        """Somebody came in; `count` are here now."""
        self._log.info(f"New user connected: {id} Total online users: {count}")

    def disconnected(self, id: str, reason: str, count: int) -> None:
        """Somebody has gone."""
        self._log.debug(f"User disconnected: {id} Total online users: {count}", reason=reason)

    def denied(self, address: str, code: str) -> None:
        """A CONNECT was turned down."""
        self._write("denied", "Connection denied", code=code, address=cut_address(address, self._how))

    def refused(self, address: str, reason: str) -> None:
        """A request was turned away."""
        self._write(reason, "Request refused", reason=reason, address=cut_address(address, self._how))

    def advised(self, address: str, advice: str) -> None:
        """Something is not set up as it may have been meant."""
        self._log.warning(advice, address=cut_address(address, self._how))

    def violated(self, address: str, reason: str) -> None:
        """A session was ended because its client broke a protocol or a limit."""
        self._write(reason, "Client cut off", reason=reason, address=cut_address(address, self._how))

    def failed(self, reason: str) -> None:
        """Something of our own went wrong."""
        self._log.error(reason, exc_info=sys.exc_info()[0] is not None)

    def troubled(self, reason: str) -> None:
        """Somebody else's machine does not do what we need: a traceback would show nothing but our own lines."""
        self._log.error(reason)

    def _write(self, kind: str, message: str, **more: Any) -> None:
        dropped = self._sampler.let(kind, time.monotonic())
        if dropped is None:
            return
        if dropped:
            more["dropped_before"] = dropped
        self._log.warning(message, **more)
