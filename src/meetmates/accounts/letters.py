"""The letters that people get. Plain text, and never a word that somebody else chose."""

from datetime import UTC, datetime

from meetmates.accounts.codes import MINUTES
from meetmates.accounts.mail import Letter

KINDS = {
    "warning": "You have been warned.",
    "mute": "You cannot write to others for now.",
    "suspension": "You cannot use MeetMates for now.",
    "ban": "You can no longer use MeetMates.",
}


def verification(to: str, code: str, others: bool = False) -> Letter:
    """The code that ends a sign-up. `others`: the address has more sign-ups, with other passwords perhaps."""
    text = _code(
        code,
        "Welcome to MeetMates! Your code is",
        "Type it only if you have just signed up yourself. If it was not you, do nothing: without the code nobody\n"
        "gets an account with your address.",
    )
    if others:
        text += (
            "\nThis address was used to sign up more than once. Each code belongs to the password that was chosen\n"
            'with it. If one of them was not yours, choose "Forgot your password?" once you are in, and set a new\n'
            "one.\n"
        )
    return Letter(to, f"{code} is your MeetMates code", text)


def somebody_signed_up(to: str) -> Letter:
    """To the owner of an account whose address was used to sign up again."""
    return Letter(
        to,
        "You already have a MeetMates account",
        "Hello,\n\nsomebody, perhaps you, has just signed up for MeetMates with this address. You have an account "
        'already,\nso nothing was changed: sign in as before, or choose "Forgot your password?".\n\n'
        "If it was not you, there is nothing to do.\n",
    )


def reset(to: str, code: str) -> Letter:
    """The code that sets a new password."""
    return Letter(
        to,
        f"{code} is your code for a new MeetMates password",
        _code(
            code,
            "Your code for a new password is",
            "If you did not ask for it, do nothing: your password stays as it is. Never tell anybody the code.",
        ),
    )


def password_changed(to: str) -> Letter:
    """After a new password was set."""
    return Letter(
        to,
        "Your MeetMates password was changed",
        "Hello,\n\nyour password was changed just now, and every device was signed out.\n\n"
        'If it was not you, choose "Forgot your password?" at once, and tell the people who run MeetMates for you.\n',
    )


def sanction(to: str, kind: str, reason: str, until: float | None) -> Letter:
    """What was decided about a person, why, and how to object. `until` in seconds since the epoch; None: for good."""
    lines = ["Hello,", "", KINDS.get(kind, "A decision was made about your account.")]
    if until is not None:
        lines.append(f"This ends on {_day(until)}.")
    lines += ["", f"The reason: {_one_line(reason)}", ""]
    if kind in {"suspension", "ban"}:
        lines += ["If you think that this is wrong, you can object once: sign in, and you are shown how.", ""]
    return Letter(to, "A decision about your MeetMates account", "\n".join(lines))


def appeal_decided(to: str, granted: bool) -> Letter:
    """What came of an objection."""
    verdict = "It was granted: you can use MeetMates again." if granted else "It was refused: the decision stays."
    return Letter(to, "Your objection", f"Hello,\n\nsomebody has read your objection. {verdict}\n")


def _code(code: str, before: str, after: str) -> str:
    return f"{before}\n\n    {code}\n\nIt is good for {MINUTES} minutes. {after}\n"


def _day(at: float) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"


def _one_line(text: str) -> str:
    return " ".join(text.split())
