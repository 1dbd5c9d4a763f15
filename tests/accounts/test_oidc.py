"""Campus single sign-on at a real provider: the whole way there and back, and everything that may go wrong on it."""

import base64
import json
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.identity import Identity
from meetmates.accounts.oidc import MAX_COOKIE, MAX_PARAMETER, STATE_TTL, SingleSignOn
from tests.support.clock import HandClock
from tests.support.openid import CLIENT, REDIRECT, SECRET, TRUST, OpenIdProvider, running_openid_provider, sign_in
from tests.support.server import free_port

SEAL = b"a-secret-for-tests-only-0123456789abcdef"
ISSUERS = ["by_userinfo", "in_token"]


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIdProvider]:
    with running_openid_provider() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(verify=TRUST) as client:
        yield client


@pytest.fixture
def clock() -> HandClock:
    """It stands at the moment when the test began: the provider's own clock is the machine's."""
    return HandClock(time.time())


class Campus:
    """Makes single sign-on with whatever a test wants different, and hears why something is refused."""

    def __init__(self, issuer: str, http: httpx.AsyncClient, clock: HandClock) -> None:
        self._usual: dict[str, Any] = {
            "issuer": issuer,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "redirect_uri": REDIRECT,
            "http": http,
            "clock": clock,
            "secret": SEAL,
            "patience": 20.0,
        }
        self.told: list[str] = []

    def sso(self, **different: Any) -> SingleSignOn:
        return SingleSignOn(**self._usual | {"failed": self.told.append} | different)

    async def refusal(self, sso: SingleSignOn, parameters: dict[str, str], cookie: str | None) -> str:
        with pytest.raises(AccountRefused) as refused:
            await sso.finish(parameters, cookie)
        assert refused.value.problem is Problem.SIGN_IN_FAILED
        return self.told[-1]


@pytest.fixture
def campus(provider: OpenIdProvider, http: httpx.AsyncClient, clock: HandClock) -> Campus:
    return Campus(provider.by_userinfo, http, clock)


def changed(url: str, **parameters: str) -> str:
    """`url` as somebody in between would send it on."""
    head, _, query = url.partition("?")
    return f"{head}?{urlencode(dict(parse_qsl(query)) | parameters)}"


# --- the way as it should be


@pytest.mark.parametrize("issuer", ISSUERS)
async def test_somebody_signs_in(issuer: str, provider: OpenIdProvider, campus: Campus) -> None:
    sso = campus.sso(issuer=getattr(provider, issuer))
    url, cookie = await sso.start()
    identity = await sso.finish(await sign_in(url), cookie)
    assert identity == Identity(getattr(provider, issuer), "ana", "ana@college.edu", False)
    assert campus.told == []


@pytest.mark.parametrize(("client", "secret"), [("public", None), ("elliptic", SECRET)])
async def test_other_kinds_of_clients(client: str, secret: str | None, campus: Campus) -> None:
    sso = campus.sso(client_id=client, client_secret=secret)
    url, cookie = await sso.start()
    assert (await sso.finish(await sign_in(url), cookie)).subject == "ana"


async def test_people_are_told_apart_and_come_back_as_themselves(campus: Campus) -> None:
    sso = campus.sso()
    subjects = []
    for name in ("ana", "ben", "ana"):
        url, cookie = await sso.start()
        subjects.append((await sso.finish(await sign_in(url, name), cookie)).subject)
    assert subjects == ["ana", "ben", "ana"]


async def test_two_sign_ins_at_once_do_not_meet(campus: Campus) -> None:
    sso = campus.sso()
    (first, first_cookie), (second, second_cookie) = await sso.start(), await sso.start()
    back_second, back_first = await sign_in(second, "ben"), await sign_in(first, "ana")
    assert (await sso.finish(back_first, first_cookie)).subject == "ana"
    assert (await sso.finish(back_second, second_cookie)).subject == "ben"


async def test_what_the_browser_carries(campus: Campus) -> None:
    url, cookie = await campus.sso().start()
    query = parse_qs(urlsplit(url).query)
    assert query["response_type"] == ["code"]
    assert query["scope"] == ["openid email"]
    assert query["client_id"] == [CLIENT]
    assert query["redirect_uri"] == [REDIRECT]
    assert query["code_challenge_method"] == ["S256"]
    assert len(query["code_challenge"][0]) == 43
    assert len(query["state"][0]) == len(query["nonce"][0]) == 43
    assert "code_verifier" not in query
    assert len(cookie) < MAX_COOKIE
    opened = base64.urlsafe_b64decode(cookie)
    assert query["state"][0].encode() not in opened
    assert query["nonce"][0].encode() not in opened


async def test_no_two_sign_ins_share_anything(campus: Campus) -> None:
    sso = campus.sso()
    urls = [parse_qs(urlsplit((await sso.start())[0]).query) for _ in range(20)]
    for part in ("state", "nonce", "code_challenge"):
        assert len({query[part][0] for query in urls}) == 20


# --- replays, and answers to somebody else


async def test_an_answer_counts_once(campus: Campus) -> None:
    sso = campus.sso()
    url, cookie = await sso.start()
    back = await sign_in(url)
    await sso.finish(back, cookie)
    assert await campus.refusal(sso, back, cookie) == "the answer came before"


async def test_a_state_counts_once_whatever_the_code(campus: Campus) -> None:
    sso = campus.sso()
    url, cookie = await sso.start()
    back = await sign_in(url)
    await sso.finish(back, cookie)
    assert await campus.refusal(sso, await sign_in(url, "ben"), cookie) == "the answer came before"


async def test_a_code_that_was_used_is_worth_nothing_in_a_new_sign_in(campus: Campus) -> None:
    sso = campus.sso()
    url, cookie = await sso.start()
    back = await sign_in(url)
    await sso.finish(back, cookie)
    url, cookie = await sso.start()
    state = parse_qs(urlsplit(url).query)["state"][0]
    assert await campus.refusal(sso, back | {"state": state}, cookie) == "provider answered 400 for the code"


async def test_a_fresh_code_of_somebody_else_is_worth_nothing_here(campus: Campus) -> None:
    """Code injection: PKCE ties a code to the browser that began."""
    sso = campus.sso()
    stolen = await sign_in((await sso.start())[0], "ana")
    url, cookie = await sso.start()
    own = await sign_in(url, "eve")
    assert await campus.refusal(sso, own | {"code": stolen["code"]}, cookie) == "provider answered 400 for the code"


async def test_an_answer_in_a_browser_that_did_not_begin(campus: Campus) -> None:
    """Login CSRF: nobody is signed in as somebody else by following a link."""
    sso = campus.sso()
    url, _ = await sso.start()
    back = await sign_in(url, "eve")
    _, cookie_of_another = await sso.start()
    assert await campus.refusal(sso, back, cookie_of_another) == "the answer is to another sign-in"
    assert await campus.refusal(sso, back, None) == "no sign-in was begun in this browser"
    assert await campus.refusal(sso, back, "") == "no sign-in was begun in this browser"


COOKIES = ["rubbish", "é", "x" * (MAX_COOKIE + 1), "gAAAAA", "{}", "\x00", "gAAAAABn" + "A" * 200]


@pytest.mark.parametrize("cookie", COOKIES, ids=range(len(COOKIES)))
async def test_cookies_that_are_none_of_ours(cookie: str, campus: Campus) -> None:
    sso = campus.sso()
    url, _ = await sso.start()
    state = parse_qs(urlsplit(url).query)["state"][0]
    assert "begun" in await campus.refusal(sso, {"code": "c", "state": state}, cookie)


async def test_a_cookie_that_was_changed(campus: Campus) -> None:
    sso = campus.sso()
    url, cookie = await sso.start()
    back = await sign_in(url)
    middle = len(cookie) // 2
    other = cookie[:middle] + ("A" if cookie[middle] != "A" else "B") + cookie[middle + 1 :]
    assert "not begun here" in await campus.refusal(sso, back, other)
    assert (await sso.finish(back, cookie)).subject == "ana"  # a try with a bad cookie costs nobody theirs


async def test_a_cookie_of_a_server_with_another_secret(campus: Campus) -> None:
    url, cookie = await campus.sso(secret=b"another-secret-for-tests-only-0123456789").start()
    assert "not begun here" in await campus.refusal(campus.sso(), await sign_in(url), cookie)


async def test_another_process_with_the_same_secret_may_finish(campus: Campus) -> None:
    url, cookie = await campus.sso().start()
    assert (await campus.sso().finish(await sign_in(url), cookie)).subject == "ana"


async def test_a_sign_in_that_took_too_long(campus: Campus, clock: HandClock) -> None:
    sso = campus.sso()
    url, cookie = await sso.start()
    back = await sign_in(url)
    clock.advance(STATE_TTL + 1)
    assert "too long ago" in await campus.refusal(sso, back, cookie)


async def test_states_that_were_used_are_forgotten_when_their_cookies_are(campus: Campus, clock: HandClock) -> None:
    sso = campus.sso()
    for _ in range(3):
        url, cookie = await sso.start()
        state = parse_qs(urlsplit(url).query)["state"][0]
        await campus.refusal(sso, {"state": state, "error": "access_denied"}, cookie)
        clock.advance(STATE_TTL * 2)
    assert len(sso._attempts._used) == 1


# --- what is wrong with the answer


async def test_a_nonce_of_another_sign_in(campus: Campus) -> None:
    sso = campus.sso()
    url, cookie = await sso.start()
    back = await sign_in(changed(url, nonce="another"))
    assert await campus.refusal(sso, back, cookie) == "token of another sign-in"


async def test_a_challenge_of_another_verifier(campus: Campus) -> None:
    sso = campus.sso()
    url, cookie = await sso.start()
    back = await sign_in(changed(url, code_challenge="A" * 43))
    assert await campus.refusal(sso, back, cookie) == "provider answered 400 for the code"


@pytest.mark.parametrize("issuer", ["https://login.evil.test", "", "in_token", None])
async def test_an_answer_that_another_issuer_sent(issuer: str | None, provider: OpenIdProvider, campus: Campus) -> None:
    """Mix-up: the code would reach a provider that it is not from."""
    sso = campus.sso()
    url, cookie = await sso.start()
    back = await sign_in(url)
    del back["iss"]
    if issuer is not None:
        back["iss"] = provider.in_token if issuer == "in_token" else issuer
    assert await campus.refusal(sso, back, cookie) == "the answer is another issuer's"


async def test_an_attempt_at_another_issuer(provider: OpenIdProvider, campus: Campus) -> None:
    url, cookie = await campus.sso(issuer=provider.in_token).start()
    back = await sign_in(url)
    sso = campus.sso()
    assert "another sign-in" in await campus.refusal(sso, back | {"iss": provider.by_userinfo}, cookie)


@pytest.mark.parametrize("name", ["state", "code"])
@pytest.mark.parametrize("value", [None, "", "x" * (MAX_PARAMETER + 1), "é", "a\r\nb", "\ud800"], ids=ascii)
async def test_parameters_that_are_none(name: str, value: str | None, campus: Campus) -> None:
    sso = campus.sso()
    url, cookie = await sso.start()
    back = {"state": parse_qs(urlsplit(url).query)["state"][0], "code": "c", "iss": campus.sso()._provider.issuer}
    del back[name]
    assert (
        await campus.refusal(sso, back if value is None else back | {name: value}, cookie)
        == f"the answer has no {name}"
    )


async def test_a_code_that_was_made_up(campus: Campus) -> None:
    sso = campus.sso()
    url, cookie = await sso.start()
    back = await sign_in(url) | {"code": "made-up"}
    assert await campus.refusal(sso, back, cookie) == "provider answered 400 for the code"


async def test_somebody_who_changes_their_mind(campus: Campus) -> None:
    sso = campus.sso()
    url, cookie = await sso.start()
    back = await sign_in(changed(url, prompt="none"))
    assert back["error"] == "login_required"
    assert await campus.refusal(sso, back, cookie) == "the provider refused"


@pytest.mark.parametrize("issuer", ISSUERS)
@pytest.mark.parametrize(
    ("name", "why"),
    [("unverified", "address not verified"), ("text", "address not verified"), ("addressless", "no address")],
)
async def test_addresses_that_nobody_has_verified(
    issuer: str, name: str, why: str, provider: OpenIdProvider, campus: Campus
) -> None:
    sso = campus.sso(issuer=getattr(provider, issuer))
    url, cookie = await sso.start()
    assert await campus.refusal(sso, await sign_in(url, name), cookie) == why


async def test_a_token_signed_with_the_shared_secret(campus: Campus) -> None:
    sso = campus.sso(client_id="old")
    url, cookie = await sso.start()
    assert await campus.refusal(sso, await sign_in(url), cookie) == "token of another algorithm"


@pytest.mark.parametrize("secret", ["wrong", None])
async def test_a_wrong_password_of_ours(secret: str | None, campus: Campus) -> None:
    sso = campus.sso(client_secret=secret)
    url, cookie = await sso.start()
    assert "for the code" in await campus.refusal(sso, await sign_in(url), cookie)


# --- the provider itself


async def test_a_provider_that_says_it_is_another(provider: OpenIdProvider, campus: Campus) -> None:
    sso = campus.sso(issuer=provider.by_userinfo.replace("127.0.0.1", "localhost"))
    with pytest.raises(AccountRefused):
        await sso.start()
    assert campus.told == ["provider is another issuer"]


async def test_a_provider_that_is_down(campus: Campus) -> None:
    sso = campus.sso(issuer=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(AccountRefused) as refused:
        await sso.start()
    assert refused.value.problem is Problem.SIGN_IN_FAILED
    assert "not reached" in campus.told[0]


async def test_a_provider_that_goes_down_on_the_way(http: httpx.AsyncClient, clock: HandClock) -> None:
    with running_openid_provider() as short_lived:
        campus = Campus(short_lived.by_userinfo, http, clock)
        sso = campus.sso()
        url, cookie = await sso.start()
        back = await sign_in(url)
        short_lived.stop()
        assert "not reached" in await campus.refusal(sso, back, cookie)


@pytest.mark.parametrize("issuer", ["http://login.college.edu", "login.college.edu", ""])
async def test_what_is_no_issuer(issuer: str, campus: Campus) -> None:
    with pytest.raises(ValueError, match="issuer"):
        campus.sso(issuer=issuer)


class Meddler(httpx.AsyncHTTPTransport):
    """The provider's own answers, changed on their way: what a provider that went bad would say."""

    def __init__(self, path: str, changes: dict[str, Any]) -> None:
        super().__init__(verify=TRUST)
        self._path = path
        self._changes = changes
        self.requests: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        if request.url.path != self._path:
            return response
        self.requests.append(request)
        body = json.loads(await response.aread()) | self._changes
        await response.aclose()
        return httpx.Response(200, json=body)


MEDDLED: list[tuple[str, dict[str, Any], str]] = [
    ("/me", {"sub": "ben"}, "the address is somebody else's"),
    ("/me", {"sub": None}, "the address is somebody else's"),
    ("/me", {"email_verified": False}, "address not verified"),
    ("/me", {"email_verified": None}, "address not verified"),
    ("/token", {"id_token": None}, "provider gave no ID token"),
    ("/token", {"id_token": "a.b.c"}, "no token"),
    ("/token", {"token_type": "mac"}, "no address"),
    ("/token", {"access_token": None}, "no address"),
    ("/token", {"access_token": "wrong"}, "provider answered 401 for the address"),
    ("/token", {"access_token": "a\r\nX-More: b"}, "no address"),
    ("/.well-known/openid-configuration", {"token_endpoint": "http://login.evil.test/token"}, "provider has no sound token_endpoint"),
    ("/.well-known/openid-configuration", {"userinfo_endpoint": None}, "provider has no sound userinfo_endpoint"),
    ("/.well-known/openid-configuration", {"token_endpoint_auth_methods_supported": ["tls_client_auth"]}, "provider takes no password"),
    ("/.well-known/openid-configuration", {"token_endpoint_auth_methods_supported": 5}, "provider takes no password"),
    ("/jwks", {"keys": []}, "key unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "changes", "why"), MEDDLED, ids=range(len(MEDDLED)))
async def test_a_provider_that_went_bad(path: str, changes: dict[str, Any], why: str, campus: Campus) -> None:
    async with httpx.AsyncClient(transport=Meddler(path, changes)) as http:
        sso = campus.sso(http=http)
        url, cookie = await sso.start()
        assert await campus.refusal(sso, await sign_in(url), cookie) == why


async def test_a_provider_that_takes_passwords_in_the_form_only(campus: Campus) -> None:
    only = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    async with httpx.AsyncClient(transport=Meddler("/.well-known/openid-configuration", only)) as http:
        sso = campus.sso(http=http, client_id="posting")
        url, cookie = await sso.start()
        assert (await sso.finish(await sign_in(url), cookie)).subject == "ana"


async def test_the_password_goes_to_the_token_endpoint_alone(campus: Campus) -> None:
    meddler = Meddler("/me", {})
    async with httpx.AsyncClient(transport=meddler) as http:
        sso = campus.sso(http=http)
        url, cookie = await sso.start()
        await sso.finish(await sign_in(url), cookie)
    assert [request.headers["authorization"].split()[0] for request in meddler.requests] == ["Bearer"]
