"""The command line. Every failure is one clear line: 1 when something went wrong, 2 when the call was wrong."""

import difflib
import errno
import secrets
import sys
import textwrap
import time
from ipaddress import ip_address
from typing import Annotated, Any, NoReturn

from cyclopts import App, CycloptsError, Parameter

from meetmates import __version__
from meetmates.cli import audit, campus, database, user
from meetmates.settings import Settings, SettingsError, load, resolve_secret, unknown_names

HELP = """Two people of one campus who do not know each other meet: text or video, one tap, nobody from outside.

To begin:
  meetmates serve                                      (in one terminal)
  meetmates chat                                       (in two more)
  meetmates campus add "Example College" college.edu   (only its people)
  meetmates user create ana@college.edu --admin        (moderates at /admin)
"""
app = App(
    name="meetmates",
    version=__version__,
    help=HELP,
    help_format="plaintext",
)
app.command(audit.app)
app.command(campus.app)
app.command(database.app)
app.command(user.app)
DAY = 86_400  # seconds
HELP_WIDTH = 80  # characters: of a terminal that nobody has widened
WILDCARDS = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


def _flags() -> str:
    """Every setting as a flag, for the help text."""
    rows = (f"  --{n.replace('_', '-'):<20}{f.description}" for n, f in Settings.model_fields.items())
    wrapped = (textwrap.fill(row, HELP_WIDTH, subsequent_indent=" " * 24, break_on_hyphens=False) for row in rows)
    return "\n".join(("Settings:", *wrapped)).replace("`", "")


@app.command(help_epilogue=_flags())
def serve(*, host: str | None = None, port: int | None = None, **settings: str) -> int:
    """Serve MeetMates.

    Every setting below is a flag, and MEETMATES_PING_INTERVAL in the environment or in .env is --ping-interval.

    Examples:
      meetmates serve
      meetmates serve --host :: --tls-cert chain.pem --tls-key key.pem
      meetmates serve --ping-interval 10s --auth required

    Settings that other commands need too (data folder, database, keys) belong into .env or the environment.

    Parameters
    ----------
    host
        The address to listen on; 127.0.0.1 if nothing else is set.
    port
        The port for everything; 3001 if nothing else is set.
    settings
        Any other setting by its name.
    """
    from meetmates import app as server
    from meetmates.logs import configure_logs
    from meetmates.store.problems import DatabaseUnusable

    loaded = _load({"host": host, "port": port, **_known(settings)})
    for line in unknown_names():
        _say(f"warning: {line}")
    configure_logs(loaded.log_level, loaded.log_format)
    if (problem := _unusable_tls(loaded) or _unbindable(loaded)) is not None:
        _fail(problem)
    try:
        return server.run(loaded, lambda: announce(loaded))
    except (SettingsError, DatabaseUnusable) as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"cannot serve: {error.strerror or error}")


@app.command
def token(*, email: str, user_id: str | None = None, ttl: str = "24h") -> int:
    """Print a token for trying things; where only people of a campus come in, for somebody who has an account.

    Examples:
      meetmates token --email ana@college.edu
      meetmates chat --token "$(meetmates token --email ana@college.edu)"

    Parameters
    ----------
    email
        The address that the token is for.
    user_id
        The account; if none is given the one that the address has, or else the address itself.
    ttl
        How long it is valid, such as 15m or 24h.
    """
    from meetmates.accounts.tokens import MAX_USER_ID, make_token
    from meetmates.settings import parse_duration

    local, at, domain = email.partition("@")
    if not (local and at and domain) or any(character.isspace() for character in email):
        _fail(f"--email is an address such as ana@college.edu, not {email!r}", 2)
    try:
        seconds = parse_duration(ttl)
    except ValueError as error:
        _fail(f"--ttl {error}", 2)
    if not 1 <= seconds <= 365 * DAY:
        _fail("--ttl is 1s to 8760h", 2)
    if user_id is not None and not 0 < len(user_id) <= MAX_USER_ID:
        _fail(f"--user-id is 1 to {MAX_USER_ID} characters", 2)
    settings = _load({})
    try:
        secret = resolve_secret(settings)
    except SettingsError as error:
        _fail(str(error))
    made = make_token(
        secret,
        user_id=user_id or _account_of(email, settings) or email.lower(),
        email=email,
        now=time.time(),
        ttl=seconds,
        token_id=secrets.token_urlsafe(12),
        issuer=settings.jwt_issuer,
        audience=settings.jwt_audience,
    )
    print(made)
    return 0


@app.command
def chat(
    *,
    url: str = "http://127.0.0.1:3001",
    token: str | None = None,
    interests: Annotated[str, Parameter(help="What to talk about, with commas between.")] = "",
) -> int:
    """Meet somebody in this terminal.

    Examples:
      meetmates chat
      meetmates chat --url https://meet.college.edu --interests "chess,hiking"

    Parameters
    ----------
    url
        The server.
    token
        Who you are; without one you are a guest.
    """
    from meetmates.cli.chat import run

    return run(url, token, [part.strip() for part in interests.split(",") if part.strip()])


@app.command
def bench(*, quick: bool = False, only: str = "", rows: str = "", out: str = "") -> int:
    """Measure this server beside its peers; needs a checkout of the project.

    Examples:
      meetmates bench --quick
      meetmates bench --only ours,node --rows 200,2000

    Parameters
    ----------
    quick
        Only 200 connections; about a minute.
    only
        Which servers, with commas between: ours, node, python-socketio, floor.
    rows
        How many connections, with commas between.
    out
        The folder for the report; docs if none is given.
    """
    from meetmates.cli.bench import bench as run

    return run(quick=quick, only=only, rows=rows, out=out)


@app.command(help_epilogue="Examples:\n  meetmates version")
def version() -> int:
    """Print the version."""
    print(__version__)
    return 0


def main() -> NoReturn:
    """Runs the command line and exits."""
    try:
        code = app(exit_on_error=False, print_error=False)
    except CycloptsError as error:
        called = " ".join(("meetmates", *(error.command_chain or ())))
        _fail(f"{str(error).strip()}\nTry `{called} --help`.", 2)
    except KeyboardInterrupt:
        code = 130
    except Exception as error:  # whatever it is, a traceback helps nobody here
        _fail(f"this went wrong inside MeetMates: {type(error).__name__}: {error}")
    sys.exit(code if isinstance(code, int) else 0)


def _account_of(email: str, settings: Settings) -> str | None:
    """The id of the account that has this address, where there is a database and such an account."""
    from meetmates.accounts.profiles import Profiles
    from meetmates.cli.opening import with_database
    from meetmates.edge.clock import SystemClock
    from meetmates.store.changes import nobody_to_wake
    from meetmates.store.database import FILE_NAME, Database

    async def find(database: Database) -> str | None:
        profile = await Profiles(database, SystemClock(), nobody_to_wake).by_email(email)
        return None if profile is None else profile.id

    if settings.database_url is None and not (settings.data_dir / FILE_NAME).exists():
        return None
    return with_database(find)


def _load(overrides: dict[str, Any]) -> Settings:
    try:
        return load({name: value for name, value in overrides.items() if value is not None})
    except SettingsError as error:
        _fail(str(error), 2)


def _known(settings: dict[str, str]) -> dict[str, str]:
    """Flags by the names of settings."""
    by_name = {flag.replace("-", "_"): value for flag, value in settings.items()}
    for name in by_name:
        if name not in Settings.model_fields:
            near = difflib.get_close_matches(name, Settings.model_fields, 1)
            hint = f"; did you mean --{near[0].replace('_', '-')}?" if near else "; docs/settings.md lists them all"
            _fail(f"--{name.replace('_', '-')} is no setting{hint}", 2)
    return by_name


def _unbindable(settings: Settings) -> str | None:
    """Why the address cannot be listened on, or None."""
    import socket

    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((settings.host, settings.port))
    except OSError as error:
        hint = "; another --port may be free" if error.errno == errno.EADDRINUSE else ""
        return f"cannot listen on {settings.host} port {settings.port}: {error.strerror}{hint}"
    return None


def _unusable_tls(settings: Settings) -> str | None:
    """Why the certificate and its key cannot be used, or None."""
    import ssl

    if settings.tls_cert is None:
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key, lambda: "")
    except (OSError, ValueError):  # an SSLError is an OSError
        return "MEETMATES_TLS_CERT and MEETMATES_TLS_KEY are a certificate chain in PEM and its key without a password"
    return None


def announce(settings: Settings) -> None:
    """Says where the server listens and what to do next."""
    scheme = "https" if settings.tls_cert is not None else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    near = "localhost" if settings.host in WILDCARDS else host
    url = settings.public_url or f"{scheme}://{near}:{settings.port}"
    _say(f"MeetMates listens on {scheme}://{host}:{settings.port} (Ctrl-C stops it)")
    _say(f"  In a browser:        {url}/")
    _say(f"  In two terminals:    {program_name()} chat --url {url}   (in each)")
    _say(f"  API and moderation:  {url}/docs and {url}/admin")
    if settings.mode == "production" and settings.smtp_url is None:
        _say("  Careful: without MEETMATES_SMTP_URL no code reaches anybody: letters only go into the data folder.")
    if scheme == "http" and not _is_loopback(settings.host) and not (settings.public_url or "").startswith("https"):
        _say("  Careful: without TLS, browsers open no camera here except on this machine itself.")
        _say("  Give --tls-cert and --tls-key, or put a proxy with a certificate in front and name --public-url.")


def program_name() -> str:
    """How to call this program from where it was called: by its name, or by its path where no shell would find it."""
    import os
    import shutil

    found, called = shutil.which("meetmates"), sys.argv[0]
    if os.path.basename(called) != "meetmates" or (found is not None and os.path.samefile(found, called)):
        return "meetmates"
    return os.path.relpath(called)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _fail(message: str, code: int = 1) -> NoReturn:
    for line in message.splitlines():
        _say(f"meetmates: {line}")
    sys.exit(code)
