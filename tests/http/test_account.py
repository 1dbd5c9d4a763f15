"""One's own account: who one is, what is held, the end of it; and the gate of the campus."""

import pytest

from meetmates.accounts.identity import Identity
from tests.support.rest import PASSWORD, Rest, assert_problem, bearing
from tests.support.tokens import claims, signed, token

ANA = "ana@college.edu"
WHO = ["/verify-token", "/profile"]
NOBODY: list[tuple[dict[str, str], str]] = [
    ({}, "token_missing"),
    ({"x-auth-token": ""}, "token_missing"),
    ({"authorization": "Basic YW5hOmFuYQ=="}, "token_missing"),
    ({"authorization": "Bearer"}, "token_invalid"),
    ({"authorization": "Bearer null"}, "token_invalid"),
    ({"x-auth-token": "undefined"}, "token_invalid"),
    ({"authorization": "Bearer a.b.c"}, "token_invalid"),
]
SQLITE = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)  # for what asks no database


def lasting(rest: Rest, user: str = "zoe", **changes: object) -> str:
    """A token that somebody else made, good by the clock of the test."""
    now = int(rest.clock.wall())
    return token(user, **{"iat": now, "exp": now + 600, **changes})


@pytest.mark.parametrize("path", WHO)
async def test_who_one_is(rest: Rest, path: str) -> None:
    mine = await rest.member(ANA)
    for headers in (bearing(mine["token"]), {"x-auth-token": mine["token"]}, {"Authorization": mine["token"]}):
        answer = await rest.get(path, headers=headers)
        assert answer.status_code == 200
        assert answer.json() == {"success": True, "user": mine["user"]}
        assert answer.headers["cache-control"] == "no-store"


@SQLITE
@pytest.mark.parametrize("path", [*WHO, "/account/export", "/auth/sessions"])
async def test_who_one_is_not(rest: Rest, path: str) -> None:
    for headers, code in NOBODY:
        answer = await rest.get(path, headers=headers)
        assert_problem(answer, 401, code)
        assert answer.headers["www-authenticate"] == "Bearer"


@SQLITE
async def test_tokens_that_are_refused(rest: Rest) -> None:
    now = int(rest.clock.wall())
    over = lasting(rest, exp=now - 31)
    forged = signed({"alg": "HS256", "typ": "JWT"}, claims("zoe", exp=now + 600, iat=now), key=b"k" * 32)
    assert_problem(await rest.get("/profile", over), 401, "token_expired")
    assert_problem(await rest.get("/profile", forged), 401, "token_invalid")
    assert_problem(await rest.get("/profile", lasting(rest, typ="refresh")), 401, "token_invalid")


@SQLITE
@pytest.mark.parametrize("name", ["token", "access_token"])
async def test_a_token_in_the_query_is_refused_even_beside_a_good_one(rest: Rest, name: str) -> None:
    mine = await rest.member(ANA)
    assert_problem(await rest.get("/profile", mine["token"], params={name: mine["token"]}), 401, "token_invalid")


async def test_while_no_campus_is_configured_tokens_of_others_are_good(rest: Rest) -> None:
    theirs = lasting(rest)
    user = (await rest.get("/profile", theirs)).json()["user"]
    assert (user["userId"], user["email"], user["role"]) == ("zoe", "zoe@college.edu", "member")
    assert_problem(await rest.get("/account/export", theirs), 401, "account_gone")  # there is nothing to be had
    await rest.parts.campuses.add("Example College", ["college.edu"])
    assert_problem(await rest.get("/profile", theirs), 401, "account_gone")


async def test_the_campus_gate(rest: Rest) -> None:
    await rest.parts.campuses.add("Example College", ["college.edu"])
    outside = await rest.post("/auth/signup", {"email": "ana@other.edu", "password": PASSWORD})
    assert_problem(outside, 400, "no_campus")
    assert (await rest.member(ANA))["user"]["campus"] == "Example College"


async def test_what_is_held_about_one_is_given_out_and_nobody_elses(rest: Rest) -> None:
    mine = await rest.member(ANA)
    await rest.member("ben@college.edu")
    answer = await rest.get("/account/export", mine["token"])
    assert answer.status_code == 200
    assert ANA in answer.text
    assert answer.headers["content-disposition"] == 'attachment; filename="meetmates-account.json"'
    for hidden in ("ben@college.edu", "argon2", "hash", "secret"):
        assert hidden not in answer.text


async def test_whom_one_has_blocked_is_listed_by_name_and_for_nobody_else(rest: Rest) -> None:
    mine, other = await rest.member(ANA), await rest.member("ben@college.edu")
    account = mine["user"]["userId"]
    await rest.parts.blocks.block(account, other["user"]["userId"], "Otter")
    rest.clock.advance(1)
    await rest.parts.blocks.block(account, "somebody-else")
    answer = await rest.get("/account/blocks", mine["token"])
    assert answer.json() == {
        "blocks": [
            {"name": None, "at": "2027-01-15T08:00:01.000Z"},
            {"name": "Otter", "at": "2027-01-15T08:00:00.000Z"},
        ]
    }
    assert (await rest.get("/account/blocks", other["token"])).json() == {"blocks": []}
    assert_problem(await rest.get("/account/blocks"), 401, "token_missing")


async def test_an_account_ends_with_its_password_and_everything_with_it(rest: Rest) -> None:
    mine, other = await rest.member(ANA), await rest.signed_in(ANA)
    for wrong in (None, {}, {"password": None}, {"password": "a wrong password"}):
        assert_problem(await rest.delete("/account", mine["token"], wrong), 400, "wrong_credentials")
    answer = await rest.delete("/account", mine["token"], {"password": PASSWORD})
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    for session in (mine, other):
        assert_problem(await rest.get("/profile", session["token"]), 401, "token_invalid")
    assert_problem(await rest.post("/auth/login", {"email": ANA, "password": PASSWORD}), 400, "wrong_credentials")


async def test_an_account_without_a_password_ends_after_a_fresh_sign_in(rest: Rest) -> None:
    identity = Identity("https://login.college.edu", "ana", ANA, is_google=False)
    old = (await rest.parts.signin.with_identity(identity)).tokens.access
    rest.clock.advance(301)
    assert_problem(await rest.delete("/account", old), 403, "sign_in_again")
    assert (await rest.get("/profile", old)).status_code == 200
    fresh = (await rest.parts.signin.with_identity(identity)).tokens.access
    assert (await rest.delete("/account", fresh)).status_code == 200


async def test_what_anybody_may_know_of_the_server(rest: Rest) -> None:
    before = (await rest.get("/config")).json()
    assert before == {
        "signIn": {"password": True, "google": None, "singleSignOn": None},
        "guests": True,
        "campus": False,
    }
    await rest.parts.campuses.add("Example College", ["college.edu"])
    after = (await rest.get("/config")).json()
    assert (after["guests"], after["campus"]) == (False, True)
