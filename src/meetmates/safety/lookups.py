"""What moderators look people up by. Password hashes and secrets are not even read."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.accounts.addresses import parse_address
from meetmates.accounts.errors import AccountRefused
from meetmates.store.schema import accounts, campuses, sessions

MOST_FOUND = 25  # people; whoever finds more types more of the address
SHORTEST = 3  # characters of the start of an address: nobody leafs through everybody
ADMINISTRATOR = "administrator"
STAFF = ("moderator", ADMINISTRATOR)
_ESCAPE = "\\"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, as moderators see them. `created_at` is in seconds since the epoch."""

    id: str
    email: str
    campus: str | None
    role: str
    created_at: float
    has_second_factor: bool


async def role_of(connection: AsyncConnection, account: str) -> str | None:
    """None for an account that is gone, or never was one."""
    return (await connection.execute(select(accounts.c.role).where(accounts.c.id == account))).scalar()


async def is_proven(connection: AsyncConnection, account: str, session: str, now: float) -> bool:
    """Whether that session of that account runs, and began with the second factor."""
    query = select(sessions.c.second_factor).where(
        sessions.c.id == session, sessions.c.account_id == account, sessions.c.expires_at > now
    )
    return bool((await connection.execute(query)).scalar())


async def person(connection: AsyncConnection, account: str) -> Person | None:
    """One of them."""
    row = (await connection.execute(_people().where(accounts.c.id == account))).one_or_none()
    return None if row is None else _person(row)


async def find(connection: AsyncConnection, email: str) -> list[Person]:
    """Whoever owns that mailbox, however it is spelt, or has an address that starts so."""
    start = storable(email).strip().lower()
    fits: list[ColumnElement[bool]] = []
    if len(start) >= SHORTEST:
        pattern = "".join(_ESCAPE + c if c in f"%_{_ESCAPE}" else c for c in start) + "%"
        fits += [accounts.c.mailbox.like(pattern, escape=_ESCAPE), accounts.c.email.ilike(pattern, escape=_ESCAPE)]
    try:
        fits.append(accounts.c.mailbox == parse_address(start).mailbox)
    except AccountRefused:  # a part of one
        if not fits:
            return []
    query = _people().where(or_(*fits)).order_by(accounts.c.mailbox).limit(MOST_FOUND)
    return [_person(row) for row in (await connection.execute(query)).all()]


async def staff(connection: AsyncConnection) -> list[Person]:
    """Everybody with a role, administrators first."""
    query = _people().where(accounts.c.role.in_(STAFF)).order_by(accounts.c.role, accounts.c.mailbox)
    return [_person(row) for row in (await connection.execute(query)).all()]


def storable(text: str) -> str:
    """Without what no database takes: NUL, and halves of surrogate pairs, which JSON can say."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _people() -> Any:
    columns = (accounts.c.id, accounts.c.email, accounts.c.role, accounts.c.created_at)
    confirmed = accounts.c.totp_step.is_not(None).label("has_second_factor")
    named = campuses.c.name.label("campus")
    return select(*columns, named, confirmed).outerjoin(campuses, campuses.c.id == accounts.c.campus_id)


def _person(row: Any) -> Person:
    return Person(row.id, row.email, row.campus, row.role, row.created_at, bool(row.has_second_factor))
