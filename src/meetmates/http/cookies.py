"""The refresh cookie, and whose pages may act on it."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request, Response

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.http.parts import Parts
from meetmates.settings import Settings

NAME = "mm_refresh"
PATH = "/api/auth"  # nothing but these routes ever sees it
STATE_NAME = "mm_sso"  # what a single sign-on that is under way remembers
STATE_PATH = "/api/auth/sso"
STATE_AGE = 600  # seconds


def are_secure(settings: Settings) -> bool:
    """Whether cookies are for TLS alone: always, but for a server on plain HTTP that only its own machine reaches."""
    if settings.tls_cert is not None:
        return True
    if settings.public_url is not None:
        parts = urlsplit(settings.public_url)
        return parts.scheme == "https" or not _is_loopback(parts.hostname or "")
    return not _is_loopback(settings.host)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_page(request: Request, parts: Parts) -> None:
    """For routes that act on the cookie. Raises `AccountRefused` where another site's page asks (or one that hides)."""
    cross_site = request.headers.get("sec-fetch-site", "none").lower() == "cross-site"
    if cross_site or not parts.allows_origin(request.headers.get("origin")):
        raise AccountRefused(Problem.FOREIGN_ORIGIN)


def read(request: Request, parts: Parts) -> str | None:
    """The refresh token in the cookie; None without one. Raises `AccountRefused` for foreign pages."""
    raw = request.cookies.get(NAME)
    if not raw:
        return None
    check_page(request, parts)
    return raw


def put(response: Response, raw: str, max_age: float, parts: Parts) -> None:
    """Gives the browser a refresh token that no script can read, for `max_age` seconds."""
    response.set_cookie(
        NAME,
        raw,
        max_age=max(0, int(max_age)),
        path=PATH,
        secure=are_secure(parts.settings),
        httponly=True,
        samesite="strict",
    )


def drop(response: Response, parts: Parts) -> None:
    """Takes it away."""
    response.delete_cookie(NAME, path=PATH, secure=are_secure(parts.settings), httponly=True, samesite="strict")


def put_state(response: Response, value: str, parts: Parts) -> None:
    """Remembers a single sign-on until the provider sends the browser back: a link from outside, hence `lax`."""
    response.set_cookie(
        STATE_NAME,
        value,
        max_age=STATE_AGE,
        path=STATE_PATH,
        secure=are_secure(parts.settings),
        httponly=True,
        samesite="lax",
    )


def drop_state(response: Response, parts: Parts) -> None:
    """It works once."""
    response.delete_cookie(
        STATE_NAME, path=STATE_PATH, secure=are_secure(parts.settings), httponly=True, samesite="lax"
    )
