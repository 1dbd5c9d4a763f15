"""What is to happen later."""

from hypothesis import given
from hypothesis import strategies as st

from meetmates.domain.agenda import Agenda


def test_the_earliest_comes_first_and_equals_in_order() -> None:
    agenda: Agenda[str] = Agenda()
    for due, item in ((2.0, "b"), (1.0, "a"), (2.0, "c")):
        agenda.add(due, item)
    assert agenda.next_due() == 1.0
    assert agenda.pop(0.5) is None
    assert [agenda.pop(2.0) for _ in range(4)] == ["a", "b", "c", None]
    assert agenda.next_due() is None


def test_a_cancelled_entry_is_nothing_and_may_be_cancelled_again() -> None:
    agenda: Agenda[str] = Agenda()
    entry = agenda.add(1.0, "a")
    agenda.add(2.0, "b")
    agenda.add(3.0, "c")
    agenda.cancel(entry)
    agenda.cancel(entry)
    assert len(agenda) == 2
    assert agenda.pop(9.0) == "b"


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans())))
def test_what_is_left_is_what_was_not_cancelled(plan: list[tuple[float, bool]]) -> None:
    agenda: Agenda[int] = Agenda()
    entries = [(agenda.add(due, number), number, cancel) for number, (due, cancel) in enumerate(plan)]
    for entry, _, cancel in entries:
        if cancel:
            agenda.cancel(entry)
    kept = [number for _, number, cancel in entries if not cancel]
    assert len(agenda) == len(kept)
    assert len(agenda._heap) <= 2 * len(kept) + 1
    popped = []
    while (item := agenda.pop(100.0)) is not None:
        popped.append(item)
    assert popped == sorted(kept, key=lambda number: (plan[number][0], number))
