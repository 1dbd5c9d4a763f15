"""Times as text, the same in every answer."""

from datetime import UTC, datetime


def iso(seconds: float) -> str:
    """Seconds since the epoch as `2026-01-31T23:59:59.999Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
