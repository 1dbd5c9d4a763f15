"""Who meets whom: media, interests, fairness, and a cost that does not grow."""

import pytest

from meetmates.domain.matching import GLANCE, GUARDED, NEAR, Policy
from meetmates.domain.people import State
from tests.domain.room import Room


def paired(*names: str) -> frozenset[str]:
    return frozenset(names)


def test_video_meets_video_and_text_meets_text() -> None:
    room = Room()
    room.enter("vera", "tom", "vic", "tess")
    room.block("vera", "tom")
    room.seek("vera", video=True)
    room.seek("tom")
    room.seek("vic", video=True)
    room.seek("tess")
    assert room.pairs() == {paired("vera", "vic"), paired("tom", "tess")}


def test_who_is_left_over_meets_at_once() -> None:
    room = Room()
    room.enter("vera", "tom")
    room.seek("vera", video=True)
    room.seek("tom")
    assert room.pairs() == {paired("vera", "tom")}


def test_pools_never_mix() -> None:
    room = Room()
    room.enter("ana", pool="north")
    room.enter("ben", pool="south")
    room.seek("ana")
    room.seek("ben")
    room.wait(60)
    assert not room.pairs()


def test_shared_interests_come_first() -> None:
    room = Room()
    room.enter("ana", "ben", "cem")
    room.seek("ana", "chess")
    room.seek("ben", "golf")
    room.seek("cem", "golf", "tea")
    assert room.pairs() == {paired("ben", "cem")}


def test_a_shared_language_counts_like_an_interest_but_is_none() -> None:
    room = Room()
    room.enter("ana", "ben", "cem")
    room.seek("ana", "de")
    room.seek("ben", language="de")
    assert not room.pairs()
    room.seek("cem", language="de")
    assert room.pairs() == {paired("ben", "cem")}


def test_of_those_who_share_the_same_medium_is_better_than_a_longer_wait() -> None:
    room = Room()
    room.enter("ana", "ben", "cem")
    room.block("ana", "ben")
    room.seek("ana", "tea", video=True)
    room.seek("ben", "tea")
    room.seek("cem", "tea")
    assert room.pairs() == {paired("ben", "cem")}


def test_patience_ends_after_two_seconds_and_then_anybody_fits() -> None:
    room = Room()
    room.enter("ana", "ben")
    room.seek("ana", "chess")
    room.wait(1)
    room.seek("ben")
    room.wait(0.9)
    assert not room.pairs()
    room.wait(0.1)
    assert room.pairs() == {paired("ana", "ben")}


def test_those_whose_patience_ends_together_meet_by_medium() -> None:
    room = Room()
    room.enter("vera", "tom", "vic")
    room.seek("vera", "a", video=True)
    room.seek("tom", "b")
    room.seek("vic", "c", video=True)
    room.wait(2)
    assert room.pairs() == {paired("vera", "vic")}


def test_with_no_fairness_to_spare_the_order_is_strict() -> None:
    room = Room(Policy(fairness=0))
    room.enter("ana", "ben", "cem")
    room.seek("ana", "chess", video=True)
    room.seek("ben", "golf")
    assert room.pairs() == {paired("ana", "ben")}


def test_nobody_is_overtaken_by_more_than_eight() -> None:
    room = Room()
    room.enter("ana", *(f"p{number}" for number in range(20)))
    room.seek("ana", "chess")
    for number in range(8):
        room.seek(f"p{number}")
    assert len(room.pairs()) == 4
    assert room.state("ana") is State.WAITING
    room.seek("p8")  # the ninth would overtake: ana is patient no longer
    assert room.partner("ana") == "p8"


def test_an_elder_who_was_overtaken_enough_comes_before_a_better_match() -> None:
    room = Room(Policy(fairness=2))
    room.enter("old", "v1", "v2", "v3", "v4")
    for name in ("v1", "v3"):
        room.block("old", name)
    room.seek("old")
    room.seek("v1", video=True)
    room.seek("v2", video=True)  # v1 and v2 overtake old, who may not meet v1
    assert room.pairs() == {paired("v1", "v2")}
    room.seek("v3", video=True)
    room.seek("v4", video=True)  # v4 fits v3 better, but old has been overtaken by two
    assert room.partner("old") == "v4"
    assert room.state("v3") is State.WAITING


def test_who_may_meet_neither_is_not_overtaken() -> None:
    room = Room(Policy(fairness=0))
    room.enter("old", "ana", "ben")
    room.block("old", "ana")
    room.block("old", "ben")
    room.seek("old")
    room.seek("ana")
    room.seek("ben")
    assert room.pairs() == {paired("ana", "ben")}


def test_an_elder_patient_no_longer_meets_another_at_once() -> None:
    room = Room(Policy(fairness=4))
    room.enter("ana", "ben", "a", "b")
    room.seek("ana", "chess")
    room.seek("ben", "golf")
    room.seek("a")
    room.seek("b")  # ana and ben have been overtaken by two: two more would be four, and still fair
    assert room.pairs() == {paired("a", "b")}
    room.enter("c", "d")
    room.seek("c")
    room.seek("d")
    assert room.pairs() == {paired("a", "b"), paired("c", "d"), paired("ana", "ben")}


def test_the_bound_is_handed_on_to_those_who_come_up_from_behind() -> None:
    room = Room(Policy(fairness=8, interest_wait=1000))
    crowd = [f"w{number}" for number in range(GUARDED + 2)]
    room.enter(*crowd, "a", "b")
    for name in crowd:
        room.seek(name, f"only {name}")
    room.seek("a")
    room.seek("b")
    assert room.lobby.tables()["waiting"] == GUARDED + 2
    for name in crowd[:2]:
        room.cancel(name)
    room.enter("c", "d")
    room.seek("c")
    room.seek("d")
    tickets = [room.people[name].ticket for name in crowd[2:]]
    assert {ticket.passed for ticket in tickets if ticket is not None} == {4}


def test_a_match_far_down_a_long_line_is_found_a_slice_at_a_time() -> None:
    room = Room(may_meet=lambda one, other: {one.id, other.id} == {"first", "last"})
    crowd = [f"w{number}" for number in range(5 * GLANCE)]
    room.enter(*crowd[: 4 * GLANCE], "first", *crowd[4 * GLANCE :], "last")
    for name in room.people:
        room.seek(name)
    assert not room.pairs()
    for _ in range(10 * GLANCE):
        if room.pairs():
            break
        room.log += room.lobby.tick(room.now)
    assert room.pairs() == {paired("first", "last")}


def test_a_long_look_survives_those_who_leave_meanwhile() -> None:
    room = Room(may_meet=lambda one, other: {one.id, other.id} == {"first", "last"})
    crowd = [f"w{number}" for number in range(5 * GLANCE)]
    room.enter(*crowd, "first", "last")
    for name in room.people:
        room.seek(name)
    for name in crowd:
        room.cancel(name)
    room.wait(1)
    assert room.pairs() == {paired("first", "last")}


def test_a_last_partner_is_a_last_resort() -> None:
    room = Room(Policy(rematch_after=1.0))
    room.enter("ana", "ben", "cem")
    room.seek("ana")
    room.seek("ben")
    room.leave("ana")
    room.wait(5)
    room.block("ben", "cem")
    room.seek("ben")
    room.seek("cem")
    room.seek("ana")
    assert room.pairs() == {paired("ana", "cem")}


def test_last_partners_alone_meet_at_once_when_their_time_is_over() -> None:
    room = Room(Policy(rematch_after=1.0))
    room.enter("ana", "ben")
    room.seek("ana", "tea")
    room.seek("ben", "tea")
    room.leave("ana")
    room.wait(5)
    room.seek("ben")
    room.seek("ana")
    assert room.pairs() == {paired("ana", "ben")}


@pytest.mark.parametrize("leaves", ["ana", "ben"])
def test_a_retry_for_somebody_who_left_is_nothing(leaves: str) -> None:
    room = Room()
    room.enter("ana", "ben")
    room.seek("ana", "tea")
    room.seek("ben", "tea")
    room.next("ana")
    room.exit(leaves)
    room.wait(20)
    assert not room.pairs()


def test_a_crowd_that_shares_a_tag_is_looked_at_a_glance_deep() -> None:
    room = Room(may_meet=lambda one, other: False)
    crowd = [f"w{number}" for number in range(3 * GLANCE)]
    room.enter(*crowd)
    for name in crowd:
        room.seek(name, "tea")
    room.wait(3)
    assert not room.pairs()
    assert room.lobby.tables()["waiting"] == len(crowd)


def test_of_two_last_resorts_the_first_will_do() -> None:
    room = Room(Policy(rematch_after=1.0))
    room.enter("ana", "ben", "cem")
    room.seek("ana")
    room.seek("ben")
    room.leave("ana")  # ana's last was ben
    room.seek("ana")
    room.seek("cem")
    room.leave("cem")  # cem's last was ana, and ben's still is
    room.wait(5)
    room.block("ben", "cem")
    room.seek("ben")
    room.seek("cem")
    room.seek("ana")
    assert room.pairs() == {paired("ana", "ben")}


def test_far_back_the_place_is_told_as_it_was_last_reported() -> None:
    room = Room(may_meet=lambda one, other: False)
    crowd = [f"w{number}" for number in range(NEAR + 10)]
    room.enter(*crowd)
    for name in crowd:
        room.seek(name)
    room.cancel(crowd[0])
    assert room.seek(crowd[-1]).position == NEAR + 10
    list(room.lobby.report())
    assert room.seek(crowd[-1]).position == NEAR + 9


def test_a_last_resort_will_do_when_nobody_else_is_in_sight() -> None:
    pair = {"first", "last"}
    room = Room(Policy(rematch_after=1.0), may_meet=lambda one, other: {one.id, other.id} == pair)
    room.enter("first", "last")
    room.seek("first")
    room.seek("last")
    room.leave("first")
    room.wait(5)
    crowd = [f"w{number}" for number in range(4 * GLANCE)]
    room.enter(*crowd)
    for name in ("first", *crowd, "last"):
        room.seek(name)
    assert room.pairs() == {paired("first", "last")}
