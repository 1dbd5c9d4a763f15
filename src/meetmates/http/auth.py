"""Signing up, signing in, and codes. Paths, bodies and the answers of success are what pages have always known.

No answer tells whether an account exists, and no limit either: mailboxes without one are counted like the others.
"""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.signin import SignedIn
from meetmates.http import cookies
from meetmates.http.device import device_of
from meetmates.http.forms import (
    CodeForm,
    EmailForm,
    GoogleAnswer,
    GoogleForm,
    Message,
    ResetForm,
    SignedInAnswer,
    SignInForm,
    SignUpForm,
    User,
)
from meetmates.http.limits import Rule, Try, counted, mailbox_of
from meetmates.http.parts import Given, Parts
from meetmates.http.problems import documented
from meetmates.http.tokens import handed_over

router = APIRouter(prefix="/api/auth", tags=["signing in"], dependencies=[counted])

PASSWORD_PROBLEMS = (Problem.PASSWORD_SHORT, Problem.PASSWORD_LONG, Problem.PASSWORD_COMMON)
SIGN_IN_PROBLEMS = documented(
    Problem.WRONG_CREDENTIALS,
    Problem.SIGN_IN_FAILED,
    Problem.NO_CAMPUS,
    Problem.SECOND_FACTOR,
    Problem.SECOND_FACTOR_UNREADABLE,
    Problem.SANCTIONED,
)
SENT = Message(msg="If this address can use a code, one is on its way.")


@router.post(
    "/signup",
    summary="Sign up: send a code to an address",
    status_code=201,
    responses=documented(Problem.BAD_ADDRESS, Problem.NO_CAMPUS, *PASSWORD_PROBLEMS),
)
async def sign_up(form: SignUpForm, request: Request, parts: Given) -> Message:
    """Sends a code to the address; `verify-email` with it makes the account. A known address is answered the same."""
    tries = Try(Rule.SIGN_UP, mailbox_of(form.email)), Try(Rule.SIGN_UP_HERE, parts.limits.address(request))
    with parts.limits.counting(*tries, counts=lambda outcome: outcome is None):
        await parts.signup.start(form.email, form.password)
    return Message(msg="Signup successful.")


@router.post(
    "/verify-email",
    summary="Make the account with the code",
    responses=documented(Problem.BAD_ADDRESS, Problem.WRONG_CODE, Problem.NO_CAMPUS),
)
async def verify_email(form: CodeForm, request: Request, parts: Given) -> Message:
    """Makes the account of a sign-up: six digits, valid for ten minutes, five tries."""
    parts.limits.take(_code(form, request, parts))
    await parts.signup.verify(form.email, form.code)
    return Message(msg="Your address is verified. You can sign in now.")


@router.post("/resend", summary="Ask for another code for a sign-up", responses=documented(Problem.BAD_ADDRESS))
async def resend(form: EmailForm, request: Request, parts: Given) -> Message:
    """Sends a new code for a sign-up. Answers the same where there is none."""
    parts.limits.take(*_letter(form, request, parts))
    await parts.signup.resend(form.email)
    return SENT


@router.post("/login", summary="Sign in with a password", responses=SIGN_IN_PROBLEMS)
async def login(form: SignInForm, request: Request, response: Response, parts: Given) -> SignedInAnswer:
    """Signs in with a password. With `cookie`, the refresh token goes into an HttpOnly cookie."""
    signed_in = await _with_password(form, request, parts)
    return SignedInAnswer(**handed_over(signed_in.tokens, form.cookie, response, parts), user=_user(signed_in))


@router.post(
    "/google-login", summary="Sign in with Google", responses=documented(Problem.NOT_CONFIGURED) | SIGN_IN_PROBLEMS
)
async def google_login(form: GoogleForm, request: Request, response: Response, parts: Given) -> GoogleAnswer:
    """Signs in with the ID token that Google's button hands to the page."""
    if form.cookie:
        cookies.check_page(request, parts)
    parts.limits.take(Try(Rule.SIGN_IN, parts.limits.address(request)))
    if parts.google is None:
        raise AccountRefused(Problem.NOT_CONFIGURED)
    identity = await parts.google.verify(form.credential)
    device = device_of(request.headers.get("user-agent"))
    with parts.limits.counting(*_failures(identity.email, request, parts), counts=_is_guess(form.totp)):
        signed_in = await parts.signin.with_identity(identity, device, totp=form.totp)
    return GoogleAnswer(**handed_over(signed_in.tokens, form.cookie, response, parts), user=_user(signed_in))


@router.post("/password/forgot", summary="Ask for a code for a new password", responses=documented(Problem.BAD_ADDRESS))
async def forgot(form: EmailForm, request: Request, parts: Given) -> Message:
    """Sends a code for a new password. Answers the same where there is no account."""
    parts.limits.take(*_letter(form, request, parts))
    await parts.recovery.forgot(form.email)
    return SENT


@router.post(
    "/password/reset",
    summary="Set a new password with the code",
    responses=documented(Problem.BAD_ADDRESS, Problem.WRONG_CODE, *PASSWORD_PROBLEMS),
)
async def reset(form: ResetForm, request: Request, parts: Given) -> Message:
    """Sets a new password with the code, and ends every session of the account."""
    parts.limits.take(_code(form, request, parts))
    await parts.recovery.reset(form.email, form.code, form.password)
    return Message(msg="Your password is changed. Please sign in with it.")


async def _with_password(form: SignInForm, request: Request, parts: Parts) -> SignedIn:
    """A sign-in within its limits. Raises `AccountRefused`."""
    if form.cookie:
        cookies.check_page(request, parts)
    parts.limits.take(Try(Rule.SIGN_IN, parts.limits.address(request)))
    device = device_of(request.headers.get("user-agent"))
    with parts.limits.counting(*_failures(form.email, request, parts), counts=_is_guess(form.totp)):
        return await parts.signin.with_password(form.email, form.password, totp=form.totp, device=device)


def _failures(email: str, request: Request, parts: Parts) -> tuple[Try, Try]:
    mailbox = mailbox_of(email)
    return Try(Rule.FAILURES_HERE, f"{mailbox} {parts.limits.address(request)}"), Try(Rule.FAILURES, mailbox)


def _is_guess(totp: str | None) -> Callable[[Problem | None], bool]:
    """Whether an outcome is a wrong guess; a second factor that was not given yet is none."""
    wrong = {Problem.WRONG_CREDENTIALS} | ({Problem.SECOND_FACTOR} if totp else set())
    return lambda outcome: outcome in wrong


def _code(form: CodeForm, request: Request, parts: Parts) -> Try:
    return Try(Rule.CODES, f"{mailbox_of(form.email)} {parts.limits.address(request)}")


def _letter(form: EmailForm, request: Request, parts: Parts) -> tuple[Try, Try]:
    return Try(Rule.LETTERS, mailbox_of(form.email)), Try(Rule.LETTERS_HERE, parts.limits.address(request))


def _user(signed_in: SignedIn) -> User:
    return User(**signed_in.account.public())
