"""What two strangers call each other: docs/protocol.md, "Pairing"."""

from itertools import product
from random import Random

import pytest

from meetmates.domain.names import ADJECTIVES, NOUNS, PAIRS, names_of
from tests.domain.room import Room

SOME = [*range(4_000), *Random(7).sample(range(4_000, PAIRS), 60_000)]


@pytest.mark.parametrize("words", [ADJECTIVES, NOUNS])
def test_each_list_has_sixty_plain_words(words: tuple[str, ...]) -> None:
    assert len(words) == len(set(words)) == 60
    assert list(words) == sorted(words)
    assert all(word.isascii() and word.isalpha() and word.istitle() and len(word) <= 12 for word in words)


def test_the_two_of_a_chat_share_no_word() -> None:
    for number in SOME:
        one, other = names_of(number)
        assert not set(one.split()) & set(other.split())


def test_every_name_can_come_up_on_either_side_and_no_number_gives_what_another_gives() -> None:
    every = {f"{adjective} {noun}" for adjective, noun in product(ADJECTIVES, NOUNS)}
    pairs = {names_of(number) for number in (*SOME, PAIRS - 1)}
    assert [{pair[side] for pair in pairs} for side in (0, 1)] == [every, every]
    assert len(pairs) >= len(SOME)


def test_the_names_belong_to_the_chat_and_stay_with_their_members() -> None:
    room = Room()
    room.enter("ana", "ben")
    room.seek("ana")
    room.seek("ben")
    (chat,) = room.lobby.chats.values()
    assert chat.names == names_of(0)
    assert [chat.name_of(room.people[name]) for name in ("ana", "ben")] == [*chat.names]


def test_the_same_two_get_other_names_in_their_next_chat() -> None:
    room = Room()
    room.enter("ana", account="a", email="ana@college.edu")
    room.enter("ben", account="b", email="ben@college.edu")
    called = []
    for _ in range(3):
        room.seek("ben")
        room.seek("ana")
        (chat,) = room.lobby.chats.values()
        called.append((chat.name_of(room.people["ben"]), chat.name_of(room.people["ana"])))
        room.leave("ana")
        room.wait(10)
    assert called == [names_of(number) for number in range(3)]
