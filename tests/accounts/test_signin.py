"""Signing in: one answer for everybody who has no right to know more, and the rest for those who have."""

import asyncio

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.hashing import account_id
from meetmates.accounts.identity import Identity
from meetmates.accounts.passwords import Passwords
from meetmates.store.schema import accounts, identities, sessions, signups
from tests.accounts.house import ANA, KEY, PASSWORD, House, refused

GOOGLE = "https://accounts.google.com"
COLLEGE = "https://login.college.edu"
HELD = {"kind": "suspension", "reason": "spam", "until": "2027-01-01T00:00:00.000Z", "appealToken": "t"}


def ana(subject: str = "7", email: str = ANA, issuer: str = GOOGLE) -> Identity:
    """What a provider says of Ana."""
    return Identity(issuer, subject, email, issuer == GOOGLE)


# --- by password


async def test_the_right_password_opens_a_session(house: House) -> None:
    account = await house.member()
    signed_in = await house.signin.with_password(ANA, PASSWORD, device="a phone")
    assert signed_in.account.id == account
    assert signed_in.account.has_password
    assert house.claims(signed_in.tokens.access).user_id == account
    assert not house.claims(signed_in.tokens.access).second_factor
    assert [info.device for info in await house.sessions.of(account)] == ["a phone"]


async def test_every_spelling_of_the_mailbox_signs_in(house: House) -> None:
    account = await house.member()
    for email in ("Ana@COLLEGE.edu", "ana+x@college.edu", " ana@college.edu "):
        assert (await house.signin.with_password(email, PASSWORD)).account.id == account


async def test_whoever_has_no_right_to_know_gets_one_answer_after_one_operation(house: House) -> None:
    account = await house.member()
    google_only = (await house.signin.with_identity(ana(email="gia@college.edu"))).account
    house.held[account] = house.held[google_only.id] = HELD
    house.factors[account] = "123456"
    tries = [
        (ANA, "a wrong password"),
        (ANA, ""),
        (ANA, PASSWORD.upper()),
        (ANA, PASSWORD + "x" * 1_000_000),
        ("nobody@college.edu", PASSWORD),
        ("gia@college.edu", PASSWORD),
        ("gia@college.edu", ""),
        ("no address", PASSWORD),
        ("", ""),
        ("\ud800@college.edu", "\ud800"),
        ("ana@college.edu\r\nBcc: x@college.edu", PASSWORD),
        ("аna@college.edu", PASSWORD),  # Cyrillic
    ]
    for email, password in tries:
        before = house.passwords.operations
        async with refused(Problem.WRONG_CREDENTIALS) as caught:
            await house.signin.with_password(email, password)
        assert caught.value.data == {}
        assert house.passwords.operations == before + 1, (email, password[:40])


async def test_a_pending_signup_is_nobody_yet(house: House) -> None:
    await house.signup.start(ANA, PASSWORD)
    async with refused(Problem.WRONG_CREDENTIALS):
        await house.signin.with_password(ANA, PASSWORD)


async def test_the_right_password_costs_one_operation_too(house: House) -> None:
    await house.member()
    before = house.passwords.operations
    await house.signin.with_password(ANA, PASSWORD)
    assert house.passwords.operations == before + 1


async def test_what_holds_an_account_back_is_told_after_the_right_password(house: House) -> None:
    account = await house.member()
    house.held[account] = HELD
    async with refused(Problem.SANCTIONED) as caught:
        await house.signin.with_password(ANA, PASSWORD)
    assert caught.value.data == HELD
    assert await house.count(sessions) == 0


async def test_a_second_factor_is_asked_for_after_the_right_password(house: House) -> None:
    account = await house.member()
    house.factors[account] = "123456"
    for code in (None, "654321"):
        async with refused(Problem.SECOND_FACTOR):
            await house.signin.with_password(ANA, PASSWORD, totp=code)
    assert await house.count(sessions) == 0
    signed_in = await house.signin.with_password(ANA, PASSWORD, totp="123456")
    assert house.claims(signed_in.tokens.access).second_factor


async def test_outside_of_every_campus_nobody_signs_in_once_there_is_one(house: House) -> None:
    await house.member("ana@other.edu")
    inside = await house.member()
    campus = await house.campuses.add("Example College", ["college.edu"])
    async with refused(Problem.NO_CAMPUS):
        await house.signin.with_password("ana@other.edu", PASSWORD)
    async with refused(Problem.WRONG_CREDENTIALS):
        await house.signin.with_password("ana@other.edu", "a wrong password")
    profile = (await house.signin.with_password(ANA, PASSWORD)).account
    assert (profile.id, profile.campus_id, profile.campus) == (inside, campus.id, "Example College")
    await house.campuses.remove("Example College")
    assert await house.signin.with_password("ana@other.edu", PASSWORD)


async def test_whoever_runs_the_place_may_be_from_outside(house: House) -> None:
    account = await house.member("root@elsewhere.org")
    await house.profiles.set_role(account, "administrator")
    await house.campuses.add("Example College", ["college.edu"])
    assert (await house.signin.with_password("root@elsewhere.org", PASSWORD)).account.role == "administrator"


# --- passwords kept by other numbers


async def test_a_password_is_kept_by_todays_numbers_after_a_sign_in(house: House) -> None:
    account = await house.member()
    stronger = Passwords(memory=16, passes=1)
    (before,) = await house.rows(accounts)
    assert stronger.needs_rehash(before.password_hash)
    door = house.door(stronger)
    assert (await door.with_password(ANA, PASSWORD)).account.id == account
    (after,) = await house.rows(accounts)
    assert not stronger.needs_rehash(after.password_hash)
    operations = stronger.operations
    await door.with_password(ANA, PASSWORD)
    assert stronger.operations == operations + 1
    stronger.close()


async def test_a_wrong_password_renews_nothing(house: House) -> None:
    await house.member()
    before = await house.rows(accounts)
    stronger = Passwords(memory=16, passes=1)
    async with refused(Problem.WRONG_CREDENTIALS):
        await house.door(stronger).with_password(ANA, "a wrong password")
    stronger.close()
    assert await house.rows(accounts) == before


async def test_tabs_that_renew_it_at_once_all_get_in(house: House) -> None:
    await house.member()
    stronger = Passwords(memory=16, passes=1)
    door = house.door(stronger)
    await asyncio.gather(*(door.with_password(ANA, PASSWORD) for _ in range(8)))
    stronger.close()
    assert await house.count(sessions) == 8


async def test_a_password_that_was_changed_in_the_meantime_opens_nothing(house: House) -> None:
    """The check takes a while; what a reset ended must not come back behind it."""
    account = await house.member()
    (row,) = await house.rows(accounts)
    await house.recovery.forgot(ANA)
    await house.recovery.reset(ANA, house.post.code(), "quite another password")
    async with refused(Problem.NO_SESSION):
        await house.sessions.open(account, "", proved_by=row.password_hash)


# --- by an identity provider


async def test_somebody_new_gets_an_account(house: House) -> None:
    signed_in = await house.signin.with_identity(ana(email="Ana@college.edu"), "a phone")
    account = signed_in.account
    assert account.id == account_id(KEY, ANA)
    assert (account.email, account.is_google, account.has_password) == ("Ana@college.edu", True, False)
    assert house.claims(signed_in.tokens.access).is_google_user
    assert await house.told("account") == [account.id]
    assert house.woken > 0


async def test_somebody_comes_back_by_the_providers_id_whatever_the_address_is_now(house: House) -> None:
    first = (await house.signin.with_identity(ana())).account
    again = (await house.signin.with_identity(ana(email="ana.married@college.edu"))).account
    assert again.id == first.id
    assert await house.count(accounts) == 1
    assert await house.told("account") == [first.id]


async def test_the_mailbox_links_a_provider_to_the_account_that_there_is(house: House) -> None:
    account = await house.member()
    assert (await house.signin.with_identity(ana(email="ANA+x@college.edu"))).account.id == account
    assert (await house.signin.with_identity(ana("8", issuer=COLLEGE))).account.id == account
    assert {(row.issuer, row.subject, row.account_id) for row in await house.rows(identities)} == {
        (GOOGLE, "7", account),
        (COLLEGE, "8", account),
    }
    assert (await house.signin.with_password(ANA, PASSWORD)).account.is_google


async def test_ids_of_two_providers_are_not_mixed_up(house: House) -> None:
    one = (await house.signin.with_identity(ana("7", ANA, GOOGLE))).account
    other = (await house.signin.with_identity(ana("7", "ben@college.edu", COLLEGE))).account
    assert one.id != other.id
    assert not other.is_google


async def test_a_provider_makes_one_account_however_many_come_at_once(house: House) -> None:
    answers = await asyncio.gather(*(house.signin.with_identity(ana()) for _ in range(8)))
    assert len({answer.account.id for answer in answers}) == 1
    assert (await house.count(accounts), await house.count(identities)) == (1, 1)
    assert len(await house.told("account")) == 1


async def test_a_code_and_a_provider_at_once_make_one_account(house: House) -> None:
    await house.signup.start(ANA, PASSWORD)
    code = house.post.code()
    answers = await asyncio.gather(
        house.signup.verify(ANA, code), house.signin.with_identity(ana()), return_exceptions=True
    )
    assert all(not isinstance(answer, BaseException) or isinstance(answer, AccountRefused) for answer in answers)
    assert (await house.count(accounts), await house.count(signups)) == (1, 0)


async def test_the_gate_and_the_ladder_hold_for_providers_too(house: House) -> None:
    await house.campuses.add("Example College", ["college.edu"])
    async with refused(Problem.NO_CAMPUS):
        await house.signin.with_identity(ana(email="ana@other.edu"))
    async with refused(Problem.BAD_ADDRESS):
        await house.signin.with_identity(ana(email="ana"))
    assert (await house.count(accounts), await house.count(identities)) == (0, 0)
    assert (await house.signin.with_identity(ana())).account.campus == "Example College"
    house.held[account_id(KEY, ANA)] = HELD
    async with refused(Problem.SANCTIONED) as caught:
        await house.signin.with_identity(ana())
    assert caught.value.data == HELD


async def test_the_second_factor_holds_for_providers_too(house: House) -> None:
    account = (await house.signin.with_identity(ana())).account.id
    house.factors[account] = "123456"
    async with refused(Problem.SECOND_FACTOR):
        await house.signin.with_identity(ana())
    signed_in = await house.signin.with_identity(ana(), totp="123456")
    assert house.claims(signed_in.tokens.access).second_factor
