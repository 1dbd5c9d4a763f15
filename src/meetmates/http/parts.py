"""What the routes need: the use cases of accounts and safety, put together by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends, Request

if TYPE_CHECKING:  # a dataclass asks for none of them when it is made
    from meetmates.accounts.campuses import Campuses
    from meetmates.accounts.google import Google
    from meetmates.accounts.oidc import SingleSignOn
    from meetmates.accounts.passwords import Passwords
    from meetmates.accounts.profiles import Profiles
    from meetmates.accounts.recovery import Recovery
    from meetmates.accounts.sessions import Sessions
    from meetmates.accounts.signin import SignIn
    from meetmates.accounts.signup import Signup
    from meetmates.accounts.tokens import TokenVerifier
    from meetmates.accounts.totp import Seals, Totp
    from meetmates.http.limits import Limits
    from meetmates.ports import Clock, Safety
    from meetmates.safety.appeals import Appeals
    from meetmates.safety.blocks import Blocks
    from meetmates.safety.console import Console
    from meetmates.safety.sanctions import Sanctions
    from meetmates.service.ice import IceKeys, IceServers
    from meetmates.settings import Settings
    from meetmates.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Moderation:
    """What moderators' routes need besides."""

    console: Console
    totp: Totp
    sealer: Seals
    numbers: Callable[[], Mapping[str, int]]  # `connections`, `waiting`, `chats` at this moment
    own_origins: frozenset[str]  # where the console's pages are: forms come from nowhere else


@dataclass(frozen=True, slots=True, kw_only=True)
class Ice:
    """What the route of STUN and TURN servers needs besides."""

    keys: IceKeys
    servers: IceServers
    safety: Safety


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """One of each. `google` and `single_sign_on` are None where they are not set up."""

    settings: Settings
    clock: Clock
    database: Database
    verifier: TokenVerifier
    campuses: Campuses
    passwords: Passwords
    signup: Signup
    signin: SignIn
    sessions: Sessions
    recovery: Recovery
    profiles: Profiles
    sanctions: Sanctions
    appeals: Appeals
    blocks: Blocks
    limits: Limits
    ice: Ice
    allows_origin: Callable[[str | None], bool]  # true for our own and configured origins, and where there is none
    google: Google | None = None
    single_sign_on: SingleSignOn | None = None
    moderation: Moderation | None = None


def parts_of(request: Request) -> Parts:
    """The parts that this application was made with."""
    return cast(Parts, request.app.state.parts)


Given = Annotated[Parts, Depends(parts_of)]
