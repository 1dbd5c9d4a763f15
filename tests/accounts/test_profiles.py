"""Accounts as they are shown, taken along, and ended; and what stays to protect others."""

import json
import re

import pytest

from meetmates.accounts.identity import Identity
from meetmates.store.schema import (
    accounts,
    appeals,
    blocks,
    identities,
    password_resets,
    refresh_tokens,
    reports,
    sanctions,
    sessions,
    signups,
)
from tests.accounts.house import ANA, PASSWORD, House

BEN = "ben@college.edu"


async def busy(house: House) -> str:
    """Somebody who has done a bit of everything; their id."""
    account = await house.member()
    await house.signin.with_identity(Identity("https://accounts.google.com", "7", ANA, True), "a laptop")
    await house.recovery.forgot(ANA)
    await house.put(blocks, blocker=account, blocked="u-somebody", at=1.0)
    await house.put(blocks, blocker="u-else", blocked=account, at=2.0)
    report = {"chat_id": "c1", "reason": "spam", "weight": 1.0, "at": 3.0}
    await house.put(reports, id="by", reporter=account, reported="u-somebody", note=b"sealed", **report)
    await house.put(reports, id="of", reporter="u-else", reported=account, evidence=b"sealed", **report)
    soon, later = house.clock.wall() - 1, house.clock.wall() + 60
    await house.sanction(account, "ended", "suspension", soon)
    await house.sanction(account, "lifted", "ban", None, lifted_at=5.0)
    await house.sanction(account, "told", "warning", None)
    await house.sanction(account, "mute", "mute", later)
    await house.sanction(account, "for good", "ban", None)
    await house.sanction("u-else", "theirs", "suspension", soon)
    for name in ("ended", "for good"):
        await house.put(appeals, sanction_id=name, token_hash=name.encode(), state="open")
    return account


# --- as they are shown


async def test_an_account_is_shown_to_its_owner(house: House) -> None:
    await house.campuses.add("Example College", ["college.edu"])
    account = await house.member("Ana@college.edu")
    profile = await house.profiles.of(account)
    assert profile is not None
    assert profile.public() == {
        "userId": account,
        "email": "Ana@college.edu",
        "isGoogleUser": False,
        "campus": "Example College",
        "role": "member",
        "createdAt": "2027-01-15T08:00:00.000Z",
    }
    assert profile.has_password


async def test_an_account_is_found_by_any_spelling(house: House) -> None:
    account = await house.member()
    for email in (ANA, "ANA@college.edu", "ana+x@college.edu"):
        found = await house.profiles.by_email(email)
        assert found is not None
        assert found.id == account
    for email in (BEN, "no address", "\ud800"):
        assert await house.profiles.by_email(email) is None
    assert await house.profiles.of("u-nobody") is None


async def test_everybody_is_listed_the_oldest_first(house: House) -> None:
    for name in ("zoe", "ana", "mia"):
        await house.member(f"{name}@college.edu")
        house.clock.advance(1)
    assert [profile.email.partition("@")[0] for profile in await house.profiles.all()] == ["zoe", "ana", "mia"]


async def test_a_role_is_given_and_told(house: House) -> None:
    account = await house.member()
    assert await house.profiles.set_role(account, "moderator")
    profile = await house.profiles.of(account)
    assert profile is not None
    assert profile.role == "moderator"
    assert await house.told("account") == [account, account]
    assert not await house.profiles.set_role("u-nobody", "moderator")
    with pytest.raises(ValueError, match="administrator"):
        await house.profiles.set_role(account, "king")


# --- taken along


async def test_an_export_has_everything_and_nobody_else_in_it(house: House) -> None:
    account = await busy(house)
    held = await house.profiles.export(account)
    assert held is not None
    text = json.dumps(held)  # it is sent as JSON
    assert held["account"]["email"] == ANA
    assert held["account"]["hasPassword"] is True
    assert held["account"]["hasSecondFactor"] is False
    assert [(row["issuer"], row["subject"]) for row in held["identities"]] == [("https://accounts.google.com", "7")]
    assert [row["device"] for row in held["sessions"]] == ["a laptop"]
    assert held["blocks"] == [{"createdAt": "1970-01-01T00:00:01.000Z"}]
    told = {"chatId": "c1", "reason": "spam", "createdAt": "1970-01-01T00:00:03.000Z", "state": "open"}
    assert held["reports"] == [{**told, "hasNote": True, "hasEvidence": False}]
    assert len(held["sanctions"]) == 5
    assert {row["appeal"] for row in held["sanctions"]} == {"open", None}
    for strange in ("u-somebody", "u-else", "argon2", "sealed", "token_hash"):
        assert strange not in text


async def test_an_export_says_every_time_and_every_name_in_one_form(house: House) -> None:
    held = await house.profiles.export(await busy(house))
    assert held is not None
    rows = [held["account"], *(row for name, listed in held.items() if name != "account" for row in listed)]
    cells = [(name, value) for row in rows for name, value in row.items()]
    assert not [name for name, value in cells if isinstance(value, float)]
    assert all(re.fullmatch("[a-z]+([A-Z][a-z]+)*", name) for name, _ in cells)
    times = [(name, value) for name, value in cells if name == "until" or name.endswith("At")]
    assert {name for name, _ in times} == {"createdAt", "usedAt", "expiresAt", "until", "liftedAt"}
    for _, value in times:
        assert value is None or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value)
    assert all("createdAt" in row for row in rows)


async def test_nobody_has_nothing_to_take_along(house: House) -> None:
    assert await house.profiles.export("u-nobody") is None


# --- ended


async def test_an_account_ends_with_all_that_is_its_own(house: House) -> None:
    account = await busy(house)
    opened = [info.id for info in await house.sessions.of(account)]
    await house.signin.with_password(ANA, PASSWORD)
    opened = [info.id for info in await house.sessions.of(account)]
    assert len(opened) == 2
    assert await house.profiles.delete(account)
    for table in (accounts, identities, password_resets, sessions, refresh_tokens, signups):
        assert await house.count(table) == 0, table.name
    assert set(await house.told("session")) == set(opened)
    assert (await house.told("account"))[-1] == account
    assert await house.told("block") == [f"{account} u-somebody"]


async def test_what_protects_others_stays(house: House) -> None:
    account = await busy(house)
    await house.profiles.delete(account)
    assert [(row.blocker, row.blocked) for row in await house.rows(blocks)] == [("u-else", account)]
    assert {row.id: row.reporter for row in await house.rows(reports)} == {"by": account, "of": "u-else"}
    assert {row.id for row in await house.rows(sanctions)} == {"mute", "for good", "theirs"}
    assert [row.sanction_id for row in await house.rows(appeals)] == ["for good"]


async def test_others_keep_everything(house: House) -> None:
    ben = await house.member(BEN)
    tokens = await house.sessions.open(ben, "")
    await house.profiles.delete(await busy(house))
    assert await house.sessions.is_alive(tokens.session_id)
    assert await house.profiles.of(ben) is not None


async def test_nobody_is_ended_twice(house: House) -> None:
    account = await house.member()
    assert await house.profiles.delete(account)
    told = await house.told("account")
    assert not await house.profiles.delete(account)
    assert await house.told("account") == told


async def test_who_comes_back_is_the_same_person(house: House) -> None:
    account = await house.member()
    old = await house.sessions.open(account, "")
    await house.profiles.delete(account)
    house.held[account] = {"kind": "ban", "reason": "threat", "until": None, "appealToken": None}
    assert await house.member("Ana+new@college.edu", "quite another password") == account
    assert not await house.sessions.is_alive(old.session_id)
    with pytest.raises(Exception, match="sanctioned"):
        await house.signin.with_password(ANA, "quite another password")


async def test_a_code_that_was_under_way_sets_no_password_of_the_next_account(house: House) -> None:
    account = await house.member()
    await house.recovery.forgot(ANA)
    code = house.post.code()
    await house.profiles.delete(account)
    await house.member()
    with pytest.raises(Exception, match="wrong_code"):
        await house.recovery.reset(ANA, code, "quite another password")
