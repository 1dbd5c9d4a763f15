"""Every refusal around accounts, declared once: its code, what it tells a person, and its HTTP status."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """`code` is for programs and never changes; `message` is for people and tells nobody whether an account exists."""

    code: str
    message: str
    status: int = 400


class Problem(Enum):
    """What can be wrong with a request about accounts."""

    BAD_ADDRESS = Answer("bad_address", "That is no e-mail address.")
    NO_CAMPUS = Answer("no_campus", "Please use an address of your college.")
    PASSWORD_SHORT = Answer("password_short", "A password has at least 10 characters.")
    PASSWORD_LONG = Answer("password_long", "A password has at most 256 characters.")
    PASSWORD_COMMON = Answer("password_common", "Too many people use this password. Please choose another one.")
    WRONG_CREDENTIALS = Answer("wrong_credentials", "The address or the password is wrong.")
    SECOND_FACTOR = Answer("second_factor", "Please add the six digits of your authenticator app.", 401)
    SECOND_FACTOR_UNREADABLE = Answer(
        "second_factor_unreadable",
        "The second factor cannot be read with this server's key. Ask an administrator to reset it.",
        403,
    )
    WRONG_CODE = Answer("wrong_code", "The code is wrong or too old.")
    SIGN_IN_FAILED = Answer("sign_in_failed", "The sign-in could not be verified.")
    NOT_CONFIGURED = Answer("not_configured", "This way of signing in is not set up here.", 404)
    TOKEN_MISSING = Answer("token_missing", "No token provided", 401)
    TOKEN_INVALID = Answer("token_invalid", "Invalid token", 401)
    TOKEN_EXPIRED = Answer("token_expired", "Token expired", 401)
    NO_SESSION = Answer("no_session", "Please sign in again.", 401)
    SANCTIONED = Answer("sanctioned", "This account is suspended or banned.", 403)
    WRONG_APPEAL = Answer("wrong_appeal", "This appeal was made before, or its token is wrong.")
    APPEAL_LENGTH = Answer("appeal_length", "An appeal has 1 to 4,000 characters.")
    BAD_END = Answer("bad_end", "A mute or a suspension ends within ten years; a warning and a ban have no end.")
    REASON_LENGTH = Answer("reason_length", "The reason that the person is told has 1 to 500 characters.")
    NOT_UPHELD = Answer("not_upheld", "A sanction goes only with a report that is upheld.")
    ALREADY_DECIDED = Answer("already_decided", "Somebody has decided this already.", 409)
    SANCTION_OVER = Answer("sanction_over", "The sanction is over, and with it the appeal.", 409)
    FORBIDDEN = Answer("forbidden", "You may not do that.", 403)
    NOT_FOUND = Answer("not_found", "There is nothing of that name.", 404)
    FOREIGN_ORIGIN = Answer("foreign_origin", "This request came from a foreign page.", 403)
    ACCOUNT_GONE = Answer("account_gone", "There is no such account any more.", 401)
    SIGN_IN_AGAIN = Answer("sign_in_again", "Please sign in again, and then do this within five minutes.", 403)
    STALE_FORM = Answer("stale_form", "This form is out of date. Please open it again.", 403)
    TOO_MANY = Answer("too_many", "Too many tries. Please wait a little.", 429)


@dataclass(slots=True)
class AccountRefused(Exception):  # noqa: N818 - an answer, not an error
    """A use case said no. `data` goes beside the message; `retry_after` is in seconds, where waiting helps."""

    problem: Problem
    data: dict[str, Any] = field(default_factory=dict)
    retry_after: float | None = None

    def __str__(self) -> str:
        return self.problem.value.code
