"""A new password: for whoever reads the mailbox, and with every other device signed out."""

import asyncio
from collections import Counter

from meetmates.accounts.codes import TTL
from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.identity import Identity
from meetmates.store.schema import password_resets
from tests.accounts.house import ANA, PASSWORD, House, refused

NEW = "quite another password"


async def asked(house: House) -> str:
    """A member who has forgotten their password; the code that was sent."""
    await house.member()
    await house.recovery.forgot(ANA)
    return house.post.code()


def wrong(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 10**6:06d}"


async def attempts(house: House, *codes: str) -> Counter[str]:
    """What becomes of all these codes at once."""

    async def go(code: str) -> str:
        try:
            await house.recovery.reset(ANA, code, NEW)
        except AccountRefused as caught:
            return caught.problem.value.code
        return "set"

    return Counter(await asyncio.gather(*(go(code) for code in codes)))


async def test_a_code_from_the_mailbox_sets_a_new_password(house: House) -> None:
    code = await asked(house)
    await house.recovery.reset("Ana+x@college.edu", code, NEW)
    assert await house.signin.with_password(ANA, NEW)
    async with refused(Problem.WRONG_CREDENTIALS):
        await house.signin.with_password(ANA, PASSWORD)
    assert house.post.subjects(ANA)[-2:] == [
        f"{code} is your code for a new MeetMates password",
        "Your MeetMates password was changed",
    ]


async def test_every_device_is_signed_out(house: House) -> None:
    account = await house.member()
    opened = [await house.sessions.open(account, "") for _ in range(2)]
    await house.recovery.forgot(ANA)
    woken = house.woken
    await house.recovery.reset(ANA, house.post.code(), NEW)
    assert set(await house.told("session")) == {each.session_id for each in opened}
    assert house.woken == woken + 1
    for each in opened:
        async with refused(Problem.NO_SESSION):
            await house.sessions.refresh(each.refresh)


async def test_who_signed_in_elsewhere_gets_a_password_as_well(house: House) -> None:
    await house.signin.with_identity(Identity("https://accounts.google.com", "7", ANA, True))
    await house.recovery.forgot(ANA)
    await house.recovery.reset(ANA, house.post.code(), NEW)
    assert (await house.signin.with_password(ANA, NEW)).account.is_google


async def test_a_code_is_good_once_however_many_come_at_once(house: House) -> None:
    code = await asked(house)
    assert await attempts(house, *[code] * 6) == {"set": 1, "wrong_code": 5}
    assert house.post.subjects(ANA).count("Your MeetMates password was changed") == 1
    assert await house.count(password_resets) == 0


async def test_a_code_has_five_tries_however_many_come_at_once(house: House) -> None:
    code = await asked(house)
    assert await attempts(house, *[wrong(code)] * 12) == {"wrong_code": 12}
    assert [row.tries_left for row in await house.rows(password_resets)] == [0]
    async with refused(Problem.WRONG_CODE):
        await house.recovery.reset(ANA, code, NEW)
    assert await house.signin.with_password(ANA, PASSWORD)


async def test_a_code_is_good_for_ten_minutes(house: House) -> None:
    code = await asked(house)
    house.clock.advance(TTL)
    async with refused(Problem.WRONG_CODE):
        await house.recovery.reset(ANA, code, NEW)
    assert await house.recovery.sweep() == 1


async def test_a_new_code_replaces_the_old_one(house: House) -> None:
    old = await asked(house)
    await attempts(house, *[wrong(old)] * 5)
    await house.recovery.forgot(ANA)
    if house.post.code() != old:
        async with refused(Problem.WRONG_CODE):
            await house.recovery.reset(ANA, old, NEW)
    await house.recovery.reset(ANA, house.post.code(), NEW)


async def test_codes_for_signing_up_and_of_others_set_no_password(house: House) -> None:
    signed_up_with = await asked(house) and house.post.subjects(ANA)[0][:6]
    await house.member("ben@college.edu")
    await house.recovery.forgot("ben@college.edu")
    for code in {signed_up_with, house.post.code("ben@college.edu")} - {house.post.code()}:
        async with refused(Problem.WRONG_CODE):
            await house.recovery.reset(ANA, code, NEW)


async def test_nobody_learns_who_has_an_account(house: House) -> None:
    await asked(house)
    letters = len(house.post.letters)
    await house.recovery.forgot("nobody@college.edu")
    assert len(house.post.letters) == letters
    for email in (ANA, "nobody@college.edu"):
        before = house.passwords.operations
        async with refused(Problem.WRONG_CODE):
            await house.recovery.reset(email, "no code", NEW)
        assert house.passwords.operations == before + 1


async def test_the_new_password_keeps_the_rules_and_the_code_is_not_lost_by_a_bad_one(house: House) -> None:
    code = await asked(house)
    for password, problem in (("short", Problem.PASSWORD_SHORT), ("qwertyuiop", Problem.PASSWORD_COMMON)):
        async with refused(problem):
            await house.recovery.reset(ANA, code, password)
    async with refused(Problem.BAD_ADDRESS):
        await house.recovery.reset("ana", code, NEW)
    async with refused(Problem.BAD_ADDRESS):
        await house.recovery.forgot("ana@college.edu\nBcc: all@college.edu")
    await house.recovery.reset(ANA, code, NEW)


async def test_asking_many_times_at_once_leaves_one_code(house: House) -> None:
    await house.member()
    await asyncio.gather(*(house.recovery.forgot(ANA) for _ in range(8)))
    assert await house.count(password_resets) == 1
