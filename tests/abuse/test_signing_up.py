"""Signing up and signing in against people who mean harm: guessing, spying, flooding, slipping something in.

Longer than most files: every way in is tried. A server process with the limits as they are delivered stands behind a
proxy, so that attackers can come from any network address; two people chat beside what takes long.
"""

import asyncio
import base64
import contextlib
import email
import email.policy
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest

from meetmates.domain.ladder import Kind
from tests.abuse.conftest import SETTINGS
from tests.abuse.outside import BEHIND_A_PROXY, FORWARDED, Outside, coming_from, fresh_address, outside
from tests.support.api import A_CODE, PASSWORD, assert_problem, bearing
from tests.support.frames import RawConnection
from tests.support.google import RunningProvider, running_provider
from tests.support.rest import Rest, rest
from tests.support.server import RunningServer, running_server

__all__ = ["rest"]

watched = pytest.mark.usefixtures("bystanders")
in_process = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
OTHER_PASSWORD = "another long password"
CLIENT = "1234-abc.apps.googleusercontent.com"
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def provider() -> Iterator[RunningProvider]:
    """Who signs for Google, and stands for the campus's single sign-on, too."""
    with running_provider() as running:
        running.behave(
            description={f"{name}_endpoint": f"{running.url}/{name}" for name in ("authorization", "token", "userinfo")}
        )
        yield running


@pytest.fixture(scope="module")
def server(provider: RunningProvider) -> Iterator[RunningServer]:
    """Every limit as it is delivered."""
    ways = {"GOOGLE_CLIENT_ID": CLIENT, "GOOGLE_ISSUER": provider.url}
    ways |= {"OIDC_ISSUER": provider.url, "OIDC_CLIENT_ID": "meetmates"}
    with running_server(**SETTINGS, **BEHIND_A_PROXY, **ways) as running:
        yield running


@pytest.fixture
async def api(server: RunningServer) -> AsyncIterator[Outside]:
    async with outside(server) as made:
        yield made
    assert "Traceback" not in server.logged()


def somebody(name: str = "somebody") -> str:
    """An address that nobody has used before."""
    return f"{name}.{secrets.token_hex(4)}@college.edu"


def credential(provider: RunningProvider, address: str, **changes: object) -> str:
    """What Google's button hands to a page."""
    now = int(time.time())
    told = {"iss": provider.url, "aud": CLIENT, "sub": address, "email": address, "email_verified": True}
    return provider.sign({"alg": "RS256", "kid": "rsa1"}, told | {"iat": now, "exp": now + 3600} | changes)


def shown(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """All that an answer tells but the time of day."""
    return answer.status_code, answer.content, {k: v for k, v in answer.headers.items() if k != "date"}


async def pending(api: Outside, address: str, password: str = PASSWORD) -> str:
    """Signs up without a verification; the code."""
    made = await api.post("/auth/signup", {"email": address, "password": password})
    assert made.status_code == 201, made.text
    return api.code(address)


def wrong(code: str) -> str:
    """Another code."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


# --- who has an account

ASKED: dict[str, tuple[str, dict[str, str]]] = {
    "signup": ("/auth/signup", {"password": PASSWORD}),
    "signup with a bad password": ("/auth/signup", {"password": "short"}),
    "resend": ("/auth/resend", {}),
    "forgot": ("/auth/password/forgot", {}),
    "verify": ("/auth/verify-email", {"code": "000000"}),
    "verify with no code": ("/auth/verify-email", {"code": ""}),
    "reset": ("/auth/password/reset", {"code": "000000", "password": OTHER_PASSWORD}),
    "reset with a bad password": ("/auth/password/reset", {"code": "000000", "password": "short"}),
    "login": ("/auth/login", {"password": OTHER_PASSWORD}),
    "login with no password": ("/auth/login", {"password": ""}),
    "login with a second factor": ("/auth/login", {"password": OTHER_PASSWORD, "totp": "000000"}),
}


@pytest.fixture(scope="module")
def known(server: RunningServer, provider: RunningProvider) -> dict[str, str]:
    """An address of each kind: with an account, by Google alone, signed up and not verified, banned, and of nobody."""

    async def make() -> dict[str, str]:
        kinds = {kind: somebody(kind) for kind in ("member", "google", "pending", "resetting", "banned", "nobody")}
        async with outside(server) as api:
            for kind in ("member", "resetting", "banned"):
                await api.joined(kinds[kind])
            google = await api.post("/auth/google-login", {"credential": credential(provider, kinds["google"])})
            assert google.status_code == 200, google.text
            await pending(api, kinds["pending"])
            await api.post("/auth/password/forgot", {"email": kinds["resetting"]})
            await api.command("user", "ban", kinds["banned"], "--reason", "Threats.")
        return kinds

    return asyncio.run(make())


@pytest.mark.parametrize("case", ASKED)
async def test_no_answer_tells_who_has_an_account(api: Outside, known: dict[str, str], case: str) -> None:
    """Status, headers and every byte are the same for everybody."""
    path, form = ASKED[case]
    answers = {kind: await api.post(path, {"email": address, **form}) for kind, address in known.items()}
    assert {kind: shown(answer) for kind, answer in answers.items()} == dict.fromkeys(known, shown(answers["nobody"]))


async def test_what_google_did_not_sign_tells_nothing_of_an_account(
    api: Outside, provider: RunningProvider, known: dict[str, str]
) -> None:
    for change in ({"aud": "another"}, {"email_verified": False}, {"exp": 1}, {"iss": "https://evil.example"}):
        answers = [
            await api.post("/auth/google-login", {"credential": credential(provider, address, **change)})
            for address in known.values()
        ]
        assert_problem(answers[0], 400, "sign_in_failed")
        assert {answer.content for answer in answers} == {answers[0].content}


async def test_a_ban_is_told_to_whoever_has_the_password_and_to_nobody_else(
    api: Outside, known: dict[str, str]
) -> None:
    form = {"email": known["banned"], "password": OTHER_PASSWORD}
    assert_problem(await api.post("/auth/login", form), 400, "wrong_credentials")
    assert_problem(await api.post("/auth/login", {**form, "password": PASSWORD}), 403, "sanctioned")


async def test_only_the_owner_learns_of_a_second_sign_up(api: Outside) -> None:
    address = somebody()
    await api.joined(address)
    before = len(api.letters(address))
    await api.post("/auth/signup", {"email": address, "password": OTHER_PASSWORD})
    (letter,) = api.letters(address)[before:]
    assert A_CODE.search(letter) is None
    await api.signed_in(address)


@in_process
@pytest.mark.parametrize("case", ASKED)
async def test_every_question_costs_the_same_whoever_is_asked_about(rest: Rest, case: str) -> None:
    """Argon2 is what takes time: as many runs for a member as for nobody, and in each branch as many commits."""
    path, form = ASKED[case]
    member = (await rest.member("member@college.edu"))["user"]["userId"]
    await rest.joined("banned@college.edu")
    await rest.sanctions.impose(member, Kind.BAN, "Threats.", by="command line")
    await rest.post("/auth/signup", {"email": "pending@college.edu", "password": PASSWORD})
    await rest.post("/auth/password/forgot", {"email": "member@college.edu"})
    costs = []
    for name in ("member", "banned", "pending", "nobody"):
        before = rest.parts.passwords.operations
        await rest.post(path, {"email": f"{name}@college.edu", **form})
        costs.append(rest.parts.passwords.operations - before)
    expected = 1 if "login" in case or case in ("signup", "reset") else 0
    assert costs == [expected] * 4


@in_process
async def test_the_second_factor_says_nothing_before_the_password(rest: Rest) -> None:
    """Neither that there is one nor that a code was right; and it costs nothing more."""
    user = (await rest.member())["user"]["userId"]
    app = pyotp.TOTP((await rest.totp.begin(user)).secret)
    await rest.totp.confirm(user, app.at(int(rest.clock.wall())))
    rest.clock.advance(60)
    right = app.at(int(rest.clock.wall()))
    answers = []
    for address in ("ana@college.edu", "nobody@college.edu"):
        for code in (right, "000000", None):
            form = {"email": address, "password": OTHER_PASSWORD, "totp": code}
            before = rest.parts.passwords.operations
            answers.append((await rest.post("/auth/login", form)).content)
            assert rest.parts.passwords.operations == before + 1
    assert len(set(answers)) == 1
    assert (await rest.signed_in(totp=right))["user"]["userId"] == user  # none of that has used it up


# --- guessing passwords


@watched
async def test_guessing_from_one_address_ends_and_harms_nobody_else(api: Outside) -> None:
    """A hundred at once are a hundred; the right password does not help there any more, elsewhere it does."""
    victim, attacker = somebody("victim"), coming_from(fresh_address())
    await api.joined(victim)
    form = {"email": victim, "password": OTHER_PASSWORD}
    answers = await asyncio.gather(*[api.post("/auth/login", form, headers=attacker) for _ in range(100)])
    assert sorted(answer.status_code for answer in answers) == [400] * 10 + [429] * 90
    over = await api.post("/auth/login", {**form, "password": PASSWORD}, headers=attacker)
    assert_problem(over, 429, "too_many")
    assert 1 <= int(over.headers["retry-after"]) <= 900
    await api.signed_in(victim)


@watched
async def test_guessing_from_many_addresses_ends_at_the_mailbox_in_all_its_spellings(api: Outside) -> None:
    """Fifty in an hour, from everywhere together. Whoever is signed in stays so."""
    name = f"victim{secrets.token_hex(4)}"
    victim = f"{name}@college.edu"
    signed_in = await api.member(victim)
    spellings = [victim, f"{name}+a@college.edu", f"{name.upper()}@COLLEGE.EDU", f" {victim} "]
    forms = [{"email": spellings[number % 4], "password": OTHER_PASSWORD} for number in range(60)]
    answers = await asyncio.gather(*[api.post("/auth/login", form) for form in forms])
    assert sorted(answer.status_code for answer in answers) == [400] * 50 + [429] * 10
    assert_problem(await api.post("/auth/login", {"email": victim, "password": PASSWORD}), 429, "too_many")
    assert (await api.post("/auth/refresh", {"refreshToken": signed_in["refreshToken"]})).status_code == 200


@watched
async def test_one_password_sprayed_over_many_mailboxes(api: Outside) -> None:
    """Sixty a minute from one address, whoever they are aimed at; others sign in beside it."""
    friend, attacker = somebody("friend"), coming_from(fresh_address())
    await api.joined(friend)
    forms = [{"email": somebody(), "password": PASSWORD} for _ in range(100)]
    answers = await asyncio.gather(*[api.post("/auth/login", form, headers=attacker) for form in forms])
    assert sorted(answer.status_code for answer in answers) == [400] * 60 + [429] * 40
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers if answer.status_code == 429)
    await api.signed_in(friend)


CLAIMS: dict[str, Callable[[str, int], dict[str, str]]] = {  # what an attacker writes before the proxy adds the truth
    "an address in front": lambda true, number: {FORWARDED: f"203.0.113.{number}, {true}"},
    "many in front": lambda true, number: {FORWARDED: f"10.9.9.{number}, 203.0.113.{number}, 127.0.0.2, {true}"},
    "Forwarded beside it": lambda true, number: {FORWARDED: true, "forwarded": f"for=203.0.113.{number}"},
    "other headers": lambda true, number: {
        FORWARDED: true,
        "x-real-ip": f"203.0.113.{number}",
        "client-ip": f"203.0.113.{number}",
        "true-client-ip": f"203.0.113.{number}",
        "cf-connecting-ip": f"203.0.113.{number}",
    },
    "another port": lambda true, number: {FORWARDED: f"{true}:{4000 + number}"},
    "IPv4 as IPv6": lambda true, number: {FORWARDED: f"::ffff:{true}"},
}


@pytest.mark.parametrize("case", CLAIMS)
async def test_an_address_that_the_attacker_made_up_is_not_counted(api: Outside, case: str) -> None:
    """Only what the trusted proxy wrote is."""
    true, victim = fresh_address(), somebody()
    for number in range(10):
        form = {"email": victim, "password": OTHER_PASSWORD}
        answer = await api.post("/auth/login", form, headers=CLAIMS[case](true, number))
        assert_problem(answer, 400, "wrong_credentials")
    over = await api.post("/auth/login", {"email": victim, "password": "x"}, headers=CLAIMS[case](true, 77))
    assert_problem(over, 429, "too_many")


async def test_all_of_an_ipv6_network_is_one_address(api: Outside) -> None:
    victim = somebody()
    for number in range(10):
        headers = coming_from(f"2001:db8:7:7:{number:x}::1")
        assert (await api.post("/auth/login", {"email": victim, "password": "x"}, headers=headers)).status_code == 400
    over = await api.post("/auth/login", {"email": victim, "password": "x"}, headers=coming_from("2001:db8:7:7:f::"))
    assert_problem(over, 429, "too_many")


# --- guessing codes


@pytest.mark.parametrize("purpose", ["verify", "reset"])
async def test_after_five_tries_the_right_code_is_wrong(api: Outside, purpose: str) -> None:
    """From different addresses, and all at once, too."""
    address = somebody()
    if purpose == "verify":
        code = await pending(api, address)
        path, form = "/auth/verify-email", {"email": address}
    else:
        await api.joined(address)
        await api.post("/auth/password/forgot", {"email": address})
        code = api.code(address)
        path, form = "/auth/password/reset", {"email": address, "password": OTHER_PASSWORD}
    guesses = [api.post(path, form | {"code": wrong(code)}) for _ in range(5)]
    answers = [*await asyncio.gather(*guesses), await api.post(path, form | {"code": code})]
    for answer in answers:
        assert_problem(answer, 400, "wrong_code")
    await (api.post("/auth/resend", form) if purpose == "verify" else api.post("/auth/password/forgot", form))
    assert api.code(address) != code
    assert (await api.post(path, form | {"code": api.code(address)})).status_code == 200


async def test_four_wrong_tries_are_forgiven(api: Outside) -> None:
    address = somebody()
    code = await pending(api, address)
    for _ in range(4):
        assert_problem(await api.post("/auth/verify-email", {"email": address, "code": wrong(code)}), 400, "wrong_code")
    assert (await api.post("/auth/verify-email", {"email": address, "code": code})).status_code == 200


async def test_more_codes_under_way_are_not_more_chances_without_end(api: Outside) -> None:
    """At the most three sign-ups of a mailbox wait, and a wrong guess costs each of them a try."""
    address = somebody()
    codes = [await pending(api, address) for _ in range(5)]
    for _ in range(5):
        assert_problem(
            await api.post("/auth/verify-email", {"email": address, "code": codes[0]}), 400, "wrong_code"
        )  # the oldest of five is no longer there
    for code in codes:
        assert_problem(await api.post("/auth/verify-email", {"email": address, "code": code}), 400, "wrong_code")


async def test_a_code_is_good_once(api: Outside) -> None:
    """Also where it comes ten times in the same moment."""
    address = somebody()
    form = {"email": address, "code": await pending(api, address)}
    answers = await asyncio.gather(*[api.post("/auth/verify-email", form) for _ in range(10)])
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 9
    await api.post("/auth/password/forgot", {"email": address})
    form = {"email": address, "code": api.code(address), "password": OTHER_PASSWORD}
    answers = await asyncio.gather(*[api.post("/auth/password/reset", form) for _ in range(5)])
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 4


async def test_a_code_opens_only_what_it_was_sent_for(api: Outside) -> None:
    """Not another mailbox, not another purpose, and not any more once there is a newer one."""
    ana, ben = somebody("ana"), somebody("ben")
    await api.joined(ana)
    code = await pending(api, ben)
    await api.post("/auth/password/forgot", {"email": ana})
    to_reset = api.code(ana)
    for address, given in ((ana, code), (ben, to_reset)):
        reset = {"email": address, "code": given, "password": OTHER_PASSWORD}
        assert_problem(await api.post("/auth/password/reset", reset), 400, "wrong_code")
        assert_problem(await api.post("/auth/verify-email", {"email": address, "code": to_reset}), 400, "wrong_code")
    await api.post("/auth/resend", {"email": ben})
    if api.code(ben) != code:
        assert_problem(await api.post("/auth/verify-email", {"email": ben, "code": code}), 400, "wrong_code")
    assert (await api.post("/auth/verify-email", {"email": ben, "code": api.code(ben)})).status_code == 200
    await api.signed_in(ana)


def other_digits(code: str, zero: str) -> str:
    return "".join(chr(ord(zero) + int(digit)) for digit in code)


async def test_a_code_written_in_another_way_is_another_code(api: Outside) -> None:
    address = somebody()
    code = await pending(api, address)
    for given in (other_digits(code, "٠"), other_digits(code, "０"), f"{code}0", code[:5], f"-{code}", ""):
        await api.post("/auth/resend", {"email": address}) if given == code[:5] else None
        assert_problem(await api.post("/auth/verify-email", {"email": address, "code": given}), 400, "wrong_code")


@pytest.mark.parametrize("given", [123456, 123456.0, True, None, ["123456"], {"$ne": ""}, {"length": 6}])
async def test_a_code_is_text(api: Outside, given: object) -> None:
    address = somebody()
    assert_problem(await api.post("/auth/verify-email", {"email": address, "code": given}), 400, "bad_request")
    reset = {"email": address, "code": given, "password": PASSWORD}
    assert_problem(await api.post("/auth/password/reset", reset), 400, "bad_request")


async def test_codes_are_not_tried_without_end_by_one_address(api: Outside) -> None:
    """Thirty an hour at one mailbox, as many sign-ups as there may be."""
    headers, form = coming_from(fresh_address()), {"email": somebody(), "code": "000000"}
    answers = await asyncio.gather(*[api.post("/auth/verify-email", form, headers=headers) for _ in range(35)])
    assert sorted(answer.status_code for answer in answers) == [400] * 30 + [429] * 5


# --- letters


@pytest.mark.parametrize("path", ["/auth/resend", "/auth/password/forgot"])
async def test_nobodys_mailbox_is_flooded_however_it_is_spelt(api: Outside, path: str) -> None:
    """Three letters in ten minutes; the requests come from thirty addresses."""
    name = f"ana{secrets.token_hex(4)}"
    await api.joined(f"{name}@college.edu")
    await pending(api, f"{name}.too@college.edu")
    for stem in (name, f"{name}.too"):
        spellings = [f"{stem}{plus}@college.edu" for plus in ("", "+a", "+b", "+c.d")]
        answers = [await api.post(path, {"email": spellings[number % 4]}) for number in range(15)]
        assert [answer.status_code for answer in answers] == [200] * 3 + [429] * 12
        assert all(int(answer.headers["retry-after"]) > 60 for answer in answers[3:])
        assert sum(len(api.letters(spelling)) for spelling in spellings) <= 5


async def test_one_mailbox_gets_five_sign_ups_an_hour(api: Outside) -> None:
    address = somebody()
    answers = [await api.post("/auth/signup", {"email": address, "password": PASSWORD}) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [201] * 5 + [429] * 2
    assert len(api.letters(address)) == 5


async def test_one_address_asks_for_three_hundred_letters_an_hour(api: Outside) -> None:
    """Whoever they go to: nobody makes the server a flood of mail."""
    headers = coming_from(fresh_address())
    asked = [api.post("/auth/password/forgot", {"email": somebody()}, headers=headers) for _ in range(310)]
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status_code for answer in answers) == [200] * 300 + [429] * 10


INJECTED = [
    "ana@college.edu\r\nBcc: eve@evil.example",
    "ana@college.edu\nBcc: eve@evil.example",
    "ana@college.edu\rX: y",
    "ana@college.edu%0d%0aBcc:eve@evil.example",
    "ana@college.edu\u2028Bcc: eve@evil.example",
    "ana@college.edu\u0085Bcc: eve@evil.example",
    "ana@college.edu\v",
    "ana@college.edu,eve@evil.example",
    "ana@college.edu;eve@evil.example",
    "ana@college.edu eve@evil.example",
    "Ana <ana@college.edu>",
    "<ana@college.edu>",
    "ana@college.edu <eve@evil.example>",
    "ana@college.edu (comment)",
    "ana@(comment)college.edu",
    "college.edu:ana@college.edu",
    "group:ana@college.edu;",
    "@evil.example:ana@college.edu",
    "ana%evil.example@college.edu@evil.example",
    '"ana@evil.example"@college.edu',
    '"ana\\r\\nBcc: eve"@college.edu',
    "mailto:ana@college.edu",
    "=?utf-8?q?ana?=@college.edu",
    "ana@college.edu\0",
    "ana\0@college.edu",
    "-oQ/tmp@college.edu -X/tmp/x",
    "|/bin/sh@college.edu\n",
    "ana@[127.0.0.1]",
    "ana@127.0.0.1",
    "ana@localhost",
    "ana@college",
    "ana@college..edu",
    ".ana@college.edu",
    "ana.@college.edu",
    "@college.edu",
    "+tag@college.edu",
    "ana@",
    "ana",
    "",
]


@pytest.mark.parametrize("address", INJECTED)
@pytest.mark.parametrize("path", ["/auth/signup", "/auth/resend", "/auth/password/forgot"])
async def test_an_address_is_one_address_and_reaches_no_header(api: Outside, path: str, address: str) -> None:
    before = sum(1 for _ in api.folder.glob("*.eml"))
    answer = await api.post(path, {"email": address, "password": PASSWORD})
    told = assert_problem(answer, 400, "bad_address")
    assert "eve" not in json.dumps(told)
    assert sum(1 for _ in api.folder.glob("*.eml")) == before


async def test_every_letter_has_one_reader_and_nothing_that_a_stranger_wrote(api: Outside) -> None:
    """What is typed at a sign-up is an address and a password, and only the address stands in a letter."""
    await pending(api, somebody())
    for path in api.folder.glob("*.eml"):
        letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert len(letter["To"].addresses) == 1
        allowed = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"}
        assert set(letter.keys()) <= allowed | {"Content-Type", "Content-Transfer-Encoding"}
        assert letter.get_content_type() == "text/plain"
        assert PASSWORD not in path.read_text()
        assert path.stat().st_mode & 0o077 == 0


# --- one mailbox, many spellings

LOOK_ALIKES = {
    "a Cyrillic letter": "аna@college.edu",
    "Cyrillic in the domain": "ana@cоllege.edu",
    "a Greek letter": "αna@college.edu",
    "the Kelvin sign": "\u212aana@college.edu",
    "a dotless i": "ın@college.edu",
    "the long s": "anaſ@college.edu",
    "wide letters": "ａｎａ@college.edu",
    "a wide @": "ana＠college.edu",
    "a small @": "ana﹫college.edu",
    "a wide full stop": "ana@college．edu",
    "an ideographic full stop": "ana@college。edu",
    "a zero-width space": "an\u200ba@college.edu",
    "a zero-width joiner": "an\u200da@college.edu",
    "a soft hyphen": "an\u00ada@college.edu",
    "a byte order mark": "\ufeffana@college.edu",
    "a letter with an accent": "aná@college.edu",
    "the accent by itself": "ana\u0301@college.edu",
    "right to left": "\u202eana@college.edu",
    "a mathematical letter": "𝐚na@college.edu",
    "an emoji": "ana😀@college.edu",
    "a space that does not break": "ana\u00a0@college.edu",
    "a tab": "ana\t@college.edu",
}


@pytest.mark.parametrize("case", LOOK_ALIKES)
async def test_an_address_that_only_looks_like_another_is_none(api: Outside, case: str) -> None:
    """Neither a second person nor, by folding, the first one."""
    form = {"email": LOOK_ALIKES[case], "password": PASSWORD, "code": "000000"}
    for path in ("/auth/signup", "/auth/resend", "/auth/password/forgot", "/auth/verify-email", "/auth/password/reset"):
        assert_problem(await api.post(path, form), 400, "bad_address")
    assert_problem(await api.post("/auth/login", form), 400, "wrong_credentials")


async def test_an_identity_with_a_look_alike_address_is_none(api: Outside, provider: RunningProvider) -> None:
    for address in LOOK_ALIKES.values():
        answer = await api.post("/auth/google-login", {"credential": credential(provider, address)})
        assert answer.status_code == 400


SPELLINGS = {
    "college.edu": [
        "{0}@college.edu",
        "{0}+1@college.edu",
        "{0}+a+b@COLLEGE.edu",
        "  {0}@College.Edu ",
        "{1}@college.edu",
    ],
    "gmail.com": ["{0}@gmail.com", "{0}+x@gmail.com", "{2}@gmail.com", "{0}@googlemail.com", "{1}@GoogleMail.com"],
}


@pytest.mark.parametrize("domain", SPELLINGS)
async def test_the_spellings_of_one_mailbox_are_one_person(api: Outside, domain: str) -> None:
    """Whichever of them signs up first; all of them sign in."""
    name = f"ana{secrets.token_hex(4)}"
    dotted = f"{name[:2]}.{name[2:5]}.{name[5:]}"
    spellings = [form.format(name, name.upper(), dotted) for form in SPELLINGS[domain]]
    await api.joined(spellings[0])
    ids = {(await api.signed_in(spelling))["user"]["userId"] for spelling in spellings}
    assert len(ids) == 1
    for spelling in spellings[1:4]:
        again = await api.post("/auth/signup", {"email": spelling, "password": OTHER_PASSWORD})
        assert again.status_code == 201
        assert_problem(
            await api.post("/auth/login", {"email": spelling, "password": OTHER_PASSWORD}), 400, "wrong_credentials"
        )
    assert api.rows("SELECT COUNT(*) FROM accounts WHERE email LIKE ?", f"{name}%") == [(1,)]


async def test_dots_are_letters_where_they_make_another_mailbox(api: Outside) -> None:
    name = f"ana{secrets.token_hex(4)}"
    first = await api.member(f"{name}@college.edu")
    second = await api.member(f"{name[:3]}.{name[3:]}@college.edu")
    assert first["user"]["userId"] != second["user"]["userId"]


# --- taking somebody's place before they come


async def test_a_password_slipped_under_the_owner_s_code_does_not_open_the_account(api: Outside) -> None:
    """An attacker signs up with the mailbox first, and again while the owner types."""
    victim = somebody("victim")
    attackers_code = await pending(api, victim, OTHER_PASSWORD)
    owners_code = await pending(api, victim)
    if attackers_code == owners_code:
        pytest.fail("two codes alike: one in a million")
    await pending(api, victim, OTHER_PASSWORD)
    verified = await api.post("/auth/verify-email", {"email": victim, "code": owners_code})
    assert verified.status_code == 200
    await api.signed_in(victim)
    assert_problem(
        await api.post("/auth/login", {"email": victim, "password": OTHER_PASSWORD}), 400, "wrong_credentials"
    )
    assert_problem(await api.post("/auth/verify-email", {"email": victim, "code": attackers_code}), 400, "wrong_code")


async def test_a_sign_up_that_waits_ends_when_the_owner_comes_in_by_google(
    api: Outside, provider: RunningProvider
) -> None:
    victim = somebody("victim")
    code = await pending(api, victim, OTHER_PASSWORD)
    first = await api.post("/auth/google-login", {"credential": credential(provider, victim)})
    assert first.status_code == 200
    assert_problem(await api.post("/auth/verify-email", {"email": victim, "code": code}), 400, "wrong_code")
    assert_problem(
        await api.post("/auth/login", {"email": victim, "password": OTHER_PASSWORD}), 400, "wrong_credentials"
    )
    before = len(api.letters(victim))
    await api.post("/auth/resend", {"email": victim})
    assert len(api.letters(victim)) == before


async def test_an_identity_is_no_way_into_somebody_else_s_account(api: Outside, provider: RunningProvider) -> None:
    """The one that Google does not call verified, and the one whose subject is linked already."""
    victim, attacker = await api.member(somebody("victim")), somebody("attacker")
    address = victim["user"]["email"]
    for verified in (False, None, "true", 1):
        form = {"credential": credential(provider, address, sub="evil", email_verified=verified)}
        answer = await api.post("/auth/google-login", form)
        assert_problem(answer, 400, "sign_in_failed")
    own = await api.post("/auth/google-login", {"credential": credential(provider, attacker, sub="mallory")})
    moved = await api.post("/auth/google-login", {"credential": credential(provider, address, sub="mallory")})
    assert own.json()["user"]["email"] == attacker
    assert moved.json()["user"]["userId"] == own.json()["user"]["userId"]  # the subject is who it is


# --- what does not belong into a body

WISHES: dict[str, Any] = {
    "role": "administrator",
    "roles": ["administrator"],
    "admin": True,
    "isAdmin": True,
    "is_admin": True,
    "verified": True,
    "email_verified": True,
    "id": "u1",
    "userId": "u1",
    "account_id": "u1",
    "user": {"role": "administrator", "userId": "u1"},
    "campus": "other",
    "campus_id": "other",
    "campusId": "other",
    "isGoogleUser": True,
    "is_google": True,
    "password_hash": "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAA",
    "mailbox": "admin@college.edu",
    "created_at": 0,
    "createdAt": "1970-01-01T00:00:00.000Z",
    "totp_secret": None,
    "totp_step": 0,
    "second_factor": True,
    "amr": ["pwd", "otp"],
    "expires_at": 9e9,
    "tries_left": 1_000_000,
    "session_id": "mine",
    "exp": 9_999_999_999,
    "__proto__": {"role": "administrator"},
    "constructor": {"prototype": {"role": "administrator"}},
    "prototype": {"admin": True},
    "__class__": "Administrator",
    "__init__": {"__globals__": {"SECRET": "x"}},
    "model_config": {"extra": "allow"},
    "toString": "x",
    "$where": "1",
    "": "x",
}


async def test_nobody_gets_what_a_body_wishes_for(api: Outside) -> None:
    """In every body on the way from nobody to a new password."""
    address = somebody()
    await api.post("/auth/signup", {**WISHES, "email": address, "password": PASSWORD})
    await api.post("/auth/resend", {**WISHES, "email": address})
    verified = await api.post("/auth/verify-email", {**WISHES, "email": address, "code": api.code(address)})
    assert verified.status_code == 200
    before = await api.signed_in(address, **WISHES)
    renewed = (await api.post("/auth/refresh", {**WISHES, "refreshToken": before["refreshToken"]})).json()
    await api.post("/auth/password/forgot", {**WISHES, "email": address})
    form = {**WISHES, "email": address, "code": api.code(address), "password": OTHER_PASSWORD}
    assert (await api.post("/auth/password/reset", form)).status_code == 200
    after = await api.signed_in(address, OTHER_PASSWORD, **WISHES)
    for user in (before["user"], after["user"], (await api.get("/profile", after["token"])).json()["user"]):
        assert (user["role"], user["campus"], user["isGoogleUser"]) == ("member", None, False)
        assert user["userId"] != "u1"
        assert not user["createdAt"].startswith("1970")
    assert renewed["token"]
    assert_problem(await api.get("/moderation/numbers", after["token"]), 403, "forbidden")
    assert api.rows("SELECT COUNT(*) FROM accounts WHERE role <> 'member' OR id = 'u1'") == [(0,)]
    assert api.rows("SELECT totp_step FROM accounts WHERE email = ?", address) == [(None,)]


async def test_a_google_sign_in_takes_nothing_from_its_body(api: Outside, provider: RunningProvider) -> None:
    address = somebody()
    told = credential(provider, address, role="administrator", campus="other", userId="u1")
    user = (await api.post("/auth/google-login", {**WISHES, "credential": told})).json()["user"]
    assert (user["role"], user["campus"], user["isGoogleUser"]) == ("member", None, True)
    assert user["userId"] != "u1"


async def test_of_two_values_of_one_name_one_counts_for_everything(api: Outside) -> None:
    """What is checked is what is used: the letter goes to the address that the limits counted."""
    first, second = somebody("first"), somebody("second")
    body = f'{{"email":"{first}","password":"short","email":"{second}","password":"{PASSWORD}"}}'
    assert (await api.post("/auth/signup", content=body, headers=JSON)).status_code == 201
    assert (len(api.letters(first)), len(api.letters(second))) == (0, 1)


BODIES = {
    "nothing": b"",
    "no JSON": b"email=ana",
    "half an object": b'{"email":',
    "a list": b'[{"email":"a@college.edu","password":"correct horse battery"}]',
    "null": b"null",
    "a number": b"7",
    "60,000 brackets": b"[" * 60_000,
    "20,000 objects": b'{"a":' * 12_000,
    "a deep value beside good ones": b'{"email":"a@college.edu","password":"correct horse battery","x":'
    + b"[" * 30_000
    + b"]" * 30_000
    + b"}",
    "a number of 5,000 digits": b'{"email":' + b"9" * 5_000 + b"}",
    "NaN": b'{"email":NaN,"password":NaN}',
    "no UTF-8": b'{"email":"\xff\xfe@college.edu","password":"correct horse battery"}',
    "lone surrogates": b'{"email":"a\\ud83d@college.edu","password":"correct horse \\udfff","code":"\\ud800"}',
    "types": b'{"email":["a@college.edu"],"password":{"$gt":""},"code":0,"refreshToken":1,"credential":[]}',
    "an operator": b'{"email":{"$ne":null},"password":{"$ne":null},"code":{"$ne":null}}',
}
PATHS = ["/auth/signup", "/auth/login", "/auth/verify-email", "/auth/resend", "/auth/password/reset"]


@pytest.mark.parametrize("case", BODIES)
async def test_a_body_that_cannot_be_read_is_refused_alone(api: Outside, case: str) -> None:
    """With 400 on each route, and nothing of it is repeated."""
    for path in PATHS:
        answer = await api.post(path, content=BODIES[case], headers=JSON)
        if case == "a deep value beside good ones" and answer.status_code != 400:
            assert answer.status_code in (200, 201)  # a field that nobody asked for is read past
            continue
        assert answer.status_code == 400, (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert "correct horse" not in answer.text
        assert len(answer.content) < 2_000


KINDS = ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "text/json", "", "x"]


@pytest.mark.parametrize("kind", [*KINDS, "application/xml", "application/jsonx", "application/x-msgpack"])
async def test_a_body_of_another_kind_is_not_read(api: Outside, kind: str) -> None:
    address = somebody()
    body = json.dumps({"email": address, "password": PASSWORD})
    for path in PATHS:
        assert_problem(await api.post(path, content=body, headers={"content-type": kind}), 415, "not_json")
    assert api.letters(address) == []


@watched
async def test_a_huge_body_is_refused_before_it_is_read(api: Outside) -> None:
    """Declared, or in pieces without end."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b" " * 65_536

    answer = await api.post("/auth/login", content=b" " * 65_537, headers=JSON)
    assert_problem(answer, 413, "too_large")
    async with await RawConnection.open(api.server.port) as connection:
        head = "POST /api/auth/signup HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        await connection.write(f"{head}Content-Length: 100000000000\r\n\r\n".encode())
        assert (await connection.response()).status == 413
    with contextlib.suppress(httpx.NetworkError):  # it may hang up in the middle of it
        assert_problem(await api.post("/auth/login", content=endless(), headers=JSON), 413, "too_large")


LONG = {
    "an address of 255": {"email": "a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".eduxxxx", "password": PASSWORD},
    "an address of 60,000": {"email": "a" * 60_000 + "@college.edu", "password": PASSWORD},
    "an address of dots": {"email": "a@" + "a." * 20_000 + "edu", "password": PASSWORD},
    "an address of quotes": {"email": '"' * 30_000 + "@college.edu", "password": PASSWORD},
    "a password of 257": {"email": "a@college.edu", "password": "xyz1" * 64 + "x"},
    "a password of 60,000": {"email": "a@college.edu", "password": "xyz1" * 15_000},
    "a password that grows when it is normalised": {"email": "a@college.edu", "password": "ﷺ" * 200},
    "a code of 60,000": {"email": "a@college.edu", "password": PASSWORD, "code": "1" * 60_000},
}


@pytest.mark.parametrize("case", LONG)
async def test_what_is_very_long_is_refused_in_a_moment(api: Outside, case: str) -> None:
    form = {"code": "000000"} | LONG[case]
    for path in PATHS if case != "a code of 60,000" else ["/auth/verify-email", "/auth/password/reset"]:
        if path in ("/auth/resend", "/auth/verify-email") and "password" in case:
            continue
        answer = await api.post(path, form)
        assert answer.status_code == 400, (path, answer.text)
        assert len(answer.content) < 1_000


async def test_a_password_longer_than_any_is_wrong_and_never_cut(api: Outside) -> None:
    """Whoever has one of 256 characters is not let in by it and more."""
    address, longest = somebody(), (string := secrets.token_hex(128))[:256]
    assert len(string) == 256
    await api.joined(address, longest)
    await api.signed_in(address, longest)
    for other in (longest + "a", longest[:-1], longest[:72], longest + "\0"):
        assert_problem(await api.post("/auth/login", {"email": address, "password": other}), 400, "wrong_credentials")


async def test_a_nul_is_a_character_and_ends_nothing(api: Outside) -> None:
    address = somebody()
    await api.joined(address, "before the\0 and after")
    for other in ("before the", "before the\0", "before the\0 and", "before the and after"):
        assert_problem(await api.post("/auth/login", {"email": address, "password": other}), 400, "wrong_credentials")
    await api.signed_in(address, "before the\0 and after")
    for form in ({"email": f"{address}\0"}, {"email": f"\0{address}"}):
        assert_problem(await api.post("/auth/password/forgot", form), 400, "bad_address")
    answer = await api.post("/auth/verify-email", {"email": address, "code": "123\0456"})
    assert_problem(answer, 400, "wrong_code")


async def test_a_password_in_the_query_is_not_read_and_stands_in_no_log(api: Outside) -> None:
    address, password = somebody(), f"in-the-query-{secrets.token_hex(8)}"
    await api.joined(address, password)
    query = f"email={address}&password={password}"
    for path in ("/auth/login", "/auth/signup", "/auth/password/reset"):
        assert_problem(await api.post(f"{path}?{query}", {}), 400, "bad_request")
        assert_problem(await api.post(f"{path}?{query}"), 400, "bad_request")
        assert (await api.get(f"{path}?{query}")).status_code == 405
    logged = "\n".join(line for line in api.server.logged().splitlines() if line.startswith("{"))
    assert password not in api.server.logged()
    assert address not in logged


OVERRIDES = ["x-http-method-override", "x-http-method", "x-method-override", "_method"]


@pytest.mark.parametrize("header", OVERRIDES)
async def test_a_method_is_the_one_of_the_request(api: Outside, header: str) -> None:
    mine = await api.member(somebody())
    for path in ("/account", f"/account?{header}=DELETE", "/profile"):
        headers = bearing(mine["token"]) | {header: "DELETE"}
        assert (await api.post(path, {"password": PASSWORD, "_method": "DELETE"}, headers=headers)).status_code == 405
        assert (await api.get(path, headers=headers)).status_code in (200, 405)
    headers = bearing(mine["token"]) | {header: "POST"}
    assert (await api.get("/auth/logout-all", headers=headers)).status_code == 405
    assert (await api.get("/profile", mine["token"])).status_code == 200


@pytest.mark.parametrize("header", ["x-original-url", "x-rewrite-url", "x-forwarded-prefix", "x-forwarded-path"])
async def test_a_path_is_the_one_of_the_request(api: Outside, header: str) -> None:
    answer = await api.get("/profile", headers={header: "/api/config"})
    assert_problem(answer, 401, "token_missing")


@pytest.mark.parametrize(
    "path",
    ["/auth//login", "/auth/login/", "/auth/./login", "/AUTH/LOGIN", "/auth/login%00", "/auth%2Flogin", "//auth/login"],
)
async def test_another_spelling_of_a_path_is_no_way_around_a_limit(api: Outside, path: str) -> None:
    """It is not there at all."""
    answer = await api.post(path, {"email": somebody(), "password": PASSWORD})
    assert answer.status_code in (307, 400, 404, 405)
    if answer.status_code == 307:
        assert urlsplit(answer.headers["location"]).netloc in ("", urlsplit(api.server.url).netloc)


# --- cookies and redirects


async def test_a_cookie_that_somebody_planted_does_not_become_the_victim_s_session(api: Outside) -> None:
    """After a sign-in the browser holds a new one; the planted one is still the attacker's own."""
    attacker, victim = await api.member(somebody("attacker")), somebody("victim")
    await api.joined(victim)
    planted = {"cookie": f"mm_refresh={attacker['refreshToken']}"}
    form = {"email": victim, "password": PASSWORD, "cookie": True}
    answer = await api.post("/auth/login", form, headers=planted)
    assert answer.status_code == 200
    value = answer.cookies["mm_refresh"]
    assert value.startswith("mmr_")
    assert value != attacker["refreshToken"]
    theirs = (await api.post("/auth/refresh", {"refreshToken": attacker["refreshToken"]})).json()
    who = (await api.get("/profile", theirs["token"])).json()["user"]["userId"]
    assert who == attacker["user"]["userId"]
    made_up = await api.post("/auth/login", form, headers={"cookie": "mm_refresh=mmr_chosen-by-somebody"})
    assert made_up.cookies["mm_refresh"] != "mmr_chosen-by-somebody"
    assert_problem(await api.post("/auth/refresh", {"refreshToken": "mmr_chosen-by-somebody"}), 401, "no_session")


async def test_a_single_sign_on_that_another_browser_began_is_not_finished_here(api: Outside) -> None:
    """Else an attacker could sign a victim in as themselves. RFC 9700, section 4.7."""
    first, second = [await api.get("/auth/sso/start") for _ in range(2)]
    state = parse_qs(urlsplit(first.headers["location"]).query)["state"][0]
    for cookie in (None, second.cookies["mm_sso"], "made-up", first.cookies["mm_sso"][:-4]):
        headers = {} if cookie is None else {"cookie": f"mm_sso={cookie}"}
        answer = await api.get(f"/auth/sso/callback?code=c&state={state}", headers=headers)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/#problem=sign_in_failed"
        assert "mm_refresh" not in answer.cookies


REDIRECTS = [
    "next=https://evil.example",
    "redirect=//evil.example",
    "redirect_uri=https://evil.example/callback",
    "return_to=https://evil.example",
    "url=javascript:alert(1)",
    "issuer=https://evil.example",
    "client_id=evil",
    "state=chosen&nonce=chosen&code_challenge=chosen",
]
HOSTS = [
    {"host": "evil.example"},
    {"x-forwarded-host": "evil.example"},
    {"x-forwarded-proto": "https", "x-forwarded-port": "444"},
    {"forwarded": "host=evil.example;proto=https"},
    {"origin": "https://evil.example"},
    {"referer": "https://evil.example/"},
]


@pytest.mark.parametrize("query", REDIRECTS)
@pytest.mark.parametrize("headers", HOSTS, ids=lambda headers: next(iter(headers)))
async def test_single_sign_on_leads_to_the_provider_and_back_to_us_alone(
    api: Outside, provider: RunningProvider, query: str, headers: dict[str, str]
) -> None:
    answer = await api.get(f"/auth/sso/start?{query}", headers=headers)
    assert answer.status_code == 303
    to = urlsplit(answer.headers["location"])
    assert f"{to.scheme}://{to.netloc}" == provider.url
    sent = parse_qs(to.query)
    assert sent["redirect_uri"] == [f"{api.server.url}/api/auth/sso/callback"]
    assert sent["client_id"] == ["meetmates"]
    assert sent["code_challenge_method"] == ["S256"]
    assert "evil" not in answer.headers["location"]
    assert "chosen" not in answer.headers["location"]
    back = await api.get(f"/auth/sso/callback?{query}&error=x", headers=headers)
    assert back.headers["location"] == "/#problem=sign_in_failed"


# --- every limit says when to come back


async def test_every_route_answers_429_with_the_time_to_wait() -> None:
    """With a thousandth of each limit, an address may ask six times a minute at the most, wherever it goes."""
    with running_server(**BEHIND_A_PROXY, LIMIT_FACTOR="0.001") as narrow:
        async with outside(narrow) as api:
            paths = (await api.client.get("/openapi.json")).json()["paths"]
            routes = [(method.upper(), path) for path, methods in paths.items() for method in methods]
            assert len(routes) >= 20
            for method, path in routes:
                if not path.startswith("/api/"):
                    continue
                place = coming_from(fresh_address())
                address = path.replace("{", "").replace("}", "")
                body: dict[str, object] | None = {} if method in ("POST", "PUT", "PATCH") else None
                first = await api.client.request(method, address, headers=place, json=body)
                assert first.status_code != 429, path
                for _ in range(6):
                    over = await api.client.request(method, address, headers=place, json=body)
                assert_problem(over, 429, "too_many")
                assert over.headers["retry-after"].isdecimal(), path
                assert int(over.headers["retry-after"]) >= 1


@watched
async def test_a_crowd_of_sign_ins_makes_no_chat_wait(api: Outside) -> None:
    """A hundred at once from a hundred addresses: each is answered, or told to come again; nobody fails."""
    forms = [{"email": somebody(), "password": PASSWORD} for _ in range(100)]
    answers = await asyncio.gather(*[api.post("/auth/login", form) for form in forms])
    assert {answer.status_code for answer in answers} <= {400, 429}
    assert sum(answer.status_code == 400 for answer in answers) >= 50
    assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 429)


async def test_basic_authentication_is_no_sign_in(api: Outside) -> None:
    address = somebody()
    await api.joined(address)
    basic = base64.b64encode(f"{address}:{PASSWORD}".encode()).decode()
    for path in ("/profile", "/verify-token", "/account/export"):
        assert_problem(await api.get(path, headers={"authorization": f"Basic {basic}"}), 401, "token_missing")
