"""The composition root: settings in, one running server out. The only place that knows everyone."""

import asyncio
import gc
import secrets
import time
from collections.abc import Callable

from fastapi import Request

from meetmates.accounts.tokens import TokenVerifier
from meetmates.cluster.memory import MemoryCasework, MemoryRecollection, MemorySafety, OpenRoster
from meetmates.cluster.memory_seats import MemorySeats
from meetmates.domain.limits import CONNECTS, RATES, Allowance, Kind, allowances
from meetmates.domain.lobby import Lobby
from meetmates.domain.matching import Policy
from meetmates.domain.names import PAIRS, names_of
from meetmates.domain.people import Person
from meetmates.domain.tenure import Tenure
from meetmates.edge.clock import SystemClock
from meetmates.edge.decoding import decode
from meetmates.edge.gateway import Gateway
from meetmates.edge.handlers import Handlers
from meetmates.edge.handshake import Handshake
from meetmates.edge.outbox import SERVER_RESTARTING, WireOutbox
from meetmates.http.admin.router import admin_router
from meetmates.http.app import make_http, own_url
from meetmates.http.moderation import moderation_router
from meetmates.http.page import BUILT, Page, is_built
from meetmates.http.parts import Ice
from meetmates.logs import EventJournal
from meetmates.memory import Tide
from meetmates.office import Office
from meetmates.ports import KEPT_BYTES, Casework, Clock, Roster, Safety
from meetmates.service.desk import Desk
from meetmates.service.ice import IceKeys, IceServers
from meetmates.service.measures import Measures
from meetmates.service.presence import Presence
from meetmates.service.rounds import Rounds
from meetmates.service.steward import Steward
from meetmates.settings import Settings, resolve_secret
from meetmates.store.database import database_url
from meetmates.store.migrate import prepare
from meetmates.transport.entrance import Entrance
from meetmates.transport.gate import Connects, Origins, Proxies, own_origins
from meetmates.transport.heads import fold
from meetmates.transport.hub import EngineOptions, Hub
from meetmates.transport.polling import Polling, Receive, Scope, Send
from meetmates.transport.ports import Closing
from meetmates.transport.server import Loop, Server, configure, raise_descriptor_limit
from meetmates.transport.sockets import SocketServer
from meetmates.transport.websocket import websocket_class

PATH = "/socket.io/"
ID_BYTES = 15  # 120 random bits: 20 characters in base64
FAREWELL_PATIENCE = 1.0  # seconds in which polling clients may fetch the news of the restart


class Node:
    """One server process, put together. To be made inside the running loop."""

    def __init__(
        self,
        settings: Settings,
        safety: Safety | None = None,
        roster: Roster | None = None,
        casework: Casework | None = None,
    ) -> None:
        """What is not given is kept in memory alone, and everybody may come in."""
        self.settings = settings
        self.measures = Measures()
        self.safety: Safety = safety if safety is not None else MemorySafety()
        self.recollection = MemoryRecollection()
        # What is sent at once on a return must not by itself cut the client off again.
        self.seats = MemorySeats(min(KEPT_BYTES, settings.max_buffered // 2))
        self.stopping = False
        clock = SystemClock()
        journal = EventJournal(settings.log_addresses)
        outbox = WireOutbox(clock, settings.reveal_email == "always")
        self.lobby = Lobby(
            Policy(settings.rematch_after, settings.interest_wait, settings.fairness, settings.resume_grace),
            self._may_meet,
            lambda: secrets.token_urlsafe(ID_BYTES),
            lambda: names_of(secrets.randbelow(PAIRS)),
        )
        presence = Presence(self.lobby.people, outbox, settings.presence_window, self.lobby.away)
        self.desk = Desk(
            self.lobby,
            Tenure(),
            self.safety,
            self.recollection,
            outbox,
            clock,
            presence,
            self.measures,
            lambda: secrets.token_urlsafe(ID_BYTES),
            asyncio.get_running_loop().call_soon,
        )
        self.steward = Steward(
            self.lobby,
            self.safety,
            self.recollection,
            casework if casework is not None else MemoryCasework(),
            clock,
            self.desk.tell,
        )
        self._tide = Tide()
        self.rounds = Rounds(self.desk, self.measures, self._every_second)
        self.desk.wake = self.rounds.wake
        secret = resolve_secret(settings)
        self.verifier = TokenVerifier(secret, settings.jwt_public_keys, settings.jwt_issuer, settings.jwt_audience)
        self.ice = _ice(settings, secret, clock, self.lobby, self.safety)
        handshake = Handshake(
            self.verifier,
            self.safety,
            roster if roster is not None else OpenRoster(),
            clock,
            required=None if settings.auth is None else settings.auth == "required",
        )
        self.gateway = Gateway(
            self.desk,
            handshake,
            Handlers(self.desk, self.steward, handshake, self.ice.keys),
            clock,
            self.measures,
            journal,
            allowances(settings.limit_factor),
            allowances(settings.limit_factor * 2),
            self.seats,
        )
        controls = Allowance(RATES[Kind.OTHER], settings.limit_factor)
        sockets = SocketServer(self.gateway, controls, clock.now, decode)
        self.hub = Hub(_engine_options(settings), sockets, journal, controls)
        self.origins = Origins([*settings.origins, *_own_origins(settings)])
        self.entrance = Entrance(
            self.hub,
            self.origins,
            Proxies(settings.trusted_proxies),
            Connects(Allowance(CONNECTS, settings.limit_factor)),
        )

    def tables(self) -> dict[str, int]:
        """The number of rows in every table that a connection may leave something in."""
        return {"sessions": len(self.hub.sessions), "resumable": len(self.seats), **self.desk.tables()}

    async def farewell(self) -> None:
        """Tells everybody that the server restarts, and ends their sessions so that they come back."""
        self.stopping = True
        self.gateway.stop()
        await self.hub.close(SERVER_RESTARTING, Closing.RESTART, "restart", FAREWELL_PATIENCE)
        await self.gateway.settle(FAREWELL_PATIENCE)
        self.rounds.stop()

    def _may_meet(self, one: Person, other: Person) -> bool:
        return self.safety.may_meet(one.key, other.key)

    def _every_second(self, people: int) -> None:
        self._tide.observe(people)
        self.recollection.sweep(time.monotonic())


def _address_of(entrance: Entrance) -> Callable[[Request], str]:
    def address_of(request: Request) -> str:
        peer = request.client.host if request.client is not None else ""
        return entrance.address_of(peer, fold(request.headers.raw))

    return address_of


def _engine_options(settings: Settings) -> EngineOptions:
    return EngineOptions(
        settings.ping_interval,
        settings.ping_timeout,
        settings.connect_timeout,
        settings.max_payload,
        settings.max_buffered,
    )


def _ice(settings: Settings, secret: bytes, clock: Clock, lobby: Lobby, safety: Safety) -> Ice:
    hidden = settings.turn_secret
    servers = IceServers(
        settings.stun_urls,
        settings.turn_urls,
        "" if hidden is None else hidden.get_secret_value(),
        settings.relay_only,
        secret,
        clock.wall,
    )
    return Ice(keys=IceKeys(secret, clock.wall, lobby.people.get), servers=servers, safety=safety)


def _own_origins(settings: Settings) -> list[str]:
    return own_origins(settings.public_url, settings.host, settings.port, settings.tls_cert is not None)


async def serve(settings: Settings, announce: Callable[[], None]) -> None:
    """Serves until a signal comes. `announce` is called once connections are accepted."""
    office = Office(settings, resolve_secret(settings), SystemClock(), EventJournal(settings.log_addresses))
    node = Node(settings, office.safety, office.roster, office.casework)
    try:
        await office.start(node.steward, node.gateway.reconsider)
        await _serve(settings, node, office, announce)
    finally:
        await office.stop()


async def _serve(settings: Settings, node: Node, office: Office, announce: Callable[[], None]) -> None:
    own = _own_origins(settings)
    url = settings.public_url or own_url(settings)
    parts = office.parts(
        node.verifier, node.ice, node.origins.allow, _address_of(node.entrance), node.tables, frozenset(own), url
    )
    polling = Polling(node.entrance)
    http = make_http(
        settings=settings,
        measures=node.measures,
        tables=node.tables,
        ready=lambda: not node.stopping,
        parts=parts,
        routers=[moderation_router(parts), admin_router(parts)],
        page=Page(BUILT, own, google=parts.google is not None) if has_page() else None,
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in (PATH, PATH[:-1]):
            await polling(scope, receive, send)
        else:
            await http(scope, receive, send)

    config = configure(
        app,
        websocket_class({PATH: node.entrance}),
        host=settings.host,
        port=settings.port,
        tls_cert=settings.tls_cert,
        tls_key=settings.tls_key,
    )
    # What exists by now stays: looking through it again and again for garbage would cost every message a little.
    gc.collect()
    gc.freeze()
    await Server(config, announce, node.farewell).serve()


def has_page() -> bool:
    """Whether the web page was built, so that it is served at `/`."""
    return is_built(BUILT)


def run(settings: Settings, announce: Callable[[], None]) -> int:
    """Runs one server to its end; the exit code."""
    raise_descriptor_limit()
    prepare(database_url(settings.database_url, settings.data_dir))
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(serve(settings, announce))
    return 0
