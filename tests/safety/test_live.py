"""Blocks and sanctions in memory: what the database says, whoever made them, told once to those whom it concerns."""

import json
import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import insert

from meetmates.accounts.profiles import Profiles
from meetmates.cluster.memory import MemorySafety
from meetmates.domain.ladder import Kind
from meetmates.logs import EventJournal, configure_logs
from meetmates.ports import Complaint, Party, Quote, Standing
from meetmates.safety.live import LiveSafety, StoredCasework
from meetmates.safety.reports import AUTOMATIC_REASON
from meetmates.store import changes
from meetmates.store.changes import Feed, announce, nobody_to_wake
from meetmates.store.database import Database
from meetmates.store.schema import blocks
from tests.safety.station import DAY, Station
from tests.support.away import without
from tests.support.clock import NOON

CLEAN = Standing()
ANA, BEN, GUEST = Party("id1", "ana"), Party("id2", "ben"), Party("id3", None)


class Watch:
    """A `LiveSafety` that follows one database, as one process; `station` changes it, as another one."""

    def __init__(self, database: Database, station: Station) -> None:
        self.safety = MemorySafety()
        self.live = LiveSafety(self.safety, station.clock)
        self.told: list[tuple[Any, ...]] = []
        self.live.on_sanction = lambda *what: self.told.append(what)
        self.failures: list[str] = []
        self.feed = Feed(database, [self.live], self.failures.append)
        self.station = station
        self.casework = StoredCasework(station.blocks, station.reports)

    async def hear(self) -> list[tuple[Any, ...]]:
        """Who is told what, after everything that has changed."""
        await self.feed.catch_up()
        told, self.told = self.told, []
        return told

    def standing(self, account: str = "mallory") -> Standing:
        return self.safety.standing(account)


@pytest.fixture
async def station(database_address: str) -> AsyncIterator[Station]:
    """The use cases of another process."""
    database = Database(database_address)
    yield Station(database)
    await database.close()


@pytest.fixture
async def watch(database: Database, station: Station) -> AsyncIterator[Watch]:
    """Nothing has been loaded yet."""
    made = Watch(database, station)
    yield made
    await made.feed.stop()
    assert made.failures == []


# --- blocks


async def test_every_block_is_known_from_the_start_in_both_directions(watch: Watch, station: Station) -> None:
    await station.blocks.block("ana", "ben")
    assert watch.safety.may_meet("ana", "ben")
    await watch.feed.start()
    assert [watch.safety.may_meet(*pair) for pair in (("ana", "ben"), ("ben", "ana"), ("ana", "cem"))] == [
        False,
        False,
        True,
    ]


async def test_the_name_that_somebody_had_in_the_chat_is_kept(watch: Watch, station: Station) -> None:
    await watch.casework.block(Party("socket-1", "ana", "Heron"), Party("socket-2", "ben", "Otter"))
    assert [block.name for block in await station.blocks.blocks_of("ana")] == ["Otter"]


async def test_a_block_made_elsewhere_arrives(watch: Watch, station: Station) -> None:
    await watch.feed.start()
    await station.blocks.block("ana", "ben")
    assert await watch.hear() == []
    assert not watch.safety.may_meet("ben", "ana")


async def test_the_blocks_of_an_account_end_with_it_but_not_those_against_it(watch: Watch, station: Station) -> None:
    profiles = Profiles(station.database, station.clock, nobody_to_wake)
    await station.add_account("ana")
    await watch.feed.start()
    for blocker, blocked in (("ana", "ben"), ("ana", "cem"), ("cem", "ana"), ("ben", "cem")):
        await station.blocks.block(blocker, blocked)
    await watch.hear()
    await profiles.delete("ana")
    await watch.hear()
    pairs = [("ana", "ben"), ("ben", "ana"), ("ana", "cem"), ("cem", "ana"), ("ben", "cem")]
    assert [watch.safety.may_meet(*pair) for pair in pairs] == [True, True, False, False, False]


# --- what is held against somebody


async def test_what_runs_is_known_from_the_start_and_told_to_nobody(watch: Watch, station: Station) -> None:
    """Those who are here came in with it."""
    now = station.now
    await station.sanctions.impose("muted", Kind.MUTE, "insults", until=now + 60, by="mod")
    await station.suspend("suspended", 120)
    await station.sanctions.impose("banned", Kind.BAN, "insults", by="mod")
    await station.sanctions.impose("warned", Kind.WARNING, "insults", by="mod")
    await station.sanctions.lift(await station.suspend("lifted"), "mod")
    await station.suspend("over", 5)
    station.clock.advance(6)
    await watch.feed.start()
    assert watch.standing("muted") == Standing(muted_until=now + 60)
    assert watch.standing("suspended") == Standing(suspended_until=now + 120)
    assert watch.standing("banned") == Standing(banned=True)
    assert [watch.standing(account) for account in ("warned", "lifted", "over", "unknown")] == [CLEAN] * 4
    async with station.database.begin() as connection:
        for account in ("muted", "suspended", "banned"):
            await announce(connection, changes.Kind.SANCTION, account, now)
    assert await watch.hear() == []


@pytest.mark.parametrize(
    ("kind", "until", "standing"),
    [
        (Kind.MUTE, NOON + 60, Standing(muted_until=NOON + 60)),
        (Kind.SUSPENSION, NOON + DAY, Standing(suspended_until=NOON + DAY)),
        (Kind.BAN, None, Standing(banned=True)),
    ],
)
async def test_a_step_holds_before_it_is_told_and_is_told_once(
    watch: Watch, station: Station, kind: Kind, until: float | None, standing: Standing
) -> None:
    await watch.feed.start()
    await station.sanctions.impose("mallory", kind, "insults", until=until, by="mod")
    seen: list[Standing] = []

    def hear(*what: Any) -> None:
        seen.append(watch.standing())
        watch.told.append(what)

    watch.live.on_sanction = hear
    assert await watch.hear() == [("mallory", kind.value, "insults", until)]
    assert seen == [standing]
    async with station.database.begin() as connection:
        await announce(connection, changes.Kind.SANCTION, "mallory", station.now)
    assert await watch.hear() == []


async def test_a_warning_is_told_and_holds_nothing(watch: Watch, station: Station) -> None:
    await watch.feed.start()
    await station.sanctions.impose("mallory", Kind.WARNING, "be kind", by="mod")
    assert await watch.hear() == [("mallory", "warning", "be kind", None)]
    assert watch.standing() == CLEAN


async def test_a_warning_of_long_ago_is_no_news(watch: Watch, station: Station) -> None:
    """Whoever is here when the server starts was warned by another one."""
    await station.sanctions.impose("mallory", Kind.WARNING, "be kind", by="mod")
    station.clock.advance(60)
    later = Watch(watch.station.database, station)
    await later.feed.start()
    await station.suspend()
    assert await later.hear() == [("mallory", "suspension", "insults", station.now + DAY)]
    await later.feed.stop()


async def test_several_steps_are_told_in_their_order(watch: Watch, station: Station) -> None:
    await watch.feed.start()
    await station.sanctions.impose("mallory", Kind.WARNING, "first", by="mod")
    station.clock.advance(1)
    await station.sanctions.impose("mallory", Kind.MUTE, "then", until=station.now + 60, by="mod")
    station.clock.advance(1)
    await station.sanctions.impose("mallory", Kind.BAN, "at last", by="mod")
    assert [what[1:3] for what in await watch.hear()] == [("warning", "first"), ("mute", "then"), ("ban", "at last")]
    assert watch.standing().banned


async def test_a_step_that_is_lifted_holds_no_longer_and_nobody_is_told(watch: Watch, station: Station) -> None:
    await watch.feed.start()
    suspended = await station.suspend()
    banned = await station.sanctions.impose("mallory", Kind.BAN, "insults", by="mod")
    await watch.hear()
    await station.sanctions.lift(banned.id, "mod")
    assert await watch.hear() == []
    assert watch.standing() == Standing(suspended_until=station.now + DAY)
    await station.sanctions.lift(suspended, "mod")
    assert await watch.hear() == []
    assert watch.standing() == CLEAN


async def test_a_step_that_is_over_before_it_is_heard_of_is_told_to_nobody(watch: Watch, station: Station) -> None:
    await watch.feed.start()
    await station.suspend("mallory", 5)
    lifted = await station.suspend("eve")
    await station.sanctions.lift(lifted, "mod")
    station.clock.advance(6)
    assert await watch.hear() == []
    assert [watch.standing(account) for account in ("mallory", "eve")] == [CLEAN, CLEAN]


# --- what people do


async def test_a_block_is_kept_between_accounts_only(watch: Watch, station: Station) -> None:
    for blocker, blocked in ((ANA, BEN), (ANA, GUEST), (GUEST, ANA), (GUEST, Party("id4", None)), (ANA, BEN)):
        await watch.casework.block(blocker, blocked)
    assert [block.blocked for block in await station.blocks.blocks_of("ana")] == ["ben"]
    assert await station.announced() == [("block", "ana ben")]


async def test_a_report_is_kept_with_what_the_reporter_handed_over(watch: Watch, station: Station) -> None:
    quotes = (Quote(True, "hello", station.now - 2), Quote(False, "go away", station.now - 1))
    await watch.casework.report(Complaint("chat1", ANA, BEN, "threat", "He means it.", quotes))
    (summary,) = await station.reports.queue()
    detail = await station.reports.read(summary.id, "mod")
    assert (summary.chat_id, summary.reporter, summary.reported, summary.reason) == ("chat1", "ana", "ben", "threat")
    assert detail.note == "He means it."
    assert [(line.sender, line.text, line.at) for line in detail.evidence or ()] == [
        ("reporter", "hello", station.now - 2),
        ("reported", "go away", station.now - 1),
    ]


async def test_a_report_without_evidence_keeps_nothing_of_the_chat(watch: Watch, station: Station) -> None:
    await watch.casework.report(Complaint("chat1", ANA, BEN, "spam", None, None))
    (summary,) = await station.reports.queue()
    row = await station.row_of(summary.id)
    assert (row.note, row.evidence, row.evidence_until) == (None, None, None)


async def test_guests_are_reported_and_report_by_their_socket_id(watch: Watch, station: Station) -> None:
    await watch.casework.report(Complaint("chat1", GUEST, BEN, "spam", None, None))
    await watch.casework.report(Complaint("chat2", ANA, GUEST, "spam", None, None))
    assert {(one.reporter, one.reported) for one in await station.reports.queue()} == {("id3", "ben"), ("ana", "id3")}


async def test_a_second_report_on_a_chat_is_the_first_one(watch: Watch, station: Station) -> None:
    for reason in ("spam", "threat"):
        await watch.casework.report(Complaint("chat1", ANA, BEN, reason, None, None))
    assert [one.reason for one in await station.reports.queue()] == ["spam"]


async def test_the_step_that_reports_lead_to_reaches_those_who_are_here(watch: Watch, station: Station) -> None:
    await watch.feed.start()
    people = [Party(f"id{number}", name) for number, name in enumerate(("ana", "cem", "dan"), 10)]
    for party in people:
        await station.earn_record(party.key, upheld=10)
    for number, party in enumerate(people):
        await watch.casework.report(Complaint(f"chat{number}", party, BEN, "threat", None, None))
    (told,) = await watch.hear()
    assert told == ("ben", "suspension", AUTOMATIC_REASON, station.now + 30 * 60)


async def test_what_goes_wrong_is_logged_without_what_was_written(
    watch: Watch, station: Station, capsys: pytest.CaptureFixture[str]
) -> None:
    """The database's own words repeat the values of a statement; none of them may reach the log."""
    configure_logs("info", "json")
    marks = [secrets.token_hex(8) for _ in range(5)]  # nothing that any line of a program says by chance
    chat_id, reporter, reported, note, words = marks
    ana, mallory = Party("id1", reporter), Party("id2", reported)
    complaint = Complaint(chat_id, ana, mallory, "spam", note, (Quote(True, words, 1.0),))
    async with without(station.database, "reports", "blocks"):
        for work in (watch.casework.report(complaint), watch.casework.block(ana, mallory)):
            try:
                await work
            except Exception:
                EventJournal("cut").failed("what a client asked for could not be stored")
            else:
                pytest.fail("it was stored")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["what a client asked for could not be stored"] * 2
    assert ["reports" in lines[0]["exception"], "blocks" in lines[1]["exception"]] == [True, True]  # what went wrong
    assert not any(mark in json.dumps(lines) for mark in marks)


async def test_a_row_of_a_block_with_oneself_hides_nobody(watch: Watch, station: Station) -> None:
    """There is no such block; should one be written by hand, it concerns nobody else."""
    async with station.database.begin() as connection:
        await connection.execute(insert(blocks).values(blocker="ana", blocked="ana", at=1.0))
    await watch.feed.start()
    assert watch.safety.may_meet("ana", "ben")
