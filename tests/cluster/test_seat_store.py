"""`ports.SeatStore` and `ports.EventLog`: every adapter passes this."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meetmates.cluster.memory_seats import MemorySeats
from meetmates.ports import KEPT_BYTES, KEPT_CONFIRMED, KEPT_EVENTS, EventLog, KeptSeat, SeatStore

ADAPTERS: list[Callable[..., SeatStore]] = [MemorySeats]  # all take the most bytes that a log keeps
ANA, BEN = KeptSeat("id1", "ana", "north", "tag1"), KeptSeat("id2", None, "", "tag2")
in_every_adapter = pytest.mark.parametrize("make", ADAPTERS)


@pytest.fixture(params=ADAPTERS)
def store(request: pytest.FixtureRequest) -> SeatStore:
    made: SeatStore = request.param()
    return made


@pytest.fixture
def log(store: SeatStore) -> EventLog:
    return store.add(ANA, "pid1")


def fill(log: EventLog, count: int, size: int = 0) -> None:
    """As many events of that size, one a second from 1.0 on, each its own number in front."""
    for number in range(log.last + 1, log.last + 1 + count):
        log.append(b"%d" % number + b"x" * size, float(number))


def kept(log: EventLog) -> tuple[int, int]:
    """How many are kept no more, and how many are."""
    return log.dropped, len(log.behind(log.dropped))


# --- seats


def test_a_seat_is_found_by_what_opens_it(store: SeatStore) -> None:
    store.add(ANA, "pid1")
    store.add(BEN, "pid2")
    store.set_keys("id1", ("key1", "key2"))
    assert [store.by_pid(pid) for pid in ("pid1", "pid2", "key1", "id1", "")] == [ANA, BEN, None, None, None]
    assert [store.by_key(key) for key in ("key1", "key2", "pid1", "id1", "")] == [ANA, ANA, None, None, None]
    assert len(store) == 2


def test_keys_are_replaced_all_at_once(store: SeatStore) -> None:
    store.add(ANA, "pid1")
    store.set_keys("id1", ("key1",))
    store.set_keys("id1", ("key2", "key1"))
    assert [store.by_key(key) for key in ("key1", "key2")] == [ANA, ANA]
    store.set_keys("id1", ("key2",))
    assert [store.by_key(key) for key in ("key1", "key2")] == [None, ANA]


def test_a_seat_goes_with_everything_that_was_kept_of_it(store: SeatStore) -> None:
    fill(store.add(ANA, "pid1"), 3)
    store.add(BEN, "pid2")
    store.set_keys("id1", ("key1",))
    store.remove("id1")
    assert (store.by_pid("pid1"), store.by_key("key1"), store.log("id1"), len(store)) == (None, None, None, 1)
    assert store.by_pid("pid2") == BEN
    assert store.add(ANA, "pid3").last == 0


# --- logs


def test_a_log_is_found_by_its_seat_and_no_other_has_its_events(store: SeatStore) -> None:
    log = store.add(ANA, "pid1")
    store.add(BEN, "pid2")
    log.append(b"one", 1.0)
    found, other = store.log("id1"), store.log("id2")
    assert found is not None
    assert other is not None
    assert (found.last, found.behind(0)) == (1, [b"one"])
    assert (other.last, other.behind(0)) == (0, [])


def test_events_come_in_their_order_behind_any_number(log: EventLog) -> None:
    fill(log, 3)
    assert [log.behind(number) for number in range(4)] == [[b"1", b"2", b"3"], [b"2", b"3"], [b"3"], []]


def test_the_newest_events_are_kept_and_the_oldest_go(log: EventLog) -> None:
    fill(log, KEPT_EVENTS)
    assert kept(log) == (0, KEPT_EVENTS)
    fill(log, 2)
    assert kept(log) == (2, KEPT_EVENTS)
    assert (log.last, log.behind(2)[0]) == (KEPT_EVENTS + 2, b"3")


def test_no_more_bytes_are_kept_than_is_said(log: EventLog) -> None:
    fill(log, 8, KEPT_BYTES // 8 - 1)
    assert kept(log) == (0, 8)
    fill(log, 1)
    assert kept(log) == (1, 8)
    fill(log, 1, KEPT_BYTES)  # more than all of it
    assert kept(log) == (log.last, 0)


@in_every_adapter
def test_fewer_bytes_are_kept_where_that_was_asked_for(make: Callable[..., SeatStore]) -> None:
    log = make(1000).add(ANA, "pid1")
    fill(log, 12, 99)
    assert kept(log) == (3, 9)


def test_of_what_has_arrived_only_the_newest_is_kept(log: EventLog) -> None:
    fill(log, KEPT_CONFIRMED + 10)
    log.settle(6.0)
    assert kept(log) == (5, KEPT_CONFIRMED + 5)
    log.settle(1e9)
    assert kept(log) == (10, KEPT_CONFIRMED)


def test_the_newest_event_before_a_time_is_known(log: EventLog) -> None:
    assert log.sent_before(1e9) == 0
    fill(log, KEPT_CONFIRMED + 10)
    log.settle(11.0)
    assert [log.sent_before(time) for time in (0.0, 1.0, 11.0, 11.5, 12.0, 1e9)] == [10, 10, 10, 11, 11, log.last]


@in_every_adapter
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("append"), st.integers(1, KEPT_BYTES // 2)),
            st.tuples(st.just("settle"), st.integers(0, 60)),
        )
    )
)
def test_what_is_kept_is_whole_and_bounded(make: Callable[..., SeatStore], steps: list[tuple[str, int]]) -> None:
    log = make().add(ANA, "pid1")
    sent: list[bytes] = []
    for step, value in steps:
        if step == "append":
            sent.append(b"%d" % len(sent) + b"x" * value)
            log.append(sent[-1], float(len(sent)))
        else:
            log.settle(float(value))
        newest = log.behind(log.dropped)
        assert newest == sent[log.dropped :]
        assert sum(map(len, newest)) <= KEPT_BYTES
        assert log.last == len(sent)
