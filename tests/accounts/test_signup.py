"""Signing up: the mailbox's owner gets the account, and nobody learns who has one."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event

from meetmates.accounts.codes import TTL
from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.hashing import account_id
from meetmates.accounts.identity import Identity
from meetmates.accounts.signup import KEPT
from meetmates.store.schema import accounts, signups
from tests.accounts.house import ANA, KEY, PASSWORD, House, refused

OTHER = "the password of somebody else"


def wrong(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 10**6:06d}"


async def attempts(house: House, *codes: str) -> Counter[str]:
    """What becomes of all these codes at once."""

    async def go(code: str) -> str:
        try:
            await house.signup.verify(ANA, code)
        except AccountRefused as caught:
            return caught.problem.value.code
        return "made"

    return Counter(await asyncio.gather(*(go(code) for code in codes)))


@contextlib.contextmanager
def written(house: House) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(house.database.engine.sync_engine, "before_cursor_execute", note)
    yield statements
    event.remove(house.database.engine.sync_engine, "before_cursor_execute", note)


# --- the main path


async def test_a_code_from_the_mailbox_makes_the_account(house: House) -> None:
    await house.signup.start("Ana@College.edu", PASSWORD)
    assert await house.count(accounts) == 0
    assert house.post.subjects("Ana@college.edu") == [f"{house.post.code('Ana@college.edu')} is your MeetMates code"]
    made = await house.signup.verify(ANA, house.post.code("Ana@college.edu"))
    assert made == account_id(KEY, ANA)
    (row,) = await house.rows(accounts)
    assert (row.email, row.mailbox, row.role, row.campus_id) == ("Ana@college.edu", ANA, "member", None)
    assert await house.told("account") == [made]
    assert house.woken > 0
    assert (await house.signin.with_password(ANA, PASSWORD)).account.id == made


async def test_neither_password_nor_code_is_kept_as_it_is(house: House) -> None:
    await house.signup.start(ANA, PASSWORD)
    (row,) = await house.rows(signups)
    assert PASSWORD not in row.password_hash
    assert house.post.code().encode() not in bytes(row.code_hash)


async def test_a_code_is_good_once(house: House) -> None:
    await house.member()
    async with refused(Problem.WRONG_CODE):
        await house.signup.verify(ANA, house.post.code())
    assert await house.count(signups) == 0


async def test_a_code_is_good_for_ten_minutes(house: House) -> None:
    await house.signup.start(ANA, PASSWORD)
    house.clock.advance(TTL)
    async with refused(Problem.WRONG_CODE):
        await house.signup.verify(ANA, house.post.code())


async def test_a_code_of_nine_minutes_works(house: House) -> None:
    await house.signup.start(ANA, PASSWORD)
    house.clock.advance(TTL - 1)
    assert await house.signup.verify(ANA, house.post.code())


# --- guessing


async def test_a_code_has_five_tries(house: House) -> None:
    await house.signup.start(ANA, PASSWORD)
    code = house.post.code()
    assert await attempts(house, *[wrong(code)] * 5) == {"wrong_code": 5}
    async with refused(Problem.WRONG_CODE):
        await house.signup.verify(ANA, code)


async def test_four_tries_may_be_wrong(house: House) -> None:
    await house.signup.start(ANA, PASSWORD)
    code = house.post.code()
    assert await attempts(house, *[wrong(code)] * 4) == {"wrong_code": 4}
    assert await house.signup.verify(ANA, code)


async def test_a_wrong_code_costs_a_try_of_each_pending_signup(house: House) -> None:
    await house.signup.start(ANA, PASSWORD)
    first = house.post.code()
    await house.signup.start(ANA, OTHER)
    both = {first, house.post.code()}
    guess = next(code for code in (f"{n:06d}" for n in range(3)) if code not in both)
    await attempts(house, guess)
    assert [row.tries_left for row in await house.rows(signups)] == [4, 4]


async def test_many_guesses_at_once_are_no_more_than_five(house: House) -> None:
    await house.signup.start(ANA, PASSWORD)
    code = house.post.code()
    await attempts(house, *[wrong(code)] * 20)
    (row,) = await house.rows(signups)
    assert row.tries_left == 0


async def test_a_code_does_not_fit_another_address(house: House) -> None:
    await house.signup.start(ANA, PASSWORD)
    await house.signup.start("ben@college.edu", PASSWORD)
    ours = house.post.code("ben@college.edu")
    if ours != house.post.code():
        async with refused(Problem.WRONG_CODE):
            await house.signup.verify(ANA, ours)
    assert await house.signup.verify("ben@college.edu", ours) == account_id(KEY, "ben@college.edu")


async def test_what_is_no_code_is_a_wrong_one(house: House) -> None:
    for code in ("", "0", "abcdef", "１２３４５６", "\ud800", "\x00" * 6, "0" * 100_000):
        await house.signup.start(ANA, PASSWORD)
        async with refused(Problem.WRONG_CODE):
            await house.signup.verify(ANA, code)


async def test_an_address_that_never_signed_up_has_a_wrong_code(house: House) -> None:
    async with refused(Problem.WRONG_CODE):
        await house.signup.verify("nobody@college.edu", "123456")


# --- side by side


async def test_nobody_puts_a_password_under_the_owners_code(house: House) -> None:
    await house.signup.start(ANA, PASSWORD)
    owners = house.post.code()
    await house.signup.start(ANA, OTHER)  # somebody else, afterwards
    await house.signup.verify(ANA, owners)
    assert (await house.signin.with_password(ANA, PASSWORD)).account.email == ANA
    async with refused(Problem.WRONG_CREDENTIALS):
        await house.signin.with_password(ANA, OTHER)


async def test_the_later_letter_warns_that_there_are_several(house: House) -> None:
    await house.signup.start(ANA, OTHER)
    await house.signup.start(ANA, PASSWORD)
    first, second = house.post.letters
    assert "more than once" not in first.text
    assert "more than once" in second.text


async def test_spellings_of_one_mailbox_are_one_account(house: House) -> None:
    for email in ("ana+one@college.edu", "ANA@college.edu"):
        await house.signup.start(email, PASSWORD)
    assert await house.signup.verify(ANA, house.post.code("ANA@college.edu")) == account_id(KEY, ANA)
    await house.signup.start("ana+two@college.edu", PASSWORD)
    assert house.post.subjects("ANA@college.edu")[-1] == "You already have a MeetMates account"
    assert await house.count(accounts) == 1


async def test_at_most_three_are_pending_and_the_oldest_goes(house: House) -> None:
    codes = []
    for _ in range(4):
        house.clock.advance(1)
        await house.signup.start(ANA, PASSWORD)
        codes.append(house.post.code())
    assert await house.count(signups) == 3
    if codes[0] not in codes[1:]:
        async with refused(Problem.WRONG_CODE):
            await house.signup.verify(ANA, codes[0])
    assert await house.signup.verify(ANA, codes[1])
    assert await house.count(signups) == 0


async def test_a_crowd_that_signs_up_with_one_mailbox_leaves_three(house: House) -> None:
    await asyncio.gather(*(house.signup.start(ANA, PASSWORD) for _ in range(12)))
    assert await house.count(signups) == 3
    assert len(house.post.letters) == 12


async def test_two_verifications_at_once_make_one_account(house: House) -> None:
    await house.signup.start(ANA, PASSWORD)
    assert await attempts(house, *[house.post.code()] * 10) == {"made": 1, "wrong_code": 9}
    assert await house.count(accounts) == 1
    assert len(await house.told("account")) == 1


async def test_two_codes_of_one_mailbox_at_once_make_one_account(house: House) -> None:
    await house.signup.start(ANA, PASSWORD)
    first = house.post.code()
    await house.signup.start(ANA, OTHER)
    assert await attempts(house, first, house.post.code()) == {"made": 1, "wrong_code": 1}
    assert await house.count(accounts) == 1


async def test_a_crowd_of_people_signs_up_at_once(house: House) -> None:
    people = [f"p{n}@college.edu" for n in range(20)]
    made = await asyncio.gather(*(house.member(email) for email in people))
    assert len(set(made)) == 20
    assert sorted(await house.told("account")) == sorted(made)


async def test_a_pending_password_does_not_outlive_an_account_made_elsewhere(house: House) -> None:
    await house.signup.start(ANA, OTHER)
    code = house.post.code()
    await house.signin.with_identity(Identity("https://accounts.google.com", "7", ANA, True))
    async with refused(Problem.WRONG_CODE):
        await house.signup.verify(ANA, code)
    async with refused(Problem.WRONG_CREDENTIALS):
        await house.signin.with_password(ANA, OTHER)


# --- who has an account stays unknown


async def test_a_known_address_gets_the_same_answer_and_its_owner_a_letter(house: House) -> None:
    await house.member()
    house.clock.advance(1)
    await house.signup.start("ANA+again@college.edu", OTHER)
    assert house.post.subjects(ANA)[-1] == "You already have a MeetMates account"
    assert house.post.subjects("ANA+again@college.edu") == []
    assert await house.count(signups) == 0
    assert (await house.signin.with_password(ANA, PASSWORD)).account.email == ANA


async def test_known_or_not_the_same_is_written(house: House) -> None:
    """What waits for the disk takes longest after the password: a transaction that writes nothing does not."""
    await house.member()
    nobody = "nobody@college.edu"
    work: list[Callable[[str], Awaitable[object]]] = [
        lambda email: house.signup.start(email, PASSWORD),
        house.signup.resend,
        lambda email: house.signup.verify(email, "no code"),
        house.recovery.forgot,
        lambda email: house.recovery.reset(email, "no code", OTHER),
    ]
    for each in work:
        for email in (ANA, nobody):
            with written(house) as statements, contextlib.suppress(AccountRefused):
                await each(email)
            assert any(statement.startswith(("INSERT", "UPDATE")) for statement in statements), (each, email)


async def test_known_or_not_the_work_and_the_letters_are_the_same(house: House) -> None:
    await house.member()
    work = []
    for email in (ANA, "ben@college.edu"):
        operations, letters = house.passwords.operations, len(house.post.letters)
        await house.signup.start(email, PASSWORD)
        work.append((house.passwords.operations - operations, len(house.post.letters) - letters))
    assert work == [(1, 1), (1, 1)]


@pytest.mark.parametrize(
    ("email", "password", "problem"),
    [
        ("ana", PASSWORD, Problem.BAD_ADDRESS),
        ("ana@college.edu\nBcc: all@college.edu", PASSWORD, Problem.BAD_ADDRESS),
        (ANA, "short", Problem.PASSWORD_SHORT),
        (ANA, "qwertyuiop", Problem.PASSWORD_COMMON),
        (ANA, "x4!" * 100, Problem.PASSWORD_LONG),
    ],
)
async def test_a_refusal_is_the_same_whether_there_is_an_account(
    house: House, email: str, password: str, problem: Problem
) -> None:
    for _ in range(2):
        async with refused(problem):
            await house.signup.start(email, password)
        await house.member() if not await house.count(accounts) else None
    assert house.post.subjects(ANA)[1:] == []


# --- another code


async def test_a_new_code_replaces_the_old_one_and_has_five_tries_again(house: House) -> None:
    await house.signup.start(ANA, PASSWORD)
    old = house.post.code()
    await attempts(house, *[wrong(old)] * 5)
    house.clock.advance(TTL + 1)
    await house.signup.resend("Ana+x@college.edu")
    new = house.post.code()
    if new != old:
        async with refused(Problem.WRONG_CODE):
            await house.signup.verify(ANA, old)
    assert await house.signup.verify(ANA, new)


async def test_a_new_code_is_for_the_latest_signup(house: House) -> None:
    await house.signup.start(ANA, OTHER)
    house.clock.advance(1)
    await house.signup.start(ANA, PASSWORD)
    await house.signup.resend(ANA)
    await house.signup.verify(ANA, house.post.code())
    assert (await house.signin.with_password(ANA, PASSWORD)).account.email == ANA


async def test_nobody_without_a_signup_gets_a_letter(house: House) -> None:
    await house.member()
    letters = len(house.post.letters)
    await house.signup.resend(ANA)
    await house.signup.resend("nobody@college.edu")
    assert len(house.post.letters) == letters


async def test_a_signup_is_forgotten_after_a_day(house: House) -> None:
    await house.signup.start(ANA, PASSWORD)
    house.clock.advance(KEPT + 1)
    await house.signup.start("ben@college.edu", PASSWORD)
    await house.signup.resend(ANA)
    assert len(house.post.subjects(ANA)) == 1
    assert await house.signup.sweep() == 1
    assert [row.mailbox for row in await house.rows(signups)] == ["ben@college.edu"]


# --- the gate


async def test_with_a_campus_only_its_addresses_sign_up(house: House) -> None:
    campus = await house.campuses.add("Example College", ["college.edu"])
    operations = house.passwords.operations
    for email in ("ana@other.edu", "ana@college.edu.evil.com", "ana@sub.college.edu", "ana@xcollege.edu"):
        async with refused(Problem.NO_CAMPUS):
            await house.signup.start(email, PASSWORD)
    assert (house.post.letters, house.passwords.operations) == ([], operations)
    made = await house.profiles.of(await house.member())
    assert made is not None
    assert (made.campus_id, made.campus) == (campus.id, "Example College")


async def test_a_gate_that_closed_since_lets_no_code_through(house: House) -> None:
    await house.signup.start("ana@other.edu", PASSWORD)
    await house.campuses.add("Example College", ["college.edu"])
    async with refused(Problem.NO_CAMPUS):
        await house.signup.verify("ana@other.edu", house.post.code("ana@other.edu"))
    assert await house.count(accounts) == 0
