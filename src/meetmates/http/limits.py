"""How often something may be tried. Whoever is over a limit is told when to come back.

Somebody can lock a mailbox's password for a while by guessing at it from many addresses: that is the price of guesses
that end. Who is signed in stays so.
"""

import contextlib
import math
from collections.abc import Callable, Iterator
from enum import Enum
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import NamedTuple

from fastapi import Depends, Request
from limits import RateLimitItem, parse_many
from limits.strategies import MovingWindowRateLimiter

from meetmates.accounts.addresses import parse_address
from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.http.parts import Given
from meetmates.http.windows import Windows
from meetmates.ports import Clock


class Rule(Enum):
    """Every limit, each multiplied by the setting `limit_factor`. An address is a whole IPv4 one, or a /64 of IPv6."""

    REQUESTS = "requests", "6000/minute"  # of any kind, by one address; a campus may sit behind one
    SIGN_IN = "sign_in", "60/minute; 900/hour"  # by one address, right or wrong; a campus may sit behind one
    FAILURES_HERE = "failures_here", "10/15 minute"  # at one mailbox from one address: a person at the keyboard
    FAILURES = "failures", "50/hour"  # at one mailbox from everywhere: guessing from many addresses
    SIGN_UP = "sign_up", "5/hour"  # of one mailbox
    SIGN_UP_HERE = "sign_up_here", "300/hour"  # by one address
    CODES = "codes", "30/hour"  # tried for one mailbox by one address; five tries end a code anyway
    LETTERS = "letters", "3/10 minute"  # asked for to one mailbox: nobody's mailbox is flooded
    LETTERS_HERE = "letters_here", "300/hour"  # asked for by one address, to any mailbox
    REFRESH = "refresh", "1200/minute"  # by one address: each tab of a campus comes every 15 minutes
    ICE = "ice", "60/hour"  # by one account or guest; an answer is good for an hour
    ICE_HERE = "ice_here", "6000/hour"  # by one address, as many as may connect at once
    APPEALS = "appeals", "20/hour"  # by one address

    def __init__(self, label: str, rates: str) -> None:
        self.label = label
        self.rates = rates


MAX_KEY = 254  # characters of what is no address; a real one is no longer


class Limits:
    """Every rule's windows, for one server."""

    def __init__(self, clock: Clock, factor: float, address_of: Callable[[Request], str] | None = None) -> None:
        """`factor` multiplies each limit; `address_of` finds a client's address where proxies stand before us."""
        self._clock = clock
        self._windows = Windows(clock)
        self._limiter = MovingWindowRateLimiter(self._windows)
        self._address_of = address_of or _peer
        self._items = {rule: _items(rule, factor) for rule in Rule}

    def __len__(self) -> int:
        return len(self._windows)

    def address(self, request: Request) -> str:
        """Whom limits by address count. All of an IPv6 /64 are one: whoever has one of them has them all."""
        try:
            address = ip_address(self._address_of(request))
        except ValueError:
            return "unknown"
        if not isinstance(address, IPv6Address):
            return str(address)
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Network((int(address), 64), strict=False))

    def take(self, *tries: "Try") -> None:
        """Counts all of them. Raises `AccountRefused` (`too_many`, with the seconds to wait), and counts none then."""
        wait = max(self._wait(item, key) for rule, key in tries for item in self._items[rule])
        if wait > 0:
            raise AccountRefused(Problem.TOO_MANY, retry_after=wait)
        for rule, key in tries:
            for item in self._items[rule]:
                self._limiter.hit(item, key)

    def give_back(self, *tries: "Try") -> None:
        """What was taken turned out not to count."""
        for rule, key in tries:
            for item in self._items[rule]:
                self._windows.give_back(item.key_for(key))

    @contextlib.contextmanager
    def counting(self, *tries: "Try", counts: Callable[[Problem | None], bool]) -> Iterator[None]:
        """Takes beforehand, so that a hundred tries at once are a hundred; and gives back what does not count.

        `counts` is asked with what became of it: a refusal, or None where it went well.
        """
        self.take(*tries)
        outcome: Problem | None = None
        try:
            yield
        except AccountRefused as refused:
            outcome = refused.problem
            raise
        finally:
            if not counts(outcome):
                self.give_back(*tries)

    def _wait(self, item: RateLimitItem, key: str) -> float:
        """Seconds until one more is allowed; 0 when it is."""
        if self._limiter.test(item, key):
            return 0.0
        return max(1.0, math.ceil(self._limiter.get_window_stats(item, key).reset_time - self._clock.now()))


class Try(NamedTuple):
    """One try, and whose it is."""

    rule: Rule
    key: str


def mailbox_of(email: str) -> str:
    """The one form of all spellings of a mailbox; what is no address counts as it is written."""
    try:
        return parse_address(email).mailbox
    except AccountRefused:
        return email.strip().lower()[:MAX_KEY]


def _items(rule: Rule, factor: float) -> list[RateLimitItem]:
    return [
        type(item)(max(1, round(item.amount * factor)), item.multiples, namespace=rule.label)
        for item in parse_many(rule.rates)
    ]


def _peer(request: Request) -> str:
    return request.client.host if request.client is not None else ""


async def _count_request(request: Request, parts: Given) -> None:
    parts.limits.take(Try(Rule.REQUESTS, parts.limits.address(request)))


counted = Depends(_count_request)  # for a whole router
