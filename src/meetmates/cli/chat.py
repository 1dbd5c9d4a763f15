"""A terminal client over the real protocol: two of them in two windows can meet and talk.

Long, because it is a whole client: what is typed, what is sent, and what each event shows.
"""

import asyncio
import codecs
import contextlib
import os
import sys
import threading
import unicodedata
from typing import Any

import socketio
from rich.console import Console
from rich.text import Text

HELP = "/next somebody else   /leave end the chat   /find look again   /help this   /quit go"
LEFT = "You have left the chat. /find looks for somebody."
MAX_SHOWN = 4000  # code points of one message
ZERO_WIDTH_JOINER = "\u200d"  # holds an emoji of several parts together
BARRED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(text: object) -> str:
    """What a stranger sent, fit for a terminal: no control characters, no escapes, one line."""
    return "".join(" " if _harmful(c) else c for c in str(text)[:MAX_SHOWN])


def _harmful(character: str) -> bool:
    """Controls, formats such as those that turn the writing direction, line and paragraph separators."""
    return character != ZERO_WIDTH_JOINER and unicodedata.category(character) in BARRED


class Chat:
    """One person at one terminal."""

    def __init__(self, interests: list[str], console: Console) -> None:
        self._interests = interests
        self._console = console
        self._client = socketio.AsyncClient(handle_sigint=False, logger=False, engineio_logger=False)
        self._in_chat = False
        self._partner = "Somebody"  # who that is in this chat
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
        except (socketio.exceptions.ConnectionError, ValueError, OSError) as error:
            if not self._failed:
                self._say(_unanswered(url, error))
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
        lines: asyncio.Queue[str | None] = asyncio.Queue()
        threading.Thread(target=_type, args=(asyncio.get_running_loop(), lines), daemon=True).start()
        while (line := await lines.get()) is not None:
            if not await self._obey(line.strip()):
                return

    async def _obey(self, line: str) -> bool:
        """One line that was typed; False at the end."""
        if line == "/quit":
            return False
        if line == "/next":
            await self._send("next")
        elif line == "/leave" and not self._in_chat:
            self._say("You are not in a chat.")
        elif line == "/leave":
            await self._send("leaveChat", callback=self._leaving)
        elif line == "/find":
            await self._find()
        elif line.startswith("/"):
            self._say(HELP)
        elif line and not self._in_chat:
            self._say("Nobody is here yet to hear that.")
        elif line:
            await self._send("sendMessage", line)
        return True

    async def _send(self, event: str, *arguments: Any, callback: Any = None) -> None:
        """Sends an event; says so where there is no connection to send it on."""
        try:
            await self._client.emit(event, arguments or None, callback=callback)
        except socketio.exceptions.BadNamespaceError:
            self._say("Not connected just now; that was not sent.", "yellow")

    async def _find(self) -> None:
        await self._send("findChat", {"interests": self._interests, "withVideo": False})

    # --- from the server

    async def _connected(self) -> None:
        self._say("Connected. Looking for somebody ...")
        await self._find()

    def _refused(self, data: Any) -> None:
        """A CONNECT_ERROR has a message; where there was no connection at all, `run` says so."""
        if not isinstance(data, dict) or "message" not in data:
            return
        self._failed = True
        self._done.set()  # after a restart too: knocking again with the same token would change nothing
        code = (data.get("data") or {}).get("code")
        self._say(f"The server says no: {clean(data['message'])}" + (f" ({clean(code)})" if code else ""))

    def _disconnected(self, reason: object = "") -> None:
        self._in_chat = False
        if self._done.is_set():
            return
        if reason == self._client.reason.SERVER_DISCONNECT:  # which is final, the client does not come back
            self._failed = True
            self._finish("The server has ended this connection.")
        else:
            self._say("The connection is lost; trying again ...")

    def _online(self, count: int) -> None:
        self._say(f"{count} online", "dim")

    def _waiting(self) -> None:
        self._in_chat = False
        self._say("You are in the queue.", "dim")

    def _started(self, chat: dict[str, Any]) -> None:
        self._in_chat = True
        common = ", ".join(clean(interest) for interest in chat.get("commonInterests", []))
        self._partner = clean(chat.get("partnerName", "Somebody"))
        greeting = f"{self._partner} is here. Say hello!"
        self._say(greeting + (f" You both like {common}." if common else ""), "bold green")
        if "yourName" in chat:
            self._say(f"In this chat you are {clean(chat['yourName'])}.", "dim")

    def _message(self, message: dict[str, Any]) -> None:
        mine = message.get("sender") == self._client.get_sid()
        line = Text("you  " if mine else f"{self._partner}  ", style="cyan" if mine else "magenta")
        self._console.print(line.append(clean(message.get("text")), style="default"))

    def _typing(self, state: dict[str, Any]) -> None:
        if state.get("typing"):
            self._say(f"{self._partner} is typing ...", "dim")

    def _left(self, _: Any) -> None:
        self._in_chat = False
        self._say(f"{self._partner} has left. /next finds somebody else.")

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


def _unanswered(url: str, error: Exception) -> str:
    if "status code" in str(error):
        return f"The server at {url} turns this connection away: {clean(error)}"
    return f"Nobody answers at {url}. Is the server running? Start it with: meetmates serve"


def _type(loop: asyncio.AbstractEventLoop, lines: "asyncio.Queue[str | None]") -> None:
    """Reads the keyboard, a pipe or a file in a thread: none of them need be made non-blocking for that."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    with contextlib.suppress(RuntimeError, OSError):  # the loop has ended, or the terminal
        while piece := os.read(sys.stdin.fileno(), 65536):
            *whole, rest = (rest + decoder.decode(piece)).split("\n")
            for line in whole:
                loop.call_soon_threadsafe(lines.put_nowait, line)
        if rest:
            loop.call_soon_threadsafe(lines.put_nowait, rest)
        loop.call_soon_threadsafe(lines.put_nowait, None)


def run(url: str, token: str | None, interests: list[str]) -> int:
    """`meetmates chat`; the exit code."""
    console = Console(highlight=False, soft_wrap=True)
    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(Chat(interests, console).run(url, token))
    return 0
