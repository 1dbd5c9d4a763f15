"""What access tokens say besides who somebody is: from which sign-in, and how that was made."""

import pytest

from meetmates.accounts.tokens import Claims, TokenVerifier, make_token

NOW = 1_800_000_000.0
SECRET = b"a-key-for-these-tests-only-0123456789"


def read(**extra: object) -> Claims:
    raw = make_token(SECRET, user_id="u1", email="a@b.edu", now=NOW, ttl=60, token_id="t1", extra=extra)
    return TokenVerifier(SECRET, [], "meetmates", "meetmates").verify(raw, NOW)


def test_a_token_names_its_session_and_whether_there_was_a_second_factor() -> None:
    claims = read(sid="s1", amr=["pwd", "otp"], role="member", campus="c1")
    assert (claims.session_id, claims.second_factor) == ("s1", True)
    assert not read(sid="s1", amr=["pwd"]).second_factor


def test_a_token_without_them_comes_from_no_session() -> None:
    assert read() == Claims("u1", "a@b.edu", False, NOW + 60, "t1", None, False)


@pytest.mark.parametrize("session", [None, "", 7, ["s1"], {"s": 1}, True, "x" * 129, "s\ud800"])
def test_what_is_no_session_of_ours_is_none(session: object) -> None:
    claims = read(sid=session, amr=["otp"])
    assert (claims.session_id, claims.second_factor) == (None, False)


@pytest.mark.parametrize("ways", [None, "otp", {"otp": 1}, 7, ["OTP"], [["otp"]], [None]])
def test_what_names_no_second_factor_is_none(ways: object) -> None:
    assert not read(sid="s1", amr=ways).second_factor


def test_no_other_claim_is_replaced() -> None:
    claims = read(userId="u2", email="x@y.edu", isGoogleUser=True, exp=NOW + 9999, jti="t2", iss="x", aud="y")
    assert claims == Claims("u1", "a@b.edu", False, NOW + 60, "t1", None, False)
