"""The letters that people get. Plain text, and never a word that somebody else chose."""

import textwrap
from datetime import UTC, datetime

from meetmates.accounts.codes import MINUTES
from meetmates.accounts.mail import Letter

WIDTH = 72  # characters in a line
KINDS = {
    "warning": "You have been warned.",
    "mute": "You cannot write to others for now.",
    "suspension": "You cannot use MeetMates for now.",
    "ban": "You can no longer use MeetMates.",
}


def verification(to: str, code: str, others: bool = False) -> Letter:
    """The code that ends a sign-up. `others`: the address has more sign-ups, with other passwords perhaps."""
    paragraphs = [
        "Welcome to MeetMates! Your code is",
        f"    {code}",
        f"It is good for {MINUTES} minutes. Type it only if you have just signed up yourself. If it was not you, do "
        "nothing: without the code nobody gets an account with your address.",
    ]
    if others:
        paragraphs.append(
            "This address was used to sign up more than once. Each code belongs to the password that was chosen with "
            'it. If one of them was not yours, choose "Forgot your password?" once you are in, and set a new one.'
        )
    return Letter(to, f"{code} is your MeetMates code", _text(*paragraphs))


def somebody_signed_up(to: str) -> Letter:
    """To the owner of an account whose address was used to sign up again."""
    text = _text(
        "Hello,",
        "somebody, perhaps you, has just signed up for MeetMates with this address. You have an account already, so "
        'nothing was changed: sign in as before, or choose "Forgot your password?".',
        "If it was not you, there is nothing to do.",
    )
    return Letter(to, "You already have a MeetMates account", text)


def reset(to: str, code: str) -> Letter:
    """The code that sets a new password."""
    text = _text(
        "Your code for a new password is",
        f"    {code}",
        f"It is good for {MINUTES} minutes. Never tell it to anybody. If you did not ask for it, do nothing: your "
        "password stays as it is.",
    )
    return Letter(to, f"{code} is your code for a new MeetMates password", text)


def password_changed(to: str) -> Letter:
    """After a new password was set."""
    text = _text(
        "Hello,",
        "your password was changed just now, and every device was signed out.",
        'If it was not you, choose "Forgot your password?" at once, and tell the people who run MeetMates for you.',
    )
    return Letter(to, "Your MeetMates password was changed", text)


def sanction(to: str, kind: str, reason: str, until: float | None) -> Letter:
    """What was decided about a person, why, and how to object. `until` in seconds since the epoch; None: for good."""
    decision = KINDS.get(kind, "A decision was made about your account.")
    if until is not None:
        decision += f" This ends on {_moment(until)}."
    paragraphs = ["Hello,", decision, "The reason: " + " ".join(reason.split())]
    if kind in {"suspension", "ban"}:
        paragraphs.append("If you think that this is wrong, you can object once: sign in, and you are shown how.")
    return Letter(to, "A decision about your MeetMates account", _text(*paragraphs))


def appeal_decided(to: str, granted: bool) -> Letter:
    """What came of an objection."""
    verdict = "It was granted: you can use MeetMates again." if granted else "It was refused: the decision stays."
    return Letter(to, "Your objection", _text("Hello,", f"somebody has read your objection. {verdict}"))


def _text(*paragraphs: str) -> str:
    """One below the other, in lines that fit every window; what somebody wrote cannot begin a paragraph of its own."""
    return "\n\n".join(textwrap.fill(paragraph, WIDTH, break_long_words=False) for paragraph in paragraphs) + "\n"


def _moment(at: float) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
