"""Bodies that no page sends: of the wrong shape, of the wrong kind, too large."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.support.rest import PASSWORD, Rest, assert_problem

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)  # none of them gets that far

ANA = "ana@college.edu"
DEEP = "[" * 100_000


@pytest.mark.parametrize("path", ["/auth/signup", "/auth/login", "/auth/refresh", "/auth/password/reset"])
@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"7",
        b'"text"',
        b"\xff\xfe",
        b'{"email": 7, "password": "a password", "refreshToken": 7, "code": 7}',
        b'{"email": ["ana@college.edu"], "password": {}, "refreshToken": [], "code": []}',
        b'{"email": "ana@college.edu\\ud800", "password": "a pass\\ud800word", "refreshToken": "\\ud800", "code": ""}',
        b'{"email": NaN, "password": Infinity, "refreshToken": NaN, "code": NaN}',
        b'{"email": ' + b"9" * 5000 + b', "refreshToken": ' + b"9" * 5000 + b"}",
        DEEP.encode()[:60_000],
    ],
)
async def test_a_body_of_the_wrong_shape(rest: Rest, path: str, content: bytes) -> None:
    answer = await rest.post(path, content=content, headers={"content-type": "application/json"})
    told = assert_problem(answer, 400, "bad_request")
    assert "a password" not in json.dumps(told)  # a mistake echoes nothing of what it was in


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "text/json", ""]
)
async def test_what_a_form_can_send_is_not_taken(rest: Rest, kind: str) -> None:
    content = json.dumps({"email": ANA, "password": PASSWORD})
    answer = await rest.post("/auth/signup", content=content, headers={"content-type": kind})
    assert_problem(answer, 415, "not_json")
    assert rest.shown == []


async def test_a_body_has_64_kib_at_the_most(rest: Rest) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1024

    headers = {"content-type": "application/json"}
    for content in (b" " * 65_537, endless()):
        answer = await rest.post("/auth/login", content=content, headers=headers)
        assert_problem(answer, 413, "too_large")
        assert answer.headers["connection"] == "close"
    fits = json.dumps({"email": ANA, "password": PASSWORD}).encode().ljust(65_536)
    assert_problem(await rest.post("/auth/login", content=fits, headers=headers), 400, "wrong_credentials")


async def test_a_mistake_names_the_field_and_not_what_was_in_it(rest: Rest) -> None:
    answer = await rest.post("/auth/login", {"email": ANA, "password": ["a secret"], "a long name " * 50: "x"})
    told = assert_problem(answer, 400, "bad_request")
    assert "password" in told["msg"]
    assert "a secret" not in answer.text
