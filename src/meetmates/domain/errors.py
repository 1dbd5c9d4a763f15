"""Every refusal, declared once: its code, what it tells a person, and whether trying again can help."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Reason:
    """A refusal: `code` is for programs and never changes, `message` is for people, `final` rules out trying again."""

    code: str
    message: str
    final: bool = False


class Refusal(Enum):
    """Answers to one event (docs/protocol.md, "Refusals"). The connection stays."""

    NOT_IN_CHAT = Reason("not_in_chat", "You are not in a chat.")
    BAD_ARGUMENT = Reason("bad_argument", "The arguments of this event are not what it takes.", final=True)
    TOO_LONG = Reason("too_long", "That is longer than this event may carry.", final=True)
    RATE_LIMITED = Reason("rate_limited", "Too many at once. Wait a moment and try again.")
    MUTED = Reason("muted", "You cannot write messages at the moment.")
    UNKNOWN_EVENT = Reason("unknown_event", "This server knows no event of that name.", final=True)
    NOT_ALLOWED = Reason("not_allowed", "That is not possible now.")


class Denial(Enum):
    """Answers to a CONNECT. No connection comes to be."""

    TOKEN_MISSING = Reason("token_missing", "Authentication token required")
    TOKEN_INVALID = Reason("token_invalid", "Authentication failed", final=True)
    TOKEN_EXPIRED = Reason("token_expired", "Authentication failed")
    ACCOUNT_GONE = Reason("account_gone", "Authentication failed", final=True)
    ACCOUNT_BANNED = Reason("account_banned", "Authentication failed", final=True)
    ACCOUNT_SUSPENDED = Reason("account_suspended", "Authentication failed")


class Ending(Enum):
    """Why the rules end a connection. All are final: DISCONNECT is said first, so that clients do not come back."""

    REPLACED = Reason("replaced", "The account opened a sixth connection.", final=True)
    TOKEN_EXPIRED = Reason("token_expired", "The token is over.", final=True)
    ABUSE = Reason("abuse", "Far over the limits for far too long.", final=True)
    BANNED = Reason("banned", "The account is banned.", final=True)
    SUSPENDED = Reason("suspended", "The account is suspended.", final=True)
    SIGNED_OUT = Reason("signed_out", "The sign-in behind the token was ended.", final=True)
    ACCOUNT_GONE = Reason("account_gone", "The account was deleted, or belongs to no campus any more.", final=True)


class Refused(Exception):  # noqa: N818 - it is an answer, not an error
    """A rule said no and nothing has changed. `retry_after` is in seconds, where waiting helps."""

    def __init__(self, refusal: Refusal, message: str = "", retry_after: float | None = None) -> None:
        super().__init__(message or refusal.value.message)
        self.refusal = refusal
        self.message = message or refusal.value.message
        self.retry_after = retry_after
