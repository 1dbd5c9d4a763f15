"""The Socket.IO application: CONNECT, events and their limits, the end.

Long, because everything that a client sends comes through here, and each of these ends in one answer: they share what
refuses, limits and counts. Coming back after a lost connection is in `returns.py`.
"""

import asyncio
from typing import Any, Protocol

from msgspec import UNSET

from meetmates.domain.errors import Ending, Refusal, Refused
from meetmates.domain.limits import Allowance, Buckets, Kind, SharedBuckets
from meetmates.edge.decoding import name_of
from meetmates.edge.events import EventError
from meetmates.edge.handlers import NO_ROUTE, Handlers, Later
from meetmates.edge.handshake import Denied, Handshake
from meetmates.edge.member import Member, event
from meetmates.edge.returns import Returns
from meetmates.edge.seats import wants_to_resume
from meetmates.ports import Clock, SeatStore
from meetmates.service.desk import Desk
from meetmates.service.measures import Measures, RelayTimer
from meetmates.transport.ports import Closing, Journal
from meetmates.transport.sockets import SocketClient
from meetmates.wire.socket_packets import ROOT

MESSAGE = Kind.MESSAGE  # an enumeration looks its members up anew each time they are named
NAME_SHOWN = 64  # code points of an event's name that a refusal repeats


class GatewayJournal(Journal, Protocol):
    """What the gateway reports, beside what the transports do."""

    def connected(self, id: str, count: int) -> None:
        """Somebody came in; `count` are here now."""

    def disconnected(self, id: str, reason: str, count: int) -> None:
        """Somebody has gone."""

    def denied(self, address: str, code: str) -> None:
        """A CONNECT was turned down."""

    def failed(self, reason: str) -> None:
        """Something of our own went wrong."""


class Gateway:
    """Lets clients in and passes their events on. Everything a client does ends in an answer, never in an exception."""

    def __init__(
        self,
        desk: Desk,
        handshake: Handshake,
        handlers: Handlers,
        clock: Clock,
        measures: Measures,
        journal: GatewayJournal,
        allowances: tuple[Allowance, ...],
        account_allowances: tuple[Allowance, ...],
        seats: SeatStore,
    ) -> None:
        """`allowances` are each connection's, `account_allowances` each account's, over all of its connections."""
        self._desk = desk
        self._handshake = handshake
        self._routes = handlers.routes
        self._now = clock.now
        self._measures = measures
        self._journal = journal
        self._allowances = allowances
        self._shared = SharedBuckets(account_allowances)
        soon = asyncio.get_running_loop().call_soon
        self._returns = Returns(desk, seats, clock.now, journal)
        self._unanswered: set[asyncio.Task[None]] = set()
        self._relayed = RelayTimer(measures.relay, clock.now, soon).relayed

    # --- SocketApplication

    def connect(self, client: SocketClient, namespace: str, auth: dict[str, Any]) -> None:
        """A CONNECT: only the root namespace exists."""
        if namespace != ROOT:
            client.refuse(namespace, "Invalid namespace")
            return
        decision = self._handshake.decide(auth, client.opening)
        if isinstance(decision, Denied):
            self._count(decision.denial.value.code)
            self._journal.denied(client.opening.address, decision.denial.value.code)
            client.refuse(namespace, decision.denial.value.message, decision.data)
            return
        claims = decision.claims
        account = claims.user_id if claims is not None else None
        resumes = "resume" in auth and wants_to_resume(auth)
        if resumes and self._returns.resume(client, auth, decision):
            return
        if client.ration is None:  # or leaving and coming back would fill them again
            client.ration = Buckets(self._allowances)
        shared = self._shared.of(account) if account is not None else None
        member = Member(client, client.ration, shared)
        person = self._desk.connect(
            member,
            account,
            claims.email if claims is not None else None,
            decision.pool,
            claims.expires_at if claims is not None else None,
            claims.session_id if claims is not None else None,
        )
        member.person = person
        client.state = member
        if resumes:
            self._returns.accept(client, member)
        else:
            client.accept(ROOT, person.id)
        self._desk.welcome(person)
        self._journal.connected(person.id, self._desk.presence.count)

    def event(self, client: SocketClient, namespace: str, id: int | None, data: Any) -> None:
        """An event of somebody who is connected: limited, handled, answered."""
        member: Member = client.state
        started = self._now()
        kind, handler = self._routes.get(type(data), NO_ROUTE)
        wait = member.buckets.take(kind, started)
        if wait <= 0 and member.account_buckets is not None:
            wait = member.account_buckets.take(kind, started)
        if wait > 0:
            self._limited(member, id, data, kind, wait)
            return
        try:
            reply = handler(member, data, id is not None)
        except Refused as refused:
            self._refuse(member, id, data, refused)
            return
        if isinstance(reply, Later):
            self._keep(member, id, data, reply)
        elif id is not None:
            client.ack(ROOT, id, {"ok": True} if reply is None else {"ok": True, **reply})
        if kind is MESSAGE:
            self._relayed(started)

    def disconnected(self, client: SocketClient, namespace: str, reason: str, lost: bool) -> None:
        """The end of somebody's connection; of the seat as well, unless it was lost and may come back."""
        member: Member | None = client.state
        if member is None or (lost and self._returns.keep(member, reason)):
            return
        client.state = None
        self._returns.seats.remove(member)
        person = member.person
        self._desk.disconnect(person)
        if person.account is not None and not person.seat.connections:
            self._shared.rest(person.account, self._now())
        self._journal.disconnected(person.id, reason, self._desk.presence.count)
        del member.person  # which has the member as its link: without a circle, memory is back at once

    # --- for the node

    def stop(self) -> None:
        """What is lost from now on does not come back to this process."""
        self._returns.stopping = True

    def reconsider(self) -> None:
        """Campuses have changed: whoever would be let in elsewhere, or not at all, is sent to the door again."""
        for person in list(self._desk.lobby.people.values()):
            if self._handshake.pool(person.account) != person.pool:
                member: Member = person.link
                self._returns.seats.remove(member)
                if person.away:
                    member.dismiss("campuses changed")
                else:
                    member.link.close(Closing.RESTART, "campuses changed")

    async def settle(self, patience: float) -> None:
        """Waits until what clients asked for is stored, for `patience` seconds at the most."""
        if self._unanswered:
            await asyncio.wait(self._unanswered, timeout=patience)

    # --- one level below

    def _keep(self, member: Member, id: int | None, data: Any, later: Later) -> None:
        task = asyncio.create_task(self._answer_later(member, member.client, id, data, later))
        self._unanswered.add(task)  # the loop itself would let go of it
        task.add_done_callback(self._unanswered.discard)

    async def _answer_later(
        self, member: Member, client: SocketClient, id: int | None, data: Any, later: Later
    ) -> None:
        refused = None
        try:
            await later.work
        except Exception:  # whatever it was, the client must hear of it, and nobody else
            self._journal.failed("what a client asked for could not be stored")
            refused = Refused(Refusal.NOT_ALLOWED, "That could not be stored. Please try again.")
        if client.state is not member:
            return  # who asked has gone, and whoever came back on the same session asked nothing
        if refused is not None:
            self._refuse(member, id, data, refused)
        elif id is not None:
            member.client.ack(ROOT, id, {"ok": True})

    def _limited(self, member: Member, id: int | None, data: Any, kind: Kind, wait: float) -> None:
        self._refuse(member, id, data, Refused(Refusal.RATE_LIMITED, retry_after=wait))
        if member.buckets.refuse(kind, self._now()):
            self._journal.violated(member.client.opening.address, "far over the limits")
            member.end(Ending.ABUSE)

    def _refuse(self, member: Member, id: int | None, data: Any, refused: Refused) -> None:
        """Says no: in the acknowledgement where one was asked for, else as `eventError`."""
        code = refused.refusal.value.code
        self._count(code)
        retry_after = None if refused.retry_after is None else max(1, round(refused.retry_after * 1000))
        if id is None:
            error = EventError(name_of(data)[:NAME_SHOWN], code, refused.message, retry_after or UNSET)
            member.link.send(event("eventError", error))
            return
        answer: dict[str, Any] = {"ok": False, "code": code, "message": refused.message}
        if retry_after is not None:
            answer["retryAfter"] = retry_after
        member.client.ack(ROOT, id, answer)

    def _count(self, code: str) -> None:
        self._measures.refusals[code] = self._measures.refusals.get(code, 0) + 1
