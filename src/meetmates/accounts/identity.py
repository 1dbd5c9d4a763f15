"""Who somebody is, as an identity provider vouches for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """A person at a provider: `subject` never changes there, and the provider has verified `email`."""

    issuer: str
    subject: str
    email: str
    is_google: bool
    name: str | None = None
