"""Socket.IO clients on engine sessions: whole packets for the application, and its answers back."""

from collections.abc import Callable
from typing import Any, Protocol

from meetmates.transport.ports import Closing, Link, Opening, Rationing
from meetmates.wire.engine_packets import Outgoing
from meetmates.wire.errors import ProtocolViolation
from meetmates.wire.socket_packets import ROOT, Decode, Packet, Type, decode_event
from meetmates.wire.socket_session import SocketSession


class SocketApplication(Protocol):
    """What happens on the namespaces of one server."""

    def connect(self, client: "SocketClient", namespace: str, auth: dict[str, Any]) -> None:
        """A client asks for `namespace`: answer with `client.accept` or `client.refuse`."""

    def event(self, client: "SocketClient", namespace: str, id: int | None, data: Any) -> None:
        """A client sent an event; with an `id` it asks for an acknowledgement. `data` is what `decode` made of it."""

    def disconnected(self, client: "SocketClient", namespace: str, reason: str, lost: bool) -> None:
        """A client's connection to `namespace` is over. `lost`: neither side said so, its session has ended."""


class SocketClient:
    """A Socket.IO client: the `Receiver` of one session.

    `state` and `ration` are the application's own: what it knows of the client, and what it must remember of it even
    when that leaves a namespace and comes back.
    """

    __slots__ = ("_application", "_controls", "_server", "_session", "link", "opening", "ration", "state")

    def __init__(self, link: Link, opening: Opening, server: "SocketServer") -> None:
        self.link = link
        self.opening = opening
        self.state: Any = None
        self.ration: Any = None
        self._server = server
        self._application = server.application
        self._session = SocketSession(server.decode)
        self._controls = 0.0

    # --- Receiver

    def text(self, packet: str) -> None:
        """One Socket.IO packet behind the engine's type digit, or the text part of one."""
        data = self._session.root_event(packet, 1)
        if data is not None:
            self._application.event(self, ROOT, None, data)
            return
        decoded = self._session.receive_text(packet, 1)
        if decoded is not None:
            self._handle(decoded)

    def binary(self, data: bytes) -> None:
        """One attachment."""
        decoded = self._session.receive_binary(data)
        if decoded is not None:
            self._handle(decoded)

    def closed(self, reason: str) -> None:
        """The session is over, and every namespace with it."""
        for namespace in self._session.close():
            self._application.disconnected(self, namespace, reason, lost=True)

    # --- for the application

    def accept(self, namespace: str, sid: str, pid: str | None = None) -> None:
        """Grants a CONNECT; `sid` is the client's socket id in this namespace, `pid` is for those who may resume."""
        self.link.settled()
        self.send(self._session.accept(namespace, sid, pid))

    def refuse(self, namespace: str, message: str, data: dict[str, Any] | None = None) -> None:
        """Turns a CONNECT down with CONNECT_ERROR."""
        self.send(self._session.refuse(namespace, message, data))

    def is_connected(self, namespace: str) -> bool:
        """Whether the client is (still) connected to `namespace`."""
        return namespace in self._session.connected

    def emit(self, namespace: str, name: str, *args: Any) -> None:
        """Sends an event; `bytes` anywhere in `args` travel as attachments."""
        self.send(self._session.event(namespace, name, *args))

    def ack(self, namespace: str, id: int, *args: Any) -> None:
        """Answers an event that came with `id`."""
        self.send(self._session.ack(namespace, id, *args))

    def disconnect(self, namespace: str, reason: str) -> None:
        """Ends the client's connection for good: DISCONNECT, so that it does not come back, then the session."""
        self.send(self._session.disconnect(namespace))
        self._application.disconnected(self, namespace, reason, lost=False)
        self.link.close(Closing.NORMAL, reason)

    def send(self, packets: list[Outgoing]) -> None:
        """Sends engine packets in their order."""
        for packet in packets:
            self.link.send(packet)

    def _handle(self, packet: Packet) -> None:
        if packet.type is Type.EVENT or packet.type is Type.BINARY_EVENT:
            self._application.event(self, packet.namespace, packet.id, packet.data)
            return
        # CONNECT, DISCONNECT and ACK cost us and bring nobody anything: no client sends many. An ACK answers nothing
        # that was asked; it is allowed, and means nothing.
        if packet.type is Type.DISCONNECT:  # told in any case: the session knows nothing of that namespace any more
            self._application.disconnected(self, packet.namespace, "client namespace disconnect", lost=False)
            if not self._session.connected:
                self.link.await_setup()
        self._controls = self._server.count_control(self._controls)
        if packet.type is Type.CONNECT:
            self._application.connect(self, packet.namespace, packet.data)


class SocketServer:
    """The `Application` that puts a `SocketClient` on each session. `controls` rations what is no event."""

    def __init__(
        self,
        application: SocketApplication,
        controls: Rationing,
        now: Callable[[], float],
        decode: Decode = decode_event,
    ) -> None:
        self.application = application
        self.decode = decode
        self._controls = controls
        self._now = now

    def open(self, link: Link, opening: Opening) -> SocketClient:
        """A session was opened."""
        return SocketClient(link, opening, self)

    def count_control(self, bucket: float) -> float:
        """The bucket of a client that sent one more packet which is no event. Raises `ProtocolViolation`."""
        now = self._now()
        if self._controls.wait(bucket, now) > 0:
            raise ProtocolViolation("too many packets that are no events")
        return self._controls.take(bucket, now)


def check_event(data: Any) -> list[Any]:
    """The name and arguments of an event that `decode_event` read. Raises `ProtocolViolation` for unreadable ones."""
    if not isinstance(data, list):
        raise ProtocolViolation("event that cannot be read")
    return data
