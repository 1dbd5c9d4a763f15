"""Signing up, signing in, codes and tokens, as a page asks for them."""

from typing import Any

import pyotp
import pytest

from meetmates.domain.ladder import Kind
from tests.support.rest import PASSWORD, Rest, assert_problem, bearing

ANA, BEN, NOBODY = "ana@college.edu", "ben@college.edu", "nobody@college.edu"
OTHER_PASSWORD = "another long password"
SQLITE = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)  # for what hardly asks it
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


# --- signing up


async def test_signing_up_verifying_and_signing_in(rest: Rest) -> None:
    made = await rest.post("/auth/signup", {"email": "Ana@College.edu", "password": PASSWORD})
    assert (made.status_code, made.json()) == (201, {"msg": "Signup successful."})
    verified = await rest.post("/auth/verify-email", {"email": ANA, "code": rest.code("Ana@college.edu")})
    assert verified.status_code == 200
    assert verified.json()["msg"]
    answer = await rest.post("/auth/login", {"email": ANA, "password": PASSWORD})
    body = answer.json()
    assert set(body) == {"token", "refreshToken", "expiresAt", "refreshExpiresAt", "user"}
    assert set(body["user"]) == {"userId", "email", "isGoogleUser", "campus", "role", "createdAt"}
    assert body["user"]["isGoogleUser"] is False
    assert body["expiresAt"] == "2027-01-15T08:15:00.000Z"  # 15 minutes after the clock's beginning
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers


async def test_a_known_address_is_answered_like_a_new_one_and_its_owner_gets_a_letter(rest: Rest) -> None:
    await rest.joined(ANA)
    again = await rest.post("/auth/signup", {"email": ANA, "password": OTHER_PASSWORD})
    new = await rest.post("/auth/signup", {"email": BEN, "password": OTHER_PASSWORD})
    assert (again.status_code, again.content, dict(again.headers)) == (201, new.content, dict(new.headers))
    assert len(rest.letters(ANA)) == 2
    assert not any(character.isdigit() for character in rest.letters(ANA)[-1])  # no code: it would sign nobody up
    await rest.signed_in(ANA, PASSWORD)


@SQLITE
@pytest.mark.parametrize(
    ("email", "password", "code"),
    [
        ("ana", PASSWORD, "bad_address"),
        ("ana@college.edu\r\nBcc: ben@college.edu", PASSWORD, "bad_address"),
        (ANA, "short", "password_short"),
        (ANA, "x" * 257, "password_long"),
        (ANA, "password123", "password_common"),
    ],
)
async def test_what_cannot_sign_up(rest: Rest, email: str, password: str, code: str) -> None:
    assert_problem(await rest.post("/auth/signup", {"email": email, "password": password}), 400, code)
    assert rest.shown == []


async def test_nobody_makes_themselves_more_than_a_member(rest: Rest) -> None:
    wish: dict[str, Any] = {
        "role": "administrator",
        "userId": "u1",
        "campus": "x",
        "campus_id": "x",
        "isGoogleUser": True,
        "id": "u1",
    }
    await rest.post("/auth/signup", {"email": ANA, "password": PASSWORD, **wish})
    await rest.post("/auth/verify-email", {"email": ANA, "code": rest.code(ANA), **wish})
    user = (await rest.signed_in(ANA, **wish))["user"]
    assert (user["role"], user["campus"], user["isGoogleUser"]) == ("member", None, False)
    assert user["userId"] != "u1"


async def test_a_code_is_good_once_and_a_wrong_one_says_nothing_about_the_mailbox(rest: Rest) -> None:
    await rest.joined(ANA)
    used = await rest.post("/auth/verify-email", {"email": ANA, "code": rest.code(ANA)})
    never = await rest.post("/auth/verify-email", {"email": NOBODY, "code": "123456"})
    assert_problem(used, 400, "wrong_code")
    assert used.content == never.content


async def test_an_old_code_is_renewed_on_wish(rest: Rest) -> None:
    await rest.post("/auth/signup", {"email": ANA, "password": PASSWORD})
    rest.clock.advance(601)
    late = await rest.post("/auth/verify-email", {"email": ANA, "code": rest.code(ANA)})
    assert_problem(late, 400, "wrong_code")
    assert (await rest.post("/auth/resend", {"email": ANA})).status_code == 200
    fresh = await rest.post("/auth/verify-email", {"email": ANA, "code": rest.code(ANA)})
    assert fresh.status_code == 200


@pytest.mark.parametrize("path", ["/auth/resend", "/auth/password/forgot"])
async def test_asking_for_a_code_tells_nobody_who_has_an_account(rest: Rest, path: str) -> None:
    await rest.joined(ANA)
    await rest.post("/auth/signup", {"email": BEN, "password": PASSWORD})
    answers = [await rest.post(path, {"email": email}) for email in (ANA, BEN, NOBODY)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert rest.letters(NOBODY) == []


# --- signing in


async def test_a_wrong_password_and_an_unknown_address_are_one_answer(rest: Rest) -> None:
    await rest.joined(ANA)
    wrong = await rest.post("/auth/login", {"email": ANA, "password": OTHER_PASSWORD})
    unknown = await rest.post("/auth/login", {"email": NOBODY, "password": OTHER_PASSWORD})
    no_address = await rest.post("/auth/login", {"email": "ana", "password": OTHER_PASSWORD})
    assert_problem(wrong, 400, "wrong_credentials")
    assert wrong.content == unknown.content == no_address.content


async def test_a_new_password_ends_every_session(rest: Rest) -> None:
    before = await rest.member(ANA)
    await rest.post("/auth/password/forgot", {"email": ANA})
    form = {"email": ANA, "code": rest.code(ANA), "password": OTHER_PASSWORD}
    assert (await rest.post("/auth/password/reset", form)).status_code == 200
    assert_problem(await rest.get("/profile", before["token"]), 401, "token_invalid")
    refreshed = await rest.post("/auth/refresh", {"refreshToken": before["refreshToken"]})
    assert_problem(refreshed, 401, "no_session")
    assert_problem(await rest.post("/auth/login", {"email": ANA, "password": PASSWORD}), 400, "wrong_credentials")
    await rest.signed_in(ANA, OTHER_PASSWORD)
    assert_problem(await rest.post("/auth/password/reset", form), 400, "wrong_code")


async def test_a_second_factor_is_asked_for_only_after_the_right_password(rest: Rest) -> None:
    user = (await rest.member(ANA))["user"]["userId"]
    app = pyotp.TOTP((await rest.totp.begin(user)).secret)
    await rest.totp.confirm(user, app.at(int(rest.clock.wall())))
    rest.clock.advance(60)
    form = {"email": ANA, "password": PASSWORD}
    assert_problem(await rest.post("/auth/login", form), 401, "second_factor")
    assert_problem(await rest.post("/auth/login", {**form, "totp": "000000"}), 401, "second_factor")
    wrong = await rest.post("/auth/login", {**form, "password": OTHER_PASSWORD, "totp": app.at(int(rest.clock.wall()))})
    assert_problem(wrong, 400, "wrong_credentials")
    await rest.signed_in(ANA, totp=app.at(int(rest.clock.wall())))


async def test_a_suspended_person_is_told_why_and_until_when_and_may_appeal_once(rest: Rest) -> None:
    user = (await rest.member(ANA))["user"]["userId"]
    until = rest.clock.wall() + 3600
    await rest.sanctions.impose(user, Kind.SUSPENSION, "Threats.", until=until, by="command line")
    assert_problem(
        await rest.post("/auth/login", {"email": ANA, "password": OTHER_PASSWORD}), 400, "wrong_credentials"
    )  # told to nobody else
    refused = await rest.post("/auth/login", {"email": ANA, "password": PASSWORD})
    told = assert_problem(refused, 403, "sanctioned")
    assert (told["kind"], told["reason"], told["until"]) == ("suspension", "Threats.", "2027-01-15T09:00:00.000Z")
    appeal = {"appealToken": told["appealToken"], "text": "It was a joke."}
    assert (await rest.post("/appeals", appeal)).status_code == 201
    assert_problem(await rest.post("/appeals", appeal), 400, "wrong_appeal")


async def test_who_is_suspended_while_signed_in_is_told_so_and_goes_on_afterwards(rest: Rest) -> None:
    """The tokens stay what they are, and so does the appeal of the last sign-in."""
    mine = await rest.member(ANA)
    await rest.sanctions.impose(
        mine["user"]["userId"], Kind.SUSPENSION, "Threats.", until=rest.clock.wall() + 600, by="command line"
    )
    login = assert_problem(await rest.post("/auth/login", {"email": ANA, "password": PASSWORD}), 403, "sanctioned")
    form = {"refreshToken": mine["refreshToken"]}
    for answer in (
        await rest.post("/auth/refresh", form),
        await rest.get("/profile", mine["token"]),
        await rest.get("/verify-token", mine["token"]),
    ):
        told = assert_problem(answer, 403, "sanctioned")
        kept = {name: told[name] for name in ("kind", "reason", "until")}
        assert kept == {"kind": "suspension", "reason": "Threats.", "until": "2027-01-15T08:10:00.000Z"}
        assert "appealToken" not in told
    assert (await rest.get("/account/export", mine["token"])).status_code == 200
    appeal = {"appealToken": login["appealToken"], "text": "It was a joke."}
    assert (await rest.post("/appeals", appeal)).status_code == 201
    rest.clock.advance(601)
    assert (await rest.get("/profile", mine["token"])).status_code == 200
    assert (await rest.post("/auth/refresh", form)).status_code == 200


@pytest.mark.parametrize("kind", [Kind.MUTE, Kind.WARNING])
async def test_who_is_muted_or_warned_stays_signed_in(rest: Rest, kind: Kind) -> None:
    mine = await rest.member(ANA)
    until = rest.clock.wall() + 600 if kind is Kind.MUTE else None
    await rest.sanctions.impose(mine["user"]["userId"], kind, "Spam.", until=until, by="command line")
    assert (await rest.get("/profile", mine["token"])).status_code == 200
    assert (await rest.post("/auth/refresh", {"refreshToken": mine["refreshToken"]})).status_code == 200


async def test_a_copied_refresh_token_ends_the_session_of_a_banned_person_too(rest: Rest) -> None:
    mine = await rest.member(ANA)
    form = {"refreshToken": mine["refreshToken"]}
    assert (await rest.post("/auth/refresh", form)).status_code == 200
    rest.clock.advance(21)
    await rest.sanctions.impose(mine["user"]["userId"], Kind.BAN, "Threats.", by="command line")
    assert_problem(await rest.post("/auth/refresh", form), 401, "no_session")
    assert_problem(await rest.get("/account/export", mine["token"]), 401, "token_invalid")


@SQLITE
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/auth/google-login", {"credential": "x"}),
        ("GET", "/auth/sso/start", None),
        ("GET", "/auth/sso/callback", None),
    ],
)
async def test_ways_that_are_not_set_up(rest: Rest, method: str, path: str, body: object) -> None:
    assert_problem(await rest.client.request(method, f"/api{path}", json=body), 404, "not_configured")


# --- sessions


async def test_refresh_tokens_are_good_once_and_twice_only_for_a_moment(rest: Rest) -> None:
    first = await rest.member(ANA)
    form = {"refreshToken": first["refreshToken"]}
    answer = await rest.post("/auth/refresh", form)
    second = answer.json()
    assert set(second) == {"token", "refreshToken", "expiresAt", "refreshExpiresAt"}
    assert second["refreshToken"] != first["refreshToken"]
    assert answer.headers["cache-control"] == "no-store"
    rest.clock.advance(19)
    again = await rest.post("/auth/refresh", form)
    assert again.json()["refreshToken"] == second["refreshToken"]
    rest.clock.advance(2)
    assert_problem(await rest.post("/auth/refresh", form), 401, "no_session")
    stolen = await rest.post("/auth/refresh", {"refreshToken": second["refreshToken"]})
    assert_problem(stolen, 401, "no_session")
    assert_problem(await rest.get("/profile", second["token"]), 401, "token_invalid")


@SQLITE
@pytest.mark.parametrize("form", [None, {}, {"refreshToken": None}, {"refreshToken": ""}, {"refreshToken": "mmr_x"}])
async def test_no_session_without_its_token(rest: Rest, form: object) -> None:
    assert_problem(await rest.post("/auth/refresh", form), 401, "no_session")


@pytest.mark.parametrize("by", ["refresh token", "access token"])
async def test_signing_out_ends_the_session(rest: Rest, by: str) -> None:
    mine, other = await rest.member(ANA), await rest.signed_in(ANA)
    if by == "refresh token":
        answer = await rest.post("/auth/logout", {"refreshToken": mine["refreshToken"]})
    else:
        answer = await rest.post("/auth/logout", headers=bearing(mine["token"]))
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    assert_problem(await rest.get("/verify-token", mine["token"]), 401, "token_invalid")
    assert (await rest.get("/verify-token", other["token"])).status_code == 200


@SQLITE
@pytest.mark.parametrize("form", [None, {}, {"refreshToken": "mmr_x"}])
async def test_signing_out_twice_harms_nobody(rest: Rest, form: object) -> None:
    assert (await rest.post("/auth/logout", form)).status_code == 200


async def test_signing_out_everywhere(rest: Rest) -> None:
    mine, other, bens = await rest.member(ANA), await rest.signed_in(ANA), await rest.member(BEN)
    assert (await rest.post("/auth/logout-all", headers=bearing(mine["token"]))).status_code == 200
    for session in (mine, other):
        assert_problem(await rest.get("/profile", session["token"]), 401, "token_invalid")
    assert (await rest.get("/profile", bens["token"])).status_code == 200


async def test_one_sees_and_ends_ones_own_sessions_alone(rest: Rest) -> None:
    await rest.joined(ANA)
    rest.client.headers["user-agent"] = FIREFOX
    laptop, bens = await rest.signed_in(ANA), await rest.member(BEN)
    rest.clock.advance(5)
    rest.client.headers["user-agent"] = "curl/8"
    phone = await rest.signed_in(ANA)
    listed = (await rest.get("/auth/sessions", laptop["token"])).json()["sessions"]
    assert [(each["device"], each["current"]) for each in listed] == [("a program", False), ("Firefox on Linux", True)]
    theirs = (await rest.get("/auth/sessions", bens["token"])).json()["sessions"][0]["id"]
    assert_problem(await rest.delete(f"/auth/sessions/{theirs}", laptop["token"]), 404, "not_found")
    assert (await rest.delete(f"/auth/sessions/{listed[0]['id']}", laptop["token"])).status_code == 200
    assert_problem(await rest.get("/profile", phone["token"]), 401, "token_invalid")
    assert (await rest.get("/profile", bens["token"])).status_code == 200
