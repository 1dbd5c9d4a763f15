"""`meetmates campus`: edits the list of colleges whose people may come in."""

from typing import Annotated

from cyclopts import App, Parameter

HELP = """Edit the colleges whose people may come in: none, and everybody may; from the first one on, only theirs.

The list is in the server's database: run this where the server runs, with the
same MEETMATES_ settings or .env. A running server notices within a second.
"""
OVERVIEW = """Examples:
  meetmates campus add "Example College" college.edu
  meetmates campus list
  meetmates campus remove "Example College"
"""
app = App(name="campus", help=HELP, help_epilogue=OVERVIEW, help_format="plaintext")

ADDING = """Examples:
  meetmates campus add "Example College" college.edu
  meetmates campus add "Example College" college.edu --subdomains
  meetmates campus add "Other College" other.edu "*.other.ac.uk"
"""
LISTING = """Examples:
  meetmates campus list
"""
REMOVING = """Examples:
  meetmates campus remove "Example College"
"""


@app.command(help_epilogue=ADDING)
def add(
    name: Annotated[str, Parameter(help="The college's name; to one that is there already, domains are added.")],
    /,
    *domains: Annotated[str, Parameter(help="What its addresses end in; *. takes in everything below, too.")],
    subdomains: Annotated[bool, Parameter(negative="", help="Take in everything below each of the domains.")] = False,
) -> int:
    """Add a college, or domains to one. From the first one on, nobody else comes in."""
    from meetmates.accounts.campuses import BELOW, Campus, Campuses, CampusRefused
    from meetmates.cli.opening import refuse, with_database
    from meetmates.edge.clock import SystemClock
    from meetmates.safety.audit import COMMAND_LINE
    from meetmates.safety.colleges import noting
    from meetmates.store.database import Database

    wanted = [BELOW + domain.strip().removeprefix(BELOW) for domain in domains] if subdomains else list(domains)

    async def work(database: Database) -> Campus:
        clock = SystemClock()
        return await Campuses(database, clock, noting(COMMAND_LINE, clock)).add(name, wanted)

    try:
        campus = with_database(work)
    except CampusRefused as error:
        refuse(str(error), 2)
    print(_line(campus.name, campus.domains))
    return 0


@app.command(name="list", help_epilogue=LISTING)
def list_() -> int:
    """Print every college with its domains."""
    from meetmates.accounts.campuses import Campus, Campuses
    from meetmates.cli.opening import say, with_database
    from meetmates.edge.clock import SystemClock
    from meetmates.store.database import Database

    async def work(database: Database) -> list[Campus]:
        return await Campuses(database, SystemClock()).all()

    found = with_database(work)
    for campus in found:
        print(_line(campus.name, campus.domains))
    if not found:
        say("there is no campus yet: everybody may come in")
    return 0


@app.command(help_epilogue=REMOVING)
def remove(name: Annotated[str, Parameter(help="The college's name.")], /) -> int:
    """Remove a college. The accounts of its people stay; while there is another college, they cannot come in."""
    from meetmates.accounts.campuses import Campuses, CampusRefused, same_name
    from meetmates.cli.opening import refuse, say, settings, with_database
    from meetmates.edge.clock import SystemClock
    from meetmates.safety.audit import COMMAND_LINE
    from meetmates.safety.colleges import noting
    from meetmates.store.database import Database

    async def work(database: Database) -> bool:
        clock = SystemClock()
        campuses = Campuses(database, clock, noting(COMMAND_LINE, clock))
        await campuses.remove(name)
        return bool(await campuses.all())

    try:
        others = with_database(work)
    except CampusRefused as error:
        refuse(f"{error}; `meetmates campus list` names them all")
    if same_name(name) in {same_name(campus.name) for campus in settings().campuses}:
        say("MEETMATES_CAMPUSES names it still; it stays away until `meetmates campus add` brings it back")
    if not others:
        say("there is no campus now: everybody may come in")
    return 0


def _line(name: str, domains: tuple[str, ...]) -> str:
    return f"{name}: {', '.join(domains)}"
