"""Thousands come and go at once: nothing is left behind, nobody is flooded with counts, everybody gets in."""

import pytest

from tests.abuse.bystanders import Bystanders, Stopwatch, eventually, resident_bytes
from tests.support.frames import TIME_UNIT, frame
from tests.support.server import RunningServer, running_server
from tests.support.sockets import SocketClient
from tests.support.swarm import Swarm, allow_many_descriptors

MANY, ALL_BACK = 2_000, 5_000
IN_TIME = 30 * TIME_UNIT  # seconds in which 5,000 are back: docs/protocol.md, "Lifecycle"
WINDOW = 0.1  # seconds; the least time between two counts
SMALL = 10 << 20  # bytes: if 2.6 KiB of each client stayed, the third round would be above the first by more
SEEK, READY = frame('42["findChat",null,true]'), frame('42["ready-to-connect"]')
QUIET = {"connections": 3, "sessions": 3, "chats": 1}  # rows while only the bystanders and one who watches are here


@pytest.fixture(scope="module", autouse=True)
def _many_descriptors() -> None:
    allow_many_descriptors()


def assert_few(counts: list[int], seconds: float) -> None:
    """How often each heard of `onlineUsers`: at once as a newcomer, then once a window at the most."""
    assert min(counts) >= 1
    assert max(counts) <= 2 + seconds / WINDOW


async def storm(server: RunningServer, watcher: SocketClient) -> int:
    """All come, pair off, are ready for video, and go; the server's memory once nothing is left of them."""
    watch = Stopwatch()
    swarm = await Swarm.join(server.port, MANY, IN_TIME)
    swarm.say(SEEK)
    await swarm.until(lambda: sum(swarm.heard("chatStart")) == MANY, IN_TIME)
    swarm.say(READY)
    await swarm.until(lambda: sum(swarm.heard("create-offer")) == MANY // 2, IN_TIME)
    await swarm.until(lambda: swarm.told(MANY + 3))
    assert_few(swarm.heard("onlineUsers"), watch.seconds)
    rows = server.tables()
    assert (rows["connections"], rows["chats"], rows["rtc_ready"]) == (MANY + 3, MANY // 2 + 1, MANY)
    await swarm.leave()
    await eventually(lambda: {name: count for name, count in server.tables().items() if count} == QUIET)
    heard: list[int] = []
    while not heard or heard[-1] != 3:
        heard += await watcher.expect("onlineUsers")
    assert_few([len(heard)], watch.seconds)
    return resident_bytes(server)


async def test_two_thousand_arrive_and_leave_at_once_three_times() -> None:
    """Every table is empty each time, and memory is back; two who chat beside it lose no message."""
    with running_server(LIMIT_FACTOR="100") as server:
        pair = await Bystanders.join(server)
        watcher = await SocketClient.join(server.url)
        while (await watcher.expect("onlineUsers")) != [3]:
            pass
        memory = [await storm(server, watcher) for _ in range(3)]
        await watcher.leave()
        assert memory[2] - memory[0] < SMALL, memory
        await pair.assert_unharmed()


async def test_five_thousand_are_back_at_once() -> None:
    """Within the limits as they are delivered, a tenth of them over polling, nobody told of each arrival."""
    with running_server() as server:
        watch = Stopwatch()
        swarm = await Swarm.join(server.port, ALL_BACK, IN_TIME, polling=ALL_BACK // 10)
        await swarm.until(lambda: swarm.told(ALL_BACK))
        assert_few(swarm.heard("onlineUsers"), watch.seconds)
        assert watch.seconds < IN_TIME
        assert server.tables()["connections"] == ALL_BACK
        await swarm.leave()
        await eventually(lambda: not any(server.tables().values()))
