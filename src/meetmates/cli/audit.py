"""`meetmates audit`: reads the log of what was done to people, and shows whether somebody has changed it."""

import re
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

if TYPE_CHECKING:
    from meetmates.safety.audit import Entry, Verdict
    from meetmates.store.database import Database

HELP = "Look into the audit log: what moderators and these commands did, to whom, and who looked at what."
OVERVIEW = """Examples:
  meetmates audit list --limit 20
  meetmates audit verify
"""
app = App(name="audit", help=HELP, help_epilogue=OVERVIEW, help_format="plaintext")
HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")
MOST = 10_000  # entries at once

VERIFYING = """Examples:
  meetmates audit verify
  meetmates audit verify --head 12:8d969eef...
"""
LISTING = """Examples:
  meetmates audit list
  meetmates audit list --limit 200 --before 1000
"""


@app.command(help_epilogue=VERIFYING)
def verify(*, head: Annotated[str, Parameter(help="What an earlier run printed as the head.")] = "") -> int:
    """Say whether the log is whole; exits with 1 where it was changed.

    Keep the head that it prints somewhere else, and give it the next time: then it shows also when the end was cut off.
    """
    from meetmates.cli.opening import refuse, with_database

    match = HEAD.fullmatch(head)
    if head and match is None:
        refuse("--head is a number and 64 characters, such as 12:8d969eef...", 2)
    known = None if match is None else (int(match[1]), match[2])

    async def work(database: "Database") -> "Verdict":
        from meetmates.safety import audit

        async with database.read() as connection:
            return await audit.verify(connection, known)

    found = with_database(work)
    if found.broken_at is not None:
        refuse(f"the log was changed: entry {found.broken_at} is not as it was written, or is gone")
    print(f"{found.entries} entries, none changed")
    if found.entries:
        print(f"head: {found.entries}:{found.head}")
    return 0


@app.command(name="list", help_epilogue=LISTING)
def show(
    *,
    limit: Annotated[int, Parameter(help="How many.")] = 50,
    before: Annotated[int | None, Parameter(help="Only those before the one with this number.")] = None,
) -> int:
    """Print entries, the newest first: number, time, who, what, to whom, and more about it."""
    from meetmates.cli.opening import refuse, with_database

    if not 1 <= limit <= MOST:
        refuse(f"--limit is 1 to {MOST}", 2)

    async def work(database: "Database") -> "list[Entry]":
        from meetmates.safety import audit

        async with database.read() as connection:
            return await audit.entries(connection, before, limit)

    for entry in with_database(work):
        print(_line(entry))
    return 0


def _line(entry: "Entry") -> str:
    from meetmates.accounts.times import iso

    more = " ".join(f"{name}={_plain(name, value)}" for name, value in entry.detail.items() if value is not None)
    parts = (f"{entry.number:>6}", iso(entry.at), entry.actor, entry.action, entry.subject, more)
    return "  ".join(part for part in parts if part)


def _plain(name: str, value: object) -> str:
    from meetmates.accounts.times import iso

    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return iso(value) if name == "until" and isinstance(value, float) else str(value)
