"""`meetmates user`: the first administrator, and what an operator does to accounts; the audit log keeps all of it."""

import asyncio
import secrets
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

from cyclopts import App, Parameter

if TYPE_CHECKING:
    from meetmates.accounts.addresses import Address
    from meetmates.cli.people import People
    from meetmates.store.database import Database

HELP = """Look after people's accounts: the first administrator, roles, and whom to keep away.

They are in the server's database, the key to their ids is in its data folder:
run this where the server runs, with the same MEETMATES_ settings or .env.
A running server notices within a second.
"""
OVERVIEW = """Examples:
  meetmates user create ana@college.edu --admin
  meetmates user list
  meetmates user promote ben@college.edu --role moderator
  meetmates user suspend mallory@college.edu --for 7d --reason "Insults"
  meetmates user unban mallory@college.edu
  meetmates user reset-second-factor ana@college.edu
"""
app = App(name="user", help=HELP, help_epilogue=OVERVIEW, help_format="plaintext")
GENERATED = 15  # random bytes of a password that we make up: 20 characters

Email = Annotated[str, Parameter(help="Their address.")]
Reason = Annotated[str, Parameter(help="Why; the person is told.")]
For = Annotated[str, Parameter(name="--for", help="How long, such as 30m, 12h or 7d.")]
Admin = Annotated[bool, Parameter(negative="", help="Make it an administrator's.")]
Password = Annotated[
    str | None,
    Parameter(help="Asked for if it is not given; without a terminal, or without an answer, one is made and printed."),
]
Role = Annotated[Literal["moderator", "administrator", "member"], Parameter(help="What they are from now on.")]
T = TypeVar("T")

CREATING = """Examples:
  meetmates user create ana@college.edu --admin
  meetmates user create ben@college.edu < /dev/null     (prints a password)
"""
LISTING = """Examples:
  meetmates user list
"""
BANNING = """Examples:
  meetmates user ban mallory@college.edu --reason "Threats"
"""
SUSPENDING = """Examples:
  meetmates user suspend mallory@college.edu --for 7d --reason "Insults"
"""
MUTING = """Examples:
  meetmates user mute mallory@college.edu --for 30m --reason "Spam"
"""
LIFTING = """Examples:
  meetmates user unban mallory@college.edu
"""
PROMOTING = """Examples:
  meetmates user promote ana@college.edu --role moderator
"""
RESETTING = """Examples:
  meetmates user reset-second-factor ana@college.edu
"""


@app.command(help_epilogue=CREATING)
def create(email: Email, /, *, admin: Admin = False, password: Password = None) -> int:
    """Create an account whose address counts as verified."""
    from meetmates.cli.opening import settings

    address = _address(email)
    given = password if password is not None else _asked()
    chosen = given or secrets.token_urlsafe(GENERATED)
    role = "administrator" if admin else "member"
    hashed = _hashed(chosen, address)
    campuses = [(campus.name, campus.domains) for campus in settings().campuses]
    _with_people(lambda people: people.create(address, hashed, role, campuses))
    print(f"created {address.email} ({role})")
    if not given:
        print(f"password: {chosen}")
    return 0


@app.command(name="list", help_epilogue=LISTING)
def show() -> int:
    """List all accounts, with what is held against them."""
    for line in _with_people(lambda people: people.listed()):
        print(line)
    return 0


@app.command(help_epilogue=BANNING)
def ban(email: Email, /, *, reason: Reason) -> int:
    """Ban somebody for good, at once; also an address that has no account yet."""
    return _impose(email, "ban", reason, None)


@app.command(help_epilogue=SUSPENDING)
def suspend(email: Email, /, *, reason: Reason, length: For) -> int:
    """Send somebody away for a time."""
    return _impose(email, "suspension", reason, length)


@app.command(help_epilogue=MUTING)
def mute(email: Email, /, *, reason: Reason, length: For) -> int:
    """Let somebody write no messages for a time."""
    return _impose(email, "mute", reason, length)


@app.command(help_epilogue=LIFTING)
def unban(email: Email, /) -> int:
    """Lift everything that is held against somebody: bans, suspensions and mutes."""
    from meetmates.cli.opening import refuse

    address = _address(email)
    lifted = _with_people(lambda people: people.lift(address))
    if not lifted:
        refuse(f"nothing is held against {address.email}", 1)
    print(f"lifted for {address.email}: {', '.join(sanction.kind.value for sanction in lifted)}")
    return 0


@app.command(help_epilogue=PROMOTING)
def promote(email: Email, /, *, role: Role) -> int:
    """Make somebody a moderator, an administrator, or a member again."""
    from meetmates.cli.opening import refuse

    address = _address(email)
    if not _with_people(lambda people: people.set_role(address, role)):
        refuse(f"there is no account of {address.email}", 1)
    print(f"{address.email} is {role} now")
    return 0


@app.command(help_epilogue=RESETTING)
def reset_second_factor(email: Email, /) -> int:
    """Forget somebody's authenticator app: the next sign-in at /admin sets up a new one. Ends their sessions."""
    from meetmates.cli.opening import refuse

    address = _address(email)
    was_set = _with_people(lambda people: people.reset_second_factor(address))
    if not was_set:
        missing = "there is no account of" if was_set is None else "there is no second factor of"
        refuse(f"{missing} {address.email}", 1)
    print(f"the second factor of {address.email} is reset")
    return 0


# --- what they share


async def _checked(database: "Database", key: bytes, work: Callable[["People"], Awaitable[T]]) -> T:
    """With another key nobody would be found, and a ban would hit nobody."""
    from meetmates.accounts.rows import is_key_of
    from meetmates.cli.opening import settings
    from meetmates.cli.people import People
    from meetmates.cli.post import post
    from meetmates.settings import WRONG_KEY, SettingsError

    async with database.read() as connection:
        if not await is_key_of(connection, key):
            raise SettingsError(WRONG_KEY)
    async with post(settings()) as mail:
        return await work(People(database, key, mail))


def _with_people(work: Callable[["People"], Awaitable[T]]) -> T:
    """Does `work` on the database; ends the program with a clear line where it cannot be done."""
    from meetmates.accounts.campuses import CampusRefused
    from meetmates.accounts.errors import AccountRefused
    from meetmates.cli.opening import refuse, settings, with_database
    from meetmates.cli.people import NotCreated
    from meetmates.settings import SettingsError, resolve_keys

    try:
        key = resolve_keys(settings()).address
        return with_database(lambda database: _checked(database, key, work))
    except AccountRefused as refused:
        refuse(refused.problem.value.message, 2)
    except (NotCreated, CampusRefused, SettingsError) as error:
        refuse(str(error))


def _address(email: str) -> "Address":
    from meetmates.accounts.addresses import parse_address
    from meetmates.accounts.errors import AccountRefused
    from meetmates.cli.opening import refuse

    try:
        return parse_address(email)
    except AccountRefused:
        refuse(f"an address is such as ana@college.edu, not {email!r}", 2)


def _asked() -> str:
    """Typed twice; empty when there is nobody to ask, or nothing is typed."""
    from getpass import getpass

    from meetmates.cli.opening import refuse

    if not sys.stdin.isatty():
        return ""
    first = getpass("Password (leave it empty to have one made): ")
    if first and getpass("Once more: ") != first:
        refuse("these were two different passwords")
    return first


def _hashed(password: str, address: "Address") -> str:
    from meetmates.accounts.errors import AccountRefused
    from meetmates.accounts.passwords import Passwords
    from meetmates.cli.opening import refuse

    passwords = Passwords()
    try:
        passwords.check(password, address)
        return asyncio.run(passwords.hash(password))
    except AccountRefused as refused:
        refuse(refused.problem.value.message, 2)
    finally:
        passwords.close()


def _impose(email: str, kind: str, reason: str, length: str | None) -> int:
    from meetmates.cli.opening import refuse, say
    from meetmates.domain.ladder import Kind
    from meetmates.settings import parse_duration

    address, said = _address(email), reason.strip()
    if not said:
        refuse("--reason is a few words for the person", 2)
    try:
        seconds = None if length is None else parse_duration(length)
    except ValueError as error:
        refuse(f"--for {error}", 2)
    has_account = _with_people(lambda people: people.impose(address, Kind(kind), said, seconds))
    print(f"{kind} for {address.email}")
    if not has_account:
        say(f"{address.email} has no account at present: it holds for whoever comes with that address")
    return 0
