"""One chat of two people: what is counted and kept while it lasts."""

from typing import Any

from meetmates.domain.people import Person

REMEMBERED_IDS = 256  # the client ids of a sender that make a repeat harmless; docs/protocol.md, "Messages"
KEPT_SIGNALS = 64  # signals kept for a partner who is not ready
KEPT_SIGNAL_BYTES = 1024 * 1024  # and their size in all, so that they cannot fill the memory


class Inbox:
    """The WebRTC signals for one member: kept until it is ready, and the offer that it has not answered yet."""

    __slots__ = ("kept", "kept_bytes", "ready", "unanswered")

    def __init__(self) -> None:
        self.ready = False
        self.kept: list[tuple[str, Any]] = []  # (event name, payload), in the order in which they came
        self.kept_bytes = 0
        self.unanswered: list[tuple[str, Any]] = []  # an offer, and the candidates that came after it

    def clear(self) -> None:
        """Drops every signal; readiness stays."""
        self.kept, self.kept_bytes, self.unanswered = [], 0, []


class Chat:
    """Made when two people are paired, gone when either leaves. `members` is in the order of waiting."""

    __slots__ = ("_inboxes", "_sent", "id", "members", "seq", "started_at")

    def __init__(self, id: str, members: tuple[Person, Person], started_at: float) -> None:
        self.id = id
        self.members = members
        self.started_at = started_at
        self.seq = 0  # of the newest message
        self._sent: dict[str, dict[str, int]] = {}
        self._inboxes: dict[str, Inbox] = {}

    def message_id(self, seq: int) -> str:
        """The id of the message `seq`: unique wherever the chat's id is."""
        return f"{self.id}-{seq}"

    def remember(self, sender: Person, client_id: str, seq: int) -> None:
        """Notes what `client_id` became; the oldest of more than 256 is forgotten."""
        sent = self._sent.setdefault(sender.id, {})
        sent[client_id] = seq
        if len(sent) > REMEMBERED_IDS:
            del sent[next(iter(sent))]

    def recall(self, sender: Person, client_id: str) -> int | None:
        """The `seq` that `client_id` became before, or None."""
        sent = self._sent.get(sender.id)
        return None if sent is None else sent.get(client_id)

    def inbox(self, person: Person) -> Inbox:
        """The signals for `person`, made when first asked for: most chats are text."""
        inbox = self._inboxes.get(person.id)
        if inbox is None:
            inbox = self._inboxes[person.id] = Inbox()
        return inbox

    def is_ready(self, person: Person) -> bool:
        """Whether `person` said `ready-to-connect` in this chat."""
        inbox = self._inboxes.get(person.id)
        return inbox is not None and inbox.ready
