"""Appeals: each sanction can be appealed once, with a token that only a sign-in gives out."""

import asyncio

import pytest
from sqlalchemy import select

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.domain.ladder import Kind
from meetmates.safety.appeals import KEPT, LONGEST, Appeals
from meetmates.safety.sealing import Sealer
from meetmates.store.schema import appeals
from tests.safety.station import DAY, Station

TEXT = "It was my brother, and he is sorry."


async def refusal(station: Station, token: str, text: str = TEXT) -> Problem:
    with pytest.raises(AccountRefused) as refused:
        await station.appeals.file(token, text)
    return refused.value.problem


async def appealed(station: Station) -> str:
    """A suspension with an appeal that waits; its id."""
    id = await station.suspend(seconds=30 * DAY)
    token = await station.token()
    assert token is not None
    await station.appeals.file(token, TEXT)
    return id


async def test_an_appeal_waits_to_be_read(station: Station) -> None:
    id = await appealed(station)
    (waiting,) = await station.appeals.open()
    assert (waiting.sanction.id, waiting.text, waiting.at) == (id, TEXT, station.now)
    assert waiting.sanction.account == "mallory"
    assert await station.actions() == ["sanction.imposed", "appeal.filed"]


async def test_the_token_works_once(station: Station) -> None:
    await station.suspend()
    token = await station.token()
    assert token is not None
    await station.appeals.file(token, TEXT)
    assert await refusal(station, token, "And another thing") is Problem.WRONG_APPEAL
    assert [appeal.text for appeal in await station.appeals.open()] == [TEXT]


async def test_of_ten_at_once_one_comes_in(station: Station) -> None:
    await station.suspend()
    token = await station.token()
    assert token is not None
    tries = await asyncio.gather(*(station.appeals.file(token, TEXT) for _ in range(10)), return_exceptions=True)
    assert tries.count(None) == 1
    assert {str(one) for one in tries if one is not None} == {"wrong_appeal"}


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "\0", "é", "\ud800"])
async def test_a_token_that_was_never_given_is_refused(station: Station, token: str) -> None:
    await station.suspend()
    await station.token()
    assert await refusal(station, token) is Problem.WRONG_APPEAL


async def test_a_new_sign_in_makes_a_new_token_while_none_is_used(station: Station) -> None:
    await station.suspend()
    first, second = await station.token(), await station.token()
    assert first is not None
    assert second is not None
    assert first != second
    assert await refusal(station, first) is Problem.WRONG_APPEAL
    await station.appeals.file(second, TEXT)


async def test_after_an_appeal_a_sign_in_gets_no_token(station: Station) -> None:
    id = await appealed(station)
    assert await station.token() is None
    await station.appeals.decide(id, "other", grant=False)
    assert await station.token() is None


async def test_another_sanction_has_an_appeal_of_its_own(station: Station) -> None:
    await appealed(station)
    await station.sanctions.impose("mallory", Kind.BAN, "threats", by="mod")
    assert await station.token() is not None


@pytest.mark.parametrize("text", ["", "  \n ", "x" * (LONGEST + 1)])
async def test_a_text_of_no_good_length_costs_nothing(station: Station, text: str) -> None:
    await station.suspend()
    token = await station.token()
    assert token is not None
    assert await refusal(station, token, text) is Problem.APPEAL_LENGTH
    await station.appeals.file(token, "x" * LONGEST)


async def test_half_a_character_is_no_reason_to_fail(station: Station) -> None:
    await station.suspend()
    token = await station.token()
    assert token is not None
    await station.appeals.file(token, "sorry \ud83d")
    assert [appeal.text for appeal in await station.appeals.open()] == ["sorry ?"]


@pytest.mark.parametrize("how", ["ended", "lifted"])
async def test_what_is_over_cannot_be_appealed(station: Station, how: str) -> None:
    id = await station.suspend(seconds=60)
    token = await station.token()
    assert token is not None
    if how == "lifted":
        await station.sanctions.lift(id, "mod")
    else:
        station.clock.advance(61)
    assert await refusal(station, token) is Problem.WRONG_APPEAL


async def test_granting_lifts_it_at_once(station: Station) -> None:
    await station.add_account("mallory")
    id = await appealed(station)
    told, woken = len(await station.announced()), station.wakes
    await station.appeals.decide(id, "other", grant=True)
    assert await station.sanctions.running("mallory") == []
    assert await station.sanctions.sanctioned("mallory") is None
    assert (await station.announced())[told:] == [("sanction", "mallory")]
    assert station.wakes == woken + 1
    assert await station.appeals.open() == []
    assert sorted((await station.actions())[-2:]) == ["appeal.decided", "sanction.lifted"]
    assert "granted" in station.mail.letters[-1].text


async def test_refusing_keeps_it(station: Station) -> None:
    await station.add_account("mallory")
    id = await appealed(station)
    await station.appeals.decide(id, "other", grant=False)
    assert [one.id for one in await station.sanctions.running("mallory")] == [id]
    assert await station.appeals.open() == []
    assert "refused" in station.mail.letters[-1].text
    assert (await station.log())[-1].detail == {"state": "refused", "account": "mallory"}


async def test_it_is_decided_once(station: Station) -> None:
    id = await appealed(station)
    await station.appeals.decide(id, "other", grant=False)
    with pytest.raises(AccountRefused) as refused:
        await station.appeals.decide(id, "another", grant=True)
    assert refused.value.problem is Problem.ALREADY_DECIDED
    assert [one.id for one in await station.sanctions.running("mallory")] == [id]


async def test_of_two_who_decide_at_once_one_does(station: Station) -> None:
    id = await appealed(station)
    decisions = (station.appeals.decide(id, f"mod{n}", grant=n % 2 == 0) for n in range(6))
    outcomes = await asyncio.gather(*decisions, return_exceptions=True)
    assert outcomes.count(None) == 1
    assert (await station.actions()).count("appeal.decided") == 1


async def test_nobody_decides_about_themselves(station: Station) -> None:
    id = await appealed(station)
    with pytest.raises(AccountRefused) as refused:
        await station.appeals.decide(id, "mallory", grant=True)
    assert refused.value.problem is Problem.FORBIDDEN


async def test_what_nobody_appealed_cannot_be_decided(station: Station) -> None:
    with pytest.raises(AccountRefused) as refused:
        await station.appeals.decide("nothing", "mod", grant=True)
    assert refused.value.problem is Problem.NOT_FOUND
    id = await station.suspend()
    await station.token()
    with pytest.raises(AccountRefused) as refused:
        await station.appeals.decide(id, "mod", grant=True)
    assert refused.value.problem is Problem.ALREADY_DECIDED
    assert len(await station.sanctions.running("mallory")) == 1


async def test_the_oldest_is_read_first(station: Station) -> None:
    for account in ("ana", "ben", "cem"):
        await station.suspend(account)
        token = await station.token(account)
        assert token is not None
        station.clock.advance(1)
        await station.appeals.file(token, TEXT)
    assert [appeal.sanction.account for appeal in await station.appeals.open()] == ["ana", "ben", "cem"]
    assert [appeal.sanction.account for appeal in await station.appeals.open(limit=1)] == ["ana"]


async def test_the_text_is_sealed_in_the_database(station: Station) -> None:
    await appealed(station)
    async with station.database.read() as connection:
        sealed = (await connection.execute(select(appeals.c.text))).scalar_one()
    assert TEXT.encode() not in sealed
    other = Appeals(station.database, station.clock, Sealer(b"?" * 32), station.sanctions, station.sanctions._wake)
    assert [appeal.text for appeal in await other.open()] == [None]


async def test_the_text_is_deleted_ninety_days_after_the_decision(station: Station) -> None:
    id = (await station.sanctions.impose("mallory", Kind.BAN, "threats", by="mod")).id
    await station.appeals.file(str(await station.token()), TEXT)
    station.clock.advance(200 * DAY)
    assert await station.appeals.sweep() == 0  # it waits still
    await station.appeals.decide(id, "other", grant=False)
    station.clock.advance(KEPT - 1)
    assert await station.appeals.sweep() == 0
    station.clock.advance(1)
    assert [await station.appeals.sweep(), await station.appeals.sweep()] == [1, 0]
    async with station.database.read() as connection:
        assert (await connection.execute(select(appeals.c.text))).scalar_one() is None


@pytest.mark.parametrize("how", ["ended", "lifted"])
async def test_what_is_over_waits_for_nobody(station: Station, how: str) -> None:
    id = await appealed(station)
    if how == "lifted":
        await station.sanctions.lift(id, "mod")
    else:
        station.clock.advance(30 * DAY)
    over_at = station.now
    assert await station.appeals.open() == []
    told = len(station.mail.letters)
    for grant in (True, False):
        with pytest.raises(AccountRefused) as refused:
            await station.appeals.decide(id, "other", grant=grant)
        assert refused.value.problem is Problem.SANCTION_OVER
    assert "appeal.decided" not in await station.actions()
    assert len(station.mail.letters) == told
    station.clock.advance(over_at + KEPT - 1 - station.now)
    assert await station.appeals.sweep() == 0
    station.clock.advance(1)
    assert [await station.appeals.sweep(), await station.appeals.sweep()] == [1, 0]
