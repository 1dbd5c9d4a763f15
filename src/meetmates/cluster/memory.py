"""The ports of one process that shares with nobody: plain tables in memory."""

from collections import deque
from collections.abc import Set as AbstractSet

from meetmates.ports import Complaint, Line, Party, Remembered, Standing

CLEAN = Standing()
NOBODY: AbstractSet[str] = frozenset()
LINES = 50  # of one chat; docs/protocol.md, "Safety"
LINES_FOR = 600.0  # seconds that a message may be quoted
CHATS_FOR = 300.0  # seconds after its end that a chat may be reported
TEXT_KEPT = 16 * 1024 * 1024  # characters of ended chats: nobody fills the memory by going from chat to chat


class MemorySafety:
    """`ports.Safety` in two tables."""

    def __init__(self) -> None:
        self._blocks: dict[str, set[str]] = {}  # both ways round, so that asking costs one look
        self._standings: dict[str, Standing] = {}

    def may_meet(self, one: str, other: str) -> bool:
        """False once either has blocked the other."""
        return other not in self._blocks.get(one, NOBODY)

    def standing(self, account: str) -> Standing:
        """What is held against `account`."""
        return self._standings.get(account, CLEAN)

    def block(self, blocker: str, blocked: str) -> None:
        """Kept both ways round."""
        self._blocks.setdefault(blocker, set()).add(blocked)
        self._blocks.setdefault(blocked, set()).add(blocker)

    def unblock(self, one: str, other: str) -> None:
        """Both ways round."""
        for blocker, blocked in ((one, other), (other, one)):
            if blocker in self._blocks:
                self._drop(blocker, blocked)

    def forget(self, guest: str) -> None:
        """Leaves nothing behind of somebody who cannot come back."""
        self._standings.pop(guest, None)
        for other in self._blocks.pop(guest, NOBODY):
            self._drop(other, guest)

    def set_standing(self, account: str, standing: Standing) -> None:
        """Replaces what is held against `account`."""
        if standing == CLEAN:
            self._standings.pop(account, None)
        else:
            self._standings[account] = standing

    def _drop(self, blocker: str, blocked: str) -> None:
        self._blocks[blocker].discard(blocked)
        if not self._blocks[blocker]:
            del self._blocks[blocker]


class OpenRoster:
    """`ports.Roster` where no campus is configured and no account is known: everybody may meet everybody."""

    def is_gate_closed(self) -> bool:
        """Never."""
        return False

    def pool(self, account: str | None) -> str | None:
        """One for all."""
        return ""

    def is_over(self, session: str) -> bool:
        """Nothing is known of sign-ins."""
        return False


class MemoryCasework:
    """`ports.Casework` that keeps reports until the process ends."""

    def __init__(self) -> None:
        self.complaints: list[Complaint] = []

    async def block(self, blocker: Party, blocked: Party) -> None:
        """`MemorySafety` has it already."""

    async def report(self, complaint: Complaint) -> None:
        """Kept."""
        self.complaints.append(complaint)


class _Chat:
    __slots__ = ("lines", "parties")

    def __init__(self, parties: tuple[Party, Party]) -> None:
        self.parties = parties
        self.lines: deque[tuple[str, str, float]] = deque(maxlen=LINES)


class MemoryRecollection:
    """`ports.Recollection`: the chats that run, and queues of those that ended, in the order of their ends."""

    def __init__(self) -> None:
        self._chats: dict[str, _Chat] = {}
        self._last: dict[str, str] = {}
        self._ended: deque[tuple[float, str]] = deque()
        self._spoken: deque[tuple[str, int]] = deque()  # those of them whose messages are kept, and their characters
        self._text = 0  # characters of all of these

    def __len__(self) -> int:
        return len(self._chats)

    def begin(self, chat_id: str, parties: tuple[Party, Party]) -> None:
        """A chat has begun."""
        self._chats[chat_id] = _Chat(parties)

    def note(self, chat_id: str, sender: str, text: str, at: float) -> None:
        """A message was said in it."""
        lines = self._chats[chat_id].lines
        while lines and lines[0][2] <= at - LINES_FOR:
            lines.popleft()
        lines.append((sender, text, at))

    def end(self, chat_id: str, now: float) -> None:
        """It is over. Where too much is kept by now, the oldest chats lose their messages first."""
        chat = self._chats[chat_id]
        for party in chat.parties:
            self._last[party.key] = chat_id
        self._ended.append((now, chat_id))
        if chat.lines:
            size = sum(len(line[1]) for line in chat.lines)
            self._spoken.append((chat_id, size))
            self._text += size
        while self._text > TEXT_KEPT:
            self._chats[self._hush()].lines.clear()

    def find(self, chat_id: str, now: float) -> Remembered | None:
        """The chat, if it is still remembered."""
        self.sweep(now)
        chat = self._chats.get(chat_id)
        if chat is None:
            return None
        fresh = tuple(Line(*line) for line in chat.lines if line[2] > now - LINES_FOR)
        return Remembered(chat_id, chat.parties, fresh)

    def last(self, key: str, now: float) -> str | None:
        """The id of the chat of somebody that ended last, if it is still remembered."""
        self.sweep(now)
        return self._last.get(key)

    def sweep(self, now: float) -> None:
        """Forgets the chats that ended 5 minutes ago."""
        while self._ended and self._ended[0][0] <= now - CHATS_FOR:
            _, chat_id = self._ended.popleft()
            if self._spoken and self._spoken[0][0] == chat_id:
                self._hush()
            for party in self._chats.pop(chat_id).parties:
                if self._last.get(party.key) == chat_id:
                    del self._last[party.key]

    def _hush(self) -> str:
        """The oldest ended chat whose messages are kept, which are not to be kept any longer."""
        chat_id, size = self._spoken.popleft()
        self._text -= size
        return chat_id
