"""The gateway with everything behind it and nothing in front: packets go in by hand, what is sent is kept to be read.

To be made inside `tests.support.travel.travelling`, whose time it lives in.

Longer than most files: the whole wiring between the gateway and the rules is in it.
"""

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

from meetmates.accounts.tokens import TokenVerifier
from meetmates.cluster.memory import MemoryCasework, MemoryRecollection, MemorySafety, OpenRoster
from meetmates.cluster.memory_seats import MemorySeats
from meetmates.domain.limits import Kind, allowances
from meetmates.domain.lobby import Lobby
from meetmates.domain.matching import Policy
from meetmates.domain.names import names_of
from meetmates.domain.people import Person
from meetmates.domain.tenure import Tenure
from meetmates.edge.decoding import decode
from meetmates.edge.gateway import Gateway
from meetmates.edge.handlers import Handlers
from meetmates.edge.handshake import Handshake
from meetmates.edge.outbox import WireOutbox
from meetmates.ports import Roster
from meetmates.service.desk import Desk
from meetmates.service.ice import IceKeys
from meetmates.service.measures import Measures
from meetmates.service.presence import Presence
from meetmates.service.steward import Steward
from meetmates.transport.ports import Closing, Opening
from meetmates.transport.sockets import SocketClient, SocketServer
from meetmates.wire.engine_packets import Outgoing
from tests.support.server import SECRET
from tests.support.tokens import token
from tests.support.travel import BEGINNING, TravelClock

TURNS = 100  # of the loop in which something must have come that nobody has to wait for


class Line:
    """`transport.ports.Link` with nobody at the other end."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.closing: Closing | None = None
        self.is_slow = False
        self.confirmed = 0.0
        self.confirming: list[Callable[[], None]] = []
        self.receiver: SocketClient

    def send(self, packet: Outgoing) -> None:
        if self.closing is None:
            self.sent.append(packet.decode())

    def close(self, closing: Closing, reason: str) -> None:
        if self.closing is None:
            self.closing = closing
            self.receiver.closed(reason)

    def settled(self) -> None:
        """There is no connect time-out here."""

    await_setup = settled

    def confirm(self, call: Callable[[], None]) -> None:
        """Kept until `Caller.confirm`."""
        self.confirming.append(call)


class Caller:
    """One client."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._ids = itertools.count()

    @property
    def person(self) -> Person:
        """As the rules see it."""
        person: Person = self.line.receiver.state.person
        return person

    def say(self, name: str, *arguments: object) -> None:
        """Sends an event that asks for no acknowledgement."""
        self.line.receiver.text(f"42{json.dumps([name, *arguments])}")

    def call(self, name: str, *arguments: object) -> dict[str, Any]:
        """Sends an event and returns its acknowledgement."""
        id = next(self._ids)
        self.line.receiver.text(f"42{id}{json.dumps([name, *arguments])}")
        answer = self._answer(id)
        assert answer is not None, "no answer"
        return answer

    async def ask(self, name: str, *arguments: object) -> dict[str, Any]:
        """Sends an event whose acknowledgement comes when something is stored, and returns it."""
        id = next(self._ids)
        self.line.receiver.text(f"42{id}{json.dumps([name, *arguments])}")
        for _ in range(TURNS):
            if (answer := self._answer(id)) is not None:
                return answer
            await asyncio.sleep(0)
        raise AssertionError("no answer")

    def heard(self) -> list[Any]:
        """Every event since the last time but `onlineUsers`: name and arguments, as lists."""
        packets, self.line.sent[:] = list(self.line.sent), []
        events = [json.loads(packet[2:]) for packet in packets if packet.startswith("42[")]
        return [event for event in events if event[0] != "onlineUsers"]

    def confirm(self) -> None:
        """Answers what the server asked for: everything sent so far has arrived."""
        while self.line.confirming:
            self.line.confirming.pop()()

    def leave(self) -> None:
        """The connection ends."""
        self.line.close(Closing.NORMAL, "transport close")

    def _answer(self, id: int) -> dict[str, Any] | None:
        answers = [packet for packet in self.line.sent if packet.startswith(f"43{id}[")]
        if not answers:
            return None
        (answer,) = answers
        self.line.sent.remove(answer)
        (value,) = json.loads(answer[len(f"43{id}") :])
        assert isinstance(value, dict)
        return value


class Notes:
    """The journal, kept."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def connected(self, id: str, count: int) -> None:
        self.lines.append(("connected", str(count)))

    def disconnected(self, id: str, reason: str, count: int) -> None:
        self.lines.append(("disconnected", reason))

    def denied(self, address: str, code: str) -> None:
        self.lines.append(("denied", code))

    def refused(self, address: str, reason: str) -> None:
        self.lines.append(("refused", reason))

    def advised(self, address: str, advice: str) -> None:
        self.lines.append(("advised", advice))

    def violated(self, address: str, reason: str) -> None:
        self.lines.append(("violated", reason))

    def failed(self, reason: str) -> None:
        self.lines.append(("failed", reason))

    def troubled(self, reason: str) -> None:
        self.lines.append(("troubled", reason))


class House:
    """One node without its transports."""

    def __init__(
        self,
        *,
        reveal_email: bool = False,
        window: float = 0.1,
        policy: Policy | None = None,
        roster: Roster | None = None,
        required: bool | None = None,
        casework: MemoryCasework | None = None,
    ) -> None:
        ids = (f"id{number}" for number in itertools.count(1))
        chats = (f"chat{number}" for number in itertools.count(1))
        self.clock = TravelClock()
        self.safety = MemorySafety()
        self.recollection = MemoryRecollection()
        self.seats = MemorySeats()
        self.casework = casework or MemoryCasework()
        self.notes = Notes()
        self.outbox = WireOutbox(self.clock, reveal_email)
        numbers = itertools.count()
        self.lobby = Lobby(policy or Policy(), self._may_meet, lambda: next(chats), lambda: names_of(next(numbers)))
        self.measures = Measures()
        self.presence = Presence(self.lobby.people, self.outbox, window, self.lobby.away)
        self.desk = Desk(
            self.lobby,
            Tenure(),
            self.safety,
            self.recollection,
            self.outbox,
            self.clock,
            self.presence,
            self.measures,
            lambda: next(ids),
            asyncio.get_running_loop().call_soon,
        )
        self.steward = Steward(self.lobby, self.safety, self.recollection, self.casework, self.clock, self.desk.tell)
        self.ice_keys = IceKeys(SECRET.encode(), self.clock.wall, self.lobby.people.get)
        handshake = Handshake(
            TokenVerifier(SECRET.encode(), [], "meetmates", "meetmates"),
            self.safety,
            roster or OpenRoster(),
            self.clock,
            required=required,
        )
        self.gateway = Gateway(
            self.desk,
            handshake,
            Handlers(self.desk, self.steward, handshake, self.ice_keys),
            self.clock,
            self.measures,
            self.notes,
            allowances(1),
            allowances(2),
            self.seats,
        )
        self._server = SocketServer(self.gateway, allowances(1)[Kind.OTHER], self.clock.now, decode)

    def enter(self, account: str | None = None, **claims: object) -> Caller:
        """A client that says CONNECT, with a token of `account` unless it is a guest."""
        caller = self.knock()
        answer = self.greet(caller, account, **claims)
        assert answer.startswith('40{"sid":"'), answer
        return caller

    def greet(self, caller: Caller, account: str | None = None, **claims: object) -> str:
        """Says CONNECT for `caller`; the packet that answers it."""
        auth = "" if account is None else json.dumps({"token": self.token(account, **claims)})
        caller.line.receiver.text(f"40{auth}")
        return caller.line.sent[0]

    def knock(self) -> Caller:
        """A client that has not said CONNECT yet."""
        line = Line()
        line.receiver = self._server.open(line, Opening("192.0.2.7", None, False))
        return Caller(line)

    def token(self, account: str, **changes: object) -> str:
        """A token in the time of the house, for an hour unless something else is said."""
        return token(account, **{"iat": BEGINNING, "exp": BEGINNING + 3600, **changes})

    async def chat(self, one: Caller, other: Caller, wish: object = None) -> None:
        """Pairs the two, and forgets what they heard of it."""
        for caller in (one, other):
            assert caller.call("findChat", wish)["ok"] is True
        assert one.person.partner is other.person
        await asyncio.sleep(0)  # the turn of the loop ends
        for caller in (one, other):
            caller.heard()

    def _may_meet(self, one: Person, other: Person) -> bool:
        return self.safety.may_meet(one.key, other.key)
