"""Sessions: one sign-in on one device, carried on by refresh tokens that are good once.

Only hashes of refresh tokens are kept. The successor of one is derived from it, so that two tabs that come with the
same, or one whose answer was lost, get the same successor for a while. Whoever comes with it later holds a copy:
the whole session ends then (RFC 9700, section 4.14.2). Long because all that may happen to one session is here.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.issuing import Issuer, Tokens
from meetmates.accounts.rows import announce_ends, end_sessions
from meetmates.ports import Clock
from meetmates.store.changes import Wake
from meetmates.store.database import Database
from meetmates.store.schema import accounts, campuses, refresh_tokens, sessions

__all__ = ["SessionInfo", "Sessions", "Tokens"]

GRACE = 20.0  # seconds after a rotation in which the same successor is answered again
MOST = 20  # sessions of one account
MAX_DEVICE = 120  # characters

KeptOut = Callable[[AsyncConnection, str], Awaitable[dict[str, Any] | None]]  # why an account may not come in


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One session, as its owner sees it. Times are seconds since the epoch."""

    id: str
    device: str
    created_at: float
    used_at: float


class Sessions:
    """Opens, carries on and ends them. Every end is announced, so that live sockets end with it."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        secret: bytes,
        keys_address: bytes,
        issuer: str,
        audience: str,
        access_ttl: float,
        refresh_ttl: float,
        wake: Wake,
        kept_out: KeptOut,
    ) -> None:
        """`secret` signs access tokens, `keys_address` hashes refresh tokens; both times to live are in seconds.

        `kept_out` says why an account may not come in, None where it may.
        """
        self._database = database
        self._clock = clock
        self._issuer = Issuer(secret, keys_address, issuer, audience, access_ttl)
        self._refresh_ttl = refresh_ttl
        self._wake = wake
        self._kept_out = kept_out

    async def open(
        self, account_id: str, device: str, second_factor: bool = False, *, proved_by: str | None = None
    ) -> Tokens:
        """A new session. At the most 20 live: the one that was not used for longest ends.

        `proved_by` is the password hash that the person's password fitted. Raises `AccountRefused` (`no_session`) where
        it is no longer that one, or the account is gone.
        """
        now = self._clock.wall()
        until = now + self._refresh_ttl
        raw, session_id = self._issuer.first(), secrets.token_urlsafe(12)
        async with self._database.begin() as connection:
            account = await self._account(connection, account_id, proved_by)
            ended = await self._make_room(connection, account_id, now)
            await connection.execute(
                insert(sessions).values(
                    id=session_id,
                    account_id=account_id,
                    device=_tidy(device),
                    created_at=now,
                    used_at=now,
                    expires_at=until,
                    second_factor=second_factor,
                )
            )
            await self._keep(connection, raw, session_id)
            await announce_ends(connection, ended, now)
        if ended:
            await self._wake()
        return self._issuer.tokens(account, session_id, raw, second_factor=second_factor, now=now, until=until)

    async def refresh(self, raw: str) -> Tokens:
        """The successor of a refresh token, the same to all who come within 20 s.

        Raises `AccountRefused`: `no_session` (unknown, over, or used before, which ends the session); `sanctioned`
        with what is told, and the token stays good for the time after; `no_campus`, where the gate was closed since and
        the account belongs to no campus.
        """
        now = self._clock.wall()
        async with self._database.begin() as connection:
            found = await self._locked(connection, raw)
            if found is not None and not _is_over(found, now):
                if (held := await self._kept_out(connection, found.id)) is not None:
                    raise AccountRefused(Problem.SANCTIONED, held)
                if found.gate_closed and found.campus_id is None and found.role == "member":
                    raise AccountRefused(Problem.NO_CAMPUS)
                return await self._carry_on(connection, found, raw, now)
            if found is not None:
                await connection.execute(delete(sessions).where(sessions.c.id == found.session_id))
                await announce_ends(connection, [found.session_id], now)
        if found is not None:
            await self._wake()
        raise AccountRefused(Problem.NO_SESSION)

    async def end(self, account_id: str, session_id: str) -> bool:
        """Ends one session of the account. Whether it had one of that id."""
        return await self._end(sessions.c.account_id == account_id, sessions.c.id == session_id)

    async def end_all(self, account_id: str, but: str | None = None) -> None:
        """Ends every session of the account, `but` one."""
        async with self._database.begin() as connection:
            ended = await end_sessions(connection, account_id, but)
            await announce_ends(connection, ended, self._clock.wall())
        if ended:
            await self._wake()

    async def end_by_token(self, raw: str) -> None:
        """Ends the session that a refresh token is of, if there is one."""
        family = select(refresh_tokens.c.session_id).where(refresh_tokens.c.token_hash == self._issuer.kept(raw))
        await self._end(sessions.c.id == family.scalar_subquery())

    async def of(self, account_id: str) -> list[SessionInfo]:
        """The sessions of the account, the last used one first."""
        live = select(sessions).where(sessions.c.account_id == account_id, sessions.c.expires_at > self._clock.wall())
        async with self._database.read() as connection:
            rows = (await connection.execute(live.order_by(sessions.c.used_at.desc(), sessions.c.id))).all()
        return [SessionInfo(row.id, row.device, row.created_at, row.used_at) for row in rows]

    async def is_alive(self, session_id: str) -> bool:
        """Whether a session of that id is neither ended nor expired."""
        live = select(sessions.c.id).where(sessions.c.id == session_id, sessions.c.expires_at > self._clock.wall())
        async with self._database.read() as connection:
            return (await connection.execute(live)).one_or_none() is not None

    async def sweep(self) -> int:
        """Deletes sessions that have expired. How many they were."""
        async with self._database.begin() as connection:
            over = delete(sessions).where(sessions.c.expires_at <= self._clock.wall())
            return (await connection.execute(over)).rowcount

    async def _end(self, *conditions: Any) -> bool:
        async with self._database.begin() as connection:
            gone = (await connection.execute(delete(sessions).where(*conditions).returning(sessions.c.id))).scalars()
            ended = list(gone)
            await announce_ends(connection, ended, self._clock.wall())
        if ended:
            await self._wake()
        return bool(ended)

    async def _account(self, connection: AsyncConnection, account_id: str, proved_by: str | None) -> Any:
        row = select(accounts).where(accounts.c.id == account_id).with_for_update(key_share=True)
        account = (await connection.execute(row)).one_or_none()
        if account is None or (proved_by is not None and account.password_hash != proved_by):
            raise AccountRefused(Problem.NO_SESSION)
        return account

    async def _make_room(self, connection: AsyncConnection, account_id: str, now: float) -> list[str]:
        mine = sessions.c.account_id == account_id
        newest = sessions.c.used_at.desc(), sessions.c.created_at.desc(), sessions.c.id
        live = select(sessions.c.id).where(mine, sessions.c.expires_at > now).order_by(*newest).limit(MOST - 1)
        kept = list((await connection.execute(live)).scalars())
        ended = delete(sessions).where(mine, sessions.c.id.not_in(kept)).returning(sessions.c.id)
        return list((await connection.execute(ended)).scalars())

    async def _locked(self, connection: AsyncConnection, raw: str) -> Any:
        """Token, session and account, which nobody else changes until the transaction ends; None for no such token."""
        this = refresh_tokens.c.token_hash == self._issuer.kept(raw)
        family = select(refresh_tokens.c.session_id).where(this).scalar_subquery()
        await connection.execute(select(sessions.c.id).where(sessions.c.id == family).with_for_update())
        joined = refresh_tokens.join(sessions).join(accounts)
        gate = exists(select(campuses.c.id)).label("gate_closed")
        columns = select(refresh_tokens, sessions.c.expires_at, sessions.c.second_factor, accounts, gate)
        return (await connection.execute(columns.select_from(joined).where(this))).one_or_none()

    async def _carry_on(self, connection: AsyncConnection, found: Any, raw: str, now: float) -> Tokens:
        successor, until = self._issuer.successor(raw), found.expires_at
        if found.rotated_at is None:
            until = now + self._refresh_ttl
            this = refresh_tokens.c.token_hash == found.token_hash
            await connection.execute(update(refresh_tokens).where(this).values(rotated_at=now))
            await self._keep(connection, successor, found.session_id)
            await self._forget_old(connection, found.session_id, now)
            used = update(sessions).where(sessions.c.id == found.session_id)
            await connection.execute(used.values(used_at=now, expires_at=until))
        proved = bool(found.second_factor)
        return self._issuer.tokens(found, found.session_id, successor, second_factor=proved, now=now, until=until)

    async def _forget_old(self, connection: AsyncConnection, session_id: str, now: float) -> None:
        """A token that was rotated so long ago opens nothing anyway."""
        old = refresh_tokens.c.rotated_at < now - self._refresh_ttl
        await connection.execute(delete(refresh_tokens).where(refresh_tokens.c.session_id == session_id, old))

    async def _keep(self, connection: AsyncConnection, raw: str, session_id: str) -> None:
        row = insert(refresh_tokens).values(token_hash=self._issuer.kept(raw), session_id=session_id)
        await connection.execute(row)


def _is_over(found: Any, now: float) -> bool:
    used_before = found.rotated_at is not None and now - found.rotated_at > GRACE
    return bool(used_before or found.expires_at <= now)


def _tidy(device: str) -> str:
    """One short line, whatever a client calls itself."""
    printable = "".join(character if character.isprintable() else " " for character in device[: 4 * MAX_DEVICE])
    return " ".join(printable.split())[:MAX_DEVICE]
