"""What follows on reports: the rungs, how much a reporter's word weighs, and the one step taken without a moderator.

Times are seconds since the epoch. A report is never proof. So the automatic step is short, and a crowd alone cannot
bring it about: those without a record weigh little, weigh no more together than `CROWD`, and need others beside them
whose reports were upheld before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

REASONS = ("harassment", "nudity", "minor", "spam", "threat", "other")  # docs/protocol.md, "Safety"

STEP = 30 * 60.0  # seconds: the longest that anybody is sent away without a moderator
STEP_EVERY = 24 * 3600.0  # seconds between two automatic steps against one person
WINDOW = STEP_EVERY  # seconds for which a report counts: what led to one step never leads to the next
STEP_AT = 1.25  # the weight that is needed
PROVEN = 2  # of the reporters have a record
CROWD = 0.75  # what those without a record weigh together at the most: less than `STEP_AT`
MANY_OPEN = 3  # whoever has more undecided reports than this weighs less with each: a net cast wide


class Kind(StrEnum):
    """The rungs, from the lowest to the highest."""

    WARNING = "warning"
    MUTE = "mute"
    SUSPENSION = "suspension"
    BAN = "ban"


@dataclass(frozen=True, slots=True)
class Record:
    """What became of somebody's earlier reports."""

    upheld: int = 0
    dismissed: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Weighed:
    """One report against somebody."""

    reporter: str
    weight: float
    at: float


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done, until when."""

    kind: Kind
    until: float


def weight(record: Record) -> float:
    """How much a reporter's word weighs, above 0 and below 1: the share of upheld reports, slow to believe."""
    share = (record.upheld + 0.5) / (record.upheld + record.dismissed + 2)
    return share * min(1.0, MANY_OPEN / max(record.open, 1))


NEWCOMER = weight(Record())  # whoever weighs no more has no record, or a bad one


def automatic_step(reports: Iterable[Weighed], earlier: Iterable[float], now: float) -> Step | None:
    """What these reports against one person lead to by themselves.

    `earlier` are the times of automatic steps that the person has had. Each reporter counts once.
    """
    if any(now - at < STEP_EVERY for at in earlier):
        return None
    words = _heaviest_of_each(report for report in reports if report.at > now - WINDOW)
    proven = [word for word in words if word > NEWCOMER]
    crowd = sum(words) - sum(proven)
    if len(proven) < PROVEN or sum(proven) + min(crowd, CROWD) < STEP_AT:
        return None
    return Step(Kind.SUSPENSION, now + STEP)


def _heaviest_of_each(reports: Iterable[Weighed]) -> list[float]:
    words: dict[str, float] = {}
    for report in reports:
        words[report.reporter] = max(report.weight, words.get(report.reporter, 0.0))
    return list(words.values())
