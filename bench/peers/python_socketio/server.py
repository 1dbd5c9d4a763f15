"""The events of the wire contract on python-socketio's AsyncServer and uvicorn, in the plain way its guide teaches.

    python server.py PORT      PRESENCE=each (default) tells everybody of each arrival and departure at once;
                               PRESENCE=newcomer tells only the one who arrives

Its documented settings that cost least for this load: WebSocket only, msgspec in place of the json module, no
compression, uvloop, httptools, uvicorn's newest WebSocket implementation and no access log. (`async_handlers=False` and
two direct emits in place of a room were tried and were not faster.)
"""

import os
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import msgspec
import socketio
import uvicorn

BROADCAST_PRESENCE = os.environ.get("PRESENCE", "each") == "each"


def dumps(value: object, **_options: object) -> str:
    """What python-socketio asks of its `json` argument: text out."""
    return msgspec.json.encode(value).decode()


def loads(text: str | bytes, **_options: object) -> object:
    """What python-socketio asks of its `json` argument: a value in."""
    return msgspec.json.decode(text)


sio = socketio.AsyncServer(
    async_mode="asgi",
    transports=["websocket"],
    allow_upgrades=False,
    http_compression=False,
    max_http_buffer_size=200_000,
    json=SimpleNamespace(dumps=dumps, loads=loads),
)
online_users = 0
waiting: dict[str, bool] = {}  # socket id -> wants video, in the order of arrival in the queue
partners: dict[str, str] = {}
rooms: dict[str, str] = {}
rtc_ready: set[str] = set()


async def start(one: str, other: str, with_video: bool) -> None:
    """Makes a chat of two people and tells both."""
    room = f"chat {one} {other}"
    for me, partner in ((one, other), (other, one)):
        partners[me], rooms[me] = partner, room
        await sio.enter_room(me, room)
        await sio.emit("chatStart", {"withVideo": with_video, "partnerId": partner}, to=me)


async def end(sid: str) -> str | None:
    """Ends the chat of `sid`, if there is one, tells the partner and returns who that was."""
    rtc_ready.discard(sid)
    partner = partners.pop(sid, None)
    if partner is None:
        return None
    rtc_ready.discard(partner)
    partners.pop(partner, None)
    for member in (sid, partner):
        await sio.leave_room(member, rooms.pop(member))
    await sio.emit("partnerLeft", {"partnerId": sid}, to=partner)
    return partner


async def seek(sid: str, with_video: bool) -> None:
    """Pairs with whoever has waited longest, or joins the queue."""
    waiting.pop(sid, None)
    await sio.emit("waiting", to=sid)
    if not waiting:
        waiting[sid] = with_video
        return
    other = next(iter(waiting))
    await start(other, sid, waiting.pop(other) or with_video)


async def connect(sid: str, _environ: dict[str, Any]) -> None:
    """Counts the connection."""
    global online_users
    online_users += 1
    await sio.emit("onlineUsers", online_users, to=None if BROADCAST_PRESENCE else sid)


async def disconnect(sid: str, _reason: str) -> None:
    """Leaves nothing behind."""
    global online_users
    online_users = max(0, online_users - 1)
    waiting.pop(sid, None)
    await end(sid)
    if BROADCAST_PRESENCE:
        await sio.emit("onlineUsers", online_users)


async def find_chat(sid: str, _college_email: object = None, with_video: object = False) -> None:
    """Ends a running chat and looks for the next one."""
    await end(sid)
    await seek(sid, with_video is True)


async def next_chat(sid: str) -> None:
    """Both go back to the queue."""
    partner = await end(sid)
    await seek(sid, False)
    if partner is not None:
        await seek(partner, False)


async def send_message(sid: str, text: object) -> None:
    """Delivers a message to both members of the chat."""
    if sid not in partners or not isinstance(text, str) or not 0 < len(text) <= 2000:
        return
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message = {"sender": sid, "text": text, "senderEmail": "Anonymous", "timestamp": moment}
    await sio.emit("message", message, room=rooms[sid])


async def ready_to_connect(sid: str) -> None:
    """When both are ready, one of them makes the offer."""
    partner = partners.get(sid)
    if partner is None:
        return
    rtc_ready.add(sid)
    if partner in rtc_ready:
        await sio.emit("create-offer", to=min(sid, partner))


def relay_signal(event: str, key: str) -> None:
    """Registers a handler that hands a WebRTC signal to the partner."""

    async def handler(sid: str, payload: object) -> None:
        if isinstance(payload, dict) and sid in partners:
            await sio.emit(event, {key: payload.get(key), "from": sid}, to=partners[sid])

    sio.on(event, handler)


sio.on("connect", connect)
sio.on("disconnect", disconnect)
sio.on("findChat", find_chat)
sio.on("next", next_chat)
sio.on("sendMessage", send_message)
sio.on("ready-to-connect", ready_to_connect)
for name, key in (("webrtc-offer", "offer"), ("webrtc-answer", "answer"), ("ice-candidate", "candidate")):
    relay_signal(name, key)

if __name__ == "__main__":
    uvicorn.run(
        socketio.ASGIApp(sio),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        log_level="warning",
        access_log=False,
    )
