"""Sessions: tokens that follow each other, copies that are noticed, and ends that are told."""

import asyncio

import pytest

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.sessions import GRACE, MOST, Tokens
from meetmates.store.schema import refresh_tokens, sessions
from tests.accounts.house import ACCESS, ANA, REFRESH, House, refused


async def opened(house: House, device: str = "a phone") -> tuple[str, Tokens]:
    """Somebody, and a session of theirs."""
    account = await house.member()
    return account, await house.sessions.open(account, device)


# --- what a session is


async def test_an_access_token_says_who_and_from_which_session(house: House) -> None:
    await house.campuses.add("Example College", ["college.edu"])
    account, tokens = await opened(house)
    claims = house.claims(tokens.access)
    assert (claims.user_id, claims.email, claims.is_google_user) == (account, ANA, False)
    assert (claims.session_id, claims.second_factor) == (tokens.session_id, False)
    assert claims.expires_at == tokens.access_expires_at == house.clock.wall() + ACCESS
    assert tokens.refresh_expires_at == house.clock.wall() + REFRESH
    with_factor = await house.sessions.open(account, "", second_factor=True)
    assert house.claims(with_factor.access).second_factor
    assert house.claims((await house.sessions.refresh(with_factor.refresh)).access).second_factor


async def test_nothing_that_opens_a_door_is_kept(house: House) -> None:
    _, tokens = await opened(house)
    successor = await house.sessions.refresh(tokens.refresh)
    kept = b"".join(bytes(row.token_hash) for row in await house.rows(refresh_tokens))
    for raw in (tokens.refresh, successor.refresh):
        assert raw.startswith("mmr_")
        assert len(raw) == 47
        assert raw.encode() not in kept


async def test_a_refresh_token_is_no_access_token(house: House) -> None:
    _, tokens = await opened(house)
    with pytest.raises(Exception, match="token_invalid"):
        house.claims(tokens.refresh)
    async with refused(Problem.NO_SESSION):
        await house.sessions.refresh(tokens.access)


async def test_somebody_sees_their_sessions_the_last_used_first(house: House) -> None:
    account, tokens = await opened(house)
    house.clock.advance(60)
    other = await house.sessions.open(account, "  a\r\nlap\x1b[31mtop \u202e" + "x" * 1000)
    assert [info.id for info in await house.sessions.of(account)] == [other.session_id, tokens.session_id]
    house.clock.advance(60)
    await house.sessions.refresh(tokens.refresh)
    first, second = await house.sessions.of(account)
    assert (first.id, first.device) == (tokens.session_id, "a phone")
    assert (first.created_at, first.used_at) == (house.clock.wall() - 120, house.clock.wall())
    assert second.device.startswith("a lap [31mtop xxx")
    assert len(second.device) == 120


async def test_nobody_opens_a_session_of_an_account_that_is_gone(house: House) -> None:
    account, _ = await opened(house)
    await house.profiles.delete(account)
    async with refused(Problem.NO_SESSION):
        await house.sessions.open(account, "")


# --- rotation


async def test_each_refresh_token_has_one_successor(house: House) -> None:
    account, tokens = await opened(house)
    seen = {tokens.refresh}
    for _ in range(5):
        house.clock.advance(ACCESS)
        tokens = await house.sessions.refresh(tokens.refresh)
        assert tokens.refresh not in seen
        assert house.claims(tokens.access).user_id == account
        seen.add(tokens.refresh)
    assert await house.count(sessions) == 1


async def test_twenty_who_come_at_once_get_the_same_successor(house: House) -> None:
    _, tokens = await opened(house)
    answers = await asyncio.gather(*(house.sessions.refresh(tokens.refresh) for _ in range(20)))
    (successor,) = {answer.refresh for answer in answers}
    assert {answer.refresh_expires_at for answer in answers} == {house.clock.wall() + REFRESH}
    assert len({answer.access for answer in answers}) == 20  # each has a `jti` of its own
    assert await house.count(refresh_tokens) == 2
    assert (await house.sessions.refresh(successor)).session_id == tokens.session_id


async def test_within_twenty_seconds_a_lost_answer_is_given_again(house: House) -> None:
    _, tokens = await opened(house)
    successor = await house.sessions.refresh(tokens.refresh)
    house.clock.advance(GRACE)
    again = await house.sessions.refresh(tokens.refresh)
    assert (again.refresh, again.refresh_expires_at) == (successor.refresh, successor.refresh_expires_at)
    assert await house.sessions.refresh(successor.refresh)


async def test_a_copy_that_comes_later_ends_the_session_for_both(house: House) -> None:
    account, tokens = await opened(house)
    other = await house.sessions.open(account, "a laptop")
    successor = await house.sessions.refresh(tokens.refresh)
    house.clock.advance(GRACE + 1)
    woken = house.woken
    async with refused(Problem.NO_SESSION):
        await house.sessions.refresh(tokens.refresh)
    assert await house.told("session") == [tokens.session_id]
    assert house.woken == woken + 1
    assert not await house.sessions.is_alive(tokens.session_id)
    async with refused(Problem.NO_SESSION):
        await house.sessions.refresh(successor.refresh)
    assert await house.sessions.refresh(other.refresh)


async def test_a_copy_of_any_earlier_token_ends_the_session(house: House) -> None:
    _, first = await opened(house)
    tokens = first
    for _ in range(4):
        house.clock.advance(ACCESS)
        tokens = await house.sessions.refresh(tokens.refresh)
    async with refused(Problem.NO_SESSION):
        await house.sessions.refresh(first.refresh)
    async with refused(Problem.NO_SESSION):
        await house.sessions.refresh(tokens.refresh)


async def test_copies_that_come_at_once_end_it_once(house: House) -> None:
    _, tokens = await opened(house)
    await house.sessions.refresh(tokens.refresh)
    house.clock.advance(GRACE + 1)
    answers = await asyncio.gather(*(house.sessions.refresh(tokens.refresh) for _ in range(10)), return_exceptions=True)
    assert all(isinstance(answer, AccountRefused) for answer in answers)
    assert await house.told("session") == [tokens.session_id]


async def test_an_unknown_token_opens_and_ends_nothing(house: House) -> None:
    _, tokens = await opened(house)
    raw = tokens.refresh
    guesses = ["", "mmr_", "mmr_" + "A" * 43, "mmr_\ud800", "mmr_\x00", "mmr_" + "A" * 1_000_000]
    changed = [raw[:-1], raw + "A", raw.lower(), raw + "=" * 100, f" {raw}", raw.removeprefix("mmr_")]
    for wrong in guesses + changed:
        async with refused(Problem.NO_SESSION):
            await house.sessions.refresh(wrong)
        await house.sessions.end_by_token(wrong)
        assert await house.sessions.is_alive(tokens.session_id), wrong[:60]


async def test_who_does_not_come_back_is_signed_out(house: House) -> None:
    account, tokens = await opened(house)
    house.clock.advance(REFRESH)
    assert not await house.sessions.is_alive(tokens.session_id)
    assert await house.sessions.of(account) == []
    async with refused(Problem.NO_SESSION):
        await house.sessions.refresh(tokens.refresh)
    assert await house.count(sessions) == 0


async def test_who_comes_back_in_time_stays(house: House) -> None:
    _, tokens = await opened(house)
    for _ in range(3):
        house.clock.advance(REFRESH - 1)
        tokens = await house.sessions.refresh(tokens.refresh)
    assert await house.count(refresh_tokens) == 3  # what was rotated more than its life ago is forgotten


async def test_who_belongs_to_no_campus_gets_no_new_token_while_there_is_one(house: House) -> None:
    account, tokens = await opened(house)
    await house.campuses.add("Other College", ["other.edu"])
    async with refused(Problem.NO_CAMPUS):
        await house.sessions.refresh(tokens.refresh)
    await house.campuses.add("Example College", ["college.edu"])
    assert house.claims((await house.sessions.refresh(tokens.refresh)).access).user_id == account


async def test_expired_sessions_are_swept(house: House) -> None:
    account, _ = await opened(house)
    house.clock.advance(REFRESH)
    kept = await house.sessions.open(account, "")
    await house.put(
        sessions, id="old", account_id=account, device="", created_at=0.0, used_at=0.0, expires_at=house.clock.wall()
    )
    assert await house.sessions.sweep() == 1
    assert [row.id for row in await house.rows(sessions)] == [kept.session_id]


async def test_a_new_role_is_in_the_next_token(house: House) -> None:
    account, tokens = await opened(house)
    await house.profiles.set_role(account, "moderator")
    assert '"role":"moderator"' in payload((await house.sessions.refresh(tokens.refresh)).access)


# --- ends


async def test_a_session_is_ended_by_its_owner_only(house: House) -> None:
    account, tokens = await opened(house)
    stranger = await house.member("ben@college.edu")
    assert not await house.sessions.end(stranger, tokens.session_id)
    assert await house.sessions.is_alive(tokens.session_id)
    assert await house.sessions.end(account, tokens.session_id)
    assert not await house.sessions.end(account, tokens.session_id)
    assert await house.told("session") == [tokens.session_id]
    async with refused(Problem.NO_SESSION):
        await house.sessions.refresh(tokens.refresh)


async def test_a_session_is_ended_by_its_token(house: House) -> None:
    account, tokens = await opened(house)
    other = await house.sessions.open(account, "")
    await house.sessions.end_by_token(tokens.refresh)
    await house.sessions.end_by_token(tokens.refresh)
    assert await house.told("session") == [tokens.session_id]
    assert await house.sessions.is_alive(other.session_id)


async def test_all_sessions_end_and_those_of_others_stay(house: House) -> None:
    account, tokens = await opened(house)
    more = [await house.sessions.open(account, "") for _ in range(3)]
    theirs = await house.sessions.open(await house.member("ben@college.edu"), "")
    await house.sessions.end_all(account, but=more[0].session_id)
    assert [info.id for info in await house.sessions.of(account)] == [more[0].session_id]
    woken = house.woken
    await house.sessions.end_all(account)
    assert house.woken == woken + 1
    ended = {each.session_id for each in (tokens, *more)}
    assert set(await house.told("session")) == ended
    assert await house.sessions.is_alive(theirs.session_id)
    assert await house.count(refresh_tokens) == 1


async def test_an_account_has_twenty_sessions_and_the_least_used_one_ends(house: House) -> None:
    account, first = await opened(house)
    others = []
    for _ in range(MOST - 1):
        house.clock.advance(1)
        others.append(await house.sessions.open(account, ""))
    assert await house.told("session") == []
    house.clock.advance(1)
    await house.sessions.refresh(first.refresh)
    await house.sessions.open(account, "one more")
    assert await house.count(sessions) == MOST
    assert await house.told("session") == [others[0].session_id]
    assert await house.sessions.is_alive(first.session_id)


async def test_many_sign_ins_at_once_are_twenty_sessions(house: House) -> None:
    account = await house.member()
    await asyncio.gather(*(house.sessions.open(account, "") for _ in range(MOST + 15)))
    assert await house.count(sessions) == MOST
    assert len(await house.told("session")) == 15


async def test_refreshing_and_ending_at_once_never_leave_a_door_open(house: House) -> None:
    account = await house.member()
    opened = [await house.sessions.open(account, "") for _ in range(10)]
    refreshing = [house.sessions.refresh(each.refresh) for each in opened]
    answers = await asyncio.gather(house.sessions.end_all(account), *refreshing, return_exceptions=True)
    assert all(answer is None or isinstance(answer, Tokens | AccountRefused) for answer in answers)
    assert await house.count(sessions) == 0
    assert await house.count(refresh_tokens) == 0


def payload(token: str) -> str:
    """What a token says, as it stands in it."""
    import base64

    part = token.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()
