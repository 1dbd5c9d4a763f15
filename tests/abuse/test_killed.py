"""The server is killed in the middle of a thousand sign-ups: whoever was told that they have an account has one.

`kill -9` leaves no time for anything. What the database had promised by then must be there, whole, and nothing else.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.abuse.outside import GENEROUS, Outside, outside
from tests.support.api import PASSWORD, Letters, assert_problem
from tests.support.server import RunningServer, running_server

SIGN_UPS = 1_000
CLIENTS = 4  # each with connections of its own
EACH = 40  # sign-ups under way at a client; all of them together are fewer than may wait for their hash
ENOUGH = SIGN_UPS // 2  # were confirmed when the server is killed
CHECKED = 20  # sign in afterwards; that costs as much as signing up


@dataclass
class Wave:
    """What became of each sign-up, as the person at the other end knows it."""

    begun: list[str] = field(default_factory=list)
    pending: set[str] = field(default_factory=set)  # signup was answered 201
    verifying: set[str] = field(default_factory=set)  # the code was sent off, and no answer came yet
    confirmed: list[str] = field(default_factory=list)  # verify-email was answered 200
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def one(self, api: Outside, letters: Letters, address: str) -> None:
        """One person; nothing more comes of it once the server is gone."""
        self.begun.append(address)
        made = await api.post("/auth/signup", {"email": address, "password": PASSWORD})
        assert made.status_code == 201, made.text
        self.pending.add(address)
        form = {"email": address, "code": letters.code(address)}
        self.verifying.add(address)
        verified = await api.post("/auth/verify-email", form)
        assert verified.status_code == 200, verified.text
        self.verifying.remove(address)
        self.confirmed.append(address)
        if len(self.confirmed) >= ENOUGH:
            self.enough.set()


async def sign_up_until_killed(server: RunningServer, data: Path) -> Wave:
    """A thousand people, many of them at the same time, and the end of the process in the middle."""
    wave = Wave()
    waiting = iter(range(SIGN_UPS))
    letters = Letters(data / "mail")  # read once for all clients

    async def one_after_another(api: Outside) -> None:
        for number in waiting:
            await wave.one(api, letters, f"person{number}@college.edu")

    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(outside(server, data)) for _ in range(CLIENTS)]
        crowd = [asyncio.create_task(one_after_another(api)) for api in clients for _ in range(EACH)]
        ended = asyncio.ensure_future(wave.enough.wait())
        await asyncio.wait([ended, *crowd], return_when=asyncio.FIRST_COMPLETED, timeout=120)
        ended.cancel()
        server.process.kill()
        ends = await asyncio.gather(*crowd, return_exceptions=True)
    assert all(isinstance(end, httpx.TransportError) for end in ends), ends
    return wave


@dataclass(frozen=True)
class Aftermath:
    """What people know, the server that is no more, and the data that it left."""

    wave: Wave
    server: RunningServer
    data: Path


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    """The process is gone, and nobody has looked at its data yet."""
    data = tmp_path_factory.mktemp("killed")
    with running_server(**GENEROUS, DATA_DIR=str(data)) as server:
        wave = asyncio.run(sign_up_until_killed(server, data))
        assert server.process.wait(10) == -9
    return Aftermath(wave, server, data)


@pytest.fixture(scope="module")
def server(killed: Aftermath) -> Iterator[RunningServer]:
    """The next one, on the same data."""
    with running_server(**GENEROUS, DATA_DIR=str(killed.data)) as running:
        yield running


def column(api: Outside, query: str) -> list[Any]:
    return [row[0] for row in api.rows(query)]


async def test_it_was_killed_in_the_middle(killed: Aftermath) -> None:
    """Half of them were through, many on the way, the others still to come. The database is sound as it was left."""
    async with outside(killed.server, killed.data) as api:
        assert "everything is right" in await api.command("db", "check")
    wave = killed.wave
    assert ENOUGH <= len(wave.confirmed) < len(wave.begun) < SIGN_UPS
    assert CLIENTS * EACH // 2 < len(wave.begun) - len(wave.confirmed) <= CLIENTS * EACH


async def test_nothing_that_was_confirmed_is_lost_and_nothing_is_half(killed: Aftermath, server: RunningServer) -> None:
    wave = killed.wave
    async with outside(server, killed.data) as api:
        assert "everything is right" in await api.command("db", "check")
        assert column(api, "PRAGMA integrity_check") == ["ok"]
        assert api.rows("PRAGMA foreign_key_check") == []
        accounts = set(column(api, "SELECT email FROM accounts"))
        assert set(wave.confirmed) <= accounts
        assert accounts - set(wave.confirmed) <= wave.verifying  # it was made, and the answer was lost on the way
        waiting = set(column(api, "SELECT mailbox FROM signups"))
        assert waiting.isdisjoint(accounts)
        assert wave.pending - accounts <= waiting  # nobody has to type their password again
        assert waiting <= set(wave.begun)
        half = "password_hash NOT LIKE '$argon2id$%' OR mailbox <> email OR length(id) <> 23 OR role <> 'member'"
        assert api.rows(f"SELECT * FROM accounts WHERE {half}") == []
        announced = column(api, "SELECT subject FROM changes WHERE kind = 'account'")
        assert sorted(announced) == sorted(column(api, "SELECT id FROM accounts"))


async def test_whoever_was_confirmed_signs_in(killed: Aftermath, server: RunningServer) -> None:
    """The last before the end above all; and their tokens let them in."""
    confirmed = killed.wave.confirmed
    async with outside(server, killed.data) as api:
        chosen = [*confirmed[: CHECKED // 2], *confirmed[-CHECKED // 2 :]]
        signed_in = await asyncio.gather(*[api.signed_in(address) for address in chosen])
        assert [answer["user"]["email"] for answer in signed_in] == chosen
        client = await api.socket(signed_in[-1]["token"])
        assert (await client.call("findChat"))["ok"] is True
        await client.leave()


async def test_whoever_was_in_the_middle_goes_on_where_they_were(killed: Aftermath, server: RunningServer) -> None:
    """With the code that they have, with a new one, or by signing up again; and nobody is let in without."""
    wave = killed.wave
    async with outside(server, killed.data) as api:
        accounts = set(column(api, "SELECT email FROM accounts"))
        lost = [address for address in wave.begun if address not in accounts]
        assert lost, "nobody was in the middle"
        for address in lost[:4]:
            form = {"email": address, "password": PASSWORD}
            assert_problem(await api.post("/auth/login", form), 400, "wrong_credentials")
        for number, address in enumerate(lost[:8]):
            if address not in wave.pending:
                await api.post("/auth/signup", {"email": address, "password": PASSWORD})
            elif number % 2:
                assert (await api.post("/auth/resend", {"email": address})).status_code == 200
            form = {"email": address, "code": api.code(address)}
            assert (await api.post("/auth/verify-email", form)).status_code == 200
            await api.signed_in(address)
