"""Who a CONNECT comes from: the token where there is one, a guest where the settings allow it."""

from dataclasses import dataclass
from typing import Any

from meetmates.accounts.tokens import Claims, TokenRefused, TokenVerifier, bearer, from_header
from meetmates.domain.errors import Denial
from meetmates.edge.clock import iso
from meetmates.ports import Clock, Roster, Safety
from meetmates.transport.ports import Opening


@dataclass(frozen=True, slots=True)
class Granted:
    """Somebody who may come in, to look for partners in `pool`; `claims` is None for a guest."""

    claims: Claims | None
    pool: str = ""


@dataclass(frozen=True, slots=True)
class Denied:
    """Somebody who may not. `data` goes into the CONNECT_ERROR."""

    denial: Denial
    data: dict[str, Any]


DENIALS = {denial.value.code: denial for denial in Denial}


class Handshake:
    """The policy of the door, worked out once."""

    def __init__(
        self, verifier: TokenVerifier, safety: Safety, roster: Roster, clock: Clock, required: bool | None
    ) -> None:
        """`required`: whether a token is needed; None: as soon as there is a campus."""
        self._verifier = verifier
        self._safety = safety
        self._roster = roster
        self._clock = clock
        self._required = required

    def decide(self, auth: dict[str, Any], opening: Opening) -> Granted | Denied:
        """Grants or denies a CONNECT with this `auth` object on a session that was opened by `opening`."""
        if opening.token_in_query:
            return _denied(Denial.TOKEN_INVALID)  # even beside a good one: queries are logged
        try:
            token = bearer(auth.get("token")) or from_header(opening.authorization)
            claims = self._verifier.verify(token, self._clock.wall()) if token is not None else None
        except TokenRefused as refused:
            return _denied(DENIALS[refused.code])
        if claims is None:
            return self._guest()
        return self._held_against(claims) or self._member(claims)

    def renewed(self, token: str) -> Claims | None:
        """The claims of a token sent by `refreshToken`, or None when it is not valid."""
        try:
            bare = bearer(token)
            claims = None if bare is None else self._verifier.verify(bare, self._clock.wall())
        except TokenRefused:
            return None
        if claims is None or self._held_against(claims) is not None:
            return None
        return claims if isinstance(self._member(claims), Granted) else None

    def pool(self, account: str | None) -> str | None:
        """Among whom `account` (None: a guest) belongs at this moment; None for one who would not be let in."""
        if account is None and (self._roster.is_gate_closed() if self._required is None else self._required):
            return None
        return self._roster.pool(account)

    def _guest(self) -> Granted | Denied:
        pool = self.pool(None)
        return _denied(Denial.TOKEN_MISSING) if pool is None else Granted(None, pool)

    def _member(self, claims: Claims) -> Granted | Denied:
        if claims.session_id is not None and self._roster.is_over(claims.session_id):
            return _denied(Denial.TOKEN_INVALID)
        pool = self.pool(claims.user_id)
        return _denied(Denial.ACCOUNT_GONE) if pool is None else Granted(claims, pool)

    def _held_against(self, claims: Claims) -> Denied | None:
        standing = self._safety.standing(claims.user_id)
        if standing.banned:
            return _denied(Denial.ACCOUNT_BANNED)
        if standing.suspended_until is not None and standing.suspended_until > self._clock.wall():
            return _denied(Denial.ACCOUNT_SUSPENDED, until=iso(standing.suspended_until))
        return None


def _denied(denial: Denial, **data: Any) -> Denied:
    return Denied(denial, {"code": denial.value.code, **data})
