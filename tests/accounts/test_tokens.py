"""Tokens: what is accepted, and every attack known with the exact code that answers it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from meetmates.accounts.tokens import Claims, TokenRefused, TokenVerifier, bearer, from_header, make_token

NOW = 1_800_000_000.0
SECRET = b"a-key-for-these-tests-only-0123456789"
ED = Ed25519PrivateKey.generate()
RSA = generate_rsa_key(65537, 2048)


def pem(key: Any) -> str:
    text: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return text.decode()


VERIFIER = TokenVerifier(SECRET, [pem(ED), pem(RSA)], "meetmates", "meetmates")
GOOD: dict[str, Any] = {
    "userId": "u1",
    "email": "ana@college.edu",
    "isGoogleUser": True,
    "iat": NOW,
    "exp": NOW + 60,
    "jti": "t1",
    "iss": "meetmates",
    "aud": "meetmates",
}


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def crafted(header: object, payload: object, key: bytes = SECRET, digest: Any = hashlib.sha256) -> str:
    """A token with any header and payload, whatever a library would say to it, and a true HMAC over both."""
    parts = (part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload))
    signed = ".".join(encoded(part) for part in parts)
    return f"{signed}.{encoded(hmac.new(key, signed.encode(), digest).digest())}"


def header(**more: object) -> dict[str, object]:
    return {"alg": "HS256", "typ": "JWT", **more}


def claims(**changes: object) -> str:
    return crafted(header(), GOOD | changes)


def without(name: str) -> str:
    return crafted(header(), {key: value for key, value in GOOD.items() if key != name})


def unsigned(alg: object) -> str:
    signed = f"{encoded(json.dumps(header(alg=alg)).encode())}.{encoded(json.dumps(GOOD).encode())}"
    return f"{signed}."


def test_a_good_token_says_who_it_is() -> None:
    assert VERIFIER.verify(claims(), NOW) == Claims("u1", "ana@college.edu", True, NOW + 60, "t1")


@pytest.mark.parametrize(("key", "alg"), [(ED, "EdDSA"), (RSA, "RS256")])
def test_public_keys_are_for_their_own_algorithm(key: Any, alg: str) -> None:
    assert VERIFIER.verify(jwt.encode(GOOD, key, alg), NOW).user_id == "u1"


ACCEPTED: dict[str, tuple[str, Claims]] = {
    "an integer id": (claims(userId=7), Claims("7", "ana@college.edu", True, NOW + 60, "t1")),
    "no e-mail": (without("email"), Claims("u1", None, True, NOW + 60, "t1")),
    "an e-mail of null": (claims(email=None), Claims("u1", None, True, NOW + 60, "t1")),
    "an empty e-mail": (claims(email=""), Claims("u1", None, True, NOW + 60, "t1")),
    "a Google mark that is no bool": (
        claims(isGoogleUser="yes"),
        Claims("u1", "ana@college.edu", False, NOW + 60, "t1"),
    ),
    "no jti": (without("jti"), Claims("u1", "ana@college.edu", True, NOW + 60, "")),
    "no iat": (without("iat"), Claims("u1", "ana@college.edu", True, NOW + 60, "t1")),
    "iat 25 s ahead": (claims(iat=NOW + 25), Claims("u1", "ana@college.edu", True, NOW + 60, "t1")),
    "nbf 25 s ahead": (claims(nbf=NOW + 25), Claims("u1", "ana@college.edu", True, NOW + 60, "t1")),
    "over for 25 s": (claims(exp=NOW - 25), Claims("u1", "ana@college.edu", True, NOW - 25, "t1")),
    "an id of 128": (claims(userId="x" * 128), Claims("x" * 128, "ana@college.edu", True, NOW + 60, "t1")),
    "an access token": (claims(typ="access"), Claims("u1", "ana@college.edu", True, NOW + 60, "t1")),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_accepted(case: str) -> None:
    raw, expected = ACCEPTED[case]
    assert VERIFIER.verify(raw, NOW) == expected


OTHER_RSA = generate_rsa_key(65537, 2048)
REFUSED: dict[str, str | Callable[[], str]] = {
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "alg nOnE": unsigned("nOnE"),
    "alg none with a true HMAC": crafted(header(alg="none"), GOOD),
    "no alg": crafted({"typ": "JWT"}, GOOD),
    "alg null": crafted(header(alg=None), GOOD),
    "alg a list": crafted(header(alg=["HS256"]), GOOD),
    "alg in small letters": crafted(header(alg="hs256"), GOOD),
    "alg HS512 of the same secret": crafted(header(alg="HS512"), GOOD, digest=hashlib.sha512),
    "alg HS384 of the same secret": crafted(header(alg="HS384"), GOOD, digest=hashlib.sha384),
    "alg ES256": jwt.encode(GOOD, generate_ec_key(SECP256R1()), "ES256"),
    "alg PS256 with the right key": jwt.encode(GOOD, RSA, "PS256"),
    "alg RS512 with the right key": jwt.encode(GOOD, RSA, "RS512"),
    "another secret": crafted(header(), GOOD, key=b"x" * 40),
    "an empty secret": crafted(header(), GOOD, key=b""),
    "another RSA key": jwt.encode(GOOD, OTHER_RSA, "RS256"),
    "another Ed25519 key": jwt.encode(GOOD, Ed25519PrivateKey.generate(), "EdDSA"),
    "the RSA public key as secret": crafted(header(), GOOD, key=pem(RSA).encode()),
    "the Ed25519 public key as secret": crafted(header(), GOOD, key=pem(ED).encode()),
    "the public key without its last newline as secret": crafted(header(), GOOD, key=pem(RSA).strip().encode()),
    "a key of its own in jwk": jwt.encode(GOOD, OTHER_RSA, "RS256", {"jwk": json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(OTHER_RSA.public_key()))}),
    "a symmetric key of its own in jwk": crafted(header(jwk={"kty": "oct", "k": encoded(b"x" * 40)}), GOOD, key=b"x" * 40),
    "jku": jwt.encode(GOOD, OTHER_RSA, "RS256", {"jku": "https://evil.example/keys"}),
    "x5u": jwt.encode(GOOD, OTHER_RSA, "RS256", {"x5u": "https://evil.example/cert"}),
    "kid as a path": crafted(header(kid="../../../../dev/null"), GOOD, key=b""),
    "kid as SQL": crafted(header(kid="x' UNION SELECT 'k"), GOOD, key=b"k"),
    "unknown crit": crafted(header(crit=["exp2"], exp2=1), GOOD),
    "crit of b64": crafted(header(crit=["b64"], b64=True), GOOD),
    "crit empty": crafted(header(crit=[]), GOOD),
    "b64 false": crafted(header(b64=False), GOOD),
    "a refresh token by its header": crafted(header(typ="refresh+jwt"), GOOD),
    "header is a list": crafted([], GOOD),
    "header is no JSON": crafted(b"{", GOOD),
    "header 2,000 deep": crafted(b'{"alg":"HS256","a":' + b"[" * 2_000 + b"]" * 2_000 + b"}", GOOD),
    "payload 2,000 deep": crafted(header(), b'{"a":' + b"[" * 2_000 + b"]" * 2_000 + b"}"),
    "payload is a list": crafted(header(), [GOOD]),
    "payload is a string": crafted(header(), "u1"),
    "payload is no UTF-8": crafted(header(), b"\xff\xfe"),
    "an integer of 5,000 digits": crafted(header(), b'{"exp":' + b"9" * 5_000 + b"}"),
    "no exp": without("exp"),
    "exp null": claims(exp=None),
    "exp a string": claims(exp=str(NOW + 60)),
    "exp true": claims(exp=True),
    "exp NaN": claims(exp=float("nan")),
    "exp Infinity": claims(exp=float("inf")),
    "exp below zero": claims(exp=-1),
    "exp a list": claims(exp=[NOW + 60]),
    "nbf 5 min ahead": claims(nbf=NOW + 300),
    "nbf 31 s ahead": claims(nbf=NOW + 31),
    "nbf a string": claims(nbf="0"),
    "iat 5 min ahead": claims(iat=NOW + 300),
    "iat a string": claims(iat="0"),
    "no aud": without("aud"),
    "another aud": claims(aud="elsewhere"),
    "aud a list": claims(aud=["meetmates"]),
    "aud with a space": claims(aud="meetmates "),
    "no iss": without("iss"),
    "another iss": claims(iss="elsewhere"),
    "iss a list": claims(iss=["meetmates"]),
    "no userId": without("userId"),
    "userId null": claims(userId=None),
    "userId empty": claims(userId=""),
    "userId of spaces": claims(userId="  "),
    "userId true": claims(userId=True),
    "userId a float": claims(userId=1.0),
    "userId a list": claims(userId=["u1"]),
    "userId an object": claims(userId={"$ne": None}),
    "userId of 129": claims(userId="x" * 129),
    "userId a number of 200 digits": claims(userId=10**200),
    "userId half a character": claims(userId="\ud83d"),
    "email a number": claims(email=7),
    "email a list": claims(email=["ana@college.edu"]),
    "email half a character": claims(email="\ud83d@college.edu"),
    "email of 321": claims(email="a" * 321),
    "jti a number": claims(jti=7),
    "typ refresh": claims(typ="refresh"),
    "type refresh_token": claims(type="refresh_token"),
    "use Refresh": claims(use="Refresh"),
    "token_use refresh": claims(token_use="refresh"),
    "no dots": "abc",
    "empty": "",
    "only dots": "..",
    "five parts": claims() + ".a.b",
    "a letter more": claims() + "A",
    "a signature cut": claims()[:-4],
    "a signature left out": claims().rpartition(".")[0] + ".",
    "a payload swapped": ".".join((claims().split(".")[0], claims(userId="u2").split(".")[1], claims().split(".")[2])),
    "white space": f" {claims()} ",
    "a NUL": claims() + "\0",
    "letters that are no ASCII": claims() + "ß",
    "half a character": claims() + "\ud83d",
    "8 KiB and more, and true": claims(padding="x" * 8192),
    "null as text": "null",
    "undefined as text": "undefined",
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    with pytest.raises(TokenRefused) as refused:
        VERIFIER.verify(str(REFUSED[case]), NOW)
    assert refused.value.code == "token_invalid"


EXPIRED = {"by 5 min": claims(exp=NOW - 300), "by 30 s": claims(exp=NOW - 30), "at the beginning": claims(exp=0)}


@pytest.mark.parametrize("case", EXPIRED)
def test_expired(case: str) -> None:
    with pytest.raises(TokenRefused) as refused:
        VERIFIER.verify(EXPIRED[case], NOW)
    assert refused.value.code == "token_expired"


def test_a_forged_token_that_is_over_says_nothing_about_its_time() -> None:
    with pytest.raises(TokenRefused) as refused:
        VERIFIER.verify(crafted(header(), GOOD | {"exp": 0}, key=b"x" * 40), NOW)
    assert refused.value.code == "token_invalid"


def test_the_machines_clock_is_not_asked() -> None:
    assert VERIFIER.verify(claims(iat=10, exp=100), 50.0).expires_at == 100
    assert VERIFIER.verify(claims(iat=9e10, exp=9.5e10), 9.2e10).expires_at == 9.5e10


def test_one_public_key_after_another_is_tried() -> None:
    verifier = TokenVerifier(SECRET, [pem(RSA), pem(OTHER_RSA)], "meetmates", "meetmates")
    assert verifier.verify(jwt.encode(GOOD, OTHER_RSA, "RS256"), NOW).user_id == "u1"


@pytest.mark.parametrize("key", [generate_ec_key(SECP256R1()), generate_rsa_key(65537, 1024)])
def test_weak_and_foreign_public_keys_are_not_taken(key: Any) -> None:
    with pytest.raises(ValueError, match="at least 2048 bits"):
        TokenVerifier(SECRET, [pem(key)], "meetmates", "meetmates")


def test_what_is_made_is_accepted_and_ends() -> None:
    raw = make_token(SECRET, user_id="u9", email="b@c.edu", now=NOW, ttl=90, token_id="t9")
    assert VERIFIER.verify(raw, NOW) == Claims("u9", "b@c.edu", False, NOW + 90, "t9")
    with pytest.raises(TokenRefused, match="token_expired"):
        VERIFIER.verify(raw, NOW + 121)


@pytest.mark.parametrize(
    ("value", "token"),
    [(None, None), ("", None), ("abc", "abc"), ("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER  abc ", "abc")],
)
def test_the_token_in_auth(value: object, token: str | None) -> None:
    assert bearer(value) == token


@pytest.mark.parametrize(
    "value", [0, 1, True, False, 1.5, [], ["abc"], {}, {"token": "abc"}, b"abc", "Bearer", "Bearer "]
)
def test_what_is_no_token_in_auth_is_refused(value: object) -> None:
    with pytest.raises(TokenRefused, match="token_invalid"):
        bearer(value)


@pytest.mark.parametrize(
    ("value", "token"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        ("Bearer abc", "abc"),
        ("bearer   abc", "abc"),
        ("abc", "abc"),
        ("Basic YTpi", None),
        ('Digest username="a", realm="b"', None),
        ("Negotiate YII", None),
    ],
)
def test_the_token_in_the_header(value: str | None, token: str | None) -> None:
    assert from_header(value) == token


def test_a_bearer_header_with_nothing_in_it_is_refused() -> None:
    with pytest.raises(TokenRefused, match="token_invalid"):
        from_header("Bearer ")
