"""What browsers need to find a way to each other: STUN and TURN servers, and who may have credentials for them."""

import base64
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from meetmates.domain.people import Person

KEY_TTL = 3600  # seconds that a guest's key lives, if the connection does
CREDENTIAL_TTL = 3600  # seconds; a relay that was allocated in time is kept up beyond
USER_BYTES = 15  # 120 bits of a keyed hash: nobody finds the account behind it


class IceKeys:
    """Keys by which somebody on a live socket is known over HTTP: signed, not kept, and dead with the connection."""

    def __init__(self, secret: bytes, wall: Callable[[], float], here: Callable[[str], Person | None]) -> None:
        """`wall`: seconds since the epoch. `here` finds who is connected, by socket id."""
        self._secret = hmac.digest(secret, b"ice key", "sha256")
        self._wall = wall
        self._here = here

    def make(self, id: str) -> str:
        """A key for the connection with this socket id."""
        claim = f"{id}.{int(self._wall()) + KEY_TTL}"
        return f"{claim}.{self._signature(claim)}"

    def owner(self, key: str) -> Person | None:
        """Whose key it is; None for one that is wrong, over, or of a connection that has gone."""
        claim, _, signature = key.rpartition(".")
        if not hmac.compare_digest(self._signature(claim).encode(), signature.encode()):
            return None
        id, _, expiry = claim.rpartition(".")
        return self._here(id) if int(expiry) > self._wall() else None

    def _signature(self, claim: str) -> str:
        return _text(hmac.digest(self._secret, claim.encode(), "sha256"))


@dataclass(frozen=True, slots=True)
class IceServer:
    """One entry of a browser's `iceServers`."""

    urls: Sequence[str]
    username: str | None = None
    credential: str | None = None


@dataclass(frozen=True, slots=True)
class IceConfiguration:
    """What a browser makes a peer connection with. `expires_at`: seconds since the epoch; then ask again."""

    servers: Sequence[IceServer]
    relay_only: bool
    expires_at: int


class IceServers:
    """The servers of the settings, with credentials of their own for everybody who asks."""

    def __init__(
        self,
        stun_urls: Sequence[str],
        turn_urls: Sequence[str],
        turn_secret: str,
        relay_only: bool,
        secret: bytes,
        wall: Callable[[], float],
    ) -> None:
        """`turn_secret` is shared with the TURN server; with `secret`, our own, accounts are made unrecognisable."""
        self._stun = [] if relay_only or not stun_urls else [IceServer(stun_urls)]
        self._turn_urls = turn_urls
        self._turn_secret = turn_secret.encode()
        self._relay_only = relay_only
        self._secret = hmac.digest(secret, b"turn user", "sha256")
        self._wall = wall

    def of(self, who: str) -> IceConfiguration:
        """Servers and fresh credentials for `who`: an account, or a guest's socket id."""
        expiry = int(self._wall()) + CREDENTIAL_TTL
        turn = [self._turn(who, expiry)] if self._turn_urls else []
        return IceConfiguration([*self._stun, *turn], self._relay_only, expiry)

    def _turn(self, who: str, expiry: int) -> IceServer:
        """As coturn's `use-auth-secret` has it. The user is always the same for `who`, so that its quota holds."""
        username = f"{expiry}:{_text(hmac.digest(self._secret, who.encode(), 'sha256')[:USER_BYTES])}"
        signature = hmac.digest(self._turn_secret, username.encode(), "sha1")  # the only hash that coturn takes here
        return IceServer(self._turn_urls, username, base64.b64encode(signature).decode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
