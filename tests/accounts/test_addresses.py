"""Addresses: every spelling of a mailbox is one person, and nothing that looks like another one gets in."""

import pytest

from meetmates.accounts.addresses import Address, parse_address
from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.hashing import account_id, digest

KEY = b"k" * 32

ONE_MAILBOX = [
    "ana@college.edu",
    "Ana@college.edu",
    "ANA@COLLEGE.EDU",
    "  ana@college.edu ",
    "ana+dating@college.edu",
    "aNa+a+b@College.Edu",
]


@pytest.mark.parametrize("text", ONE_MAILBOX)
def test_every_spelling_of_a_mailbox_is_one_account(text: str) -> None:
    assert parse_address(text).mailbox == "ana@college.edu"
    assert account_id(KEY, parse_address(text).mailbox) == account_id(KEY, "ana@college.edu")


@pytest.mark.parametrize("text", ["a.n.a@gmail.com", "ana@googlemail.com", "An.a+x@GoogleMail.com"])
def test_gmail_ignores_dots_and_has_two_names(text: str) -> None:
    assert parse_address(text).mailbox == "ana@gmail.com"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ana@college.edu", "anna@college.edu"),
        ("ana@college.edu", "ana@other.edu"),
        ("ana@college.edu", "ana@sub.college.edu"),
        ("a.na@college.edu", "ana@college.edu"),  # only Gmail ignores dots
        ("ana-x@college.edu", "ana@college.edu"),
    ],
)
def test_other_mailboxes_are_other_people(one: str, other: str) -> None:
    assert parse_address(one).mailbox != parse_address(other).mailbox


def test_letters_go_to_the_address_as_it_was_given() -> None:
    assert parse_address("Ana+Uni@COLLEGE.edu") == Address("Ana+Uni@college.edu", "ana@college.edu", "college.edu")


REFUSED = {
    "nothing": "",
    "no at": "ana.college.edu",
    "two ats": "ana@evil.com@college.edu",
    "no domain": "ana@",
    "no local part": "@college.edu",
    "nobody before the plus": "+tag@college.edu",
    "a line feed at the end": "ana@college.edu\n",
    "a header behind": "ana@college.edu\r\nBcc: all@college.edu",
    "a header before": "Subject: x\n\nana@college.edu",
    "a zero byte": "ana\x00@college.edu",
    "a tab": "ana\t@college.edu",
    "a delete": "ana\x7f@college.edu",
    "a space inside": "an a@college.edu",
    "two addresses": "ana@college.edu,ben@college.edu",
    "a name beside it": "Ana <ana@college.edu>",
    "quotes": '"ana"@college.edu',
    "a comment": "ana(x)@college.edu",
    "dots in a row": "a..na@college.edu",
    "a dot in front": ".ana@college.edu",
    "an address of a machine": "ana@[127.0.0.1]",
    "a name of this network": "ana@localhost",
    "a Cyrillic a": "аna@college.edu",
    "a Cyrillic o in the domain": "ana@cоllege.edu",
    "a wide at": "ana＠college.edu",
    "wide letters": "ａｎａ@college.edu",
    "a ligature": "ﬁona@college.edu",
    "a dotless i": "anıta@college.edu",
    "the Kelvin sign": "\u212aim@college.edu",
    "a zero-width space": "ana\u200b@college.edu",
    "right to left": "\u202eana@college.edu",
    "an umlaut in the domain": "ana@cöllege.edu",
    "half a character": "ana\ud800@college.edu",
    "another dot": "ana@college。edu",
    "a long local part": "a" * 65 + "@college.edu",
    "255 characters": "ana@" + ".".join(["a" * 60] * 4) + ".abcdedu",
    "very long": "a" * 100_000,
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    with pytest.raises(AccountRefused) as refused:
        parse_address(REFUSED[case])
    assert refused.value.problem is Problem.BAD_ADDRESS


def test_254_characters_are_an_address() -> None:
    text = "ana@" + ".".join(["a" * 60] * 4) + ".abcedu"
    assert len(text) == 254
    assert parse_address(text).email == text


def test_a_domain_in_other_letters_is_written_in_ascii() -> None:
    assert parse_address("ana@XN--cllege-wxa.edu").domain == "xn--cllege-wxa.edu"


def test_an_id_is_always_the_same_and_depends_on_the_key() -> None:
    one = account_id(KEY, "ana@college.edu")
    assert one == account_id(KEY, "ana@college.edu")
    assert one != account_id(b"j" * 32, "ana@college.edu")
    assert one.startswith("u")
    assert len(one) == 23


def test_a_hash_for_one_purpose_fits_no_other() -> None:
    assert digest(KEY, "refresh", "x") != digest(KEY, "successor", "x")
    assert digest(KEY, "a", "bc") != digest(KEY, "ab", "c")
