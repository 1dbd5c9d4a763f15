"""What a seeker asked for, brought into the one form in which wishes are compared."""

import re
import unicodedata

from meetmates.domain.errors import Refusal, Refused
from meetmates.domain.people import Wish
from meetmates.edge.events import FindChat, SeekOptions

MAX_INTERESTS = 10
MAX_INTEREST = 40  # code points, after normalisation
MAX_LABEL = 320  # code points of an address: RFC 5321 allows 64 before the @ and 255 behind it
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,7}")  # the shape of RFC 5646's langtag


def read_wish(event: FindChat) -> Wish:
    """The wish in a `findChat`. Raises `Refused` `bad_argument` or `too_long`.

    A guest's address is a label that nobody is shown, and an account has its own: neither is read any further.
    """
    options = event.wish
    if isinstance(options, SeekOptions):
        return Wish(bool(options.with_video), _interests(options.interests or []), _language(options.language))
    if options is not None and len(options) > MAX_LABEL:
        raise Refused(Refusal.TOO_LONG, f"An address has at most {MAX_LABEL} characters.")
    return Wish(bool(event.with_video))


def _interests(raw: list[str]) -> frozenset[str]:
    if len(raw) > MAX_INTERESTS:
        raise Refused(Refusal.BAD_ARGUMENT, f"There may be {MAX_INTERESTS} interests at the most.")
    interests = frozenset(unicodedata.normalize("NFKC", interest).casefold().strip() for interest in raw)
    if not all(1 <= len(interest) <= MAX_INTEREST and interest.isprintable() for interest in interests):
        raise Refused(Refusal.BAD_ARGUMENT, f"An interest has 1 to {MAX_INTEREST} characters that can be seen.")
    return interests


def _language(raw: str | None) -> str | None:
    if raw is None or raw == "":
        return None
    if not _LANGUAGE.fullmatch(raw):
        raise Refused(Refusal.BAD_ARGUMENT, "A language is a BCP 47 tag such as en or pt-BR.")
    return raw.lower()
