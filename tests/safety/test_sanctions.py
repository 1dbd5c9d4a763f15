"""The ladder in the database: what holds, until when, what the person is told, and what stays."""

import math
from typing import Any

import pytest
from sqlalchemy import delete, select

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.profiles import Profiles
from meetmates.domain.ladder import Kind
from meetmates.ports import Standing
from meetmates.safety.sanctions import LONGEST, Sanction, Sanctions, all_running, standing_of
from meetmates.store.database import Database
from meetmates.store.schema import accounts, appeals
from tests.safety.station import DAY, Station
from tests.support.clock import NOON


async def kinds(station: Station, account: str = "mallory") -> list[Kind]:
    """What runs, the newest first."""
    return [sanction.kind for sanction in await station.sanctions.running(account)]


async def impose(station: Station, kind: Kind, seconds: float | None = None, account: str = "mallory") -> Sanction:
    station.clock.advance(1)
    until = None if seconds is None else station.now + seconds
    return await station.sanctions.impose(account, kind, f"a {kind.value}", until=until, by="mod")


# --- what runs


async def test_nothing_is_held_against_anybody_at_first(station: Station) -> None:
    assert await station.sanctions.running("mallory") == []
    assert await station.sanctions.sanctioned("mallory") is None
    assert standing_of([]) == Standing()


async def test_it_comes_back_as_it_was_imposed(station: Station) -> None:
    made = await station.sanctions.impose("mallory", Kind.MUTE, "spam", until=NOON + 60.5, by="mod")
    assert await station.sanctions.running("mallory") == [made]
    assert made == Sanction(made.id, "mallory", Kind.MUTE, "spam", NOON, NOON + 60.5, "mod", None, None)


async def test_every_rung_but_a_warning_runs(station: Station) -> None:
    await impose(station, Kind.WARNING)
    await impose(station, Kind.MUTE, DAY)
    await impose(station, Kind.SUSPENSION, DAY)
    await impose(station, Kind.BAN)
    assert await kinds(station) == [Kind.BAN, Kind.SUSPENSION, Kind.MUTE]
    history = await station.sanctions.history("mallory")
    assert [sanction.kind for sanction in history] == [Kind.BAN, Kind.SUSPENSION, Kind.MUTE, Kind.WARNING]
    assert await kinds(station, "somebody else") == []


async def test_a_suspension_ends_by_its_time(station: Station) -> None:
    await station.suspend(seconds=60)
    station.clock.advance(59.5)
    assert await kinds(station) == [Kind.SUSPENSION]
    station.clock.advance(0.5)
    assert await kinds(station) == []
    assert await station.sanctions.sanctioned("mallory") is None


async def test_a_ban_does_not_end(station: Station) -> None:
    await impose(station, Kind.BAN)
    station.clock.advance(100 * 365 * DAY)
    assert await kinds(station) == [Kind.BAN]


async def test_what_is_lifted_runs_no_more(station: Station) -> None:
    ban = await impose(station, Kind.BAN)
    await impose(station, Kind.MUTE, DAY)
    await station.sanctions.lift(ban.id, "mod")
    assert await kinds(station) == [Kind.MUTE]
    lifted = (await station.sanctions.history("mallory"))[-1]
    assert (lifted.id, lifted.lifted_at) == (ban.id, station.now)


async def test_lifting_twice_is_harmless_and_noted_once(station: Station) -> None:
    ban = await impose(station, Kind.BAN)
    await station.sanctions.lift(ban.id, "mod")
    station.clock.advance(10)
    await station.sanctions.lift(ban.id, "another")
    assert (await station.sanctions.history("mallory"))[0].lifted_at == station.now - 10
    assert await station.actions() == ["sanction.imposed", "sanction.lifted"]


async def test_what_was_never_imposed_cannot_be_lifted(station: Station) -> None:
    with pytest.raises(AccountRefused) as refused:
        await station.sanctions.lift("nothing", "mod")
    assert refused.value.problem is Problem.NOT_FOUND


WRONG_ENDS: dict[str, tuple[Kind, float | None]] = {
    "a warning with an end": (Kind.WARNING, NOON + 60),
    "a ban with an end": (Kind.BAN, NOON + 60),
    "a mute without one": (Kind.MUTE, None),
    "a suspension without one": (Kind.SUSPENSION, None),
    "an end that is now": (Kind.SUSPENSION, NOON),
    "an end in the past": (Kind.MUTE, NOON - 1),
    "an end that never comes": (Kind.SUSPENSION, math.inf),
    "an end that is no number": (Kind.SUSPENSION, math.nan),
    "an end too far away": (Kind.MUTE, NOON + LONGEST + 1),
}


@pytest.mark.parametrize("case", WRONG_ENDS)
async def test_an_end_must_fit_the_kind(station: Station, case: str) -> None:
    kind, until = WRONG_ENDS[case]
    with pytest.raises(AccountRefused) as refused:
        await station.sanctions.impose("mallory", kind, "spam", until=until, by="mod")
    assert refused.value.problem is Problem.BAD_END
    assert (await station.imposed(), await station.log(), await station.announced()) == ([], [], [])


# --- what others hear of it


async def test_running_servers_hear_of_it_and_this_one_at_once(station: Station) -> None:
    ban = await impose(station, Kind.BAN)
    assert (await station.announced(), station.wakes) == ([("sanction", "mallory")], 1)
    await station.sanctions.lift(ban.id, "mod")
    assert (await station.announced(), station.wakes) == ([("sanction", "mallory")] * 2, 2)


async def test_the_audit_log_tells_who_did_it_but_not_the_words(station: Station) -> None:
    made = await station.sanctions.impose("mallory", Kind.MUTE, "called Ana names", until=NOON + 60, by="mod")
    (entry,) = await station.log()
    assert (entry.actor, entry.action, entry.subject) == ("mod", "sanction.imposed", "mallory")
    assert entry.detail == {"sanction": made.id, "kind": "mute", "until": NOON + 60, "report": None}


async def test_the_person_gets_a_letter_with_the_reason(station: Station) -> None:
    await station.add_account("mallory")
    await station.sanctions.impose("mallory", Kind.BAN, "threats", by="mod")
    (letter,) = station.mail.letters
    assert letter.to == "mallory@college.edu"
    assert "threats" in letter.text


async def test_where_there_is_no_account_or_no_mail_nothing_is_written(station: Station) -> None:
    await station.sanctions.impose("nobody", Kind.BAN, "threats", by="mod")
    assert station.mail.letters == []
    await Sanctions(station.database, station.clock, station.sanctions._wake).impose("a", Kind.BAN, "x", by="mod")


# --- what a sign-in is told


async def test_a_sign_in_is_told_the_reason_and_the_end(station: Station) -> None:
    await station.sanctions.impose("mallory", Kind.SUSPENSION, "insults", until=NOON + DAY, by="mod")
    told = await station.sanctions.sanctioned("mallory")
    assert told is not None
    assert (told["kind"], told["reason"]) == ("suspension", "insults")
    assert told["until"] == "2027-01-16T08:00:00.000Z"
    assert len(told["appealToken"]) == 43  # 256 bits


async def test_of_several_the_strongest_is_told(station: Station) -> None:
    async def strongest() -> tuple[Any, Any]:
        told = await station.sanctions.sanctioned("mallory")
        assert told is not None
        return told["kind"], told["reason"]

    for reason, seconds in (("short", 60), ("long", 2 * DAY), ("middle", DAY)):
        await station.sanctions.impose("mallory", Kind.SUSPENSION, reason, until=NOON + seconds, by="mod")
    assert await strongest() == ("suspension", "long")
    ban = await station.sanctions.impose("mallory", Kind.BAN, "enough", by="mod")
    assert await strongest() == ("ban", "enough")
    await station.sanctions.lift(ban.id, "mod")
    assert await strongest() == ("suspension", "long")


@pytest.mark.parametrize("kind", [Kind.WARNING, Kind.MUTE])
async def test_somebody_warned_or_muted_may_sign_in(station: Station, kind: Kind) -> None:
    await impose(station, kind, DAY if kind is Kind.MUTE else None)
    assert await station.sanctions.sanctioned("mallory") is None


async def test_only_a_hash_of_the_appeal_token_is_kept(station: Station) -> None:
    await station.suspend()
    token = await station.token()
    async with station.database.read() as connection:
        (row,) = (await connection.execute(select(appeals))).all()
    assert token is not None
    assert token not in repr(row)
    assert token.encode() not in row.token_hash
    assert len(row.token_hash) == 32


# --- what the rules are told


async def test_the_standing_of_somebody_with_everything(station: Station) -> None:
    for seconds in (60, 120, 90):
        await station.sanctions.impose("mallory", Kind.SUSPENSION, "x", until=NOON + seconds, by="mod")
    await station.sanctions.impose("mallory", Kind.MUTE, "x", until=NOON + 10, by="mod")
    running = await station.sanctions.running("mallory")
    assert standing_of(running) == Standing(False, NOON + 120, NOON + 10)
    await station.sanctions.impose("mallory", Kind.BAN, "x", by="mod")
    assert standing_of(await station.sanctions.running("mallory")).banned


async def test_all_that_runs_is_told_by_account(station: Station) -> None:
    await impose(station, Kind.BAN, account="mallory")
    await impose(station, Kind.MUTE, DAY, account="mallory")
    await impose(station, Kind.MUTE, 1, account="over")
    await impose(station, Kind.WARNING, account="warned")
    station.clock.advance(1)
    async with station.database.read() as connection:
        held = await all_running(connection, station.now)
    assert {account: sorted(one.kind.value for one in found) for account, found in held.items()} == {
        "mallory": ["ban", "mute"]
    }


async def test_a_row_runs_exactly_while_the_query_says_so(station: Station) -> None:
    made = [await impose(station, Kind.WARNING), await impose(station, Kind.BAN)]
    made += [await impose(station, Kind.MUTE, 60), await impose(station, Kind.SUSPENSION, 120)]
    for step in (0.0, 59.0, 59.0, 59.0):
        station.clock.advance(step)
        history = await station.sanctions.history("mallory")
        assert [one for one in history if one.runs(station.now)] == await station.sanctions.running("mallory")


# --- what stays


async def test_it_survives_the_account_and_meets_whoever_comes_back(station: Station) -> None:
    await station.add_account("mallory")
    ban = await impose(station, Kind.BAN)
    await impose(station, Kind.WARNING)
    profiles = Profiles(station.database, station.clock, station.sanctions._wake)
    assert await profiles.delete("mallory")
    assert [one.id for one in await station.sanctions.running("mallory")] == [ban.id]
    await station.add_account("mallory")  # the same mailbox gives the same id
    told = await station.sanctions.sanctioned("mallory")
    assert told is not None
    assert told["kind"] == "ban"


async def test_it_survives_a_restart(station: Station, database_address: str) -> None:
    await impose(station, Kind.BAN)
    await station.database.close()
    again = Database(database_address)
    try:
        assert await kinds(Station(again)) == [Kind.BAN]
    finally:
        await again.close()


async def test_a_sweep_forgets_what_is_over_of_those_who_are_gone(station: Station) -> None:
    for account in ("gone", "here"):
        await station.add_account(account)
        await impose(station, Kind.MUTE, 60, account)
        await impose(station, Kind.WARNING, None, account)
        lifted = await impose(station, Kind.BAN, None, account)
        await station.sanctions.lift(lifted.id, "mod")
        await impose(station, Kind.BAN, None, account)
        await impose(station, Kind.SUSPENSION, 30 * DAY, account)
    async with station.database.begin() as connection:
        await connection.execute(delete(accounts).where(accounts.c.id == "gone"))
    assert await station.sanctions.sweep() == 0  # for a day it counts as an earlier step
    station.clock.advance(DAY + 60)
    assert await station.sanctions.sweep() == 3
    assert len(await station.sanctions.history("here")) == 5
    assert await kinds(station, "gone") == [Kind.SUSPENSION, Kind.BAN]


async def test_everybodys_are_told_page_by_page(station: Station) -> None:
    made = [(await impose(station, Kind.WARNING, None, f"a{number}")).id for number in range(3)]
    made += [(await station.sanctions.impose("b", Kind.WARNING, "x", by="mod")).id for _ in range(2)]  # at one time
    first = await station.sanctions.recent(limit=2)
    second = await station.sanctions.recent(before=first[-1].id, limit=2)
    third = await station.sanctions.recent(before=second[-1].id, limit=2)
    told = [one.id for one in (*first, *second, *third)]
    assert sorted(told) == sorted(made)
    assert told[-2:] == [made[1], made[0]]


async def test_a_reason_that_no_database_could_keep_is_kept_without_it(station: Station) -> None:
    made = await station.sanctions.impose("mallory", Kind.BAN, "thr\0eats \ud83d é👋", by="mod")
    assert made.reason == "threats ? é👋"
    assert await station.sanctions.running("mallory") == [made]
