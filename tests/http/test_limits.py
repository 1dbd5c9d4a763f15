"""How often something may be tried: by one address, at one mailbox, and by whom nobody is."""

import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import Request

from meetmates.accounts.errors import AccountRefused
from meetmates.http.limits import Limits, Rule, Try
from meetmates.http.windows import PRUNE_AFTER
from meetmates.store.database import Database
from tests.support.clock import HandClock
from tests.support.rest import PASSWORD, Rest, assert_problem, opened

SQLITE = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)  # nothing of it is in the database
ANA, NOBODY = "ana@college.edu", "nobody@college.edu"


def assert_over(answer: httpx.Response, wait: int) -> None:
    assert_problem(answer, 429, "too_many")
    assert answer.headers["retry-after"] == str(wait)


async def wrong(rest: Rest, times: int, email: str = ANA) -> None:
    for _ in range(times):
        answer = await rest.post("/auth/login", {"email": email, "password": "a wrong password"})
        assert_problem(answer, 400, "wrong_credentials")


# --- the windows


def test_a_window_moves() -> None:
    clock = HandClock()
    limits = Limits(clock, 1.0)
    for _ in range(3):
        limits.take(Try(Rule.LETTERS, ANA))
        clock.advance(100)
    with pytest.raises(AccountRefused) as refused:
        limits.take(Try(Rule.LETTERS, ANA))
    assert refused.value.retry_after == 300  # the first of the three leaves ten minutes after it came
    clock.advance(299.5)
    with pytest.raises(AccountRefused) as refused:
        limits.take(Try(Rule.LETTERS, ANA))
    assert refused.value.retry_after == 1  # never "at once", for whoever is refused
    clock.advance(0.5)
    limits.take(Try(Rule.LETTERS, ANA))
    limits.take(Try(Rule.LETTERS, NOBODY))


def test_of_several_windows_all_must_have_room_and_a_refusal_takes_nothing() -> None:
    clock = HandClock()
    limits = Limits(clock, 1.0)
    for _ in range(15):  # 60 a minute, 900 an hour
        for _ in range(60):
            limits.take(Try(Rule.SIGN_IN, "192.0.2.1"))
        clock.advance(60)
    for _ in range(3):
        with pytest.raises(AccountRefused) as refused:
            limits.take(Try(Rule.SIGN_IN, "192.0.2.1"))
        assert refused.value.retry_after == 3600 - 15 * 60
    clock.advance(3600 - 15 * 60)
    limits.take(Try(Rule.SIGN_IN, "192.0.2.1"))


@pytest.mark.parametrize(("factor", "allowed"), [(1.0, 3), (2.0, 6), (0.5, 2), (0.001, 1)])
def test_every_limit_is_multiplied_and_never_becomes_a_wall(factor: float, allowed: int) -> None:
    limits = Limits(HandClock(), factor)
    for _ in range(allowed):
        limits.take(Try(Rule.LETTERS, ANA))
    with pytest.raises(AccountRefused):
        limits.take(Try(Rule.LETTERS, ANA))


def test_what_is_over_is_forgotten() -> None:
    clock = HandClock()
    limits = Limits(clock, 1.0)
    for number in range(PRUNE_AFTER):
        limits.take(Try(Rule.REQUESTS, str(number)))
    clock.advance(60)
    for number in range(PRUNE_AFTER):
        limits.take(Try(Rule.REQUESTS, f"another {number}"))
    assert len(limits) <= PRUNE_AFTER + 1


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("a socket", "unknown"),
        ("", "unknown"),
    ],
)
def test_whom_an_address_counts_for(address: str, counted: str) -> None:
    limits = Limits(HandClock(), 1.0, lambda request: address)
    assert limits.address(Request({"type": "http"})) == counted


# --- signing in


@SQLITE
async def test_ten_wrong_passwords_from_one_address(rest: Rest) -> None:
    await rest.joined(ANA)
    await wrong(rest, 10)
    for password in ("a wrong password", PASSWORD):
        assert_over(await rest.post("/auth/login", {"email": ANA, "password": password}), 900)
    rest.clock.advance(900)
    await rest.signed_in(ANA)


@SQLITE
async def test_the_spellings_of_one_mailbox_are_one(rest: Rest) -> None:
    spellings = ["Ana@college.edu", "ana+1@college.edu", "ANA@COLLEGE.EDU", " ana@college.edu"]
    for number in range(10):
        assert (await rest.post("/auth/login", {"email": spellings[number % 4], "password": "x"})).status_code == 400
    assert_over(await rest.post("/auth/login", {"email": "ana+new@college.edu", "password": "x"}), 900)


@SQLITE
async def test_a_limit_does_not_tell_whether_an_account_exists(rest: Rest) -> None:
    await rest.joined(ANA)
    await wrong(rest, 10, ANA)
    known = await rest.post("/auth/login", {"email": ANA, "password": "x"})
    rest.clock.advance(60)
    await wrong(rest, 10, NOBODY)
    unknown = await rest.post("/auth/login", {"email": NOBODY, "password": "x"})
    assert_problem(known, 429, "too_many")
    assert (known.content, known.headers["retry-after"]) == (unknown.content, unknown.headers["retry-after"])


@SQLITE
async def test_what_was_right_does_not_count(rest: Rest) -> None:
    await rest.joined(ANA)
    for _ in range(3):
        await wrong(rest, 3)
        for _ in range(4):
            await rest.signed_in(ANA)
        rest.clock.advance(60)
    await wrong(rest, 1)
    assert_problem(await rest.post("/auth/login", {"email": ANA, "password": PASSWORD}), 429, "too_many")


@SQLITE
async def test_a_hundred_guesses_at_once_are_a_hundred(rest: Rest, tmp_path: Path, database: Database) -> None:
    async with opened(database, tmp_path, limit_factor=5.0) as wide:
        await wide.joined(ANA)
        body = {"email": ANA, "password": "a wrong password"}
        answers = await asyncio.gather(*[wide.post("/auth/login", body) for _ in range(99)])
        assert sorted({answer.status_code for answer in answers}) == [400, 429]
        assert [answer.status_code for answer in answers].count(400) == 50


@SQLITE
async def test_guessing_from_many_addresses_ends_at_the_mailbox(rest: Rest) -> None:
    def from_address(number: int) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(rest.app, client=(f"198.51.100.{number}", 1))
        return httpx.AsyncClient(transport=transport, base_url="http://localhost:3001")

    for number in range(10):
        async with from_address(number) as client:
            for _ in range(5):
                answer = await client.post("/api/auth/login", json={"email": ANA, "password": "x"})
                assert answer.status_code == 400
    async with from_address(99) as client:
        assert_over(await client.post("/api/auth/login", json={"email": ANA, "password": "x"}), 3600)
        other = await client.post("/api/auth/login", json={"email": NOBODY, "password": "x"})
        assert other.status_code == 400


@SQLITE
async def test_one_address_tries_many_mailboxes(rest: Rest) -> None:
    for number in range(60):
        await wrong(rest, 1, f"ana{number}@college.edu")
    assert_over(await rest.post("/auth/login", {"email": ANA, "password": "x"}), 60)


@SQLITE
async def test_guesses_at_the_end_of_an_account_count_as_sign_ins_do(rest: Rest) -> None:
    mine = await rest.member(ANA)
    for _ in range(10):
        answer = await rest.delete("/account", mine["token"], {"password": "a wrong password"})
        assert_problem(answer, 400, "wrong_credentials")
    assert_over(await rest.delete("/account", mine["token"], {"password": PASSWORD}), 900)


# --- signing up, codes and letters


@SQLITE
async def test_one_mailbox_signs_up_five_times_an_hour(rest: Rest) -> None:
    for _ in range(5):
        short = await rest.post("/auth/signup", {"email": ANA, "password": "short"})
        assert_problem(short, 400, "password_short")  # nobody was written to: it does not count
        assert (await rest.post("/auth/signup", {"email": ANA, "password": PASSWORD})).status_code == 201
    assert_over(await rest.post("/auth/signup", {"email": ANA, "password": PASSWORD}), 3600)
    assert len(rest.letters(ANA)) == 5


@SQLITE
async def test_one_address_signs_up_a_hundred_mailboxes_an_hour(rest: Rest) -> None:
    for _ in range(300):
        rest.parts.limits.take(Try(Rule.SIGN_UP_HERE, "192.0.2.1"))
    assert_over(await rest.post("/auth/signup", {"email": ANA, "password": PASSWORD}), 3600)


@SQLITE
@pytest.mark.parametrize("path", ["/auth/resend", "/auth/password/forgot"])
async def test_nobodys_mailbox_is_flooded(rest: Rest, path: str) -> None:
    await rest.joined(ANA)
    for email in (ANA, NOBODY):
        for _ in range(3):
            assert (await rest.post(path, {"email": email})).status_code == 200
        assert_over(await rest.post(path, {"email": email}), 600)
    assert len(rest.letters(ANA)) <= 4


@SQLITE
@pytest.mark.parametrize("path", ["/auth/verify-email", "/auth/password/reset"])
async def test_codes_are_not_tried_without_end(rest: Rest, path: str) -> None:
    form = {"email": ANA, "code": "000000", "password": PASSWORD}
    for _ in range(30):
        assert_problem(await rest.post(path, form), 400, "wrong_code")
    assert_over(await rest.post(path, form), 3600)


# --- everything else


@SQLITE
@pytest.mark.parametrize(
    ("method", "path", "body", "limit"),
    [
        ("POST", "/auth/refresh", {"refreshToken": "mmr_x"}, 1200),
        ("POST", "/auth/logout", {}, 1200),
        ("GET", "/verify-token", None, 6000),
        ("GET", "/config", None, 6000),
        ("DELETE", "/account", None, 6000),
        ("POST", "/auth/google-login", {"credential": "x"}, 60),
        ("GET", "/auth/sso/start", None, 60),
        ("GET", "/auth/sso/callback", None, 60),
    ],
)
async def test_what_one_address_may_ask_in_a_minute(
    rest: Rest, tmp_path: Path, database: Database, method: str, path: str, body: object, limit: int
) -> None:
    async with opened(database, tmp_path, limit_factor=6 / limit) as narrow:
        for _ in range(6):
            assert (await narrow.client.request(method, f"/api{path}", json=body)).status_code != 429
        assert_over(await narrow.client.request(method, f"/api{path}", json=body), 60)
        narrow.clock.advance(60)
        assert (await narrow.client.request(method, f"/api{path}", json=body)).status_code != 429


@SQLITE
async def test_appeals_are_not_tried_without_end(rest: Rest) -> None:
    for _ in range(20):
        assert_problem(await rest.post("/appeals", {"appealToken": "x", "text": "Please."}), 400, "wrong_appeal")
    assert_over(await rest.post("/appeals", {"appealToken": "x", "text": "Please."}), 3600)
