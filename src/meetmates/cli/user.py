"""`meetmates user`: the first administrator, and what an operator does to accounts; the audit log keeps all of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

if TYPE_CHECKING:
    from meetmates.accounts.addresses import Address
    from meetmates.domain.ladder import Kind
    from meetmates.safety.sanctions import Sanction
    from meetmates.store.database import Database

app = App(name="user", help="Look after people's accounts.", help_format="plaintext")
GENERATED = 15  # random bytes of a password that we make up: 20 characters

Email = Annotated[str, Parameter(help="Their address.")]
Reason = Annotated[str, Parameter(help="Why; the person is told.")]
For = Annotated[str, Parameter(name="--for", help="How long, such as 30m, 12h or 7d.")]


@app.command
def create(email: Email, /, *, admin: bool = False, password: str | None = None) -> int:
    """Create an account whose address counts as verified.

    Examples:
      meetmates user create ana@college.edu --admin
      meetmates user create ben@college.edu < /dev/null     (prints a password)

    Parameters
    ----------
    admin
        Make it an administrator's.
    password
        Asked for if it is not given; with no terminal to ask at, or an empty answer, one is made and printed.
    """
    import asyncio

    from meetmates.accounts.passwords import Passwords

    address = _address(email)
    given = password if password is not None else _asked()
    chosen = given or _made_up()
    passwords = Passwords()
    try:
        _allowed(lambda: passwords.check(chosen, address))
        hashed = asyncio.run(passwords.hash(chosen))
    finally:
        passwords.close()
    role = "administrator" if admin else "member"
    _run(lambda database: _create(database, address, hashed, role))
    print(f"created {address.email} ({role})")
    if not given:
        print(f"password: {chosen}")
    return 0


@app.command(name="list")
def show() -> int:
    """List all accounts, with what is held against them.

    Examples:
      meetmates user list
    """
    for line in _run(_listed):
        print(line)
    return 0


@app.command
def ban(email: Email, /, *, reason: Reason) -> int:
    """Ban somebody for good, at once; also an address that has no account yet.

    Examples:
      meetmates user ban mallory@college.edu --reason "Threats"
    """
    return _impose(email, "ban", reason, None)


@app.command
def suspend(email: Email, /, *, reason: Reason, length: For) -> int:
    """Send somebody away for a time.

    Examples:
      meetmates user suspend mallory@college.edu --for 7d --reason "Insults"
    """
    return _impose(email, "suspension", reason, length)


@app.command
def mute(email: Email, /, *, reason: Reason, length: For) -> int:
    """Let somebody write no messages for a time.

    Examples:
      meetmates user mute mallory@college.edu --for 30m --reason "Spam"
    """
    return _impose(email, "mute", reason, length)


@app.command
def unban(email: Email, /) -> int:
    """Lift everything that is held against somebody: bans, suspensions and mutes.

    Examples:
      meetmates user unban mallory@college.edu
    """
    from meetmates.cli.opening import refuse

    address = _address(email)
    lifted = _run(lambda database: _lift(database, _id(address)))
    if not lifted:
        refuse(f"nothing is held against {address.email}", 1)
    print(f"lifted for {address.email}: {', '.join(sanction.kind.value for sanction in lifted)}")
    return 0


@app.command
def promote(email: Email, /, *, role: Literal["moderator", "administrator", "member"]) -> int:
    """Make somebody a moderator, an administrator, or a member again.

    Examples:
      meetmates user promote ana@college.edu --role moderator

    Parameters
    ----------
    role
        What they are from now on.
    """
    from meetmates.cli.opening import refuse

    address = _address(email)
    if not _run(lambda database: _set_role(database, _id(address), role)):
        refuse(f"there is no account of {address.email}", 1)
    print(f"{address.email} is {role} now")
    return 0


# --- what they share


def _address(email: str) -> Address:
    from meetmates.accounts.addresses import parse_address

    return _allowed(lambda: parse_address(email))


def _id(address: Address) -> str:
    """An account's id follows from its address, whether the account exists or not."""
    from meetmates.accounts.hashing import account_id
    from meetmates.cli.opening import refuse, settings
    from meetmates.settings import SettingsError, resolve_keys

    try:
        return account_id(resolve_keys(settings()).address, address.mailbox)
    except SettingsError as error:
        refuse(str(error), 1)


def _asked() -> str:
    """Typed twice; empty when there is nobody to ask."""
    from getpass import getpass

    from meetmates.cli.opening import refuse

    if not sys.stdin.isatty():
        return ""
    first = getpass("Password (nothing: one is made): ")
    if first and getpass("Once more: ") != first:
        refuse("these were two different passwords", 1)
    return first


def _made_up() -> str:
    import secrets

    return secrets.token_urlsafe(GENERATED)


def _impose(email: str, kind: str, reason: str, length: str | None) -> int:
    from meetmates.cli.opening import refuse
    from meetmates.domain.ladder import Kind
    from meetmates.settings import parse_duration

    address = _address(email)
    if not reason.strip():
        refuse("--reason is a few words for the person", 2)
    try:
        seconds = None if length is None else parse_duration(length)
    except ValueError as error:
        refuse(f"--for {error}", 2)
    known = _run(lambda database: _sanction(database, _id(address), Kind(kind), reason.strip(), seconds))
    print(f"{kind} for {address.email}")
    if not known:
        print("careful: no account has this address at present; it holds for one that comes", file=sys.stderr)
    return 0


# --- on the database
