"""How many are online: at once for a newcomer, once a window for everybody else, and the last change always.

Longer than most files by the crowd that it has to make.
"""

import asyncio
from collections.abc import Iterable
from itertools import pairwise

import pytest

from meetmates.domain.effects import Effect, Said
from meetmates.domain.people import Person, Seat
from meetmates.service.presence import SLICE, Presence
from tests.support.travel import travelling

WINDOW = 0.1


class Heard:
    """An outbox that notes what was told: when, to whom, how many."""

    def __init__(self) -> None:
        self.told: list[tuple[float, list[str], int]] = []

    def deliver(self, effects: Iterable[Effect]) -> None:
        raise AssertionError(list(effects))

    def say(self, said: Said) -> None:
        raise AssertionError(said)

    def online(self, people: Iterable[Person], count: int) -> None:
        self.told.append((round(asyncio.get_running_loop().time(), 3), [person.id for person in people], count))


class Hall:
    """People who come and go."""

    def __init__(self, crowd: int = 0, window: float = WINDOW) -> None:
        self.people: dict[str, Person] = {f"p{n}": Person(f"p{n}", Seat(None), None, "", None) for n in range(crowd)}
        self.heard = Heard()
        self.presence = Presence(self.people, self.heard, window)

    def enter(self, name: str) -> None:
        person = self.people[name] = Person(name, Seat(None), None, "", None)
        self.presence.arrived(person)

    def exit(self, name: str) -> None:
        del self.people[name]
        self.presence.changed()

    def tellings(self) -> list[tuple[float, list[str], int]]:
        """What was told since the last time this was asked."""
        told, self.heard.told = self.heard.told, []
        return told


@travelling
async def test_a_newcomer_is_told_at_once() -> None:
    hall = Hall()
    hall.enter("ana")
    assert hall.tellings() == [(0, ["ana"], 1)]


@travelling
async def test_after_a_quiet_time_everybody_is_told_at_once() -> None:
    hall = Hall()
    for name in ("ana", "ben"):
        hall.enter(name)
        hall.tellings()
        await asyncio.sleep(5)
    assert hall.tellings() == [(5, ["ana", "ben"], 2)]


@travelling
async def test_changes_within_a_window_are_told_once_at_its_end() -> None:
    hall = Hall()
    hall.enter("ana")
    await asyncio.sleep(0.01)
    hall.tellings()
    for number in range(50):
        hall.enter(f"p{number}")
        await asyncio.sleep(0.001)
    await asyncio.sleep(10)
    told = [telling for telling in hall.tellings() if len(telling[1]) > 1]
    assert [(at, count) for at, _, count in told] == [(WINDOW, 51)]


@travelling
async def test_the_last_change_is_always_told_and_then_there_is_silence() -> None:
    hall = Hall()
    hall.enter("ana")
    hall.enter("ben")
    await asyncio.sleep(WINDOW + 0.01)
    hall.tellings()
    hall.exit("ben")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    hall.enter("cem")
    hall.exit("cem")
    await asyncio.sleep(3600)
    *_, (at, people, count) = hall.tellings()
    assert (people, count) == (["ana"], 1)
    assert at == pytest.approx(2 * WINDOW + 0.01)


@travelling
async def test_a_storm_costs_each_a_few_tellings() -> None:
    """Two thousand in two seconds; the window grows with them, from 100 ms to 400 ms."""
    hall = Hall()
    for number in range(2_000):
        hall.enter(f"p{number}")
        await asyncio.sleep(0.001)
    await asyncio.sleep(1)
    told = [telling for telling in hall.tellings() if telling[1] != [f"p{telling[2] - 1}"]]
    first = [(at, count) for at, people, count in told if "p0" in people]
    assert len(first) < 2 / WINDOW
    assert first[-1][1] == 2_000
    gaps = [after[0] - before[0] for before, after in pairwise(first)]
    assert min(gaps) >= WINDOW - 1e-3


@pytest.mark.parametrize(("crowd", "window"), [(0, 0.1), (400, 0.1), (500, 0.1), (1_000, 0.2), (8_000, 1.6)])
@travelling
async def test_the_window_is_a_fifth_of_a_millisecond_for_each_but_never_less_than_set(
    crowd: int, window: float
) -> None:
    hall = Hall(crowd)
    hall.presence.changed()
    await asyncio.sleep(0.01)
    hall.tellings()
    hall.presence.changed()
    await asyncio.sleep(10)
    assert hall.tellings()[0][0] == pytest.approx(window)


@travelling
async def test_a_longer_window_may_be_set() -> None:
    hall = Hall(window=2.0)
    hall.enter("ana")
    await asyncio.sleep(0.5)
    hall.enter("ben")
    await asyncio.sleep(10)
    assert hall.tellings()[-1] == (2.0, ["ana", "ben"], 2)


@travelling
async def test_a_crowd_is_told_in_slices_with_room_for_others_in_between() -> None:
    hall = Hall(2 * SLICE + 1)
    turns: list[str] = []
    hall.presence.changed()
    loop = asyncio.get_running_loop()

    def other_work() -> None:
        if len(hall.heard.told) < 3:
            turns.append(f"work after {len(hall.heard.told)}")
            loop.call_soon(other_work)

    other_work()
    await asyncio.sleep(1)
    assert [len(people) for _, people, _ in hall.heard.told] == [SLICE, SLICE, 1]
    assert {"work after 1", "work after 2"} <= set(turns)


@travelling
async def test_a_change_while_a_crowd_is_told_is_told_in_the_next_window() -> None:
    """Those who come later in the same round hear the newest count, and everybody does in the next."""
    hall = Hall(2 * SLICE)
    hall.presence.changed()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(hall.heard.told) == 1
    hall.exit("p0")
    await asyncio.sleep(10)
    assert [count for _, _, count in hall.tellings()] == [2 * SLICE, 2 * SLICE - 1, 2 * SLICE - 1, 2 * SLICE - 1]


@travelling
async def test_who_has_gone_is_not_told() -> None:
    hall = Hall()
    hall.enter("ana")
    hall.enter("ben")
    hall.exit("ben")
    await asyncio.sleep(1)
    assert hall.tellings()[-1] == (0, ["ana"], 1)
