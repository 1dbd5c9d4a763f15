"""News for running servers: told once, in order, none missed, whoever made them and whatever the database does."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.store.changes import KEPT, Change, Feed, Kind, announce, prune
from meetmates.store.database import Database, database_url
from meetmates.store.schema import changes
from tests.support.away import without
from tests.support.databases import PostgreSQL

SOON = 30.0  # seconds within which anything that is to happen must have happened
NOON = 1_800_000_000.0
WRITERS = 30


class Listener:
    """A `Follower` that keeps what it is told."""

    def __init__(self) -> None:
        self.loaded = 0
        self.told: list[Change] = []
        self._news = asyncio.Condition()

    async def load(self, connection: AsyncConnection) -> None:
        self.loaded += 1
        assert (await connection.execute(select(func.count()).select_from(changes))).scalar() is not None

    async def apply(self, connection: AsyncConnection, change: Change) -> None:
        assert (await connection.execute(select(func.count()).select_from(changes))).scalar() is not None
        async with self._news:
            self.told.append(change)
            self._news.notify_all()

    async def hears(self, *subjects: str) -> None:
        """Returns once exactly these were told."""
        async with asyncio.timeout(SOON), self._news:
            await self._news.wait_for(lambda: len(self.told) >= len(subjects))
        assert [change.subject for change in self.told] == list(subjects)


class Complaints:
    """Whoever is told that the database could not be read."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.came = asyncio.Event()

    def __call__(self, line: str) -> None:
        self.lines.append(line)
        self.came.set()


@pytest.fixture
async def listener() -> Listener:
    return Listener()


@pytest.fixture
async def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
async def feed(database: Database, listener: Listener, complaints: Complaints) -> AsyncIterator[Feed]:
    """One process's, not started yet."""
    feed = Feed(database, [listener], complaints)
    yield feed
    await feed.stop()


@pytest.fixture
async def elsewhere(database_address: str) -> AsyncIterator[Database]:
    """The same database as another process sees it."""
    opened = Database(database_address)
    yield opened
    await opened.close()


async def tell(database: Database, *subjects: str, kind: Kind = Kind.ACCOUNT, at: float = NOON) -> None:
    async with database.begin() as connection:
        for subject in subjects:
            await announce(connection, kind, subject, at)


# --- told once, in order


async def test_what_another_process_changed_is_told_by_catching_up(
    feed: Feed, listener: Listener, elsewhere: Database
) -> None:
    await feed.start()
    await tell(elsewhere, "ana", "ben")
    await feed.catch_up()
    assert [change.subject for change in listener.told] == ["ana", "ben"]
    await feed.catch_up()
    assert len(listener.told) == 2


async def test_what_another_process_changed_is_told_within_a_moment_by_itself(
    feed: Feed, listener: Listener, elsewhere: Database
) -> None:
    await feed.start()
    await tell(elsewhere, "ana")
    await listener.hears("ana")
    await tell(elsewhere, "ben")
    await listener.hears("ana", "ben")


async def test_what_was_there_before_is_loaded_and_not_told(feed: Feed, listener: Listener, database: Database) -> None:
    await tell(database, "ana")
    await feed.start()
    assert listener.loaded == 1
    await tell(database, "ben")
    await feed.catch_up()
    assert [change.subject for change in listener.told] == ["ben"]


@pytest.mark.parametrize("kind", Kind)
async def test_every_kind_is_told_as_what_it_is(feed: Feed, listener: Listener, database: Database, kind: Kind) -> None:
    await feed.start()
    await tell(database, "a subject", kind=kind)
    await feed.catch_up()
    assert listener.told == [Change(kind, "a subject")]


async def test_every_follower_is_told(database: Database, complaints: Complaints) -> None:
    listeners = [Listener(), Listener()]
    feed = Feed(database, [*listeners], complaints)
    await feed.start()
    await tell(database, "ana")
    await feed.catch_up()
    assert [len(listener.told) for listener in listeners] == [1, 1]
    await feed.stop()


async def test_what_was_rolled_back_is_told_to_nobody(feed: Feed, listener: Listener, database: Database) -> None:
    async def fail() -> None:
        async with database.begin() as connection:
            await announce(connection, Kind.ACCOUNT, "ana", NOON)
            raise ZeroDivisionError

    await feed.start()
    with pytest.raises(ZeroDivisionError):
        await fail()
    await tell(database, "ben")
    await feed.catch_up()
    assert [change.subject for change in listener.told] == ["ben"]


async def test_a_kind_of_a_newer_version_is_passed_over(feed: Feed, listener: Listener, database: Database) -> None:
    """It may run beside this one, on the same database."""
    await feed.start()
    async with database.begin() as connection:
        await connection.execute(insert(changes).values(kind="comet", subject="?", at=NOON))
        await announce(connection, Kind.BLOCK, "ana ben", NOON)
    await feed.catch_up()
    assert listener.told == [Change(Kind.BLOCK, "ana ben")]


# --- none missed


async def test_none_of_thirty_writers_at_once_is_missed(feed: Feed, listener: Listener, elsewhere: Database) -> None:
    """Numbers are committed in their order, however long each transaction takes after it has drawn its own."""
    delays = random.Random(7)

    async def write(number: int, delay: float) -> None:
        async with elsewhere.begin() as connection:
            await announce(connection, Kind.ACCOUNT, str(number), NOON)
            await asyncio.sleep(delay)

    async def look(writing: asyncio.Future[list[None]]) -> None:
        while not writing.done():
            await feed.catch_up()
        await feed.catch_up()

    await feed.start()
    writing = asyncio.gather(*(write(number, delays.uniform(0, 0.01)) for number in range(WRITERS)))
    async with asyncio.timeout(SOON):
        await look(writing)
    assert sorted(int(change.subject) for change in listener.told) == list(range(WRITERS))


async def test_many_who_catch_up_at_once_tell_each_change_once(
    feed: Feed, listener: Listener, elsewhere: Database
) -> None:
    await feed.start()

    async def write_and_wake(number: int) -> None:
        await tell(elsewhere, str(number))
        await feed.wake()

    await asyncio.gather(*(write_and_wake(number) for number in range(WRITERS)))
    assert sorted(int(change.subject) for change in listener.told) == list(range(WRITERS))


async def test_a_change_made_while_everything_is_loaded_is_told(database: Database, elsewhere: Database) -> None:
    """It may be loaded as well; a follower bears to be told twice."""
    listener = Listener()

    class Slow(Listener):
        async def load(self, connection: AsyncConnection) -> None:
            await super().load(connection)
            await tell(elsewhere, "in between")

    feed = Feed(database, [Slow(), listener], Complaints())
    await feed.start()
    await feed.catch_up()
    assert [change.subject for change in listener.told] == ["in between"]
    await feed.stop()


# --- the database is away


async def test_where_changes_cannot_be_read_it_is_said_and_the_next_look_catches_up(
    feed: Feed, listener: Listener, complaints: Complaints, elsewhere: Database
) -> None:
    await feed.start()
    async with without(elsewhere, "changes"), asyncio.timeout(SOON):
        await complaints.came.wait()
    assert set(complaints.lines) == {"changes of accounts could not be read"}
    await tell(elsewhere, "ana")
    await listener.hears("ana")


async def test_who_wakes_the_feed_then_is_not_troubled_by_it(
    feed: Feed, complaints: Complaints, elsewhere: Database
) -> None:
    """What the use case did is committed: it must not seem to have failed."""
    await feed.start()
    async with without(elsewhere, "changes"):
        await feed.wake()
        assert complaints.lines
        with pytest.raises(DBAPIError):
            await feed.catch_up()


async def test_looks_go_on_after_a_database_that_lets_nobody_in(
    postgresql: PostgreSQL, postgresql_template: str, tmp_path: Path
) -> None:
    """As while PostgreSQL starts: its driver has errors of its own, which SQLAlchemy then passes on as they are."""
    database = Database(database_url(postgresql.create(postgresql_template), tmp_path))
    name = postgresql.made[-1]
    listener, complaints = Listener(), Complaints()
    feed = Feed(database, [listener], complaints)
    await feed.start()
    postgresql.run(
        f"ALTER DATABASE {name} ALLOW_CONNECTIONS false",
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
    )
    async with asyncio.timeout(SOON):
        await complaints.came.wait()
    postgresql.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    await tell(database, "ana")
    await listener.hears("ana")
    await feed.stop()
    await database.close()
    postgresql.drop(name)


async def test_a_follower_that_fails_is_told_again(database: Database, complaints: Complaints) -> None:
    class Stumbling(Listener):
        async def apply(self, connection: AsyncConnection, change: Change) -> None:
            await super().apply(connection, change)
            if len(self.told) == 2:
                raise ValueError("stumbled")

    listener = Stumbling()
    feed = Feed(database, [listener], complaints)
    await feed.start()
    await tell(database, "ana", "ben", "cem")
    await feed.wake()
    assert complaints.lines == ["changes of accounts could not be read"]
    await feed.wake()
    assert [change.subject for change in listener.told] == ["ana", "ben", "ben", "cem"]
    await feed.stop()


# --- old ones


async def test_what_every_server_has_read_is_forgotten(database: Database) -> None:
    await tell(database, "yesterday", at=NOON - KEPT - 1)
    await tell(database, "today", at=NOON - KEPT + 1)
    async with database.begin() as connection:
        await prune(connection, NOON)
        assert list((await connection.execute(select(changes.c.subject))).scalars()) == ["today"]


async def test_numbers_go_on_when_every_row_was_forgotten(feed: Feed, listener: Listener, database: Database) -> None:
    """Else the next change would have a number that was read long ago."""
    await tell(database, "ana", "ben", at=NOON - KEPT - 1)
    await feed.start()
    async with database.begin() as connection:
        await prune(connection, NOON)
    await tell(database, "cem")
    await feed.catch_up()
    assert [change.subject for change in listener.told] == ["cem"]
