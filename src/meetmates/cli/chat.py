"""A terminal client over the real protocol: two of them in two windows can meet and talk."""

import asyncio
import contextlib
import sys
import unicodedata
from typing import Any

import socketio
from rich.console import Console
from rich.text import Text

HELP = "/next somebody else   /leave end the chat   /find look again   /help this   /quit go"
LEFT = "You have left the chat. /find looks for somebody."
MAX_SHOWN = 4000  # code points of one message


def clean(text: object) -> str:
    """What a stranger sent, fit for a terminal: no control characters, no escapes, one line."""
    kept = (c if unicodedata.category(c)[0] != "C" or c == "\u200d" else " " for c in str(text)[:MAX_SHOWN])
    return "".join(kept)


class Chat:
    """One person at one terminal."""

    def __init__(self, interests: list[str], console: Console) -> None:
        self._interests = interests
        self._console = console
        self._client = socketio.AsyncClient(logger=False, engineio_logger=False)
        self._in_chat = False
        self._done = asyncio.Event()
        self._failed = False
        for event, handler in (
            ("connect", self._connected),
            ("connect_error", self._refused),
            ("disconnect", self._disconnected),
            ("onlineUsers", self._online),
            ("waiting", self._waiting),
            ("chatStart", self._started),
            ("message", self._message),
            ("partnerTyping", self._typing),
            ("partnerLeft", self._left),
            ("eventError", self._error),
            ("seatTaken", lambda _: self._say("Another window of yours took over.")),
            ("replaced", lambda _: self._finish("You are connected too often; this window gives way.")),
            ("tokenExpired", lambda _: self._finish("Your token is over. Come back with a new one.")),
            ("serverRestarting", lambda _: self._say("The server restarts; back in a moment ...")),
        ):
            self._client.on(event, handler)

    async def run(self, url: str, token: str | None) -> int:
        """Connects, and lets people talk until they go; the exit code."""
        auth = {"token": token} if token else None
        try:
            await self._client.connect(url, auth=auth, wait_timeout=10)
        except (socketio.exceptions.ConnectionError, ValueError):
            if not self._failed:
                self._say(f"Nobody answers at {url}. Is the server running? Start it with: meetmates serve")
            return 1
        self._say(HELP)
        reader = asyncio.create_task(self._read())
        done = asyncio.create_task(self._done.wait())
        await asyncio.wait((reader, done), return_when=asyncio.FIRST_COMPLETED)
        self._done.set()
        for task in (reader, done):
            task.cancel()
        await self._client.disconnect()
        return 1 if self._failed else 0

    # --- from the keyboard

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            if not await self._obey(line.decode(errors="replace").strip()):
                return

    async def _obey(self, line: str) -> bool:
        """One line that was typed; False at the end."""
        if line == "/quit":
            return False
        if line == "/next":
            await self._client.emit("next")
        elif line == "/leave":
            await self._client.emit("leaveChat", callback=self._leaving)
        elif line == "/find":
            await self._find()
        elif line.startswith("/"):
            self._say(HELP)
        elif line and not self._in_chat:
            self._say("Nobody is here yet to hear that.")
        elif line:
            await self._client.emit("sendMessage", line)
        return True

    async def _find(self) -> None:
        await self._client.emit("findChat", {"interests": self._interests, "withVideo": False})

    # --- from the server

    async def _connected(self) -> None:
        self._say("Connected. Looking for somebody ...")
        await self._find()

    def _refused(self, data: Any) -> None:
        """A CONNECT_ERROR has a message; where there was no connection at all, `run` says so."""
        if not isinstance(data, dict) or "message" not in data:
            return
        self._failed = True
        code = (data.get("data") or {}).get("code")
        self._say(f"The server says no: {clean(data['message'])}" + (f" ({clean(code)})" if code else ""))

    def _disconnected(self, reason: object = "") -> None:
        self._in_chat = False
        if not self._done.is_set():
            self._say("The connection is lost; trying again ...")

    def _online(self, count: int) -> None:
        self._say(f"{count} online", "dim")

    def _waiting(self) -> None:
        self._in_chat = False
        self._say("You are in the queue.", "dim")

    def _started(self, chat: dict[str, Any]) -> None:
        self._in_chat = True
        common = ", ".join(clean(interest) for interest in chat.get("commonInterests", []))
        self._say("Somebody is here. Say hello!" + (f" You both like {common}." if common else ""), "bold green")

    def _message(self, message: dict[str, Any]) -> None:
        mine = message.get("sender") == self._client.get_sid()
        line = Text("you   " if mine else "them  ", style="cyan" if mine else "magenta")
        self._console.print(line.append(clean(message.get("text")), style="default"))

    def _typing(self, state: dict[str, Any]) -> None:
        if state.get("typing"):
            self._say("... is typing", "dim")

    def _left(self, _: Any) -> None:
        self._in_chat = False
        self._say("They have left. /next finds somebody else.")

    def _leaving(self, answer: dict[str, Any]) -> None:
        self._in_chat = self._in_chat and not answer.get("ok")
        self._say(LEFT if answer.get("ok") else clean(answer.get("message")))

    def _error(self, error: dict[str, Any]) -> None:
        self._say(clean(error.get("message")), "yellow")

    def _finish(self, line: str) -> None:
        self._say(line)
        self._done.set()

    def _say(self, line: str, style: str = "") -> None:
        self._console.print(Text(line, style=style))


def run(url: str, token: str | None, interests: list[str]) -> int:
    """`meetmates chat`; the exit code."""
    console = Console(highlight=False, soft_wrap=True)
    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(Chat(interests, console).run(url, token))
    return 0
