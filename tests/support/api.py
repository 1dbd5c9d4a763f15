"""The REST API as somebody outside uses it, and the folder in which the letters of a trial server arrive."""

import email
import email.policy
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import httpx

PASSWORD = "correct horse battery"
A_CODE = re.compile(r"\b\d{6}\b")


class Letters:
    """The letters in a folder, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: set[str] = set()
        self._subjects: dict[str, list[str]] = defaultdict(list)

    def subjects(self, address: str) -> list[str]:
        """The subjects of the letters to an address, the oldest first."""
        there = {path.name for path in self._folder.glob("[!.]*.eml")}
        for name in sorted(there - self._read):  # which begins with the time
            message = email.message_from_bytes((self._folder / name).read_bytes(), policy=email.policy.default)
            self._subjects[str(message["To"])].append(str(message["Subject"]))
        self._read |= there
        return self._subjects[address]

    def code(self, address: str) -> str:
        """The newest code that was sent to an address."""
        codes = [found[0] for subject in self.subjects(address) if (found := A_CODE.search(subject))]
        return codes[-1]


class Api:
    """A client of the API, and the letters of its server."""

    def __init__(self, client: httpx.AsyncClient, folder: Path) -> None:
        self.client = client
        self.folder = folder
        self._letters = Letters(folder)

    async def post(self, path: str, body: object = None, **options: Any) -> httpx.Response:
        """POSTs JSON to a path below /api."""
        if body is not None:
            options["json"] = body
        return await self.client.post(f"/api{path}", **options)

    async def get(self, path: str, token: str | None = None, **options: Any) -> httpx.Response:
        """GETs a path below /api."""
        return await self.client.get(f"/api{path}", headers=bearing(token) | options.pop("headers", {}), **options)

    async def delete(self, path: str, token: str | None = None, body: object = None, **options: Any) -> httpx.Response:
        """DELETEs a path below /api."""
        if body is not None:
            options["json"] = body
        headers = bearing(token) | options.pop("headers", {})
        return await self.client.request("DELETE", f"/api{path}", headers=headers, **options)

    async def member(self, address: str = "ana@college.edu", password: str = PASSWORD) -> dict[str, Any]:
        """Signs up, verifies and signs in: the answer of the latter."""
        await self.joined(address, password)
        return await self.signed_in(address, password)

    async def joined(self, address: str = "ana@college.edu", password: str = PASSWORD) -> None:
        """Signs up and verifies."""
        made = await self.post("/auth/signup", {"email": address, "password": password})
        assert made.status_code == 201, made.text
        verified = await self.post("/auth/verify-email", {"email": address, "code": self.code(address)})
        assert verified.status_code == 200, verified.text

    async def signed_in(
        self, address: str = "ana@college.edu", password: str = PASSWORD, **more: Any
    ) -> dict[str, Any]:
        """Signs in; the body of the answer."""
        answer = await self.post("/auth/login", {"email": address, "password": password, **more})
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def letters(self, address: str) -> list[str]:
        """The subjects of the letters to an address, the oldest first."""
        return self._letters.subjects(address)

    def code(self, address: str) -> str:
        """The newest code that was sent to an address."""
        return self._letters.code(address)


def bearing(token: str | None) -> dict[str, str]:
    """The header that carries an access token."""
    return {} if token is None else {"authorization": f"Bearer {token}"}


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """A refusal as problem details, with the names that older pages read."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"] == body["msg"] == body["error"] != ""
    return body
