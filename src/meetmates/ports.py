"""What the inside needs from the outside: signatures and guarantees, nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from meetmates.domain.effects import Effect, Said
from meetmates.domain.people import Person


class Clock(Protocol):
    """Two clocks. Calls cost well under a microsecond."""

    def now(self) -> float:
        """Seconds of a steady clock that never runs backwards. Its zero means nothing."""

    def wall(self) -> float:
        """Seconds since the epoch, UTC. May jump."""


class Outbox(Protocol):
    """Tells people what happened. Never waits, never raises for somebody who has gone; keeps the order of its calls."""

    def deliver(self, effects: Iterable[Effect]) -> None:
        """Tells everybody named in `effects`, in their order."""

    def say(self, said: Said) -> None:
        """Sends one message to both members of its chat, the sender first."""

    def online(self, people: Iterable[Person], count: int) -> None:
        """Tells `people` how many are connected."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is held against an account. Times are seconds since the epoch, finite ones; None: it is not held."""

    banned: bool = False
    suspended_until: float | None = None
    muted_until: float | None = None


class Safety(Protocol):
    """Blocks, mutes and bans. Every answer comes from memory, at once; changes made elsewhere arrive in their time.

    `block` and `set_standing` are idempotent and take effect for the next question asked.
    """

    def may_meet(self, one: str, other: str) -> bool:
        """False once either account has blocked the other. Symmetric."""

    def standing(self, account: str) -> Standing:
        """What is held against `account`; an unknown one has a clean record."""

    def block(self, blocker: str, blocked: str) -> None:
        """`blocker` never meets `blocked` again, nor the other way round."""

    def set_standing(self, account: str, standing: Standing) -> None:
        """Replaces what is held against `account`."""
