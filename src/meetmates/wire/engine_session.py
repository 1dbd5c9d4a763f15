"""One Engine.IO session as a table of what each packet means in each state.

Engine.IO protocol v4, sections "Handshake", "Heartbeat" and "Upgrade". A session starts on one transport and may move
once from polling to WebSocket: the new transport sends a ping `probe`, is answered, and then sends `upgrade`.
"""

from enum import Enum, auto

from meetmates.wire import engine_packets as packets
from meetmates.wire.errors import ProtocolViolation


class Action(Enum):
    """What the transport has to do about a packet."""

    DELIVER = auto()  # give the data behind the type digit to the application
    BEAT = auto()  # the peer is alive
    ANSWER_PROBE = auto()  # send `3probe` on the transport that asked
    MOVE = auto()  # the WebSocket is the session's transport from now on
    END = auto()  # the peer closes the session


class Channel(Enum):
    """Over which transport a packet came."""

    POLLING = auto()
    WEBSOCKET = auto()


class State(Enum):
    """Where a session stands."""

    POLLING = auto()  # on HTTP long-polling
    PROBING = auto()  # on polling, with a WebSocket open beside it that has said nothing
    PROBED = auto()  # on polling, with a WebSocket that was answered
    WEBSOCKET = auto()  # on WebSocket
    CLOSED = auto()


_MESSAGES = {packets.MESSAGE: Action.DELIVER, packets.PONG: Action.BEAT, packets.CLOSE: Action.END}

ACTIONS: dict[tuple[State, Channel], dict[str, Action]] = {
    (State.POLLING, Channel.POLLING): _MESSAGES,
    (State.PROBING, Channel.POLLING): _MESSAGES,
    (State.PROBED, Channel.POLLING): _MESSAGES,
    (State.PROBING, Channel.WEBSOCKET): {packets.PING: Action.ANSWER_PROBE},
    (State.PROBED, Channel.WEBSOCKET): {packets.UPGRADE: Action.MOVE},
    (State.WEBSOCKET, Channel.WEBSOCKET): _MESSAGES,
}
BINARY_ALLOWED = {(state, channel) for (state, channel), actions in ACTIONS.items() if actions is _MESSAGES}


class EngineSession:
    """The state of one session. Times and transports are somebody else's."""

    __slots__ = ("_on_websocket", "awaits_pong", "state")

    def __init__(self, channel: Channel) -> None:
        self.state = State.POLLING if channel is Channel.POLLING else State.WEBSOCKET
        self._on_websocket = ACTIONS.get((self.state, Channel.WEBSOCKET), {})
        self.awaits_pong = False

    def receive(self, packet: packets.Packet, channel: Channel) -> Action:
        """What `packet` asks for, the session's state moved on. Raises `ProtocolViolation`."""
        if isinstance(packet, bytes):
            if (self.state, channel) not in BINARY_ALLOWED:
                raise ProtocolViolation(f"binary message while {self.state.name.lower()}")
            return Action.DELIVER
        if channel is Channel.WEBSOCKET:
            action = self._on_websocket.get(packet[:1])
        else:
            action = ACTIONS.get((self.state, channel), {}).get(packet[:1])
        if action is Action.DELIVER:
            return action
        self._check(packet, action)
        if action is Action.ANSWER_PROBE:
            self._enter(State.PROBED)
        elif action is Action.MOVE:
            self._enter(State.WEBSOCKET)
        elif action is Action.END:
            self._enter(State.CLOSED)
        else:
            self.awaits_pong = False
        return action  # type: ignore[return-value]  # _check has refused None

    def probe_opened(self) -> bool:
        """A WebSocket asks to join a polling session. False when there is one already, or the session is over."""
        if self.state is not State.POLLING:
            return False
        self._enter(State.PROBING)
        return True

    def probe_lost(self) -> None:
        """The WebSocket ended before it took over; polling goes on and another may try."""
        if self.state in (State.PROBING, State.PROBED):
            self._enter(State.POLLING)

    def close(self) -> None:
        """The session is over, whoever ended it."""
        self._enter(State.CLOSED)

    def _enter(self, state: State) -> None:
        self.state = state
        self._on_websocket = ACTIONS.get((state, Channel.WEBSOCKET), {})

    def _check(self, packet: str, action: Action | None) -> None:
        if action is None:
            raise ProtocolViolation(f"packet of an unexpected type while {self.state.name.lower()}")
        if action is Action.BEAT and not self.awaits_pong:
            raise ProtocolViolation("pong without a ping")  # or a flood of them would cost us and not the peer
        if packet[1:] != (packets.PROBE if action is Action.ANSWER_PROBE else ""):
            raise ProtocolViolation("data behind a packet that takes none")
