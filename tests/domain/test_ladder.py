"""What follows on reports, and above all what does not."""

from collections.abc import Iterable
from itertools import count, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from meetmates.domain.ladder import (
    NEWCOMER,
    REASONS,
    STEP,
    STEP_AT,
    STEP_EVERY,
    WINDOW,
    Kind,
    Record,
    Step,
    Weighed,
    automatic_step,
    weight,
)

NOW = 1_800_000_000.0
GOOD = Record(upheld=4)
BAD = Record(dismissed=4)


def told(*records: Record, at: float = NOW) -> list[Weighed]:
    """One report by each of several people."""
    return [Weighed(f"reporter{n}", weight(record), at) for n, record in enumerate(records)]


def step_after(reports: Iterable[Weighed], earlier: Iterable[float] = (), now: float = NOW) -> Step | None:
    return automatic_step(list(reports), list(earlier), now)


def test_the_rungs_and_the_reasons_are_those_of_the_protocol() -> None:
    assert [kind.value for kind in Kind] == ["warning", "mute", "suspension", "ban"]
    assert REASONS == ("harassment", "nudity", "minor", "spam", "threat", "other")


# --- what a word weighs


@pytest.mark.parametrize(
    ("lighter", "heavier"),
    [
        (Record(), Record(upheld=1)),
        (Record(upheld=1), Record(upheld=2)),
        (Record(upheld=2, dismissed=1), Record(upheld=2)),
        (Record(dismissed=1), Record()),
        (Record(dismissed=2), Record(dismissed=1)),
        (Record(upheld=1, dismissed=4), Record()),
        (Record(open=10), Record(open=3)),
        (Record(upheld=4, open=40), Record(upheld=4)),
    ],
)
def test_a_better_record_weighs_more(lighter: Record, heavier: Record) -> None:
    assert 0 < weight(lighter) < weight(heavier) < 1


def test_a_few_undecided_reports_cost_nothing() -> None:
    assert weight(Record(open=3)) == weight(Record()) == NEWCOMER


# --- when something happens by itself


def test_reporters_with_good_records_send_somebody_away_for_half_an_hour() -> None:
    assert step_after(told(GOOD, GOOD)) == Step(Kind.SUSPENSION, NOW + 30 * 60)


def test_one_reporter_alone_never_does_whatever_the_record() -> None:
    assert step_after(told(Record(upheld=100_000))) is None


def test_two_with_a_short_record_need_others_beside_them() -> None:
    short = Record(upheld=1)
    assert step_after(told(short, short)) is None
    assert step_after(told(short, short, Record())) is not None


def test_two_whose_reports_were_dismissed_do_not_make_up_for_it() -> None:
    short = Record(upheld=1)
    assert step_after(told(short, short, BAD, BAD)) is None


def test_a_crowd_does_not_stand_in_for_a_second_reporter_with_a_record() -> None:
    assert step_after(told(GOOD, *[Record()] * 500)) is None


def test_the_same_reporter_counts_once() -> None:
    (once,) = told(GOOD)
    assert step_after([once] * 50) is None
    assert step_after([once, Weighed("another", once.weight, NOW)]) is not None


def test_of_several_reports_by_one_person_the_heaviest_counts() -> None:
    light, heavy, other = Weighed("ana", NEWCOMER, NOW), Weighed("ana", 0.8, NOW), Weighed("ben", 0.8, NOW)
    assert step_after([light, heavy, other]) == step_after([heavy, light, other]) is not None


def test_reports_that_are_too_old_count_no_more() -> None:
    assert step_after(told(GOOD, GOOD, at=NOW - WINDOW + 1)) is not None
    assert step_after(told(GOOD, GOOD, at=NOW - WINDOW)) is None


def test_there_is_one_step_a_day() -> None:
    assert step_after(told(GOOD, GOOD), earlier=[NOW - STEP_EVERY + 1]) is None
    assert step_after(told(GOOD, GOOD), earlier=[NOW - STEP_EVERY]) is not None


def test_a_clock_that_was_set_back_brings_no_second_step() -> None:
    assert step_after(told(GOOD, GOOD), earlier=[NOW + 3600]) is None


# --- whatever happens

some_records = some.builds(
    Record, upheld=some.integers(0, 1000), dismissed=some.integers(0, 1000), open=some.integers(0, 1000)
)
without_record = some.builds(Record, upheld=some.just(0), dismissed=some.integers(0, 1000), open=some.integers(0, 1000))


@given(some.lists(without_record, max_size=300), some.floats(0, 2 * WINDOW))
def test_no_crowd_without_a_record_removes_anybody(crowd: list[Record], age: float) -> None:
    assert step_after(told(*crowd, at=NOW - age)) is None


@given(some.lists(without_record, max_size=50), some_records)
def test_no_crowd_with_one_leader_removes_anybody(crowd: list[Record], leader: Record) -> None:
    assert step_after(told(leader, *crowd)) is None


@given(some.lists(some_records, max_size=50))
def test_no_step_is_longer_than_half_an_hour_or_more_than_a_suspension(reporters: list[Record]) -> None:
    step = step_after(told(*reporters))
    assert step is None or (step.kind is Kind.SUSPENSION and step.until == NOW + STEP == NOW + 1800)


@given(some.lists(some.tuples(some.integers(0, 20), some_records, some.floats(0, 20_000)), max_size=100))
def test_nobody_has_two_steps_within_a_day(history: list[tuple[int, Record, float]]) -> None:
    now, steps, reports = NOW, list[float](), list[Weighed]()
    for reporter, record, later in history:
        now += later
        reports.append(Weighed(f"reporter{reporter}", weight(record), now))
        if step_after(reports, steps, now) is not None:
            steps.append(now)
    assert all(later - earlier >= 24 * 3600 for earlier, later in pairwise(steps))


@given(some.lists(some_records, min_size=1, max_size=20), some.data())
def test_another_report_never_makes_a_step_less_likely(reporters: list[Record], data: some.DataObject) -> None:
    reports = told(*reporters)
    fewer = data.draw(some.lists(some.sampled_from(reports), unique_by=lambda report: report.reporter))
    assert step_after(fewer) is None or step_after(reports) is not None


def test_the_numbers_leave_a_crowd_no_way() -> None:
    ids = count()
    endless = [Weighed(f"new{next(ids)}", NEWCOMER, NOW) for _ in range(10_000)]
    assert sum(report.weight for report in endless) > 1000 * STEP_AT
    assert step_after(endless) is None
