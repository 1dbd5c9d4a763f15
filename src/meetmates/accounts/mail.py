"""The two ways that letters go: into a folder and onto the terminal while one develops, by SMTP to people.

Neither ever raises for a letter that cannot be sent: who asked for it may not learn whether an address exists.
This file is long because the line of letters, its rests and its repeats read best together.
"""

import asyncio
import contextlib
import heapq
import itertools
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from aiosmtplib import SMTP, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from meetmates.accounts.envelope import Letter, as_message, read_sender

__all__ = ["FolderMail", "Letter", "Mail", "SmtpMail"]

MAX_WAITING = 1000  # letters; with a mail server that is down for long, later ones are not taken
PAUSES = (1.0, 5.0, 15.0, 60.0, 120.0)  # seconds before each new try; the last one again and again
KEEP = 1800.0  # seconds that a letter is tried for: the codes in letters are valid for ten minutes
PATIENCE = 15.0  # seconds for one step of the conversation with a mail server
INSIST = 0.1  # seconds for a cancelled task to end, before it is cancelled again


class Mail(Protocol):
    """Sends letters."""

    async def send(self, letter: Letter) -> None:
        """Takes `letter` to send it. Never raises, and never waits for a mail server."""


class FolderMail:
    """Keeps each letter as a file of its own, and shows it; both are done when `send` returns."""

    def __init__(self, folder: Path, sender: str, show: Callable[[str], None]) -> None:
        """`show` is given each letter as a person would read it. Raises `ValueError` for a `sender` that is none."""
        self._folder = folder
        self._sender = read_sender(sender)
        self._show = show

    async def send(self, letter: Letter) -> None:
        """Writes `<time>-<random>.eml`, which appears whole or not at all, and shows the letter."""
        message = bytes(as_message(letter, self._sender))
        try:
            name = await asyncio.to_thread(self._keep, message)
        except OSError as error:
            name = f"not kept: {error.strerror}"
        self._show(f"Letter to {letter.to} ({name})\nSubject: {letter.subject}\n\n{letter.text}")

    def _keep(self, message: bytes) -> str:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(6)}.eml"
        unfinished = self._folder / f".{name}"
        try:
            with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(message)
            unfinished.rename(self._folder / name)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        return name


@dataclass(frozen=True, slots=True)
class Route:
    """How to reach a mail server. Certificates are always checked, by what this machine (`SSL_CERT_FILE`) trusts.

    `start_tls` is None where STARTTLS is used if the server offers it.
    """

    host: str
    port: int
    username: str | None
    password: str | None
    tls: bool
    start_tls: bool | None


def read_route(url: str) -> Route:
    """The route in `smtp://[user:password@]host[:port]`, or `smtps://` for TLS from the first byte.

    A password never travels in clear text, except within this machine; there, nothing else needs TLS either.
    Raises `ValueError`.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("a mail server is an address such as smtp://user:password@host:587")
    username = unquote(parts.username) if parts.username else None
    password = unquote(parts.password or "") if username else None
    tls, here = parts.scheme == "smtps", _is_here(parts.hostname)
    start_tls = False if tls or (here and not username) else True if username and not here else None
    port = parts.port or (465 if tls else 587 if username else 25)
    return Route(parts.hostname, port, username, password, tls, start_tls)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(order=True, slots=True)
class _Waiting:
    """A letter in the line, ordered by when it is due. Times are the loop's."""

    due: float
    number: int
    to: str = field(compare=False)
    message: bytes = field(compare=False)  # made once: a repeat after a lost answer has the same Message-ID
    until: float = field(compare=False)
    tries: int = field(compare=False, default=0)


class SmtpMail:
    """A line of letters in memory, and one task that hands them to a mail server.

    What a server says of a letter delays or ends that letter alone; a server that cannot be used rests the whole line.
    """

    def __init__(
        self,
        url: str,
        sender: str,
        failed: Callable[[str], None],
        *,
        pauses: Sequence[float] = PAUSES,
        keep: float = KEEP,
        patience: float = PATIENCE,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        """`failed` is told, without any address, what goes wrong. Times are in seconds.

        Raises `ValueError` for a `url` or a `sender` that is none.
        """
        self._route = read_route(url)
        self._sender = read_sender(sender)
        self._failed = failed
        self._pauses = pauses
        self._keep = keep
        self._patience = patience
        self._max_waiting = max_waiting
        self._line: list[_Waiting] = []
        self._numbers = itertools.count()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._rests = 0  # since the server last took or refused a letter
        self._rest_until = 0.0

    async def send(self, letter: Letter) -> None:
        """Puts `letter` in the line."""
        if self._closed or len(self._line) >= self._max_waiting:
            self._failed("a letter was not taken: " + ("closed" if self._closed else "too many are waiting"))
            return
        message = bytes(as_message(letter, self._sender))
        now = _now()
        heapq.heappush(self._line, _Waiting(now, next(self._numbers), letter.to, message, now + self._keep))
        self._changed.set()
        if self._task is None:
            self._task = asyncio.create_task(self._work(), name="mail")

    async def close(self, patience: float) -> None:
        """Takes no more letters, gives those in the line `patience` seconds to go, and says how many did not."""
        self._closed = True
        self._changed.set()
        if self._task is None:
            return
        await asyncio.wait((self._task,), timeout=patience)
        await _end(self._task)
        if self._line:
            self._failed(f"letters that were not sent: {len(self._line)}")

    async def _work(self) -> None:
        """Until the line is closed and empty: waits for the first letter that is due, then sends all that are."""
        while True:
            self._give_up()
            if self._closed and not self._line:
                return
            self._changed.clear()
            pause = max(self._line[0].due, self._rest_until) - _now() if self._line else None
            if pause is None or pause > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._changed.wait()
                continue
            await self._send_due()

    async def _send_due(self) -> None:
        """Takes one connection for all letters that are due."""
        smtp = self._connection()
        try:
            await smtp.connect()
            while self._line and self._line[0].due <= _now():
                await self._hand_over(smtp, self._line[0])
            with contextlib.suppress(SMTPException):
                await smtp.quit()
        except Exception as error:  # whatever a server does, the line goes on
            self._rest(error)
        finally:
            smtp.close()

    async def _hand_over(self, smtp: SMTP, waiting: _Waiting) -> None:
        """Sends the first of the line. Raises what is no answer about this letter, which then lets others go first."""
        try:
            code = await self._offer(smtp, waiting)
        except Exception:
            self._put_back()
            raise
        self._rests = 0
        if 400 <= code < 500:
            self._put_back()
            return
        heapq.heappop(self._line)  # still the same: nothing that came since can be due before it
        if code:
            self._failed(f"a letter was refused by the mail server: {code}")

    async def _offer(self, smtp: SMTP, waiting: _Waiting) -> int:
        """0 for a letter that was taken, else the code of the refusal."""
        try:
            await smtp.sendmail(self._sender.address, [waiting.to], waiting.message)
        except SMTPRecipientsRefused as error:
            return error.recipients[0].code
        except SMTPResponseException as error:
            return error.code
        return 0

    def _put_back(self) -> None:
        waiting = heapq.heappop(self._line)
        waiting.due = _now() + self._pause(waiting.tries)
        waiting.tries += 1
        heapq.heappush(self._line, waiting)

    def _rest(self, error: Exception) -> None:
        pause = self._pause(self._rests)
        self._rests += 1
        self._rest_until = _now() + pause
        reason = error.code if isinstance(error, SMTPResponseException) else type(error).__name__
        self._failed(f"the mail server cannot be used: {reason}; next try in {pause:g} s")

    def _pause(self, tries: int) -> float:
        return self._pauses[min(tries, len(self._pauses) - 1)]

    def _give_up(self) -> None:
        now = _now()
        late = [waiting for waiting in self._line if waiting.until <= now]
        if late:
            self._line = [waiting for waiting in self._line if waiting.until > now]
            heapq.heapify(self._line)
            self._failed(f"letters given up after {self._keep:g} s: {len(late)}")

    def _connection(self) -> SMTP:
        route = self._route
        return SMTP(
            hostname=route.host,
            port=route.port,
            username=route.username,
            password=route.password,
            use_tls=route.tls,
            start_tls=route.start_tls,
            timeout=self._patience,
            local_hostname=self._sender.domain,
        )


async def _end(task: asyncio.Task[None]) -> None:
    """Cancels until it is heard.

    `asyncio.wait_for`, by which the client waits for each answer, forgets a cancellation that comes in the moment of
    the answer (Python 3.11): the conversation would go on, and the line with it for as long as letters are kept.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait((task,), timeout=INSIST)


def _now() -> float:
    return asyncio.get_running_loop().time()
