"""A real OpenID provider (the npm package `oidc-provider`) in its own process, and a browser that signs in there."""

import contextlib
import html.parser
import json
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.support.server import free_port

FOLDER = Path(__file__).parents[1] / "providers" / "oidc"
REDIRECT = "http://127.0.0.1:3001/api/auth/sso/callback"
TRUST = ssl.create_default_context()  # made once: each takes longer than a sign-in
CLIENT, SECRET = "meet mates", "a secret+of/100%&=more:than 40 characters"


@dataclass(frozen=True)
class OpenIdProvider:
    """One process with two issuers: one tells addresses at its userinfo endpoint, the other in the ID token."""

    by_userinfo: str
    in_token: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Ends it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(15)


@contextlib.contextmanager
def running_openid_provider() -> Iterator[OpenIdProvider]:
    """The provider on two free ports; it sends people back to `REDIRECT`, where nobody needs to listen."""
    ports = [free_port(), free_port()]
    command = ["node", str(FOLDER / "server.mjs"), json.dumps({"ports": ports, "redirect": REDIRECT})]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, cwd=FOLDER)
    by_userinfo, in_token = (f"http://127.0.0.1:{port}" for port in ports)
    provider = OpenIdProvider(by_userinfo, in_token, process)
    try:
        assert process.stdout is not None
        while (line := process.stdout.readline()) != b"ready\n":
            assert line, f"the provider did not start (exit code {process.wait(15)})"
        yield provider
    finally:
        if process.poll() is None:
            provider.stop()


class Form(html.parser.HTMLParser):
    """The form of a page: where it goes, and what it holds already."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.feed(page)
        assert self.action, f"a page without a form: {page[:2000]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes forms and their fields."""
        given = dict(attrs)
        if tag == "form":
            self.action = given.get("action") or ""
        if tag == "input":
            self.fields[given.get("name") or ""] = given.get("value") or ""


async def sign_in(url: str, name: str = "ana") -> dict[str, str]:
    """Follows `url` as a browser does, signs in as `name` and agrees.

    Returns what stands in the query of the address that the browser is sent back to.
    """
    async with httpx.AsyncClient(timeout=20, verify=TRUST) as browser:
        answer = await browser.get(url)
        for _ in range(20):
            if answer.next_request is not None:
                if str(answer.next_request.url).startswith(REDIRECT):
                    return dict(parse_qsl(urlsplit(str(answer.next_request.url)).query))
                answer = await browser.send(answer.next_request)
                continue
            form = Form(answer.text)
            typed = {"login": name, "password": "anything"} if form.fields.get("prompt") == "login" else {}
            answer = await browser.post(answer.url.join(form.action), data=form.fields | typed)
    raise AssertionError("the provider never sent the browser back")
