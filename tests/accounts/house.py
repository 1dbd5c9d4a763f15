"""All use cases of accounts around one database, with a clock moved by hand and a postbox that keeps every letter."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.accounts.campuses import Campuses
from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.mail import Letter
from meetmates.accounts.passwords import Passwords
from meetmates.accounts.profiles import Profiles
from meetmates.accounts.recovery import Recovery
from meetmates.accounts.sessions import Sessions
from meetmates.accounts.signin import SignIn
from meetmates.accounts.signup import Signup
from meetmates.accounts.tokens import Claims, TokenVerifier
from meetmates.store.database import Database
from meetmates.store.schema import changes, sanctions
from tests.support.clock import HandClock

KEY = b"a-key-for-addresses-in-these-tests!!"
SECRET = b"a-secret-for-tokens-in-these-tests!!"
PASSWORD = "a horse that reads maps"
ANA = "ana@college.edu"
ACCESS = 900.0
REFRESH = 30 * 86_400.0


class Postbox:
    """A `Mail` that keeps what it is given."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    async def send(self, letter: Letter) -> None:
        self.letters.append(letter)

    def subjects(self, to: str) -> list[str]:
        return [letter.subject for letter in self.letters if letter.to == to]

    def code(self, to: str = ANA) -> str:
        """The latest code sent to that address."""
        (code,) = re.findall(r"^\d{6}(?= )", self.subjects(to)[-1])
        return str(code)


class House:
    """Everything, on cheap passwords; `held` says what holds an account back, `factors` which code it must show."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = HandClock()
        self.post = Postbox()
        self.passwords = Passwords(memory=8, passes=1)
        self.woken = 0
        self.held: dict[str, dict[str, Any]] = {}
        self.factors: dict[str, str] = {}
        self.campuses = Campuses(database, self.clock)
        self.sessions = Sessions(
            database, self.clock, SECRET, KEY, "meetmates", "meetmates", ACCESS, REFRESH, self._wake, self._kept_out
        )
        self.profiles = Profiles(database, self.clock, self._wake)
        self.recovery = Recovery(database, self.clock, self.passwords, self.post, KEY, self._wake)
        self.signup = Signup(database, self.clock, self.passwords, self.post, self.campuses, KEY, self._wake)
        self.signin = self.door(self.passwords)

    def door(self, passwords: Passwords) -> SignIn:
        """Signing in, with other passwords than the house's."""
        return SignIn(
            self.database,
            self.clock,
            passwords,
            self.sessions,
            self.campuses,
            KEY,
            self._sanctioned,
            self._second_factor,
            self._wake,
        )

    async def member(self, email: str = ANA, password: str = PASSWORD) -> str:
        """An account, made as everybody makes one; its id."""
        await self.signup.start(email, password)
        return await self.signup.verify(email, self.post.code(email))

    def claims(self, access: str) -> Claims:
        return TokenVerifier(SECRET, [], "meetmates", "meetmates").verify(access, self.clock.wall())

    async def told(self, kind: str) -> list[str]:
        """The subjects of all changes of that kind that were announced."""
        announced = select(changes.c.subject).where(changes.c.kind == kind).order_by(changes.c.number)
        async with self.database.read() as connection:
            return list((await connection.execute(announced)).scalars())

    async def count(self, table: Table) -> int:
        async with self.database.read() as connection:
            return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())

    async def rows(self, table: Table) -> list[Any]:
        async with self.database.read() as connection:
            return list((await connection.execute(select(table))).all())

    async def put(self, table: Table, **values: Any) -> None:
        async with self.database.begin() as connection:
            await connection.execute(insert(table).values(**values))

    async def sanction(self, account: str, name: str, kind: str, until: float | None, **more: Any) -> None:
        """A row as a moderator's decision leaves it."""
        row = {"id": name, "account": account, "kind": kind, "reason": "spam", "at": 0.0, "until": until, "by": "m"}
        await self.put(sanctions, **(row | more))

    async def _wake(self) -> None:
        self.woken += 1

    async def _sanctioned(self, account: str) -> dict[str, Any] | None:
        return self.held.get(account)

    async def _kept_out(self, connection: AsyncConnection, account: str) -> dict[str, Any] | None:
        return self.held.get(account)

    async def _second_factor(self, account: str, code: str | None) -> bool:
        if account not in self.factors:
            return False
        if code != self.factors[account]:
            raise AccountRefused(Problem.SECOND_FACTOR)
        return True


@asynccontextmanager
async def refused(problem: Problem) -> AsyncIterator[pytest.ExceptionInfo[AccountRefused]]:
    """Fails unless the block is refused with `problem`."""
    with pytest.raises(AccountRefused) as caught:
        yield caught
    assert caught.value.problem is problem
