"""Passwords: which are accepted, what is kept of them, and the work that every question costs."""

import asyncio
import unicodedata
from collections.abc import Iterator

import pytest

from meetmates.accounts.addresses import parse_address
from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.passwords import WAITING, Passwords, common_passwords
from tests.accounts.house import refused

GOOD = "a horse that reads maps"
ANA = parse_address("Ana.Lovelace+uni@college.edu")


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    """As cheap as they can be."""
    made = Passwords(memory=8, passes=1)
    yield made
    made.close()


def problem(passwords: Passwords, text: str) -> Problem | None:
    try:
        passwords.check(text, ANA)
    except AccountRefused as caught:
        return caught.problem
    return None


ACCEPTED = [
    "xk4!mQ2#zz",
    GOOD,
    "ünïcödé wörter",
    "🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵",
    "пароль из слов",
    "half \ud800 a character",
    "z\x00ero in the middle",
]


@pytest.mark.parametrize("text", ACCEPTED)
async def test_accepted_and_verified(passwords: Passwords, text: str) -> None:
    assert problem(passwords, text) is None
    kept = await passwords.hash(text)
    assert await passwords.verify(kept, text)
    assert not await passwords.verify(kept, text + "x")


WRONG = {
    "nothing": ("", Problem.PASSWORD_SHORT),
    "nine characters": ("xk4!mQ2#z", Problem.PASSWORD_SHORT),
    "nine characters of 27 bytes": ("密" * 3 + "码字词" * 2, Problem.PASSWORD_SHORT),
    "ten that are nine once normalised": ("xk4!mQ2#" + "e\u0301", Problem.PASSWORD_SHORT),
    "257 characters": ("xk4!mQ2#" * 32 + "x", Problem.PASSWORD_LONG),
    "few that become many": ("\ufdfa" * 100, Problem.PASSWORD_LONG),
    "a megabyte": ("xk4!mQ2#" * 131_072, Problem.PASSWORD_LONG),
    "the most common one": ("1234567890", Problem.PASSWORD_COMMON),
    "a row of keys": ("qwertyuiop", Problem.PASSWORD_COMMON),
    "in capitals": ("Password123", Problem.PASSWORD_COMMON),
    "in disguise": ("P@$$w0rd123", Problem.PASSWORD_COMMON),
    "in wide letters": ("ｐａｓｓｗｏｒｄ１２３", Problem.PASSWORD_COMMON),
    "one letter": ("aaaaaaaaaaaa", Problem.PASSWORD_COMMON),
    "two letters": ("abababababab", Problem.PASSWORD_COMMON),
    "a piece again and again": ("xk4!mxk4!mxk4!m", Problem.PASSWORD_COMMON),
    "the alphabet": ("ghijklmnopqr", Problem.PASSWORD_COMMON),
    "digits downwards": ("876543210987", Problem.PASSWORD_COMMON),
    "the address": ("Ana.Lovelace+Uni@college.edu", Problem.PASSWORD_COMMON),
    "the mailbox": ("ana.lovelace@college.edu", Problem.PASSWORD_COMMON),
    "the name and a year": ("ana.lovelace2026!", Problem.PASSWORD_COMMON),
}


@pytest.mark.parametrize("case", WRONG)
def test_refused(passwords: Passwords, case: str) -> None:
    text, expected = WRONG[case]
    assert problem(passwords, text) is expected


def test_the_list_has_thousands_and_each_could_be_tried() -> None:
    assert len(common_passwords()) > 3000
    assert all(len(text) >= 10 and text == text.lower() for text in common_passwords())


async def test_two_keyboards_write_the_same_password(passwords: Passwords) -> None:
    kept = await passwords.hash(unicodedata.normalize("NFC", "crème brûlée"))
    assert await passwords.verify(kept, unicodedata.normalize("NFD", "crème brûlée"))


async def test_what_is_kept_is_argon2id_as_it_is_recommended() -> None:
    passwords = Passwords()
    kept = await passwords.hash(GOOD)
    passwords.close()
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not passwords.needs_rehash(kept)


async def test_two_people_of_one_password_are_kept_differently(passwords: Passwords) -> None:
    assert await passwords.hash(GOOD) != await passwords.hash(GOOD)


QUESTIONS = {
    "the right one": (True, GOOD),
    "a wrong one": (True, "another password"),
    "nobody there": (False, GOOD),
    "nothing": (True, ""),
    "a megabyte": (True, "x" * 1_000_000),
    "a megabyte for nobody": (False, "x" * 1_000_000),
}


@pytest.mark.parametrize("case", QUESTIONS)
async def test_every_question_costs_one_operation(passwords: Passwords, case: str) -> None:
    somebody, given = QUESTIONS[case]
    kept = await passwords.hash(GOOD) if somebody else None
    before = passwords.operations
    assert await passwords.verify(kept, given) is (case == "the right one")
    assert passwords.operations == before + 1


async def test_nobody_costs_the_same_operation_as_somebody() -> None:
    """The same numbers, not only the same count: the hash that stands for nobody is read by the library itself."""
    passwords = Passwords(memory=16, passes=3)
    made = await passwords.hash(GOOD)
    passwords.close()
    assert not passwords.needs_rehash(passwords._nobodys)
    assert passwords._nobodys.split("$")[1:4] == made.split("$")[1:4]
    assert len(passwords._nobodys) == len(made)


async def test_hashes_of_other_numbers_stay_valid_and_are_named(passwords: Passwords) -> None:
    before = Passwords(memory=16, passes=1)
    kept = await before.hash(GOOD)
    before.close()
    assert await passwords.verify(kept, GOOD)
    assert passwords.needs_rehash(kept)
    assert not passwords.needs_rehash(await passwords.hash(GOOD))


@pytest.mark.parametrize("kept", ["", "plain text", "$argon2id$v=19$m=8,t=1,p=1$", "$2b$12$abcdefghijklmnopqrstuv"])
async def test_a_damaged_hash_fits_nothing(passwords: Passwords, kept: str) -> None:
    assert not await passwords.verify(kept, GOOD)


async def test_a_crowd_at_the_door_is_told_to_come_back(passwords: Passwords) -> None:
    waiting = [asyncio.ensure_future(passwords.hash(GOOD)) for _ in range(WAITING)]
    await asyncio.sleep(0)
    async with refused(Problem.TOO_MANY) as caught:
        await passwords.verify(None, GOOD)
    assert caught.value.retry_after
    await asyncio.gather(*waiting)
    assert await passwords.verify(await passwords.hash(GOOD), GOOD)


async def test_who_gives_up_leaves_the_queue(passwords: Passwords) -> None:
    waiting = [asyncio.ensure_future(passwords.hash(GOOD)) for _ in range(WAITING)]
    await asyncio.sleep(0)
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert not await passwords.verify(None, GOOD)
