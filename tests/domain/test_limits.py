"""Token buckets: docs/protocol.md, "Limits"."""

import pytest

from meetmates.domain.limits import (
    ABUSE_BURSTS,
    CONNECTS,
    LARGEST_ABUSE_BURST,
    PRUNE_AFTER,
    RATES,
    Allowance,
    Buckets,
    Kind,
    Rate,
    SharedBuckets,
    allowances,
)


def takes(buckets: Buckets, kind: Kind, now: float, tries: int) -> int:
    return sum(buckets.take(kind, now) == 0 for _ in range(tries))


@pytest.mark.parametrize(
    ("kind", "per_second", "burst"),
    [(Kind.MESSAGE, 5, 20), (Kind.SEEK, 1, 10), (Kind.SIGNAL, 30, 200), (Kind.TYPING, 2, 5), (Kind.OTHER, 5, 20)],
)
def test_the_rates_of_the_contract(kind: Kind, per_second: float, burst: int) -> None:
    buckets = Buckets(allowances(1.0))
    assert takes(buckets, kind, 100.0, burst + 5) == burst
    assert takes(buckets, kind, 110.0, 1000) == min(burst, 10 * per_second)
    assert RATES[kind] == Rate(per_second, burst)


def test_connects_from_one_address() -> None:
    assert Rate(200, 6000) == CONNECTS


def test_kinds_are_counted_apart() -> None:
    buckets = Buckets(allowances(1.0))
    takes(buckets, Kind.TYPING, 1.0, 100)
    assert takes(buckets, Kind.MESSAGE, 1.0, 1) == 1


def test_the_wait_is_told_and_is_right() -> None:
    buckets = Buckets(allowances(1.0))
    takes(buckets, Kind.SEEK, 5.0, 10)
    wait = buckets.take(Kind.SEEK, 5.0)
    assert 0 < wait <= 1
    assert buckets.take(Kind.SEEK, 5.0 + wait + 1e-9) == 0


def test_the_factor_multiplies_both() -> None:
    buckets = Buckets(allowances(3.0))
    assert takes(buckets, Kind.TYPING, 1.0, 100) == 15


@pytest.mark.parametrize("kind", list(Kind))
def test_ten_bursts_refused_within_ten_seconds_are_abuse(kind: Kind) -> None:
    buckets = Buckets(allowances(1.0))
    patience = ABUSE_BURSTS * min(int(RATES[kind].burst), LARGEST_ABUSE_BURST)
    refusals = [buckets.refuse(kind, 1.0) for _ in range(patience)]
    assert not any(refusals[:-1])
    assert refusals[-1]


def test_refusals_are_forgotten_after_ten_seconds() -> None:
    buckets = Buckets(allowances(1.0))
    for _ in range(ABUSE_BURSTS * 5 - 1):
        buckets.refuse(Kind.TYPING, 1.0)
    assert not buckets.refuse(Kind.TYPING, 11.5)


def test_refusals_count_in_any_ten_seconds() -> None:
    buckets = Buckets(allowances(1.0))
    for _ in range(6 * 5):
        assert not buckets.refuse(Kind.TYPING, 9.5)
    assert any(buckets.refuse(Kind.TYPING, 10.5) for _ in range(4 * 5))


def test_an_account_that_comes_back_finds_its_buckets_as_it_left_them() -> None:
    shared = SharedBuckets(allowances(1.0))
    assert takes(shared.of("ana"), Kind.TYPING, 1.0, 3) == 3
    assert takes(shared.of("ana"), Kind.TYPING, 1.0, 100) == 2
    shared.rest("ana", 1.0)
    assert takes(shared.of("ana"), Kind.TYPING, 1.1, 100) == 0
    assert takes(shared.of("ben"), Kind.TYPING, 1.1, 100) == 5


def test_the_buckets_of_those_who_have_gone_are_forgotten_once_they_are_full() -> None:
    shared = SharedBuckets(allowances(1.0))
    for number in range(PRUNE_AFTER - 1):
        takes(shared.of(f"account {number}"), Kind.TYPING, 1.0, 1)
        shared.rest(f"account {number}", 1.0)
    assert len(shared) == PRUNE_AFTER - 1
    takes(shared.of("the last"), Kind.TYPING, 60.0, 1)
    shared.rest("the last", 60.0)
    assert len(shared) == 1
    shared.of("the last")
    shared.rest("the last", 99.0)
    assert len(shared) == 0


def test_a_lone_allowance() -> None:
    allowance = Allowance(Rate(1, 2))
    state = 0.0
    for _ in range(2):
        assert allowance.wait(state, 10.0) <= 0
        state = allowance.take(state, 10.0)
    assert allowance.wait(state, 10.0) == pytest.approx(1.0)
