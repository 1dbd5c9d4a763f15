"""Who asks: the access token in `Authorization: Bearer` or `x-auth-token`, and the account behind it."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.profiles import Profile
from meetmates.accounts.tokens import Claims, TokenRefused, bearer, from_header
from meetmates.http.parts import Given, Parts
from meetmates.http.problems import documented

IN_QUERY = ("token", "access_token")  # refused even beside a good one: queries are logged
REFUSED = {"token_invalid": Problem.TOKEN_INVALID, "token_expired": Problem.TOKEN_EXPIRED}

# For the OpenAPI document alone; what they find is read below, by the same rules as on sockets.
BEARER = Security(HTTPBearer(auto_error=False, scheme_name="bearer", description="The access token."))
HEADER = Security(APIKeyHeader(name="x-auth-token", auto_error=False, scheme_name="x-auth-token"))

PROBLEMS = documented(Problem.TOKEN_MISSING, Problem.TOKEN_INVALID, Problem.TOKEN_EXPIRED, Problem.ACCOUNT_GONE)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who sent a valid token. `profile` is None for accounts that others keep, let in while no campus is configured."""

    claims: Claims
    profile: Profile | None

    @property
    def user(self) -> dict[str, Any]:
        """As answers show it."""
        if self.profile is not None:
            return self.profile.public()
        return {
            "userId": self.claims.user_id,
            "email": self.claims.email,
            "isGoogleUser": self.claims.is_google_user,
            "campus": None,
            "role": "member",
            "createdAt": None,
        }


async def asker(request: Request, parts: Given, bearer: object = BEARER, header: object = HEADER) -> Asker:
    """Raises `AccountRefused` (401) for a token that is missing, wrong, over, or whose session or account is gone."""
    claims = claims_of(request, parts)
    if claims.session_id is not None and not await parts.sessions.is_alive(claims.session_id):
        raise AccountRefused(Problem.TOKEN_INVALID)
    profile = await parts.profiles.of(claims.user_id)
    if profile is None and await is_gate_closed(parts):
        raise AccountRefused(Problem.ACCOUNT_GONE)
    return Asker(claims, profile)


async def member(signed: Annotated[Asker, Depends(asker)]) -> Profile:
    """Somebody with an account here; raises `AccountRefused` (401) for others."""
    if signed.profile is None:
        raise AccountRefused(Problem.ACCOUNT_GONE)
    return signed.profile


async def welcome(signed: Annotated[Asker, Depends(asker)], parts: Given) -> Asker:
    """Somebody who may come in; raises `AccountRefused` (403) with what is told to whoever was suspended or banned."""
    async with parts.database.read() as connection:
        held = await parts.sanctions.kept_out(connection, signed.claims.user_id)
    if held is not None:
        raise AccountRefused(Problem.SANCTIONED, held)
    return signed


Signed = Annotated[Asker, Depends(asker)]
Welcome = Annotated[Asker, Depends(welcome)]
Member = Annotated[Profile, Depends(member)]


async def is_gate_closed(parts: Parts) -> bool:
    """Whether a campus is configured, so that only its members are let in."""
    async with parts.database.read() as connection:
        return await parts.campuses.is_gate_closed(connection)


def claims_of(request: Request, parts: Parts) -> Claims:
    """What the request's token says. Raises `AccountRefused` (401); whether its session still runs is not asked."""
    if any(name in request.query_params for name in IN_QUERY):
        raise AccountRefused(Problem.TOKEN_INVALID)
    headers = request.headers
    try:
        token = from_header(headers.get("authorization")) or bearer(headers.get("x-auth-token"))
        if token is None:
            raise AccountRefused(Problem.TOKEN_MISSING)
        return parts.verifier.verify(token, parts.clock.wall())
    except TokenRefused as refused:
        raise AccountRefused(REFUSED[refused.code]) from None
