"""`GET /api/ice-servers`: to whom, what, and how often."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from meetmates.domain.people import Person, Seat
from meetmates.ports import Standing
from meetmates.store.database import Database
from tests.support.api import assert_problem, bearing
from tests.support.clock import NOON
from tests.support.rest import Rest, opened

TURN = {"turn_urls": "turn:turn.college.edu", "turn_secret": "shared"}
PATH = "/ice-servers"


def here(rest: Rest, id: str = "socket-1", account: str | None = None) -> dict[str, str]:
    """Somebody on a socket, and the header with their key."""
    rest.people[id] = Person(id, Seat(account), None, "", object())
    return {"x-ice-key": rest.parts.ice.keys.make(id)}


async def ask(rest: Rest, headers: dict[str, str]) -> httpx.Response:
    return await rest.get(PATH, headers=headers)


async def test_who_is_signed_in_gets_stun(rest: Rest) -> None:
    mine = await rest.member()
    for headers in (bearing(mine["token"]), {"x-auth-token": mine["token"]}):
        answer = await ask(rest, headers)
        assert answer.status_code == 200
        assert answer.json() == {
            "iceServers": [{"urls": ["stun:stun.l.google.com:19302"]}],
            "iceTransportPolicy": "all",
            "expiresAt": "2027-01-15T09:00:00.000Z",
        }
        assert answer.headers["cache-control"] == "no-store"


async def test_and_turn_with_credentials_where_it_is_set_up(database: Database, tmp_path: Path) -> None:
    async with opened(database, tmp_path, relay_only="true", **TURN) as rest:
        mine = await rest.member()
        told = (await ask(rest, bearing(mine["token"]))).json()
    (server,) = told["iceServers"]
    assert told["iceTransportPolicy"] == "relay"
    assert server["urls"] == ["turn:turn.college.edu"]
    assert server["username"].startswith(f"{int(NOON) + 3600}:")
    assert mine["user"]["userId"] not in server["username"]
    assert server["credential"]


async def test_a_guest_on_a_socket_gets_them_with_a_key(rest: Rest) -> None:
    headers = here(rest)
    assert (await ask(rest, headers)).status_code == 200
    assert (await ask(rest, headers | {"authorization": "Basic cHJveHk6cHJveHk="})).status_code == 200
    rest.people.clear()
    assert_problem(await ask(rest, headers), 401, "ice_key")


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "token_missing"),
        ({"x-ice-key": ""}, "token_missing"),
        ({"x-ice-key": "made up"}, "ice_key"),
        ({"authorization": "Bearer made-up"}, "token_invalid"),
    ],
)
async def test_nobody_else_does(rest: Rest, headers: dict[str, str], code: str) -> None:
    assert_problem(await ask(rest, headers), 401, code)


async def test_a_bad_token_is_not_made_good_by_a_key(rest: Rest) -> None:
    assert_problem(await ask(rest, here(rest) | bearing("made-up")), 401, "token_invalid")


async def test_a_key_in_the_query_opens_nothing(rest: Rest) -> None:
    key = here(rest)["x-ice-key"]
    assert_problem(await rest.get(f"{PATH}?x-ice-key={key}"), 401, "token_missing")


@pytest.mark.parametrize("standing", [Standing(banned=True), Standing(suspended_until=NOON + 60)])
async def test_who_is_kept_out_gets_none(rest: Rest, standing: Standing) -> None:
    mine = await rest.member()
    account = mine["user"]["userId"]
    rest.parts.ice.safety.set_standing(account, standing)
    for headers in (bearing(mine["token"]), here(rest, account=account)):
        assert_problem(await ask(rest, headers), 403, "sanctioned")
    rest.parts.ice.safety.set_standing(account, Standing(suspended_until=NOON - 1, muted_until=NOON + 60))
    assert (await ask(rest, bearing(mine["token"]))).status_code == 200


async def test_a_suspension_that_is_over_holds_nobody(rest: Rest) -> None:
    rest.parts.ice.safety.set_standing("guest-1", Standing(suspended_until=NOON - 1))
    assert (await ask(rest, here(rest, "guest-1"))).status_code == 200


async def ask_until_refused(rest: Rest, headers: dict[str, str], limit: int) -> dict[str, Any]:
    for _ in range(limit):
        assert (await ask(rest, headers)).status_code == 200
    refused = await ask(rest, headers)
    assert 1 <= int(refused.headers["retry-after"]) <= 3600
    return assert_problem(refused, 429, "too_many")


async def test_one_person_asks_sixty_times_an_hour_at_the_most(rest: Rest) -> None:
    mine = await rest.member()
    await ask_until_refused(rest, bearing(mine["token"]), 60)
    assert (await ask(rest, here(rest))).status_code == 200  # somebody else at the same address
    account = mine["user"]["userId"]
    assert_problem(await ask(rest, here(rest, "socket-2", account)), 429, "too_many")  # whichever way they come


async def test_an_address_has_its_limit_too(database: Database, tmp_path: Path) -> None:
    async with opened(database, tmp_path, limit_factor="0.005") as rest:  # of 6000 an hour
        for number in range(30):
            assert (await ask(rest, here(rest, f"socket-{number}"))).status_code == 200
        assert_problem(await ask(rest, here(rest, "one-more")), 429, "too_many")
