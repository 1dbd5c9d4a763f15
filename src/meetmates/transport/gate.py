"""Who may open a session at all: origins (RFC 6454), addresses behind proxies (RFC 7239), connects per address."""

import math
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from meetmates.transport.ports import Rationing

Network = IPv4Network | IPv6Network
PRUNE_AFTER = 1024  # addresses; the table is looked through whenever so many have come since

CORS_HEADERS = "authorization, content-type, x-auth-token"
CORS_METHODS = "GET, POST, OPTIONS"
CORS_AGE = "600"  # seconds for which a browser may keep a preflight's answer


class Origins:
    """The origins whose pages may connect."""

    def __init__(self, allowed: Iterable[str] | None) -> None:
        """`allowed` in the form that browsers send; None lets every origin in (for protocol tests)."""
        self._allowed = None if allowed is None else frozenset(allowed)

    def allow(self, origin: str | None) -> bool:
        """True for a listed origin, and for a client that sends none: that is no browser."""
        return origin is None or self._allowed is None or origin in self._allowed

    @staticmethod
    def cors(origin: str | None) -> list[tuple[bytes, bytes]]:
        """The headers that let the page of an allowed `origin` read the answer."""
        if origin is None:
            return []
        return [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Origin"),
        ]

    @classmethod
    def preflight(cls, origin: str | None) -> list[tuple[bytes, bytes]]:
        """The headers that answer an OPTIONS request of an allowed `origin`."""
        return [
            *cls.cors(origin),
            (b"access-control-allow-methods", CORS_METHODS.encode()),
            (b"access-control-allow-headers", CORS_HEADERS.encode()),
            (b"access-control-max-age", CORS_AGE.encode()),
        ]


def own_origins(public_url: str | None, host: str, port: int, tls: bool) -> list[str]:
    """The server's own origins: its public URL, or else where it is bound. The Host header has no say in it."""
    if public_url is not None:
        return [public_url]
    scheme = "https" if tls else "http"
    bound = f"[{host}]" if ":" in host else host
    default = port == (443 if tls else 80)
    names = {"localhost", "127.0.0.1", "[::1]", bound}
    return [f"{scheme}://{name}{'' if default else f':{port}'}" for name in sorted(names)]


class Proxies:
    """Finds a client's own address behind proxies that are trusted to tell it."""

    def __init__(self, trusted: Iterable[Network]) -> None:
        self._trusted = tuple(trusted)

    def client(self, peer: str, headers: Mapping[str, str]) -> tuple[str, bool]:
        """The address of the client, and whether a proxy that is not trusted claimed to know it."""
        peer = _bare(peer) or peer
        if "forwarded" not in headers and "x-forwarded-for" not in headers:
            return peer, False
        claim = _forwarded(headers)
        if not claim:
            return peer, False
        if not self._is_trusted(peer):
            return peer, True
        address = peer
        for hop in reversed(claim):  # the nearest first: whatever a trusted proxy did not write is hearsay
            if not hop:
                break  # it would not tell: what stands before may be made up
            address = hop
            if not self._is_trusted(address):
                break
        return address, False

    def _is_trusted(self, address: str) -> bool:
        try:
            ip = ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self._trusted)


def _forwarded(headers: Mapping[str, str]) -> list[str]:
    """The addresses that proxies noted, the client's first; empty where one is none.

    `X-Forwarded-For` beats `Forwarded`: nearly every proxy writes the former and lets the latter pass as it came.
    """
    if "x-forwarded-for" in headers:
        values = headers["x-forwarded-for"].split(",")
    else:
        hops = [dict(_pair(part) for part in hop.split(";")) for hop in headers["forwarded"].split(",")]
        values = [hop.get("for", "") for hop in hops]
    return [_bare(value.strip().strip('"')) for value in values]


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.strip().partition("=")
    return name.lower(), value


def _bare(value: str) -> str:
    """An address without its port or its brackets, IPv4 in its own form; empty where it is none."""
    if value.startswith("["):
        value = value[1:].partition("]")[0]
    elif value.count(":") == 1:
        value = value.partition(":")[0]
    try:
        ip = ip_address(value)
    except ValueError:
        return ""
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped  # RFC 4291, section 2.5.5.2: what a socket for both families makes of an IPv4 address
    return str(ip)


def _household(address: str) -> str:
    """IPv6 addresses of one /64 are one: whoever has one of them has all of them."""
    return str(IPv6Network((address, 64), strict=False)) if ":" in address else address


class Connects:
    """One token bucket for each address that connected lately."""

    def __init__(self, allowance: Rationing) -> None:
        self._allowance = allowance
        self._full_at: dict[str, float] = {}
        self._new = 0

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, address: str, now: float) -> int | None:
        """None when `address` may connect; else the whole seconds to wait, for `Retry-After`."""
        address = _household(address)
        full_at = self._full_at.get(address)
        if full_at is None:
            self._prune(now)
            full_at = 0.0
        wait = self._allowance.wait(full_at, now)
        if wait > 0:
            return max(1, math.ceil(wait))
        self._full_at[address] = self._allowance.take(full_at, now)
        return None

    def _prune(self, now: float) -> None:
        """Forgets, every so often, the addresses whose buckets are full again: they are as good as unknown."""
        self._new += 1
        if self._new >= PRUNE_AFTER:
            self._new = 0
            self._full_at = {address: full_at for address, full_at in self._full_at.items() if full_at > now}
