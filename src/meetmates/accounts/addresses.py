"""E-mail addresses: one form for all spellings of a mailbox, so that one mailbox is one person."""

from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from meetmates.accounts.errors import AccountRefused, Problem

MAX_ADDRESS = 254  # characters: RFC 5321, section 4.5.3.1.3, without the angle brackets
ENCODED = "=?"  # how an encoded word begins, RFC 2047: in the header of a letter it would be read as something else
GMAIL = "gmail.com"
GMAIL_TOO = "googlemail.com"


@dataclass(frozen=True, slots=True)
class Address:
    """An address that a letter can be sent to. All of it is ASCII."""

    email: str  # as its owner wrote it, the domain in small letters
    mailbox: str  # the same for every spelling: small letters, nothing behind a `+`
    domain: str


def parse_address(text: str) -> Address:
    """Reads an address; spaces around it are ignored. Raises `AccountRefused` (`bad_address`).

    Only ASCII: a Cyrillic `а` looks like a Latin one, and would make a second person of one mailbox in the eyes of all
    who read it. A domain in other letters can be given in its ASCII form (`xn--`).
    """
    bare = text.strip(" ")
    if not bare.isascii() or not bare.isprintable() or len(bare) > MAX_ADDRESS or ENCODED in bare:
        raise AccountRefused(Problem.BAD_ADDRESS)
    try:  # `.test` is let through: no letter can reach it, and a trial may use it
        checked = validate_email(
            bare, allow_smtputf8=False, strict=True, check_deliverability=False, test_environment=True
        )
    except EmailNotValidError:
        raise AccountRefused(Problem.BAD_ADDRESS) from None
    domain = checked.ascii_domain.lower()
    return Address(f"{checked.local_part}@{domain}", _mailbox(checked.local_part.lower(), domain), domain)


def _mailbox(local: str, domain: str) -> str:
    person = local.partition("+")[0]
    if domain in {GMAIL, GMAIL_TOO}:  # which deliver both, and ignore dots
        person, domain = person.replace(".", ""), GMAIL
    if not person:
        raise AccountRefused(Problem.BAD_ADDRESS)
    return f"{person}@{domain}"
