"""STUN and TURN for browsers: keys of guests, and credentials that a real TURN server takes."""

import time
from collections.abc import Iterator

import pytest

from meetmates.domain.people import Person, Seat
from meetmates.service.ice import CREDENTIAL_TTL, KEY_TTL, IceKeys, IceServer, IceServers
from tests.support.clock import HandClock
from tests.support.turn import TurnServer, allocate, running_turn

SECRET = b"a secret of our own, 32 bytes long"
STUN, TURN = ["stun:stun.college.edu"], ["turn:turn.college.edu"]


def guest(id: str) -> Person:
    return Person(id, Seat(None), None, "", object())


def servers(clock: HandClock, stun: list[str] = STUN, turn: list[str] = TURN, relay_only: bool = False) -> IceServers:
    return IceServers(stun, turn, "shared", relay_only, SECRET, clock.wall)


# --- keys


def test_a_key_is_good_while_its_owner_is_here() -> None:
    clock, here = HandClock(), {"id-1": guest("id-1")}
    keys = IceKeys(SECRET, clock.wall, here.get)
    key = keys.make("id-1")
    assert keys.owner(key) is here["id-1"]
    del here["id-1"]
    assert keys.owner(key) is None


def test_a_key_lives_for_an_hour() -> None:
    clock = HandClock()
    keys = IceKeys(SECRET, clock.wall, guest)
    key = keys.make("id-1")
    clock.advance(KEY_TTL - 1)
    assert keys.owner(key) is not None
    clock.advance(1)
    assert keys.owner(key) is None


@pytest.mark.parametrize("change", ["other id", "later", "other secret", "none", "dots", "half", "ß"])
def test_a_key_cannot_be_made_up(change: str) -> None:
    clock = HandClock()
    keys = IceKeys(SECRET, clock.wall, guest)
    id, expiry, signature = keys.make("id-1").split(".")
    made_up = {
        "other id": f"id-2.{expiry}.{signature}",
        "later": f"{id}.{int(expiry) + 1}.{signature}",
        "other secret": IceKeys(b"another", clock.wall, guest).make("id-1"),
        "none": "",
        "dots": "..",
        "half": f"{id}.{expiry}.{signature[:-1]}",
        "ß": f"{id}.{expiry}.ß",
    }
    assert keys.owner(made_up[change]) is None


# --- servers


def test_without_turn_there_is_stun() -> None:
    found = servers(HandClock(), turn=[]).of("ana")
    assert list(found.servers) == [IceServer(STUN)]
    assert not found.relay_only


def test_without_either_there_is_nothing() -> None:
    assert list(servers(HandClock(), [], []).of("ana").servers) == []


def test_relay_only_means_turn_alone() -> None:
    found = servers(HandClock(), relay_only=True).of("ana")
    assert [server.urls for server in found.servers] == [TURN]
    assert found.relay_only


def test_credentials_are_for_an_hour_and_for_one_person() -> None:
    clock = HandClock()
    ice = servers(clock, stun=[])
    (ana,), (ben,) = ice.of("ana").servers, ice.of("ben").servers
    expiry, _, user = (ana.username or "").partition(":")
    assert int(expiry) == clock.wall() + CREDENTIAL_TTL == ice.of("ana").expires_at
    assert "ana" not in user
    assert (ben.username or "").partition(":")[2] != user
    clock.advance(60)
    (later,) = ice.of("ana").servers
    assert (later.username or "").partition(":")[2] == user  # or a quota for each user would not hold
    assert later.credential != ana.credential


def test_who_it_is_cannot_be_found_out_with_the_turn_server_s_secret_alone() -> None:
    clock = HandClock()
    (one,) = IceServers([], TURN, "shared", False, SECRET, clock.wall).of("ana").servers
    (other,) = IceServers([], TURN, "shared", False, b"another secret", clock.wall).of("ana").servers
    assert one.username != other.username


# --- on a real TURN server


@pytest.fixture(scope="module")
def turn() -> Iterator[TurnServer]:
    with running_turn() as server:
        yield server


def credentials(turn: TurnServer, wall: float, secret: str | None = None) -> tuple[str, str]:
    ice = IceServers([], [turn.url], secret or turn.secret, False, SECRET, lambda: wall)
    (server,) = ice.of("ana").servers
    return server.username or "", server.credential or ""


def test_good_credentials_open_a_relay(turn: TurnServer) -> None:
    assert allocate(turn.port, *credentials(turn, time.time())) == 0


def test_expired_ones_do_not(turn: TurnServer) -> None:
    assert allocate(turn.port, *credentials(turn, time.time() - CREDENTIAL_TTL - 60)) == 401


def test_those_of_another_secret_do_not(turn: TurnServer) -> None:
    assert allocate(turn.port, *credentials(turn, time.time(), "another secret")) == 401


def test_nobody_makes_them_last_longer(turn: TurnServer) -> None:
    username, credential = credentials(turn, time.time() - CREDENTIAL_TTL - 60)
    assert allocate(turn.port, f"{int(time.time()) + 60}:{username.partition(':')[2]}", credential) == 401
