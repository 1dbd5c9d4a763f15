"""Sign-in with Google: the credential that its button gives a page is an ID token, and proves itself."""

from collections.abc import Callable

import httpx

from meetmates.accounts.backchannel import PATIENCE, Backchannel, Unsound
from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.accounts.id_tokens import name, read_id_token, subject, verified_address
from meetmates.accounts.identity import Identity
from meetmates.accounts.provider import Provider
from meetmates.ports import Clock

GOOGLE = "https://accounts.google.com"
SPELLINGS = {GOOGLE: (GOOGLE, "accounts.google.com")}  # Google has signed with either


class Google:
    """Reads Google's credentials for one client id."""

    def __init__(
        self,
        client_id: str,
        issuer: str,
        http: httpx.AsyncClient,
        clock: Clock,
        failed: Callable[[str], None] = lambda why: None,
        *,
        patience: float = PATIENCE,
    ) -> None:
        """`failed` is told why a credential was refused, in a word or two about nobody.

        Raises `ValueError` for an `issuer` that is neither at an HTTPS address nor on this machine.
        """
        self._client_id = client_id
        self._provider = Provider(issuer, Backchannel(http, patience), clock)
        self._issuers = SPELLINGS.get(issuer, (issuer,))
        self._clock = clock
        self._failed = failed

    async def verify(self, credential: str) -> Identity:
        """Who it is. Raises `AccountRefused`. Whether the address is one of a campus is for others to say."""
        try:
            claims = await read_id_token(
                credential,
                self._provider,
                issuers=self._issuers,
                audience=self._client_id,
                now=self._clock.wall(),
            )
            address = verified_address(claims)
            return Identity(self._provider.issuer, subject(claims), address, True, name(claims))
        except Unsound as unsound:
            self._failed(str(unsound))
            raise AccountRefused(Problem.SIGN_IN_FAILED) from unsound
