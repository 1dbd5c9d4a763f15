"""The OpenAPI document against the routes: whatever fits it, or nearly, is answered as it says, and never with 5xx."""

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import hypothesis
import pytest
import requests
import schemathesis
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from fastapi.routing import APIRoute
from schemathesis.checks import CHECKS, load_all_checks

from meetmates.accounts.errors import Problem
from meetmates.http import account, auth, moderation, single_sign_on, tokens
from meetmates.http.docs import ASSETS, document
from meetmates.store.database import Database, database_url
from tests.support.rest import OWN, Rest, assert_problem, bearing, opened

SEED = int(os.environ.get("MEETMATES_TEST_SEED") or random.randrange(1 << 32))
EXAMPLES = 12  # for each operation, with a token and without
LARGE = 1e6  # a factor that lets nobody run into a limit
SQLITE = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
CHECKED = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_headers_conformance", "response_schema_conformance", "negative_data_rejection"),
)


def described() -> dict[str, Any]:
    """The document of the routes of accounts."""
    app = FastAPI(title="MeetMates")
    for router in (auth.router, tokens.router, single_sign_on.router, account.router):
        app.include_router(router)
    return document(app)


load_all_checks()
DOCUMENT = described()
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
CHECKS_MADE: Any = CHECKS.get_by_names(CHECKED)


class House:
    """The API in a loop of its own, for tests that are not in one."""

    def __init__(self, portal: BlockingPortal, rest: Rest) -> None:
        self._portal = portal
        self._rest = rest
        self._token = ""

    def ask(self, case: schemathesis.Case[Any], headers: dict[str, str]) -> httpx.Response:
        """Sends what was made up, to the byte."""
        prepared = requests.Request(**case.as_transport_kwargs(base_url=OWN)).prepare()
        prepared.headers.update(headers)
        url, body = cast(str, prepared.url), cast(Any, prepared.body)
        raw = [(_bytes(name), _bytes(value)) for name, value in prepared.headers.items()]

        async def go() -> httpx.Response:
            self._rest.client.cookies.clear()
            return await self._rest.client.request(cast(str, prepared.method), url, headers=raw, content=body)

        return self._portal.call(go)

    def token(self) -> str:
        """One that is good at this moment, whatever was ended or deleted before."""

        async def go() -> str:
            if (await self._rest.get("/profile", self._token)).status_code != 200:
                signed_in = await self._rest.parts.profiles.by_email("ana@college.edu")
                made = await (self._rest.signed_in() if signed_in is not None else self._rest.member())
                self._token = made["token"]
            return self._token

        return self._portal.call(go)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


@pytest.fixture(scope="module")
def house(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("openapi")
    shutil.copyfile(sqlite_template, folder / "meetmates.db")

    async def open_database() -> Database:
        return Database(database_url(None, folder))

    with start_blocking_portal() as portal:
        database = portal.call(open_database)
        with portal.wrap_async_context_manager(opened(database, folder, limit_factor=LARGE)) as rest:
            yield House(portal, rest)
        portal.call(database.close)


@SCHEMA.parametrize()
@hypothesis.seed(SEED)
@hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_every_answer_is_documented(case: schemathesis.Case[Any], house: House) -> None:
    print(f"MEETMATES_TEST_SEED={SEED}")
    case.validate_response(house.ask(case, {}), checks=CHECKS_MADE)
    if case.operation.definition.raw.get("security"):
        case.validate_response(house.ask(case, bearing(house.token())), checks=CHECKS_MADE)


def test_every_route_says_what_it_refuses_with() -> None:
    for path, operations in DOCUMENT["paths"].items():
        for verb, operation in operations.items():
            statuses = set(operation["responses"])
            assert "429" in statuses, path
            assert "422" not in statuses, path
            assert operation["summary"]
            assert verb == "get" or statuses >= {"400", "403", "408", "413", "415"}, path
            assert not operation.get("security") or "401" in statuses, path


def test_every_route_has_a_title_in_plain_words_of_its_own() -> None:
    routers = (auth.router, tokens.router, single_sign_on.router, account.router, moderation.router)
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    titles = [route.summary or route.path for route in routes]
    assert [title for title in titles if " " not in title or title.endswith(".")] == []
    assert len(set(titles)) == len(titles)


def test_every_code_of_a_refusal_is_among_those_of_accounts() -> None:
    known = {problem.value.code for problem in Problem}
    for operations in DOCUMENT["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                examples = answer.get("content", {}).get("application/problem+json", {}).get("examples", {})
                assert set(examples) <= known


def test_the_document_is_openapi_3_0_throughout() -> None:
    def walk(node: object) -> Iterator[dict[str, Any]]:
        if isinstance(node, dict):
            yield node
            for value in node.values():
                yield from walk(value)
        elif isinstance(node, list):
            for value in node:
                yield from walk(value)

    assert DOCUMENT["openapi"].startswith("3.0.")
    for node in walk(DOCUMENT):
        assert node.get("type") != "null"
        assert not isinstance(node.get("type"), list)
        assert "const" not in node
        assert not isinstance(node.get("examples"), list)


# --- the page


@SQLITE
async def test_the_document_and_its_page_are_served_by_us(rest: Rest) -> None:
    served = (await rest.client.get("/openapi.json")).json()
    assert set(DOCUMENT["paths"]) <= set(served["paths"])
    page = await rest.client.get("/docs")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy.replace("https", "http").split("script-src")[1]
    assert "<script>" not in page.text
    assert "style=" not in page.text
    for name in ASSETS:
        assert f"/docs/assets/{name}" in page.text
        asset = await rest.client.get(f"/docs/assets/{name}")
        assert asset.status_code == 200
        assert asset.content
        assert asset.headers["x-content-type-options"] == "nosniff"


@SQLITE
@pytest.mark.parametrize("name", ["index.html", "..%2Fpages%2Findex.html", "../../settings.py", "docs.html", "%00"])
async def test_no_other_file_is(rest: Rest, name: str) -> None:
    assert_problem(await rest.client.get(f"/docs/assets/{name}"), 404, "not_found")
