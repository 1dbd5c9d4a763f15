"""Signing in, by password or by what an identity provider says."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.accounts.addresses import Address, parse_address
from meetmates.accounts.campuses import Campuses
from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.hashing import account_id
from meetmates.accounts.identity import Identity
from meetmates.accounts.passwords import Passwords
from meetmates.accounts.profiles import Profile, find_profile
from meetmates.accounts.rows import add_account, insert_new, lock_mailbox
from meetmates.accounts.sessions import Sessions, Tokens
from meetmates.ports import Clock
from meetmates.store.changes import Kind, Wake, announce
from meetmates.store.database import Database
from meetmates.store.schema import accounts, identities

Sanctioned = Callable[[str], Awaitable[dict[str, Any] | None]]  # what holds an account back, as it is told
SecondFactor = Callable[[str, str | None], Awaitable[bool]]  # whether a code was asked for, and was right


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who came in, and with what they go on."""

    account: Profile
    tokens: Tokens


class SignIn:
    """The door. What holds an account back is told only to whoever has proved that it is theirs."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        passwords: Passwords,
        sessions: Sessions,
        campuses: Campuses,
        keys_address: bytes,
        sanctioned: Sanctioned,
        second_factor: SecondFactor,
        wake: Wake,
    ) -> None:
        """`second_factor` raises `AccountRefused` (`second_factor`) where a code is missing or wrong."""
        self._database = database
        self._clock = clock
        self._passwords = passwords
        self._sessions = sessions
        self._campuses = campuses
        self._key = keys_address
        self._sanctioned = sanctioned
        self._second_factor = second_factor
        self._wake = wake

    async def with_password(self, email: str, password: str, *, totp: str | None = None, device: str = "") -> SignedIn:
        """Signs in whoever has the password.

        Raises `AccountRefused`: `wrong_credentials` (also for what is no address), `too_many`; and once the password
        was right: `sanctioned` with what is told, `no_campus`, `second_factor`.
        """
        found = await self._find(email)
        kept = found.password_hash if found is not None else None
        if not await self._passwords.verify(kept, password) or found is None or kept is None:
            raise AccountRefused(Problem.WRONG_CREDENTIALS)
        second_factor = await self._let_in(found.id, totp)
        if self._passwords.needs_rehash(kept):
            kept = await self._rehash(found.id, kept, password)
        return await self._open(found.id, device, second_factor, kept)

    async def with_identity(self, identity: Identity, device: str = "", *, totp: str | None = None) -> SignedIn:
        """Signs in whom a provider vouches for; an account is made where the mailbox has none.

        Raises `AccountRefused`: `bad_address`, `sanctioned` with what is told, `no_campus`, `second_factor`.
        """
        address = parse_address(identity.email)
        async with self._database.begin() as connection:
            await lock_mailbox(connection, address.mailbox)
            linked = await self._linked(connection, identity)
            known = linked or await _held(connection, accounts.c.mailbox == address.mailbox)
            found = known.id if known is not None else await self._welcome(connection, identity, address)
            if linked is None:
                await self._link(connection, identity, found)
        await self._wake()
        return await self._open(found, device, await self._let_in(found, totp))

    async def _find(self, email: str) -> Any:
        try:
            mailbox = parse_address(email).mailbox
        except AccountRefused:
            return None
        async with self._database.read() as connection:
            return await _account(connection, accounts.c.mailbox == mailbox)

    async def _let_in(self, found: str, totp: str | None) -> bool:
        """Whether a second factor was shown. Raises `AccountRefused` for whoever may not come in."""
        held = await self._sanctioned(found)
        if held is not None:
            raise AccountRefused(Problem.SANCTIONED, held)
        async with self._database.read() as connection:
            account = await _account(connection, accounts.c.id == found)
            outside = account is not None and account.campus_id is None and account.role == "member"
            if outside and await self._campuses.is_gate_closed(
                connection
            ):  # whoever runs the place may be from outside
                raise AccountRefused(Problem.NO_CAMPUS)
        return await self._second_factor(found, totp)

    async def _rehash(self, found: str, kept: str, password: str) -> str:
        """Keeps the password by today's numbers. What is kept now; another tab may have been faster."""
        better = await self._passwords.hash(password)
        unchanged = accounts.c.id == found, accounts.c.password_hash == kept
        async with self._database.begin() as connection:
            made = await connection.execute(update(accounts).where(*unchanged).values(password_hash=better))
            account = await _account(connection, accounts.c.id == found)
        if made.rowcount == 1:
            return better
        if account is None or not await self._passwords.verify(account.password_hash, password):
            raise AccountRefused(Problem.WRONG_CREDENTIALS)
        return str(account.password_hash)

    async def _linked(self, connection: AsyncConnection, identity: Identity) -> Any:
        this = identities.c.issuer == identity.issuer, identities.c.subject == identity.subject
        owner = select(identities.c.account_id).where(*this).scalar_subquery()
        return await _held(connection, accounts.c.id == owner)

    async def _welcome(self, connection: AsyncConnection, identity: Identity, address: Address) -> str:
        """A new account. Raises `AccountRefused` (`no_campus`)."""
        campus_id = await self._campuses.for_domain(connection, address.domain)
        if campus_id is None and await self._campuses.is_gate_closed(connection):
            raise AccountRefused(Problem.NO_CAMPUS)
        made, now = account_id(self._key, address.mailbox), self._clock.wall()
        await add_account(connection, made, address, now=now, campus_id=campus_id, is_google=identity.is_google)
        return made

    async def _link(self, connection: AsyncConnection, identity: Identity, found: str) -> None:
        now = self._clock.wall()
        link = {"issuer": identity.issuer, "subject": identity.subject, "account_id": found, "created_at": now}
        await connection.execute(insert_new(connection, identities).values(**link))
        if identity.is_google:
            await connection.execute(update(accounts).where(accounts.c.id == found).values(is_google=True))
        await announce(connection, Kind.ACCOUNT, found, now)

    async def _open(self, found: str, device: str, second_factor: bool, proved_by: str | None = None) -> SignedIn:
        try:
            tokens = await self._sessions.open(found, device, second_factor, proved_by=proved_by)
        except AccountRefused:  # changed or gone in the meantime
            raise AccountRefused(Problem.WRONG_CREDENTIALS) from None
        async with self._database.read() as connection:
            profile = await find_profile(connection, accounts.c.id == found)
        if profile is None:
            raise AccountRefused(Problem.WRONG_CREDENTIALS)
        return SignedIn(profile, tokens)


async def _account(connection: AsyncConnection, condition: ColumnElement[bool]) -> Any:
    return (await connection.execute(select(accounts).where(condition))).one_or_none()


async def _held(connection: AsyncConnection, condition: ColumnElement[bool]) -> Any:
    """The account, which cannot be deleted until the transaction ends."""
    return (await connection.execute(select(accounts).where(condition).with_for_update(key_share=True))).one_or_none()
