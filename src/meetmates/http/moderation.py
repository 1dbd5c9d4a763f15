"""What moderators do, as a REST API: an access token of a session that began with the second factor.

The role is read from the database at each request, so that whoever loses it loses it at once.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from meetmates.accounts.errors import AccountRefused, Problem
from meetmates.domain.ladder import Kind
from meetmates.http.forms import Done
from meetmates.http.identity import Signed
from meetmates.http.limits import counted
from meetmates.http.moderation_forms import (
    AppealDecisionForm,
    AppealsAnswer,
    AuditAnswer,
    DecisionForm,
    DossierAnswer,
    Evidence,
    Numbers,
    PeopleAnswer,
    Report,
    ReportsAnswer,
    RoleForm,
    SanctionsAnswer,
    State,
    appeal_shown,
    entry_shown,
    evidence_shown,
    person_shown,
    report_shown,
    sanction_shown,
)
from meetmates.http.parts import Given, Moderation, Parts
from meetmates.http.problems import documented
from meetmates.safety.console import Console, Moderator

LONGEST_ID = 128  # characters
MOST = 100  # rows of one answer
NO_TOKEN = (Problem.TOKEN_MISSING, Problem.TOKEN_INVALID, Problem.TOKEN_EXPIRED, Problem.ACCOUNT_GONE)
REFUSED = documented(*NO_TOKEN, Problem.SECOND_FACTOR, Problem.FORBIDDEN, Problem.TOO_MANY)
UNKNOWN = documented(Problem.NOT_FOUND)

Limit = Annotated[int, Query(ge=1, le=MOST, description="The most rows to answer.")]
Before = Annotated[str | None, Query(max_length=LONGEST_ID, description="The last id of the page before.")]


# --- who asks


def moderation_of(parts: Given) -> Moderation:
    """What moderators' routes need."""
    if parts.moderation is None:
        raise AccountRefused(Problem.NOT_FOUND)
    return parts.moderation


def console_of(moderation: Annotated[Moderation, Depends(moderation_of)]) -> Console:
    """The moves."""
    return moderation.console


Desk = Annotated[Console, Depends(console_of)]


async def moderator(signed: Signed, console: Desk) -> Moderator:
    """Raises `AccountRefused`: no moderator (403), or one who signed in without the second factor (401)."""
    if signed.profile is None:
        raise AccountRefused(Problem.FORBIDDEN)
    proven = signed.claims.session_id if signed.claims.second_factor else None
    return await console.admit(signed.profile.id, proven)


Acting = Annotated[Moderator, Depends(moderator)]


async def storable(request: Request) -> None:
    """Raises `AccountRefused` for an id or a parameter with a NUL in it, which no database can be asked about."""
    if any("\x00" in str(value) for value in (*request.path_params.values(), *request.query_params.values())):
        raise AccountRefused(Problem.NOT_FOUND)


def moderation_router(parts: Parts) -> APIRouter:
    """The routes, for an application with `parts.moderation`."""
    if parts.moderation is None:
        raise ValueError("the routes need `parts.moderation`")
    return router


# --- the routes

router = APIRouter(
    prefix="/api/moderation", tags=["moderation"], dependencies=[counted, Depends(storable)], responses=REFUSED
)


@router.get("/numbers", summary="See who is here and what waits")
async def numbers(who: Acting, console: Desk, moderation: Annotated[Moderation, Depends(moderation_of)]) -> Numbers:
    """Who is here, and what waits for a moderator."""
    live = moderation.numbers()
    here = {name: live.get(name, 0) for name in ("connections", "waiting", "chats")}
    return Numbers(**here, **await console.numbers())


@router.get("/reports", summary="List reports")
async def reports(
    who: Acting, console: Desk, state: State = "open", before: Before = None, limit: Limit = 50
) -> ReportsAnswer:
    """The queue; without reports about whoever asks, so that a page may be shorter than `limit`."""
    return ReportsAnswer(reports=[report_shown(each) for each in await console.queue(who, state, before, limit)])


@router.get("/reports/{id}", summary="See one report, unopened", responses=UNKNOWN)
async def report(id: str, who: Acting, console: Desk) -> Report:
    """One report, unopened."""
    return report_shown(await console.report(who, id))


@router.post("/reports/{id}/evidence", summary="Open the evidence of a report", responses=UNKNOWN)
async def evidence(id: str, who: Acting, console: Desk) -> Evidence:
    """Opens what is sealed into a report. Each look is written to the audit log, and so this is no GET."""
    return evidence_shown(await console.evidence(who, id))


@router.post(
    "/reports/{id}/decision",
    summary="Decide on a report",
    responses=UNKNOWN | documented(Problem.ALREADY_DECIDED, Problem.BAD_END, Problem.REASON_LENGTH),
)
async def decide(id: str, form: DecisionForm, who: Acting, console: Desk) -> Done:
    """Closes a report, with a sanction or without. Dismissing lifts what the report led to by itself."""
    kind = Kind(form.kind) if form.kind is not None else None
    if kind is not None and not form.uphold:
        raise AccountRefused(Problem.NOT_UPHELD)
    until = form.until.timestamp() if form.until is not None else None
    await console.decide(who, id, uphold=form.uphold, kind=kind, reason=form.reason, until=until)
    return Done(msg="The report is decided.")


@router.get("/sanctions", summary="List sanctions")
async def sanctions(who: Acting, console: Desk, before: Before = None, limit: Limit = 50) -> SanctionsAnswer:
    """Everybody's, the newest first."""
    return SanctionsAnswer(sanctions=[sanction_shown(each) for each in await console.sanctions(before, limit)])


@router.post("/sanctions/{id}/lift", summary="Lift a sanction", responses=UNKNOWN)
async def lift(id: str, who: Acting, console: Desk) -> Done:
    """Ends a sanction before its time."""
    await console.lift(who, id)
    return Done(msg="The sanction is lifted.")


@router.get("/appeals", summary="List appeals that wait")
async def appeals(who: Acting, console: Desk) -> AppealsAnswer:
    """Those that wait, the oldest first. Each look is written to the audit log."""
    waiting = await console.appeals(who)
    return AppealsAnswer(appeals=[appeal_shown(each) for each in waiting])


@router.post(
    "/appeals/{id}/decision",
    summary="Decide on an appeal",
    responses=UNKNOWN | documented(Problem.ALREADY_DECIDED, Problem.SANCTION_OVER),
)
async def decide_appeal(id: str, form: AppealDecisionForm, who: Acting, console: Desk) -> Done:
    """Decides on the appeal against the sanction `id`."""
    await console.decide_appeal(who, id, form.grant)
    return Done(msg="The appeal is granted." if form.grant else "The appeal is refused.")


@router.get("/people", summary="Find people by their address")
async def people(
    who: Acting, console: Desk, email: Annotated[str, Query(min_length=3, max_length=254, examples=["ana@college.edu"])]
) -> PeopleAnswer:
    """Whoever owns that mailbox, or has an address that starts so. Each search is written to the audit log."""
    return PeopleAnswer(people=[person_shown(each) for each in await console.find(who, email)])


@router.get("/people/{id}", summary="See what is known about somebody", responses=UNKNOWN)
async def person(id: str, who: Acting, console: Desk) -> DossierAnswer:
    """Sanctions, and reports about somebody: no chats, for none are kept. Each look is written to the audit log."""
    found = await console.dossier(who, id)
    return DossierAnswer(
        id=found.id,
        person=person_shown(found.person) if found.person is not None else None,
        sanctions=[sanction_shown(each) for each in found.sanctions],
        reports=[report_shown(each) for each in found.reports],
    )


@router.post("/people/{id}/role", summary="Give somebody a role", responses=UNKNOWN)
async def set_role(id: str, form: RoleForm, who: Acting, console: Desk) -> Done:
    """For administrators: what somebody else is from now on."""
    await console.set_role(who, id, form.role)
    return Done(msg="The role is changed.")


@router.post("/people/{id}/second-factor/reset", summary="Reset somebody's second factor", responses=UNKNOWN)
async def reset_second_factor(id: str, who: Acting, console: Desk) -> Done:
    """For administrators: somebody else's phone is gone. Their sessions end."""
    await console.reset_second_factor(who, id)
    return Done(msg="The second factor is reset.")


@router.get("/audit", summary="Read the audit log")
async def audit(
    who: Acting, console: Desk, before: Annotated[int | None, Query(ge=1, le=2**53)] = None, limit: Limit = 50
) -> AuditAnswer:
    """Who looked at what, and did what; the newest first."""
    entries, verdict = await console.audit(before, limit)
    return AuditAnswer(
        entries=[entry_shown(each) for each in entries], total=verdict.entries, brokenAt=verdict.broken_at
    )
