"""Transactions: what they promise, on both databases, with many at once and from several processes."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.store.database import Database, database_url
from meetmates.store.migrate import prepare
from meetmates.store.schema import accounts, audit, blocks, campus_domains

WRITER = """
import asyncio, sys
from sqlalchemy import func, insert, select
from meetmates.store.database import Database
from meetmates.store.schema import blocks

async def once(database, name):
    async with database.begin() as connection:
        seen = (await connection.execute(select(func.count()).select_from(blocks))).scalar_one()
        await connection.execute(insert(blocks).values(blocker=name, blocked="b", at=float(seen)))

async def main():
    database = Database(sys.argv[1])
    await asyncio.gather(*(once(database, f"{sys.argv[2]}-{number}") for number in range(50)))
    await database.close()

asyncio.run(main())
"""


async def block(connection: AsyncConnection, blocker: str) -> None:
    await connection.execute(insert(blocks).values(blocker=blocker, blocked="b", at=1.0))


async def blockers(database: Database) -> set[str]:
    async with database.read() as connection:
        return set((await connection.execute(select(blocks.c.blocker))).scalars())


async def test_what_was_written_is_read(database: Database) -> None:
    async with database.begin() as connection:
        await block(connection, "ana")
    assert await blockers(database) == {"ana"}


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.begin() as connection:
            await block(connection, "ana")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await blockers(database) == set()


async def test_a_savepoint_is_undone_alone(database: Database) -> None:
    async def fail(connection: AsyncConnection) -> None:
        async with connection.begin_nested():
            await block(connection, "ben")
            await block(connection, "ana")

    async with database.begin() as connection:
        await block(connection, "ana")
        with pytest.raises(IntegrityError):
            await fail(connection)
    assert await blockers(database) == {"ana"}


async def test_a_transaction_for_reading_refuses_to_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)read.?only"):
        async with database.read() as connection:
            await block(connection, "ana")
    async with database.begin() as connection:
        await block(connection, "ben")
    assert await blockers(database) == {"ben"}


async def test_a_row_that_points_nowhere_is_refused(database: Database) -> None:
    lost = insert(campus_domains).values(domain="college.edu", campus_id="nix", subdomains=False)
    async with database.begin() as connection:
        with pytest.raises(IntegrityError):
            await connection.execute(lost)
        await connection.rollback()


async def test_an_error_quotes_nothing_of_what_was_written(database: Database) -> None:
    """It may end in the log."""
    person = {"email": "ana@college.edu", "mailbox": "ana@college.edu", "created_at": 1.0}
    async with database.begin() as connection:
        await connection.execute(insert(accounts).values(id="u1", **person))
        with pytest.raises(IntegrityError) as caught:
            await connection.execute(insert(accounts).values(id="u2", **person))
        await connection.rollback()
    whole = "".join(traceback.format_exception(caught.value))
    assert "mailbox" in whole
    assert "ana@" not in whole


async def test_readers_see_the_last_commit_while_somebody_writes(database: Database) -> None:
    async with database.begin() as connection:
        await block(connection, "ana")
        assert await asyncio.gather(*(blockers(database) for _ in range(8))) == [set()] * 8
    assert await blockers(database) == {"ana"}


async def test_fifty_writers_at_once_are_all_served(database: Database) -> None:
    async def read_then_write(name: str) -> None:
        async with database.begin() as connection:
            (await connection.execute(select(func.count()).select_from(blocks))).scalar_one()
            await asyncio.sleep(0)
            await block(connection, name)

    await asyncio.gather(*(read_then_write(f"p{number}") for number in range(50)))
    assert len(await blockers(database)) == 50


async def test_two_processes_with_fifty_writers_each_are_all_served(database: Database, database_address: str) -> None:
    """Each reads before it writes, which is where SQLite would refuse a transaction that began without its lock."""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, database_address, name, stderr=subprocess.PIPE
        )
        for name in ("one", "two")
    ]
    ended = await asyncio.gather(*(process.communicate() for process in processes))
    assert [(process.returncode, err.decode()) for process, (_, err) in zip(processes, ended, strict=True)] == [
        (0, "")
    ] * 2
    assert len(await blockers(database)) == 100


async def test_whoever_is_cancelled_while_it_waits_or_writes_holds_nobody_up(database: Database) -> None:
    async def slow(name: str) -> None:
        async with database.begin() as connection:
            await block(connection, name)
            await asyncio.Event().wait()

    await asyncio.gather(*(blockers(database) for _ in range(5)))  # so that connections are there, to be waited for
    tasks = [asyncio.create_task(slow(f"p{number}")) for number in range(5)]
    for turns in range(1, 6):
        await asyncio.wait(tasks, timeout=0.01 * turns)
        tasks[turns - 1].cancel()
    await asyncio.wait(tasks)
    async with database.begin() as connection:
        await block(connection, "ana")
    assert await blockers(database) == {"ana"}


async def test_an_entry_of_the_audit_log_cannot_be_changed(database: Database) -> None:
    entry = {"number": 1, "at": 1.0, "actor": "a", "action": "look", "subject": "s", "detail": "{}", "hash": b"1"}
    async with database.begin() as connection:
        await connection.execute(insert(audit).values(**entry))
    upserts = {"sqlite": "INSERT OR REPLACE INTO audit VALUES (1, 2, 'b', 'c', 'd', 'e', x'02')"}
    shorter = {"sqlite": "DELETE FROM audit WHERE number = 1", "postgresql": "TRUNCATE audit"}
    dialect = database.engine.dialect.name
    attacks = ["UPDATE audit SET actor = 'b'", "DELETE FROM audit", shorter[dialect]]
    attacks.append(
        upserts.get(dialect, "INSERT INTO audit SELECT * FROM audit ON CONFLICT (number) DO UPDATE SET at = 2")
    )
    for attack in attacks:
        with pytest.raises(IntegrityError, match="the audit log only grows"):
            async with database.begin() as connection:
                await connection.execute(text(attack))
    async with database.read() as connection:
        assert dict((await connection.execute(select(audit))).mappings().one()) == entry


async def test_the_file_is_its_owners_alone_and_safe_against_a_loss_of_power(tmp_path: Path) -> None:
    url = database_url(None, tmp_path / "data")
    before = os.umask(0)
    try:
        prepare(url)
        database = Database(url)
        async with database.begin() as connection:
            await block(connection, "ana")
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").iterdir()}
            wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
            for name, value in wanted.items():
                assert (await connection.execute(text(f"PRAGMA {name}"))).scalar() == value
        await database.close()
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600}
    assert {"meetmates.db", "meetmates.db-wal", "meetmates.db-shm"} <= set(modes)


async def test_another_program_that_reads_the_file_is_not_in_the_way(tmp_path: Path) -> None:
    url = database_url(None, tmp_path)
    prepare(url)
    other = sqlite3.connect(tmp_path / "meetmates.db", isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT * FROM blocks").fetchall()
    database = Database(url)
    async with database.begin() as connection:
        await block(connection, "ana")
    assert await blockers(database) == {"ana"}
    await database.close()
    other.close()


@pytest.mark.parametrize("folder", ["plain", "with space", "per%cent", "ques?tion", "ha#sh", "ünï"])
async def test_any_name_of_the_data_folder_will_do(tmp_path: Path, folder: str) -> None:
    url = database_url(None, tmp_path / folder)
    prepare(url)
    database = Database(url)
    async with database.begin() as connection:
        await block(connection, "ana")
    await database.close()
    assert (tmp_path / folder / "meetmates.db").stat().st_size > 0
    assert os.listdir(tmp_path) == [folder]


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_the_url_of_postgresql_names_the_driver(scheme: str) -> None:
    assert database_url(f"{scheme}://me:p%40ss@db/name?sslmode=require", Path()) == (
        "postgresql+asyncpg://me:p%40ss@db/name?sslmode=require"
    )
