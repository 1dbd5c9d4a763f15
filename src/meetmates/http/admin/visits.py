"""Who sits in front of the pages: a sealed cookie at the door, and another one inside, from sign-in to sign-out.

It says what was proved so far and when it was last seen; the row in `sessions` says whether that still counts. Two,
because a link from another site brings none of them along: the sign-in that it leads to must not replace the inner one.
Forms carry a token sealed for the same visit, and come from our own origin alone. A visit gets a new id with each
thing that is proved, so that nothing handed to a browser before is worth anything after.
"""

import base64
import binascii
import json
import secrets
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from urllib.parse import parse_qsl

from fastapi import Request, Response

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.totp import Seals
from meetmates.http.cookies import are_secure
from meetmates.http.parts import Parts
from meetmates.safety.sealing import Unreadable

NAME = "mm_admin"
DOOR_NAME = "mm_admin_door"
PATH = "/admin"
LONGEST = 12 * 3600.0  # seconds from sign-in to the next one, however busy somebody is
MAX_COOKIE = 2048  # characters
MAX_FIELDS = 20


class Stage(StrEnum):
    """How far somebody has come."""

    DOOR = "door"  # nothing is proved
    CODE = "code"  # the password was right, the six digits are due
    SET_UP = "set-up"  # the password was right, and there is no second factor yet
    IN = "in"


IDLE = {Stage.DOOR: 3600.0, Stage.CODE: 300.0, Stage.SET_UP: 900.0, Stage.IN: 1800.0}  # seconds without a request


@dataclass(frozen=True, slots=True)
class Visit:
    """What the cookie holds. Times are seconds since the epoch."""

    id: str
    stage: Stage
    began: float
    seen: float
    account: str = ""
    email: str = ""
    session: str = ""


class Visits:
    """Reads and writes the cookie."""

    def __init__(self, parts: Parts, sealer: Seals, own_origins: frozenset[str]) -> None:
        self._clock = parts.clock
        self._sealer = sealer
        self._own_origins = own_origins
        self._secure = are_secure(parts.settings)

    def new(self, stage: Stage, account: str = "", email: str = "", session: str = "") -> Visit:
        """A visit that begins now."""
        now = self._clock.wall()
        return Visit(secrets.token_urlsafe(12), stage, now, now, account, email, session)

    def inside(self, request: Request) -> Visit | None:
        """Somebody who signed in; None where there is no such cookie, or it is forged."""
        return self._read(request, NAME)

    def outside(self, request: Request) -> Visit | None:
        """Somebody on their way in, and not too slow with it."""
        visit = self._read(request, DOOR_NAME)
        return None if visit is None or self.is_over(visit) else visit

    def is_over(self, visit: Visit) -> bool:
        """Nothing was asked for too long, or it began too long ago."""
        now = self._clock.wall()
        return now - visit.seen >= IDLE[visit.stage] or now - visit.began >= LONGEST

    def put(self, response: Response, visit: Visit) -> None:
        """Notes that the visit was seen now."""
        seen = replace(visit, seen=self._clock.wall())
        name = _name(visit)
        text = _text(self._sealer.seal(json.dumps(asdict(seen)).encode(), name))
        age = int(IDLE[visit.stage])
        response.set_cookie(name, text, age, path=PATH, secure=self._secure, httponly=True, samesite="strict")

    def drop(self, response: Response, name: str = NAME) -> None:
        """Takes a cookie away."""
        response.delete_cookie(name, path=PATH, secure=self._secure, httponly=True, samesite="strict")

    def form_token(self, visit: Visit) -> str:
        """For a form of this visit; another one each time, so that compression gives nothing away."""
        return _text(self._sealer.seal(visit.id.encode(), "form"))

    async def form(self, request: Request, visit: Visit) -> dict[str, str]:
        """The fields that were sent. Raises `AccountRefused` for a foreign page, or a form of another visit."""
        if request.headers.get("origin") not in self._own_origins:
            raise AccountRefused(Problem.FOREIGN_ORIGIN)  # none at all, too: every browser names it with a form
        fields = await _fields(request)
        try:
            meant_for = self._sealer.open(_bytes(fields.pop("form", "")), "form")
        except (Unreadable, ValueError):
            raise AccountRefused(Problem.STALE_FORM) from None
        if meant_for != visit.id.encode():
            raise AccountRefused(Problem.STALE_FORM)
        return fields

    def _read(self, request: Request, name: str) -> Visit | None:
        raw = request.cookies.get(name, "")
        if not 0 < len(raw) <= MAX_COOKIE:
            return None
        try:
            told = json.loads(self._sealer.open(_bytes(raw), name))
            return Visit(**told | {"stage": Stage(told["stage"])})
        except (Unreadable, ValueError, TypeError, KeyError):
            return None


def _name(visit: Visit) -> str:
    return NAME if visit.stage is Stage.IN else DOOR_NAME


async def _fields(request: Request) -> dict[str, str]:
    """Of a plain form; the last of a name counts. The size of a body is bounded before any route."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise AccountRefused(Problem.STALE_FORM)
    try:
        text = (await request.body()).decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise AccountRefused(Problem.STALE_FORM) from None
    return {name: value.replace("\x00", "").replace("\r\n", "\n") for name, value in pairs}


def _text(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """Raises `ValueError` for what is no base64."""
    try:
        return base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
