"""Losing a connection and coming back, for those who asked for it at their CONNECT (docs/protocol.md, "Resume")."""

from collections.abc import Callable
from typing import Any, Literal, Protocol

from meetmates.domain.people import State
from meetmates.edge.events import Resumed, ResumeKey
from meetmates.edge.handshake import Granted
from meetmates.edge.member import Member
from meetmates.edge.resume import Resumable
from meetmates.edge.seats import Claim, Seats
from meetmates.ports import SeatStore
from meetmates.service.desk import Desk
from meetmates.transport.sockets import SocketClient
from meetmates.wire.socket_packets import ROOT

STATES: dict[State, Literal["idle", "waiting", "chatting"]] = {
    State.IDLE: "idle",
    State.WAITING: "waiting",
    State.CHATTING: "chatting",
}


class ReturnJournal(Protocol):
    """What is reported of losses and returns."""

    def connected(self, id: str, count: int) -> None:
        """Somebody came in, or back; `count` are here now."""

    def disconnected(self, id: str, reason: str, count: int) -> None:
        """Somebody has gone, perhaps to come back."""


class Returns:
    """Keeps the seats of those who may come back, and gives them back."""

    def __init__(self, desk: Desk, store: SeatStore, now: Callable[[], float], journal: ReturnJournal) -> None:
        self._desk = desk
        self._journal = journal
        self.seats = Seats(store, now)
        self.stopping = False  # what is lost from now on does not come back to this process

    def accept(self, client: SocketClient, member: Member) -> None:
        """Answers the first CONNECT of `member`, who may come back from now on."""
        link = self.seats.add(member)
        client.accept(ROOT, member.person.id, link.pid)
        client.link.send(link.about("resumeKey", ResumeKey(self.seats.new_key(link)), 0))

    def resume(self, client: SocketClient, auth: dict[str, Any], granted: Granted) -> bool:
        """Gives the seat that `auth` names to `client`; false where there is none, or not for this account."""
        claim = self.seats.find(auth["resume"], auth.get("pid"))
        claims = granted.claims
        if claim is None or claim.seat.account != (claims.user_id if claims is not None else None):
            return False
        person = claim.member.person
        if not person.away:
            claim.link.detach()
        begin = claim.link.begin(auth.get("offset"), claim.by_pid)
        if begin is None or claim.seat.pool != granted.pool:
            claim.member.dismiss("cannot be resumed")
            return False
        behind = claim.link.is_behind(begin, auth.get("offset"))
        self._take_over(claim.member, client)
        self._greet(claim, client, begin)
        expires_at, session = (claims.expires_at, claims.session_id) if claims is not None else (None, None)
        self._desk.come_back(person, expires_at, session, behind=behind)
        self._await(claim, client, begin if behind else None)
        if not behind:
            self._catch_up(claim, client, begin)
        self._journal.connected(person.id, self._desk.presence.count)
        return True

    def keep(self, member: Member, reason: str) -> bool:
        """Keeps the seat of `member`, whose connection was lost; false for one who cannot come back."""
        link = member.link
        if self.stopping or not isinstance(link, Resumable):
            return False
        link.detach()
        self._desk.lose(member.person)
        self._journal.disconnected(member.person.id, reason, self._desk.presence.count)
        return True

    # --- one level below

    def _take_over(self, member: Member, client: SocketClient) -> None:
        """Puts `client` in the place of the one that `member` had, which ends if it is still there."""
        old, member.client = member.client, client
        old.state = None
        old.disconnect(ROOT, "taken over")
        client.state = member
        client.ration = member.buckets  # or coming back would fill them again
        member.told = -1

    def _greet(self, claim: Claim, client: SocketClient, begin: int) -> None:
        """What a client is told at once that is back: where it stands, and the next key."""
        person, link = claim.member.person, claim.link
        client.accept(ROOT, person.id, link.pid)
        if claim.key is not None:
            chat_id = None if person.chat is None else person.chat.id
            resumed = Resumed(STATES[person.state], chat_id, link.missed(begin))
            client.link.send(link.about("resumed", resumed, begin))
        key = ResumeKey(self.seats.new_key(link, claim.key))
        client.link.send(link.about("resumeKey", key, begin))

    def _await(self, claim: Claim, client: SocketClient, behind: int | None) -> None:
        """Asks for signs that the answer has arrived, where something depends on it.

        The first one ends the key that was used. Clients send what they have kept once they have read the CONNECT, and
        may answer a ping before that; a second one comes when they have read the CONNECT for certain. Then those who
        are `behind` that event may be told what they have missed.
        """
        if claim.key is None and behind is None:
            return

        def arrived() -> None:
            if client.state is claim.member:  # or it has gone again
                self.seats.arrived(claim.link)
                if behind is not None:
                    client.link.confirm(lambda: self._catch_up(claim, client, behind))

        client.link.confirm(arrived)

    def _catch_up(self, claim: Claim, client: SocketClient, begin: int) -> None:
        """What it has missed, and how many are here."""
        if client.state is claim.member:  # or it has gone again
            claim.link.attach(client.link, begin)
            self._desk.catch_up(claim.member.person)
