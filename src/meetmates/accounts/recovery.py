"""A new password for whoever can read the mailbox."""

from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.accounts import letters
from meetmates.accounts.addresses import parse_address
from meetmates.accounts.codes import TRIES, TTL, code_hash, fits, new_code
from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.mail import Letter, Mail
from meetmates.accounts.passwords import Passwords
from meetmates.accounts.rows import announce_ends, end_sessions, lock_mailbox, write_in_vain
from meetmates.ports import Clock
from meetmates.store.changes import Wake
from meetmates.store.database import Database
from meetmates.store.schema import accounts, password_resets

PURPOSE = "reset"


class Recovery:
    """Codes that set a new password. One is pending for an account: the last that was asked for."""

    def __init__(
        self, database: Database, clock: Clock, passwords: Passwords, mail: Mail, keys_address: bytes, wake: Wake
    ) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords
        self._mail = mail
        self._key = keys_address
        self._wake = wake

    async def forgot(self, email: str) -> None:
        """Sends a code, if the address has an account. Raises `AccountRefused` (`bad_address`)."""
        address = parse_address(email)
        async with self._database.begin() as connection:
            await lock_mailbox(connection, address.mailbox)
            letter = await self._pend(connection, address.mailbox)
            if letter is None:
                await write_in_vain(connection, self._clock.wall())
        if letter is not None:
            await self._mail.send(letter)

    async def reset(self, email: str, code: str, password: str) -> None:
        """Sets the password, ends every session of the account, and tells the owner. A code is good once.

        Raises `AccountRefused`: `bad_address`, `password_*`, `too_many`; `wrong_code` (wrong, too old, used, tried too
        often, never sent), after the same work as if it were right.
        """
        address = parse_address(email)
        self._passwords.check(password, address)
        password_hash = await self._passwords.hash(password)
        async with self._database.begin() as connection:
            await lock_mailbox(connection, address.mailbox)
            owner = await self._redeem(connection, address.mailbox, code, password_hash)
            if owner is None:
                await write_in_vain(connection, self._clock.wall())
        if owner is None:  # only here: what a wrong code costs is committed
            raise AccountRefused(Problem.WRONG_CODE)
        await self._wake()
        await self._mail.send(letters.password_changed(owner))

    async def sweep(self) -> int:
        """Deletes codes that are too old. How many they were."""
        async with self._database.begin() as connection:
            old = delete(password_resets).where(password_resets.c.expires_at <= self._clock.wall())
            return (await connection.execute(old)).rowcount

    async def _pend(self, connection: AsyncConnection, mailbox: str) -> Letter | None:
        owner = select(accounts).where(accounts.c.mailbox == mailbox).with_for_update(key_share=True)
        account = (await connection.execute(owner)).one_or_none()
        if account is None:
            return None
        code = new_code()
        await connection.execute(delete(password_resets).where(password_resets.c.account_id == account.id))
        await connection.execute(
            insert(password_resets).values(
                account_id=account.id,
                code_hash=code_hash(self._key, PURPOSE, account.id, code),
                tries_left=TRIES,
                expires_at=self._clock.wall() + TTL,
            )
        )
        return letters.reset(account.email, code)

    async def _redeem(self, connection: AsyncConnection, mailbox: str, code: str, password_hash: str) -> str | None:
        """The owner's address; None, and the code has one try less, where this is not it."""
        pending = await self._pending(connection, mailbox)
        if pending is None:
            return None
        this = password_resets.c.account_id == pending.account_id
        if not fits(self._key, pending.code_hash, PURPOSE, pending.account_id, code):
            tried = update(password_resets).where(this)
            await connection.execute(tried.values(tries_left=password_resets.c.tries_left - 1))
            return None
        changed = update(accounts).where(accounts.c.id == pending.account_id)
        await connection.execute(changed.values(password_hash=password_hash))
        await connection.execute(delete(password_resets).where(this))
        ended = await end_sessions(connection, pending.account_id)
        await announce_ends(connection, ended, self._clock.wall())
        return str(pending.email)

    async def _pending(self, connection: AsyncConnection, mailbox: str) -> Any:
        """The code that an account waits for, if it can still be used."""
        live = password_resets.c.tries_left > 0, password_resets.c.expires_at > self._clock.wall()
        joined = password_resets.join(accounts)
        columns = select(password_resets, accounts.c.email).select_from(joined)
        return (await connection.execute(columns.where(accounts.c.mailbox == mailbox, *live))).one_or_none()
