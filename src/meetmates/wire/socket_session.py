"""One Socket.IO connection over an engine session: namespaces, attachments, acknowledgements both ways.

Socket.IO protocol v5, sections "Exchange protocol" and "Packet encoding". Engine messages go in, whole packets come
out; what is to be sent is returned as engine messages.
"""

from typing import Any

import msgspec

from meetmates.wire import socket_packets as packets
from meetmates.wire.errors import ProtocolViolation
from meetmates.wire.socket_packets import Decode, Packet, Type

MAX_REFUSED = 16  # CONNECT packets that came to nothing: more of them is a flood
MAX_NAMESPACES = 16


class SocketSession:
    """The state of one client. `decode` reads the JSON of a text event; its result is the packet's data."""

    __slots__ = ("_acks", "_attachments", "_decode", "_owed", "_refused", "_root_open", "connected")

    def __init__(self, decode: Decode = packets.decode_event) -> None:
        self._decode = decode
        self.connected: dict[str, str] = {}  # namespace -> socket id
        self._root_open = False  # connected to the root namespace, and no attachment is owed: see `root_event`
        self._refused = 0
        self._owed: Packet | None = None  # a packet whose attachments are on their way
        self._attachments: list[bytes] = []
        self._acks: dict[str, int] = {}  # namespace -> the newest id given out

    def receive_text(self, text: str, start: int = 0) -> Packet | None:
        """The packet in `text` from `start` on; None while its attachments are owed. Raises `ProtocolViolation`."""
        if self._owed is not None:
            raise ProtocolViolation("text packet while attachments are owed")
        packet = packets.parse(text, start, self._decode)
        if packet.type is Type.CONNECT:
            self._check_connect(packet.namespace)
            return packet
        if packet.namespace not in self.connected:
            raise ProtocolViolation("packet for a namespace that is not connected")
        if packet.type is Type.DISCONNECT:
            self._leave(packet.namespace)
        elif packet.attachments:
            self._owed = packet
            self._note_state()
            return None
        return packet

    def root_event(self, text: str, start: int) -> Any:
        """`receive_text` for nearly every packet, with no packet made: an event of the root namespace without an ack.

        Returns what `decode` made of its JSON, or None where the text is anything else, and nothing has changed.
        """
        if self._root_open and text.startswith("2[", start):
            return self._decode(text[start + 1 :])
        return None

    def receive_binary(self, data: bytes) -> Packet | None:
        """One attachment; the packet it completes, or None while more are owed. Raises `ProtocolViolation`."""
        owed = self._owed
        if owed is None:
            raise ProtocolViolation("attachment that nobody announced")
        self._attachments.append(data)
        if len(self._attachments) < owed.attachments:
            return None
        attachments, self._attachments, self._owed = self._attachments, [], None
        self._note_state()
        return msgspec.structs.replace(owed, data=packets.put_back(owed.data, attachments))

    def accept(self, namespace: str, sid: str, pid: str | None = None) -> list[bytes | bytearray]:
        """The answer to a CONNECT that is granted: `sid` is the socket id in this namespace.

        `pid` is the secret by which a client of connection state recovery comes back, for those who may.
        """
        self.connected[namespace] = sid
        self._note_state()
        data = {"sid": sid} if pid is None else {"sid": sid, "pid": pid}
        return packets.encode(Type.CONNECT, namespace, None, data)

    def refuse(self, namespace: str, message: str, data: dict[str, Any] | None = None) -> list[bytes | bytearray]:
        """The answer to a CONNECT that is not. Raises `ProtocolViolation` when there were too many."""
        self._refused += 1
        if self._refused > MAX_REFUSED:
            raise ProtocolViolation("too many refused CONNECT packets")
        error: dict[str, Any] = {"message": message}
        if data is not None:
            error["data"] = data
        return packets.encode(Type.CONNECT_ERROR, namespace, None, error)

    def event(self, namespace: str, name: str, *args: Any) -> list[bytes | bytearray]:
        """An event for the client."""
        return packets.encode(Type.EVENT, namespace, None, [name, *args])

    def event_with_ack(self, namespace: str, name: str, *args: Any) -> tuple[int, list[bytes | bytearray]]:
        """An event that asks for an acknowledgement, and the id with which that will come."""
        id = self._acks[namespace] = self._acks.get(namespace, -1) + 1
        return id, packets.encode(Type.EVENT, namespace, id, [name, *args])

    def ack(self, namespace: str, id: int, *args: Any) -> list[bytes | bytearray]:
        """The acknowledgement that the client asked for with `id`."""
        return packets.encode(Type.ACK, namespace, id, list(args))

    def disconnect(self, namespace: str) -> list[bytes | bytearray]:
        """Ends the client's connection to `namespace`, for good: the official client does not come back by itself."""
        self._leave(namespace)
        return packets.encode(Type.DISCONNECT, namespace, None, None)

    def _check_connect(self, namespace: str) -> None:
        if namespace in self.connected:
            raise ProtocolViolation("second CONNECT to a namespace")
        if len(self.connected) >= MAX_NAMESPACES:
            raise ProtocolViolation("too many namespaces")

    def close(self) -> list[str]:
        """The engine session is over: the namespaces that the client was connected to."""
        namespaces = list(self.connected)
        for namespace in namespaces:
            self._leave(namespace)
        return namespaces

    def _leave(self, namespace: str) -> None:
        self.connected.pop(namespace, None)
        self._acks.pop(namespace, None)
        self._note_state()

    def _note_state(self) -> None:
        self._root_open = self._owed is None and packets.ROOT in self.connected
