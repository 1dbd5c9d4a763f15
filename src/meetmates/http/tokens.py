"""Tokens that are handed out, renewed and taken back: in the body of answers, or in the cookie."""

from typing import Any

from fastapi import APIRouter, Request, Response

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.sessions import Tokens
from meetmates.accounts.times import iso
from meetmates.http import cookies
from meetmates.http.forms import Done, RefreshForm, SessionAnswer, SessionsAnswer, TokensAnswer
from meetmates.http.identity import PROBLEMS, Member, Signed, claims_of
from meetmates.http.limits import Rule, Try, counted
from meetmates.http.parts import Given, Parts
from meetmates.http.problems import documented, refusal

router = APIRouter(prefix="/api/auth", tags=["sessions"], dependencies=[counted])


@router.post(
    "/refresh",
    summary="Get the next pair of tokens",
    response_model=TokensAnswer,
    responses=documented(Problem.NO_SESSION),
)
async def refresh(request: Request, response: Response, parts: Given, form: RefreshForm | None = None) -> Any:
    """New tokens for the newest refresh token; an older one ends the session. Without one in the body, the cookie's."""
    parts.limits.take(Try(Rule.REFRESH, parts.limits.address(request)))
    given = form.refreshToken if form is not None else None
    kept = None if given else cookies.read(request, parts)
    raw = given or kept
    if not raw:
        raise AccountRefused(Problem.NO_SESSION)
    try:
        tokens = await parts.sessions.refresh(raw)
    except AccountRefused as refused:
        answer = refusal(refused)
        if kept and refused.problem is Problem.NO_SESSION:
            cookies.drop(answer, parts)  # it will never work again
        return answer
    return TokensAnswer(**handed_over(tokens, kept is not None, response, parts))


@router.post("/logout", summary="Sign out")
async def logout(request: Request, response: Response, parts: Given, form: RefreshForm | None = None) -> Done:
    """Ends the session of the refresh token in the body, in the cookie, or behind the access token. Says so always."""
    parts.limits.take(Try(Rule.REFRESH, parts.limits.address(request)))
    kept = cookies.read(request, parts)
    for raw in (form.refreshToken if form is not None else None, kept):
        if raw:
            await parts.sessions.end_by_token(raw)
    if kept:
        cookies.drop(response, parts)
    await _end_bearers(request, parts)
    return Done(msg="You are signed out.")


@router.post("/logout-all", summary="Sign out everywhere", responses=PROBLEMS)
async def logout_all(profile: Member, response: Response, parts: Given) -> Done:
    """Ends every session of the account, this one too, and their chats."""
    await parts.sessions.end_all(profile.id)
    cookies.drop(response, parts)
    return Done(msg="You are signed out everywhere.")


@router.get("/sessions", summary="See where you are signed in", responses=PROBLEMS)
async def sessions(signed: Signed, profile: Member, parts: Given) -> SessionsAnswer:
    """Where one is signed in, the last used first."""
    return SessionsAnswer(
        sessions=[
            SessionAnswer(
                id=session.id,
                device=session.device,
                createdAt=iso(session.created_at),
                usedAt=iso(session.used_at),
                current=session.id == signed.claims.session_id,
            )
            for session in await parts.sessions.of(profile.id)
        ]
    )


@router.delete(
    "/sessions/{session_id}", summary="Sign one device out", responses=PROBLEMS | documented(Problem.NOT_FOUND)
)
async def end_session(session_id: str, profile: Member, parts: Given) -> Done:
    """Ends one session of one's own."""
    if not await parts.sessions.end(profile.id, session_id):
        raise AccountRefused(Problem.NOT_FOUND)
    return Done(msg="That device is signed out.")


def handed_over(tokens: Tokens, in_cookie: bool, response: Response, parts: Parts) -> dict[str, Any]:
    """The fields of an answer with tokens; puts the refresh token into the cookie where it is wanted there."""
    if in_cookie:
        cookies.put(response, tokens.refresh, tokens.refresh_expires_at - parts.clock.wall(), parts)
    return {
        "token": tokens.access,
        "refreshToken": None if in_cookie else tokens.refresh,
        "expiresAt": iso(tokens.access_expires_at),
        "refreshExpiresAt": iso(tokens.refresh_expires_at),
    }


async def _end_bearers(request: Request, parts: Parts) -> None:
    """The session of the access token, if there is a sound one: a page may have lost its refresh token."""
    try:
        claims = claims_of(request, parts)
    except AccountRefused:
        return
    if claims.session_id is not None:
        await parts.sessions.end(claims.user_id, claims.session_id)
