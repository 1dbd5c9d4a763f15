"""STUN and TURN servers for browsers, to whoever is signed in or is on a socket."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Security
from fastapi.security import APIKeyHeader

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.times import iso
from meetmates.http.forms import IceAnswer, IceServerAnswer
from meetmates.http.identity import BEARER, HEADER, PROBLEMS, asker
from meetmates.http.limits import Rule, Try, counted
from meetmates.http.parts import Given
from meetmates.http.problems import documented

router = APIRouter(prefix="/api", tags=["video"], dependencies=[counted])

KEY_HEADER = "x-ice-key"  # never in the query: queries are logged
_KEY = Security(APIKeyHeader(name=KEY_HEADER, auto_error=False, scheme_name=KEY_HEADER))


async def caller(
    request: Request, parts: Given, bearer: object = BEARER, header: object = HEADER, key: str | None = _KEY
) -> str:
    """The account or the guest who asks. Raises `AccountRefused` (401, 403). A token beats a key."""
    try:
        who = (await asker(request, parts)).claims.user_id
    except AccountRefused as refused:
        if refused.problem is not Problem.TOKEN_MISSING or not key:
            raise
        person = parts.ice.keys.owner(key)
        if person is None:
            raise AccountRefused(Problem.ICE_KEY) from None
        who = person.key
    standing = parts.ice.safety.standing(who)
    if standing.banned or (standing.suspended_until or 0) > parts.clock.wall():
        raise AccountRefused(Problem.SANCTIONED)
    return who


@router.get(
    "/ice-servers",
    summary="Get STUN and TURN servers for a video chat",
    responses=PROBLEMS | documented(Problem.ICE_KEY, Problem.SANCTIONED),
    response_model_exclude_none=True,
)
async def ice_servers(who: Annotated[str, Depends(caller)], request: Request, parts: Given) -> IceAnswer:
    """What a browser's `RTCPeerConnection` is made with; good until `expiresAt`, so one answer does for many chats."""
    parts.limits.take(Try(Rule.ICE, who), Try(Rule.ICE_HERE, parts.limits.address(request)))
    found = parts.ice.servers.of(who)
    return IceAnswer(
        iceServers=[
            IceServerAnswer(urls=list(server.urls), username=server.username, credential=server.credential)
            for server in found.servers
        ],
        iceTransportPolicy="relay" if found.relay_only else "all",
        expiresAt=iso(found.expires_at),
    )
