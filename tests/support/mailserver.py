"""A real SMTP server in a process of its own: `python -m tests.support.mailserver '{"port": 2525}'`.

Every letter and every recipient that it is offered is one line of JSON on its standard output. The name before the @
decides: `nobody` is refused for good, `busy` is put off twice and then taken, `never` is put off for ever, `gone`
loses the connection.
"""

import asyncio
import contextlib
import json
import os
import ssl
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.support.server import free_port
from tests.support.tls import Certificate

ROOT = Path(__file__).parents[2]
LIMIT = 20.0  # seconds for a line that must come; a loaded machine of two cores needs a few
USER, PASSWORD = "meet mates", "s3cret/@:pass"


class MailServer:
    """That process, seen from a test."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self.port = port

    async def next(self, kind: str) -> dict[str, Any]:
        """The next line of a `kind`: `letter` or `recipient`. Others before it are passed over."""
        assert self._process.stdout is not None
        async with asyncio.timeout(LIMIT):
            while True:
                line = await self._process.stdout.readline()
                assert line, "the mail server has ended"
                told: dict[str, Any] = json.loads(line)
                if told["kind"] == kind:
                    return told

    async def stop(self) -> list[dict[str, Any]]:
        """Ends it; what it told since."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        rest = await self._process.stdout.read()
        await self._process.wait()
        return [json.loads(line) for line in rest.splitlines()]


@contextlib.asynccontextmanager
async def running_mailserver(
    *, port: int = 0, auth: bool = False, starttls: Certificate | None = None, tls: Certificate | None = None
) -> AsyncIterator[MailServer]:
    """A mail server that listens. With `auth` it takes letters only from `USER` with `PASSWORD`."""
    options: dict[str, Any] = {"port": port or free_port(), "auth": auth}
    for name, certificate in (("starttls", starttls), ("tls", tls)):
        if certificate is not None:
            options[name] = [str(certificate.chain), str(certificate.key)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.mailserver", json.dumps(options)), stdin=pipe, stdout=pipe, cwd=ROOT
    )
    server = MailServer(process, options["port"])
    try:
        await server.next("ready")
        yield server
    finally:
        if process.returncode is None:
            await server.stop()


class Handler:
    """Tells what comes, and answers by the name before the @."""

    def __init__(self) -> None:
        self._offers: dict[str, int] = {}

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        """Refuses, puts off, or takes."""
        name = address.partition("@")[0]
        offers = self._offers[address] = self._offers.get(address, 0) + 1
        tell("recipient", to=address, offers=offers)
        if name == "nobody":
            return "550 5.1.1 no such person"
        if name == "never" or (name == "busy" and offers <= 2):
            return "451 4.7.1 please come back"
        if name == "gone":
            assert server.transport is not None
            server.transport.close()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Takes everything."""
        content = envelope.content
        assert isinstance(content, bytes)
        assert server.transport is not None
        tell(
            "letter",
            sender=envelope.mail_from,
            to=envelope.rcpt_tos,
            content=content.decode("latin-1"),
            tls=session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None,
            signed_in=bool(session.authenticated),
            name=session.host_name,
        )
        return "250 OK"


def tell(kind: str, **more: object) -> None:
    """One line of JSON."""
    print(json.dumps({"kind": kind, **more}), flush=True)


def context(files: list[str] | None) -> ssl.SSLContext | None:
    """The server's side of TLS with a certificate and its key."""
    if files is None:
        return None
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(*files)
    return made


def sign_in(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """Whether somebody is `USER`."""
    return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


async def serve(options: dict[str, Any]) -> None:
    """Until the end of standard input."""
    handler, starttls = Handler(), context(options.get("starttls"))
    tls = context(options.get("tls"))

    def conversation() -> SMTP:
        return SMTP(
            handler,
            hostname="mail.test",
            tls_context=starttls,
            authenticator=sign_in,
            auth_required=options["auth"],
            auth_require_tls=starttls is not None,
        )

    server = await asyncio.get_running_loop().create_server(conversation, "127.0.0.1", options["port"], ssl=tls)
    threading.Thread(target=end_with_input, daemon=True).start()
    tell("ready")
    await server.serve_forever()


def end_with_input() -> None:
    """Whatever a conversation is waiting for: everything that was told is written."""
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1])))
