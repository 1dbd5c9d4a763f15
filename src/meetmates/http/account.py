"""One's own account: whose token it is, what is held about one, its end; and what anybody may know of the server."""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.profiles import Profile
from meetmates.accounts.tokens import Claims
from meetmates.http import cookies
from meetmates.http.forms import (
    AppealForm,
    ConfigAnswer,
    DeleteForm,
    Done,
    GoogleOffer,
    SignInOffers,
    SingleSignOnOffer,
    User,
    UserAnswer,
)
from meetmates.http.identity import PROBLEMS, Member, Signed, is_gate_closed
from meetmates.http.limits import Rule, Try, counted, mailbox_of
from meetmates.http.parts import Given, Parts
from meetmates.http.problems import documented
from meetmates.store.schema import accounts

router = APIRouter(prefix="/api", tags=["account"], dependencies=[counted])

FRESH = 300.0  # seconds since a sign-in that stands for a password, where an account has none


@router.get("/verify-token", summary="Check a token", responses=PROBLEMS)
async def verify_token(signed: Signed) -> UserAnswer:
    """Whether a token is valid, and whose it is."""
    return UserAnswer(user=User(**signed.user))


@router.get("/profile", summary="See who you are", responses=PROBLEMS)
async def profile(signed: Signed) -> UserAnswer:
    """Who one is."""
    return UserAnswer(user=User(**signed.user))


@router.get("/account/export", summary="Take along everything that is held about you", responses=PROBLEMS)
async def export(profile: Member, response: Response, parts: Given) -> dict[str, Any]:
    """Everything that is held about one."""
    held = await parts.profiles.export(profile.id)
    if held is None:
        raise AccountRefused(Problem.ACCOUNT_GONE)
    response.headers["content-disposition"] = 'attachment; filename="meetmates-account.json"'
    return held


@router.delete(
    "/account",
    summary="Delete your account",
    responses=PROBLEMS | documented(Problem.WRONG_CREDENTIALS, Problem.SIGN_IN_AGAIN, Problem.FOREIGN_ORIGIN),
)
async def delete_account(
    signed: Signed, profile: Member, request: Request, response: Response, parts: Given, form: DeleteForm | None = None
) -> Done:
    """Ends the account for good. Needs its password, or, where it has none, a sign-in of the last five minutes."""
    if profile.has_password:
        await _check_password(profile, form.password if form is not None else None, request, parts)
    elif not await _is_fresh(signed.claims, parts):
        raise AccountRefused(Problem.SIGN_IN_AGAIN)
    await parts.profiles.delete(profile.id)
    cookies.drop(response, parts)
    return Done(msg="Your account is deleted.")


@router.post(
    "/appeals",
    summary="Object to a suspension or a ban",
    status_code=201,
    responses=documented(Problem.WRONG_APPEAL, Problem.APPEAL_LENGTH),
)
async def appeal(form: AppealForm, request: Request, parts: Given) -> Done:
    """Asks a moderator to look again at a sanction, once, with the token that a refused sign-in gave."""
    parts.limits.take(Try(Rule.APPEALS, parts.limits.address(request)))
    await parts.appeals.file(form.appealToken, form.text)
    return Done(msg="Thank you. A moderator will read it.")


@router.get("/config", summary="See how one can sign in here")
async def config(parts: Given) -> ConfigAnswer:
    """Which ways there are to sign in, and who may come in."""
    settings, closed = parts.settings, await is_gate_closed(parts)
    return ConfigAnswer(
        signIn=SignInOffers(
            google=GoogleOffer(clientId=settings.google_client_id or "") if parts.google is not None else None,
            singleSignOn=SingleSignOnOffer(name=settings.oidc_name) if parts.single_sign_on is not None else None,
        ),
        guests=settings.auth == "optional" or (settings.auth is None and not closed),
        campus=closed,
    )


async def _check_password(profile: Profile, password: str | None, request: Request, parts: Parts) -> None:
    """Raises `AccountRefused`. Guessing is counted together with that at the sign-in."""
    mailbox = mailbox_of(profile.email)
    failures = Try(Rule.FAILURES_HERE, f"{mailbox} {parts.limits.address(request)}"), Try(Rule.FAILURES, mailbox)
    with parts.limits.counting(*failures, counts=lambda outcome: outcome is Problem.WRONG_CREDENTIALS):
        async with parts.database.read() as connection:
            kept = await connection.scalar(select(accounts.c.password_hash).where(accounts.c.id == profile.id))
        if not await parts.passwords.verify(kept, password or ""):
            raise AccountRefused(Problem.WRONG_CREDENTIALS)


async def _is_fresh(claims: Claims, parts: Parts) -> bool:
    since = parts.clock.wall() - FRESH
    return any(
        session.id == claims.session_id and session.created_at >= since
        for session in await parts.sessions.of(claims.user_id)
    )
