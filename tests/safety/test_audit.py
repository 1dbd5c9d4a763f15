"""The audit log: one chain whoever writes, and whatever is done to it shows."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from meetmates.safety import audit
from meetmates.safety.audit import Verdict
from meetmates.store.database import Database
from meetmates.store.schema import audit as rows
from tests.support.clock import NOON

WRITERS = 30


async def write(database: Database, number: int, **detail: Any) -> int:
    async with database.begin() as connection:
        return await audit.record(
            connection, actor="mod", action="looked", subject=f"report{number}", detail=detail, now=NOON + number
        )


async def fill(database: Database, count: int = 6) -> None:
    for number in range(1, count + 1):
        await write(database, number, n=number)


async def verdict(database: Database, known: tuple[int, str] | None = None) -> Verdict:
    async with database.read() as connection:
        return await audit.verify(connection, known)


async def head(database: Database) -> tuple[int, str]:
    found = await verdict(database)
    return found.entries, found.head


async def disarm(connection: AsyncConnection) -> None:
    """What somebody with all rights over the database does first."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    triggers = text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'")
    for name in (await connection.execute(triggers)).scalars().all():
        await connection.execute(text(f"DROP TRIGGER {name}"))


async def tamper(database: Database, *statements: Any) -> None:
    async with database.begin() as connection:
        await disarm(connection)
        for statement in statements:
            await connection.execute(statement)


# --- what it holds


async def test_an_empty_log_holds(database: Database) -> None:
    assert await verdict(database) == Verdict(0, None, "00" * 32)


async def test_entries_are_numbered_and_read_newest_first(database: Database) -> None:
    assert [await write(database, number) for number in (1, 2, 3)] == [1, 2, 3]
    async with database.read() as connection:
        newest, *_ = found = await audit.entries(connection, limit=2)
        (oldest,) = await audit.entries(connection, before=2)
    assert [entry.number for entry in found] == [3, 2]
    assert oldest.number == 1
    assert (newest.at, newest.actor, newest.action, newest.subject) == (NOON + 3, "mod", "looked", "report3")


async def test_details_come_back_as_they_were(database: Database) -> None:
    detail = {"until": 1800000000.123, "kind": None, "text": 'é "quoted" \\ 👋', "list": [1, True], "deep": {"a": 1}}
    await write(database, 1, **detail)
    async with database.read() as connection:
        (entry,) = await audit.entries(connection)
    assert entry.detail == detail
    assert (await verdict(database)).broken_at is None


async def test_whole_numbers_and_awkward_floats_as_times_hold(database: Database) -> None:
    async with database.begin() as connection:
        for now in (1_800_000_000, 0.1 + 0.2, 1_800_000_000.123456, 0.0):
            await audit.record(connection, actor="a", action="b", subject="c", detail={}, now=now)
    assert (await verdict(database)).entries == 4
    assert (await verdict(database)).broken_at is None


async def test_what_is_rolled_back_leaves_no_gap(database: Database) -> None:
    await write(database, 1)
    async with database.begin() as connection:
        await audit.record(connection, actor="a", action="b", subject="c", detail={}, now=NOON)
        await connection.rollback()
    assert await write(database, 2) == 2
    assert (await verdict(database)).broken_at is None


async def test_thirty_writers_at_once_keep_one_chain(database: Database) -> None:
    numbers = await asyncio.gather(*(write(database, number) for number in range(WRITERS)))
    assert sorted(numbers) == list(range(1, WRITERS + 1))
    assert (await verdict(database)).entries == WRITERS
    assert (await verdict(database)).broken_at is None


async def test_writers_of_several_processes_keep_one_chain(database: Database, database_address: str) -> None:
    others = [Database(database_address) for _ in range(3)]
    try:
        await asyncio.gather(*(write(others[number % 3], number) for number in range(WRITERS)))
    finally:
        for other in others:
            await other.close()
    assert (await verdict(database)) == Verdict(WRITERS, None, (await head(database))[1])


async def test_a_log_longer_than_a_page_is_verified_whole(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "BATCH", 2)
    await fill(database)
    assert (await verdict(database)).entries == 6
    await tamper(database, update(rows).where(rows.c.number == 5).values(actor="nobody"))
    assert (await verdict(database)).broken_at == 5


# --- who tries to change it


@pytest.mark.parametrize(
    "statement",
    [
        update(rows).where(rows.c.number == 1).values(actor="nobody"),
        update(rows).values(at=0.0),
        delete(rows).where(rows.c.number == 2),
        delete(rows),
    ],
    ids=str,
)
async def test_the_database_refuses_to_change_it(database: Database, statement: Any) -> None:
    await fill(database, 2)
    with pytest.raises(DBAPIError, match="only grows"):
        async with database.begin() as connection:
            await connection.execute(statement)
    assert (await verdict(database)).entries == 2


FORGED: dict[str, dict[str, Any]] = {
    "another time": {"at": NOON},
    "a time a breath later": {"at": NOON + 3.0000005},
    "another actor": {"actor": "nobody"},
    "another action": {"action": "looked away"},
    "another subject": {"subject": "report4"},
    "another detail": {"detail": '{"n":4}'},
    "the same detail otherwise written": {"detail": '{"n": 3}'},
    "a detail that is none": {"detail": "nothing"},
    "another hash": {"hash": bytes(32)},
    "no hash": {"hash": b""},
    "actor and action run together": {"actor": "modlooked", "action": ""},
    "a number of its own": {"number": 99},
}


@pytest.mark.parametrize("case", FORGED)
async def test_a_changed_entry_is_found(database: Database, case: str) -> None:
    await fill(database)
    await tamper(database, update(rows).where(rows.c.number == 3).values(**FORGED[case]))
    found = await verdict(database)
    assert (found.entries, found.broken_at) == (2, 3)


@pytest.mark.parametrize("number", [1, 3, 5])
async def test_a_deleted_entry_is_found(database: Database, number: int) -> None:
    await fill(database)
    await tamper(database, delete(rows).where(rows.c.number == number))
    assert (await verdict(database)).broken_at == number


async def test_a_deleted_entry_is_found_when_the_rest_moves_up(database: Database) -> None:
    await fill(database)
    moved = [update(rows).where(rows.c.number == n).values(number=n - 1) for n in (4, 5, 6)]
    await tamper(database, delete(rows).where(rows.c.number == 3), *moved)
    assert (await verdict(database)).broken_at == 3


@pytest.mark.parametrize("number", [-1, 0, 7, 8])
async def test_an_inserted_entry_is_found(database: Database, number: int) -> None:
    await fill(database)
    forged = {"number": number, "at": NOON, "actor": "mod", "action": "looked", "subject": "x", "detail": "{}"}
    await tamper(database, insert(rows).values(**forged, hash=bytes(32)))
    assert (await verdict(database)).broken_at == 7


async def test_an_entry_copied_to_the_end_is_found(database: Database) -> None:
    await fill(database)
    columns = [rows.c.at, rows.c.actor, rows.c.action, rows.c.subject, rows.c.detail, rows.c.hash]
    copied = select(text("7"), *columns).where(rows.c.number == 6)
    await tamper(database, insert(rows).from_select(["number", *(column.name for column in columns)], copied))
    assert (await verdict(database)).broken_at == 7


@pytest.mark.parametrize("first", [1, 3, 5])
async def test_a_swapped_pair_is_found(database: Database, first: int) -> None:
    await fill(database)
    swap = [update(rows).where(rows.c.number == old).values(number=new) for old, new in pairwise((first, 99))]
    swap += [
        update(rows).where(rows.c.number == first + 1).values(number=first),
        update(rows).where(rows.c.number == 99).values(number=first + 1),
    ]
    await tamper(database, *swap)
    assert (await verdict(database)).broken_at == first


# --- the head, noted elsewhere


async def test_a_head_noted_earlier_shows_that_the_end_was_cut_off(database: Database) -> None:
    await fill(database)
    noted = await head(database)
    await tamper(database, delete(rows).where(rows.c.number >= 5))
    assert (await verdict(database)).broken_at is None  # as a chain it is whole
    assert (await verdict(database, noted)).broken_at == 5


async def test_a_head_noted_earlier_shows_that_all_was_written_anew(database: Database) -> None:
    await fill(database)
    noted = await head(database)
    await tamper(database, delete(rows))
    for number in range(1, 7):
        await write(database, number, n=-number)
    assert (await verdict(database)).broken_at is None
    assert (await verdict(database, noted)).broken_at == 6


async def test_a_head_noted_earlier_holds_while_the_log_grows(database: Database) -> None:
    await fill(database, 3)
    noted = await head(database)
    await fill(database, 3)
    assert (await verdict(database, noted)).broken_at is None


async def test_what_was_tampered_with_can_still_be_shown(database: Database) -> None:
    await fill(database, 1)
    await tamper(database, update(rows).values(detail="nothing"))
    async with database.read() as connection:
        assert (await audit.entries(connection))[0].detail == {"unreadable": "nothing"}
