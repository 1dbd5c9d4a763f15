"""A letter, and how it becomes an e-mail. RFC 5322; no field of one can reach into the headers of another."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid, parseaddr

MAX_ADDRESS = 254  # characters: RFC 5321 section 4.5.3.1.3, without the angle brackets
MAX_SUBJECT = 200  # characters: more than any inbox shows
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_BREAKS = ("Cc", "Cf", "Cs", "Zl", "Zp")  # Unicode's control, format and half characters, and both separators


@dataclass(frozen=True, slots=True)
class Letter:
    """A plain letter to one person. Raises `ValueError` where a field could reach into the headers."""

    to: str
    subject: str
    text: str

    def __post_init__(self) -> None:
        if len(self.to) > MAX_ADDRESS or _ADDRESS.fullmatch(self.to) is None:
            raise ValueError("a letter goes to one plain address")
        if not 0 < len(self.subject) <= MAX_SUBJECT or any(_breaks(self.subject)):
            raise ValueError("a subject is one line")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who our letters come from. `domain` is what we call ourselves before other mail servers."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """What is behind the @."""
        return self.address.rpartition("@")[2]


def read_sender(text: str) -> Sender:
    """The sender in `MeetMates <meet@college.edu>` or a bare address. Raises `ValueError`."""
    name, address = parseaddr(text)
    if any(_breaks(text)) or _ADDRESS.fullmatch(address) is None:
        raise ValueError("the sender of mails is an address such as MeetMates <meet@college.edu>")
    return Sender(name, address)


def as_message(letter: Letter, sender: Sender) -> EmailMessage:
    """`letter` as an e-mail that no machine shall answer (RFC 3834)."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(sender.name, addr_spec=sender.address)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=sender.domain)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_printable(letter.text))
    return message


def _breaks(text: str) -> Iterable[bool]:
    return (unicodedata.category(character) in _BREAKS for character in text)


def _printable(text: str) -> str:
    """The text of a letter may quote what people typed: lines stay, and what no letter can hold does not."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" else c for c in lines)
