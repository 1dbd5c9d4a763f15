"""What moderators' requests bring and answers say. Each answer is written out, so that nothing slips into one.

Longer than most: it is the one page of what moderators are shown.
"""

from typing import Any, Literal, cast

from pydantic import AwareDatetime, BaseModel, Field

from meetmates.accounts.times import iso
from meetmates.http.forms import TIME, Form, Time
from meetmates.safety.appeals import OpenAppeal
from meetmates.safety.audit import Entry
from meetmates.safety.lookups import Person
from meetmates.safety.reports import ReportDetail, ReportSummary
from meetmates.safety.sanctions import Sanction

ID = "hV8yQb3wZk1nT5rL"
ACCOUNT = "uq3fK2m8cT0bZ1nXvYw4Lpd"

State = Literal["open", "upheld", "dismissed"]
Role = Literal["member", "moderator", "administrator"]


# --- bodies


class DecisionForm(Form):
    """What becomes of a report. A sanction goes only with one that is upheld."""

    uphold: bool
    kind: Literal["warning", "mute", "suspension", "ban"] | None = Field(None, description="Without one, no sanction.")
    reason: str = Field("", max_length=500, examples=["You insulted somebody."], description="Told to the person.")
    until: AwareDatetime | None = Field(
        None, strict=False, examples=[TIME], description="The end of a mute or a suspension; ISO 8601."
    )


class AppealDecisionForm(Form):
    """Granting lifts the sanction."""

    grant: bool


class RoleForm(Form):
    """What somebody is from now on."""

    role: Role


# --- answers


class Report(BaseModel):
    """A report, unopened. Guests are named by the id of their socket."""

    id: str = Field(examples=[ID])
    reporter: str = Field(examples=[ACCOUNT])
    reported: str = Field(examples=[ACCOUNT])
    reason: str = Field(examples=["harassment"])
    weight: float = Field(description="By the reporter's record, above 0 and below 1.")
    openAbout: int = Field(description="How many reports about the same person are open.")  # noqa: N815
    at: Time
    state: State
    decidedBy: str | None  # noqa: N815
    decidedAt: Time | None  # noqa: N815
    hasEvidence: bool = Field(description="Whether a note or messages are sealed into it.")  # noqa: N815


class ReportsAnswer(BaseModel):
    """A page of reports; open ones heaviest first."""

    reports: list[Report]


class EvidenceLine(BaseModel):
    """One message."""

    sender: Literal["reporter", "reported"]
    text: str
    at: Time


class ReporterRecord(BaseModel):
    """What became of the reporter's reports."""

    upheld: int
    dismissed: int
    open: int


class SanctionAnswer(BaseModel):
    """A step against somebody."""

    id: str = Field(examples=[ID])
    account: str = Field(examples=[ACCOUNT])
    kind: Literal["warning", "mute", "suspension", "ban"]
    reason: str
    at: Time
    until: Time | None
    by: str
    reportId: str | None  # noqa: N815
    liftedAt: Time | None  # noqa: N815


class Evidence(BaseModel):
    """A report, opened. `unreadable`: it was sealed with another key."""

    report: Report
    note: str | None
    lines: list[EvidenceLine] | None = Field(description="Null: the reporter did not hand them over.")
    unreadable: bool
    record: ReporterRecord
    sanctions: list[SanctionAnswer] = Field(description="Earlier ones of the reported person.")


class SanctionsAnswer(BaseModel):
    """Sanctions, the newest first."""

    sanctions: list[SanctionAnswer]


class Appeal(BaseModel):
    """What somebody says to a sanction; no text: it was sealed with another key."""

    sanction: SanctionAnswer
    text: str | None
    at: Time


class AppealsAnswer(BaseModel):
    """Those that wait, the oldest first."""

    appeals: list[Appeal]


class PersonAnswer(BaseModel):
    """Somebody with an account."""

    id: str = Field(examples=[ACCOUNT])
    email: str = Field(examples=["ana@college.edu"])
    campus: str | None
    role: Role
    createdAt: Time  # noqa: N815


class PeopleAnswer(BaseModel):
    """Whom a search found."""

    people: list[PersonAnswer]


class DossierAnswer(BaseModel):
    """What is known about somebody; no person: the account is gone."""

    id: str
    person: PersonAnswer | None
    sanctions: list[SanctionAnswer]
    reports: list[Report]


class Numbers(BaseModel):
    """How it stands at this moment."""

    connections: int
    waiting: int
    chats: int
    openReports: int  # noqa: N815
    openAppeals: int  # noqa: N815


class AuditEntry(BaseModel):
    """One line of the log."""

    number: int
    at: Time
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


class AuditAnswer(BaseModel):
    """The newest entries first, and whether the whole chain holds."""

    entries: list[AuditEntry]
    total: int
    brokenAt: int | None = Field(description="The number of the first entry that does not hold.")  # noqa: N815


# --- what is shown of each


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else iso(seconds)


def report_shown(of: ReportSummary) -> Report:
    """A report of the queue."""
    return Report(
        id=of.id,
        reporter=of.reporter,
        reported=of.reported,
        reason=of.reason,
        weight=of.weight,
        openAbout=of.about,
        at=iso(of.at),
        state=cast(State, of.state),  # one of the three, as the database checks
        decidedBy=of.decided_by,
        decidedAt=_time(of.decided_at),
        hasEvidence=of.is_sealed,
    )


def evidence_shown(of: ReportDetail) -> Evidence:
    """An opened one."""
    lines = of.evidence
    return Evidence(
        report=report_shown(of.summary),
        note=of.note,
        lines=None if lines is None else [EvidenceLine(sender=e.sender, text=e.text, at=iso(e.at)) for e in lines],
        unreadable=of.unreadable,
        record=ReporterRecord(upheld=of.record.upheld, dismissed=of.record.dismissed, open=of.record.open),
        sanctions=[sanction_shown(each) for each in of.sanctions],
    )


def sanction_shown(of: Sanction) -> SanctionAnswer:
    """A sanction."""
    return SanctionAnswer(
        id=of.id,
        account=of.account,
        kind=of.kind.value,
        reason=of.reason,
        at=iso(of.at),
        until=_time(of.until),
        by=of.by,
        reportId=of.report_id,
        liftedAt=_time(of.lifted_at),
    )


def person_shown(of: Person) -> PersonAnswer:
    """Somebody, without anything secret."""
    return PersonAnswer(
        id=of.id,
        email=of.email,
        campus=of.campus,
        role=cast(Role, of.role),
        createdAt=iso(of.created_at),
    )


def appeal_shown(of: OpenAppeal) -> Appeal:
    """An appeal with what was written."""
    return Appeal(sanction=sanction_shown(of.sanction), text=of.text, at=iso(of.at))


def entry_shown(of: Entry) -> AuditEntry:
    """A line of the log."""
    return AuditEntry(
        number=of.number, at=iso(of.at), actor=of.actor, action=of.action, subject=of.subject, detail=of.detail
    )
