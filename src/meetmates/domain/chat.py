"""One chat of two people: what is counted and kept while it lasts."""

from typing import Any

from meetmates.domain.people import Person

REMEMBERED_IDS = 256  # the client ids of a sender that make a repeat harmless; docs/protocol.md, "Messages"
KEPT_SIGNALS = 64  # signals kept for a partner who is not ready
KEPT_BYTES = 1024 * 1024  # and their size in all, so that they cannot fill the memory
UNANSWERED_BYTES = 256 * 1024  # of an offer and its candidates, to be delivered again: some kilobytes in real life


class Kept:
    """Signals in the order in which they came, up to a number and a size in bytes."""

    __slots__ = ("_left", "_size", "_slots", "items")

    def __init__(self, slots: int, size: int) -> None:
        self._slots = slots
        self._size = self._left = size
        self.items: list[tuple[str, Any, int]] = []  # event name, payload, bytes

    def add(self, kind: str, payload: Any, size: int) -> bool:
        """False when there is no room for it."""
        if len(self.items) >= self._slots or size > self._left:
            return False
        self.items.append((kind, payload, size))
        self._left -= size
        return True

    def take(self) -> list[tuple[str, Any, int]]:
        """All of them; none is kept any more."""
        items, self.items, self._left = self.items, [], self._size
        return items


class Inbox:
    """The WebRTC signals for one member: kept until it is ready, and the offer that it has not answered yet."""

    __slots__ = ("kept", "ready", "unanswered")

    def __init__(self) -> None:
        self.ready = False
        self.kept = Kept(KEPT_SIGNALS, KEPT_BYTES)
        self.unanswered = Kept(KEPT_SIGNALS + 1, UNANSWERED_BYTES)  # an offer, and the candidates that came after it

    def clear(self) -> None:
        """Drops every signal; readiness stays."""
        self.kept.take()
        self.unanswered.take()


class Chat:
    """Made when two people are paired, gone when either leaves. `members` is in the order of waiting.

    `names` are what the two are called in this chat, and in no other, in the order of `members`.
    """

    __slots__ = ("_inboxes", "_sent", "id", "in_touch", "members", "names", "seq", "willing")

    def __init__(self, id: str, members: tuple[Person, Person], names: tuple[str, str]) -> None:
        self.id = id
        self.members = members
        self.names = names
        self.seq = 0  # of the newest message
        self.willing: str | None = None  # who alone said yes to keeping in touch, by socket id
        self.in_touch = False  # both did, and were told
        self._sent: dict[str, dict[str, int]] = {}
        self._inboxes: dict[str, Inbox] = {}

    def name_of(self, person: Person) -> str:
        """What `person`, one of the two, is called in this chat."""
        return self.names[person is not self.members[0]]

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
