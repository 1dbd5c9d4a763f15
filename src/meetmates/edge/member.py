"""One client of the root namespace: the handle that the rules carry around as `link`."""

from typing import Any

import msgspec

from meetmates.domain.errors import Ending
from meetmates.domain.limits import Buckets
from meetmates.domain.people import Person
from meetmates.transport.ports import Link
from meetmates.transport.sockets import SocketClient
from meetmates.wire.socket_packets import ROOT

_encode = msgspec.json.Encoder().encode


def event(name: str, *args: Any) -> bytes:
    """The engine packet of an event of the root namespace, to be sent to any number of people."""
    return b"42" + _encode((name, *args))


class Member:
    """A client that was let in."""

    __slots__ = ("account_buckets", "buckets", "client", "link", "person", "told")

    def __init__(self, client: SocketClient, buckets: Buckets, account_buckets: Buckets | None) -> None:
        self.client = client
        self.link: Link = client.link
        self.buckets = buckets
        self.account_buckets = account_buckets
        self.person: Person
        self.told = -1  # the newest onlineUsers count that was sent

    def end(self, ending: Ending, farewell: bytes | None = None) -> None:
        """Ends the connection in such a way that the client does not come back by itself."""
        if farewell is not None:
            self.link.send(farewell)
        self.dismiss(ending.value.code)

    def dismiss(self, reason: str) -> None:
        """The end without a word, also of somebody who is away."""
        self.client.disconnect(ROOT, reason)
