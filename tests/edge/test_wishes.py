"""What a seeker asks for, in the one form in which wishes are compared."""

import pytest

from meetmates.domain.errors import Refusal, Refused
from meetmates.domain.people import Wish
from meetmates.edge.events import FindChat, SeekOptions
from meetmates.edge.wishes import read_wish


def interests(*given: str) -> frozenset[str]:
    return read_wish(FindChat(SeekOptions(interests=list(given)))).interests


def refusal(event: FindChat) -> Refusal:
    with pytest.raises(Refused) as refused:
        read_wish(event)
    return refused.value.refusal


@pytest.mark.parametrize(
    ("event", "video"),
    [
        (FindChat(), False),
        (FindChat("ana@college.edu"), False),
        (FindChat("ana@college.edu", False), False),
        (FindChat("ana@college.edu", True), True),
        (FindChat(None, True), True),
        (FindChat("", True), True),
        (FindChat(SeekOptions()), False),
        (FindChat(SeekOptions(with_video=True)), True),
        (FindChat(SeekOptions("ana@college.edu", True)), True),
    ],
)
def test_both_forms_of_the_original_and_the_new_one(event: FindChat, video: bool) -> None:
    assert read_wish(event) == Wish(video)


def test_an_address_is_a_label_of_at_most_320_characters() -> None:
    assert read_wish(FindChat("x" * 320)) == Wish()
    assert refusal(FindChat("x" * 321)) is Refusal.TOO_LONG


@pytest.mark.parametrize(
    ("given", "compared"),
    [
        ("chess", "chess"),
        ("Chess", "chess"),
        ("CHESS", "chess"),
        ("  chess\t", "chess"),
        ("board  games", "board  games"),
        ("\N{LATIN SMALL LIGATURE FI}lm", "film"),
        ("Stra\N{LATIN SMALL LETTER SHARP S}e", "strasse"),
        ("\N{ANGSTROM SIGN}", "\N{LATIN SMALL LETTER A WITH RING ABOVE}"),
        ("A\N{COMBINING RING ABOVE}", "\N{LATIN SMALL LETTER A WITH RING ABOVE}"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER A}", "a"),
        ("\N{BLACK CHESS PAWN}", "\N{BLACK CHESS PAWN}"),
    ],
)
def test_spellings_of_one_interest_are_one(given: str, compared: str) -> None:
    assert interests(given) == {compared}


def test_an_interest_named_twice_counts_once() -> None:
    assert interests("Chess", "chess ", "hiking") == {"chess", "hiking"}


def test_ten_interests_of_forty_characters_are_the_most() -> None:
    assert len(interests(*(f"{number}" * 40 for number in range(10)))) == 10
    assert refusal(FindChat(SeekOptions(interests=[f"{number}" for number in range(11)]))) is Refusal.BAD_ARGUMENT


@pytest.mark.parametrize("wrong", ["", " ", "\t\n", "x" * 41, "\N{LATIN SMALL LIGATURE FFI}" * 14])
def test_an_interest_has_one_to_forty_characters_once_it_is_spelt_out(wrong: str) -> None:
    assert refusal(FindChat(SeekOptions(interests=["chess", wrong]))) is Refusal.BAD_ARGUMENT


def test_characters_are_code_points() -> None:
    assert interests("\N{GRINNING FACE}" * 40) == {"\N{GRINNING FACE}" * 40}


@pytest.mark.parametrize("tag", ["en", "EN", "pt-BR", "zh-Hant-TW", "sr-Latn-RS", "de-CH-1996", "gsw", "en-x-campus"])
def test_a_language_is_a_tag_in_any_case(tag: str) -> None:
    assert read_wish(FindChat(SeekOptions(language=tag))).language == tag.lower()


@pytest.mark.parametrize("tag", [None, ""])
def test_no_language_is_none(tag: str | None) -> None:
    assert read_wish(FindChat(SeekOptions(language=tag))).language is None


NO_TAGS = [
    *("e", "english language", "en_US", "en-", "-en", "en--US", "12", "e\N{LATIN SMALL LETTER N WITH TILDE}", "en\n"),
    *("abcdefghi", "en-abcdefghi", "en" + "-a1" * 8),
]


@pytest.mark.parametrize("tag", NO_TAGS)
def test_what_is_no_tag(tag: str) -> None:
    assert refusal(FindChat(SeekOptions(language=tag))) is Refusal.BAD_ARGUMENT


def test_a_language_is_shared_like_an_interest_and_is_never_one() -> None:
    language = read_wish(FindChat(SeekOptions(language="en")))
    named = read_wish(FindChat(SeekOptions(interests=["en"])))
    assert not language.tags & named.tags
    assert language.interests == frozenset()
