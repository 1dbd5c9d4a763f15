"""`meetmates db`: makes, upgrades, checks and saves the database."""

import time
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

HELP = """Look after the database: the file meetmates.db in the data folder, or the one of MEETMATES_DATABASE_URL.

Run this where the server runs, with the same MEETMATES_ settings or .env.
"""
OVERVIEW = """Examples:
  meetmates db check
  meetmates db backup
  meetmates db upgrade
"""
app = App(name="db", help=HELP, help_epilogue=OVERVIEW, help_format="plaintext")

UPGRADING = """Examples:
  meetmates db upgrade
  MEETMATES_DATABASE_URL=postgresql://user:password@host/name meetmates db upgrade
"""
CHECKING = """Examples:
  meetmates db check
"""
SAVING = """Examples:
  meetmates db backup
  meetmates db backup /backups/meetmates.backup
"""


@app.command(help_epilogue=UPGRADING)
def upgrade() -> int:
    """Make the database, or bring it up to this version; nothing happens to one that is."""
    from meetmates.cli.opening import address, plainly
    from meetmates.store import migrate

    with plainly():
        url = address()
        before = migrate.upgrade(url)
    if before == migrate.NEWEST:
        print(f"{migrate.describe(url)} is of this version already ({before})")
    else:
        print(f"{migrate.describe(url)}: {before or 'empty'} -> {migrate.NEWEST}")
    return 0


@app.command(help_epilogue=CHECKING)
def check() -> int:
    """Say of which version the database is and what is wrong with it; exits with 1 where something is."""
    from meetmates.cli.opening import address, plainly
    from meetmates.store import migrate

    with plainly():
        state = migrate.check(address())
    print(f"{state.where}: {state.version or 'no version'}")
    for line in state.problems or ("everything is right",):
        print(f"  {line}")
    return 1 if state.problems else 0


@app.command(help_epilogue=SAVING)
def backup(
    target: Annotated[Path | None, Parameter(help="The new file; named by the time if none is given.")] = None, /
) -> int:
    """Save the database to a file, while the server goes on.

    Of SQLite that is a database to put in its place, of PostgreSQL what pg_dump writes and pg_restore reads.

    The keys in the data folder are not in it: keep a copy of them apart.
    """
    from meetmates.cli.opening import address, plainly
    from meetmates.store import migrate

    chosen = target if target is not None else Path(time.strftime("meetmates-%Y%m%d-%H%M%S.backup"))
    with plainly():
        migrate.backup(address(), chosen)
    print(chosen)
    return 0
