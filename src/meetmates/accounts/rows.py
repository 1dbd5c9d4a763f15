"""What several use cases do to the tables of accounts, each inside of a transaction of its caller.

Where a transaction takes several locks, it takes them in this order: mailbox, account, session, and last of all
whatever announces. So no two of them can wait for each other.
"""

import secrets
from collections.abc import Iterable

from sqlalchemy import CursorResult, Insert, Table, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.accounts.addresses import Address
from meetmates.accounts.hashing import account_id, digest
from meetmates.store.changes import Kind, announce
from meetmates.store.schema import accounts, sessions, signups

MAILBOXES = 0x6D61  # the space of advisory locks that mailboxes have; any number that nobody else uses


async def lock_mailbox(connection: AsyncConnection, mailbox: str) -> None:
    """Until the transaction ends, nobody else does anything about `mailbox`. On SQLite nobody writes anyway."""
    if connection.dialect.name == "postgresql":
        number = int.from_bytes(digest(b"lock", mailbox)[:4], "big", signed=True)
        await connection.execute(select(func.pg_advisory_xact_lock(MAILBOXES, number)))


async def lock_account(connection: AsyncConnection, account_id: str) -> bool:
    """Whether the account exists; until the transaction ends, it stays as it is for everybody else."""
    row = select(accounts.c.id).where(accounts.c.id == account_id).with_for_update(key_share=True)
    return (await connection.execute(row)).one_or_none() is not None


async def add_account(
    connection: AsyncConnection,
    account_id: str,
    address: Address,
    *,
    now: float,
    campus_id: str | None,
    password_hash: str | None = None,
    is_google: bool = False,
    role: str = "member",
) -> bool:
    """False where the mailbox has an account already. Its pending sign-ups end: nobody's password waits there.

    The caller announces it.
    """
    await connection.execute(delete(signups).where(signups.c.mailbox == address.mailbox))
    row = {
        "id": account_id,
        "email": address.email,
        "mailbox": address.mailbox,
        "password_hash": password_hash,
        "campus_id": campus_id,
        "role": role,
        "is_google": is_google,
        "created_at": now,
    }
    made: CursorResult[tuple[object, ...]] = await connection.execute(insert_new(connection, accounts).values(**row))
    return made.rowcount == 1


async def write_in_vain(connection: AsyncConnection, now: float) -> None:
    """Writes a row and takes it away: a transaction that changed nothing takes as long then as one that did.

    Else the time that the disk takes would tell whether there was something to change.
    """
    nothing = {"mailbox": "", "email": "", "password_hash": "", "code_hash": b"", "tries_left": 0}
    row = {"id": secrets.token_urlsafe(12), "created_at": now, "expires_at": now, **nothing}
    await connection.execute(insert(signups).values(**row))
    await connection.execute(delete(signups).where(signups.c.id == row["id"]))


async def is_key_of(connection: AsyncConnection, key: bytes) -> bool:
    """Whether the accounts that are there were made with this key: with another one nobody would be found again."""
    row = (await connection.execute(select(accounts.c.id, accounts.c.mailbox).limit(1))).first()
    return row is None or row.id == account_id(key, row.mailbox)


async def end_sessions(connection: AsyncConnection, account_id: str, but: str | None = None) -> list[str]:
    """Ends the sessions of an account, `but` one. Their ids, for `announce_ends`."""
    await lock_account(connection, account_id)
    ended = delete(sessions).where(sessions.c.account_id == account_id)
    if but is not None:
        ended = ended.where(sessions.c.id != but)
    return list((await connection.execute(ended.returning(sessions.c.id))).scalars())


async def announce_ends(connection: AsyncConnection, session_ids: Iterable[str], now: float) -> None:
    """Tells running servers which sessions are over, so that their sockets end."""
    for session_id in session_ids:
        await announce(connection, Kind.SESSION, session_id, now)


def insert_new(connection: AsyncConnection, table: Table) -> Insert:
    """An insert that does nothing where the row exists; both databases can, each in its own dialect."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()
