"""Passwords: what is accepted as one, and argon2id, off the event loop.

Every question costs one argon2 operation, whether there is an account or not, so that time tells nobody.
"""

import asyncio
import contextlib
import os
import secrets
import sys
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from meetmates.accounts.addresses import Address
from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.hashing import encoded

SHORTEST = 10  # characters, after normalisation
LONGEST = 256
FEWEST_DIFFERENT = 4  # characters in one password: with fewer it is a pattern
MEMORY = 19 * 1024  # KiB; with PASSES and LANES the first recommendation of OWASP's password storage cheat sheet
PASSES = 2
LANES = 1
HASH_BYTES = 32
SALT_BYTES = 16
NICENESS = 10
THREADS = 2
WAITING = 200  # in the queue: about 4 s of work; more would only grow old there
ENDINGS = "0123456789!?."  # what people put behind a word to make it a password
LEET = str.maketrans("@40!13$57", "aaoiiesst")
T = TypeVar("T")


@cache
def common_passwords() -> frozenset[str]:
    """The list that ships with the package, in small letters."""
    return frozenset(files("meetmates.accounts").joinpath("common_passwords.txt").read_text("utf-8").split())


class Passwords:
    """Hashes and verifies in two threads of its own. `close` ends them."""

    def __init__(self, *, memory: int = MEMORY, passes: int = PASSES, lanes: int = LANES) -> None:
        """`memory` is in KiB. Hashes made with other numbers stay valid; `needs_rehash` names them."""
        self._hasher = PasswordHasher(passes, memory, lanes, HASH_BYTES, SALT_BYTES, type=Type.ID)
        salt, rest = _encoded64(secrets.token_bytes(SALT_BYTES)), _encoded64(secrets.token_bytes(HASH_BYTES))
        self._nobodys = f"$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${rest}"
        self._pool = ThreadPoolExecutor(THREADS, "argon2", initializer=_give_way)
        self._waiting = 0
        self.operations = 0  # argon2 runs since the start

    def check(self, password: str, address: Address | None = None) -> None:
        """Raises `AccountRefused`: `password_short`, `password_long`, or `password_common`, which whatever can be
        guessed is: what many use, a pattern, the person's own address.
        """
        text = _normalised(password)
        if len(text) < SHORTEST:
            raise AccountRefused(Problem.PASSWORD_SHORT)
        if len(password) > LONGEST or len(text) > LONGEST:
            raise AccountRefused(Problem.PASSWORD_LONG)
        if _is_guessable(text.casefold(), address):
            raise AccountRefused(Problem.PASSWORD_COMMON)

    async def hash(self, password: str) -> str:
        """What may be kept of a password. Raises `AccountRefused` (`too_many`) when too many wait already."""
        return await self._run(lambda: self._hasher.hash(_encoded(password)))

    async def verify(self, kept: str | None, password: str) -> bool:
        """Whether `password` is the one. `kept` is None where there is nobody: then it is wrong, after the same work.

        Raises `AccountRefused` (`too_many`) when too many wait already.
        """
        possible = kept is not None and len(password) <= LONGEST
        against = kept if kept is not None else self._nobodys
        given = _encoded(password) if possible else b""
        return await self._run(lambda: self._fits(against, given)) and possible

    def needs_rehash(self, kept: str) -> bool:
        """Whether it was made with other numbers than today's."""
        return self._hasher.check_needs_rehash(kept)

    def close(self) -> None:
        """Ends the threads; what still waits is called off."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _fits(self, kept: str, given: bytes) -> bool:
        try:
            return self._hasher.verify(kept, given)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING:
            raise AccountRefused(Problem.TOO_MANY, retry_after=5.0)
        self._waiting += 1
        self.operations += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


def _give_way() -> None:
    """Chats come first: where the server has one core only, a hash would keep its loop waiting for a time slice."""
    if sys.platform == "linux":  # elsewhere a thread has no priority of its own
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def _normalised(password: str) -> str:
    """NFKC, so that the same keys give the same password on every machine: RFC 8265, section 4.2."""
    return unicodedata.normalize("NFKC", password[: LONGEST + 1])


def _encoded(password: str) -> bytes:
    return _normalised(password).encode("utf-8", "surrogatepass")


def _encoded64(value: bytes) -> str:
    """base64 without padding, as argon2 writes it."""
    return encoded(value).replace("-", "+").replace("_", "/")


def _is_guessable(text: str, address: Address | None) -> bool:
    word = text.rstrip(ENDINGS)
    plain = word.translate(LEET) + text[len(word) :]
    if len(set(text)) < FEWEST_DIFFERENT or _repeats(text) or _counts(text):
        return True
    if text in common_passwords() or plain in common_passwords():
        return True
    own = {address.email.casefold(), address.mailbox, address.mailbox.partition("@")[0]} if address else set()
    return text in own or word in own


def _repeats(text: str) -> bool:
    """The same again and again, such as `abcdeabcde`."""
    return text in (text + text)[1:-1]


def _counts(text: str) -> bool:
    """Each character follows the one before, up or down, such as `abcdefghijk` or `9876543210`."""
    steps = {ord(later) - ord(earlier) for earlier, later in pairwise(text)}
    return len(steps) == 1 or steps in ({1, -9}, {-1, 9})
