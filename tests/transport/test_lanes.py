"""Deadlines that all lie equally far ahead."""

from meetmates.transport.lanes import COMPACT_FROM, Lane


class Diary:
    """What happened, and when it was due."""

    def __init__(self) -> None:
        self.entries: list[float] = []

    def note(self, due: float) -> None:
        self.entries.append(due)


def test_each_happens_once_and_is_told_when_it_was_due() -> None:
    lane, diary = Lane(10.0), Diary()
    lane.add(0.0, diary.note)
    lane.add(1.0, diary.note)
    lane.run(9.9)
    assert diary.entries == []
    lane.run(10.0)
    assert diary.entries == [10.0]
    lane.run(60.0)
    lane.run(60.0)
    assert diary.entries == [10.0, 11.0]


def test_what_was_called_off_does_not_happen_and_is_not_waited_for() -> None:
    lane, diary = Lane(10.0), Diary()
    first = lane.add(0.0, diary.note)
    lane.add(1.0, diary.note)
    first.cancel()
    first.cancel()
    assert len(lane) == 1
    assert lane.next_due() == 11.0
    lane.run(11.0)
    assert diary.entries == [11.0]
    assert len(lane) == 0
    assert lane.next_due() is None


def test_calling_off_what_has_happened_changes_nothing() -> None:
    lane, diary = Lane(10.0), Diary()
    done = lane.add(0.0, diary.note)
    lane.run(10.0)
    done.cancel()
    lane.add(20.0, diary.note)
    assert len(lane) == 1
    assert lane.next_due() == 30.0


def test_a_deadline_may_set_the_next_one_while_it_happens() -> None:
    lane, diary = Lane(1.0), Diary()

    def again(due: float) -> None:
        diary.note(due)
        if due < 3.0:
            lane.add(due, again)

    lane.add(0.0, again)
    lane.run(10.0)
    assert diary.entries == [1.0, 2.0, 3.0]


def test_what_was_called_off_is_thrown_out_before_its_time() -> None:
    lane, diary = Lane(10.0), Diary()
    kept = lane.add(0.0, diary.note)  # the first of all: nothing behind it is reached by waiting
    storm = [lane.add(1.0, diary.note) for _ in range(10 * COMPACT_FROM)]
    for deadline in storm:
        deadline.cancel()
    assert len(lane) == 1
    assert lane.remembered <= COMPACT_FROM + 1
    lane.run(20.0)
    assert diary.entries == [kept.due]
