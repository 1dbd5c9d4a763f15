"""Signing up, signing in, codes and tokens, as a page asks for them."""

import pytest

from tests.support.rest import PASSWORD, Rest, assert_problem, bearing


async def test_signing_up_verifying_and_signing_in(rest: Rest) -> None:
    made = await rest.post("/auth/signup", {"email": "Ana@College.edu", "password": PASSWORD})
    assert (made.status_code, made.json()) == (201, {"msg": "Signup successful."})
    verified = await rest.post("/auth/verify-email", {"email": "ana@college.edu", "code": rest.code("Ana@college.edu")})
    assert verified.status_code == 200
    assert verified.json()["msg"]
    answer = await rest.post("/auth/login", {"email": "ana@college.edu", "password": PASSWORD})
    body = answer.json()
    assert set(body) == {"token", "refreshToken", "expiresAt", "refreshExpiresAt", "user"}
    assert set(body["user"]) == {"userId", "email", "isGoogleUser", "campus", "role", "createdAt"}
    assert body["user"]["isGoogleUser"] is False
    assert body["user"]["role"] == "member"
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
