"""A client that can resume, on the house of `tests.edge.house`."""

import asyncio
import json
from typing import Any

from meetmates.transport.ports import Closing
from tests.edge.house import Caller, House

GRACE = 15.0


class Traveller:
    """A client that resumes as the official one does: it remembers `pid` and the newest offset."""

    def __init__(self, house: House, account: str | None = None, **claims: object) -> None:
        self._house = house
        self._auth = {} if account is None else {"token": house.token(account, **claims)}
        self.pid: str | None = None
        self.offset: str | None = None
        self.key = ""
        self.sid = ""
        self.recovered = False
        self.events: list[list[Any]] = []
        self.caller: Caller
        self.come({"resume": True})

    def knock(self, auth: dict[str, Any]) -> dict[str, Any]:
        """A new connection that says CONNECT with `auth`; the answer to that."""
        self.caller = self._house.knock()
        self.caller.line.receiver.text(f"40{json.dumps(self._auth | auth)}")
        answer: dict[str, Any] = json.loads(self.caller.line.sent.pop(0)[2:])
        return answer

    def come(self, auth: dict[str, Any]) -> None:
        """The same, and the answer is read: there is one."""
        answer = self.knock(auth)
        self.recovered = answer["pid"] == self.pid
        self.sid, self.pid = answer["sid"], answer["pid"]

    def renew(self, account: str, **claims: object) -> None:
        """Another token from now on."""
        self._auth["token"] = self._house.token(account, **claims)

    def recover(self) -> None:
        """Comes back as the official client does."""
        offset = {} if self.offset is None else {"offset": self.offset}
        self.come({"resume": True, "pid": self.pid} | offset)

    def lose(self) -> None:
        """The connection is lost; what was on its way to the client with it."""
        self.caller.line.close(Closing.GOING_AWAY, "ping timeout")

    def read(self) -> list[list[Any]]:
        """The events since the last time, but for `onlineUsers` and `resumeKey`, without their offsets."""
        news = []
        for packet in self.caller.line.sent:
            if packet.startswith("42["):
                *event, self.offset = json.loads(packet[2:])
                if event[0] == "resumeKey":
                    self.key = event[1]["key"]
                elif event[0] != "onlineUsers":
                    news.append(event)
        self.caller.line.sent[:] = []
        self.events += news
        return news

    def names(self) -> list[str]:
        """The names of those events."""
        return [event[0] for event in self.read()]

    def texts(self) -> list[str]:
        """The texts of all messages so far."""
        self.read()
        return [event[1]["text"] for event in self.events if event[0] == "message"]


async def chatting(house: House, account: str | None = None, **claims: object) -> tuple[Traveller, Caller]:
    """A traveller and somebody who cannot resume, in a chat, who have heard of it."""
    ana, ben = Traveller(house, account, **claims), house.enter()
    for caller in (ana.caller, ben):
        assert caller.call("findChat")["ok"] is True
    await asyncio.sleep(0)  # the turn of the loop ends
    ben.heard()
    ana.read()
    return ana, ben


async def wait(house: House, seconds: float) -> None:
    """Lets time pass, and what is due happen."""
    await asyncio.sleep(seconds)
    house.desk.tick()


def nothing_left(house: House) -> bool:
    """Whether every table is empty."""
    return not any(house.desk.tables().values()) and len(house.seats) == 0
