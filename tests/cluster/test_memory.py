"""The ports in memory: nothing in them outlives what it is needed for."""

import random

import pytest

from meetmates.cluster.memory import CHATS_FOR, LINES, LINES_FOR, TEXT_KEPT, MemoryRecollection, MemorySafety
from meetmates.ports import Party, Standing

ANA, BEN = Party("id1", "ana"), Party("id2", "ben")
LONGEST = "x" * 4000


def is_empty(port: object) -> bool:
    """Whether no table of it has a row."""
    return not any(vars(port).values())


@pytest.fixture
def recollection() -> MemoryRecollection:
    return MemoryRecollection()


def texts(recollection: MemoryRecollection, chat_id: str, now: float) -> list[str]:
    """What is remembered of a chat."""
    chat = recollection.find(chat_id, now)
    assert chat is not None
    return [line.text for line in chat.lines]


def fill(recollection: MemoryRecollection) -> int:
    """Twice as many long chats as are kept with all of their messages; half of their number."""
    full = TEXT_KEPT // (LINES * len(LONGEST))
    for number in range(2 * full):
        recollection.begin(f"c{number}", (ANA, BEN))
        for _ in range(LINES):
            recollection.note(f"c{number}", "id1", LONGEST, 1.0)
        recollection.end(f"c{number}", 1.0)
    return full


# --- recollection


def test_a_chat_is_remembered_while_it_runs_and_for_five_minutes(recollection: MemoryRecollection) -> None:
    recollection.begin("c1", (ANA, BEN))
    recollection.note("c1", "id1", "hello", 1.0)
    assert recollection.last("ana", 2.0) is None
    recollection.end("c1", 5000.0)
    assert recollection.last("ana", 5000.0) == recollection.last("ben", 5000.0) == "c1"
    assert recollection.find("c1", 5000.0 + CHATS_FOR - 0.1) is not None
    assert recollection.find("c1", 5000.0 + CHATS_FOR) is None
    assert recollection.last("ana", 5000.0 + CHATS_FOR) is None
    assert is_empty(recollection)


def test_the_last_chat_is_the_one_that_ended_last(recollection: MemoryRecollection) -> None:
    cem = Party("id3", None)
    recollection.begin("c1", (ANA, BEN))
    recollection.end("c1", 10.0)
    recollection.begin("c2", (ANA, cem))
    assert recollection.last("ana", 15.0) == "c1"
    recollection.end("c2", 20.0)
    assert [recollection.last(key, 25.0) for key in ("ana", "ben", "id3", "id1")] == ["c2", "c1", "c2", None]
    assert [recollection.last(key, 10.0 + CHATS_FOR) for key in ("ana", "ben")] == ["c2", None]


def test_the_newest_fifty_of_the_last_ten_minutes_are_kept(recollection: MemoryRecollection) -> None:
    recollection.begin("c1", (ANA, BEN))
    for number in range(LINES + 10):
        recollection.note("c1", "id1", str(number), float(number))
    assert texts(recollection, "c1", 60.0) == [str(number) for number in range(10, 60)]
    assert texts(recollection, "c1", 50.0 + LINES_FOR) == [str(number) for number in range(51, 60)]
    assert texts(recollection, "c1", 60.0 + LINES_FOR) == []


def test_what_is_too_old_to_be_quoted_leaves_memory_with_the_next_message(recollection: MemoryRecollection) -> None:
    recollection.begin("c1", (ANA, BEN))
    recollection.note("c1", "id1", "old", 0.0)
    recollection.note("c1", "id1", "new", LINES_FOR)
    assert texts(recollection, "c1", 1.0) == ["new"]


def test_nobody_fills_the_memory_by_going_from_chat_to_chat(recollection: MemoryRecollection) -> None:
    """The oldest lose their messages first; that they took place is remembered all the same."""
    full = fill(recollection)
    kept = [len(texts(recollection, f"c{number}", 2.0)) for number in range(2 * full)]
    assert kept == [0] * full + [LINES] * full
    assert len(recollection) == 2 * full
    recollection.sweep(1.0 + CHATS_FOR)
    assert is_empty(recollection)


def test_a_chat_that_runs_loses_nothing_to_those_that_ended(recollection: MemoryRecollection) -> None:
    recollection.begin("runs", (Party("id8", None), Party("id9", None)))
    recollection.note("runs", "id8", "hello", 0.5)
    fill(recollection)
    assert texts(recollection, "runs", 2.0) == ["hello"]


def test_after_any_history_nothing_is_left(recollection: MemoryRecollection) -> None:
    chance = random.Random(3)
    running: list[str] = []
    now = 0.0
    for number in range(3000):
        now += chance.random()
        if chance.random() < 0.5 or not running:
            running.append(f"c{number}")
            recollection.begin(running[-1], (Party(f"p{chance.randrange(20)}", None), Party(f"q{number % 20}", None)))
        elif chance.random() < 0.5:
            recollection.note(chance.choice(running), "p1", "x" * chance.randrange(1, 50), now)
        else:
            recollection.end(running.pop(chance.randrange(len(running))), now)
    for chat_id in running:
        recollection.end(chat_id, now)
    recollection.sweep(now + CHATS_FOR)
    assert is_empty(recollection)


# --- safety


def test_a_guest_who_has_gone_leaves_nothing_behind() -> None:
    safety = MemorySafety()
    for one, other in (("ana", "guest"), ("guest", "ben"), ("guest", "other guest")):
        safety.block(one, other)
    safety.set_standing("guest", Standing(banned=True))
    safety.forget("guest")
    safety.forget("guest")
    assert is_empty(safety)


def test_a_block_is_taken_back_for_the_two_and_nobody_else() -> None:
    safety = MemorySafety()
    safety.block("ana", "ben")
    safety.block("cem", "ana")
    for _ in range(2):
        safety.unblock("ben", "ana")
    assert [safety.may_meet("ana", other) for other in ("ben", "cem")] == [True, False]
    safety.unblock("ana", "cem")
    safety.unblock("ana", "somebody")
    assert is_empty(safety)
