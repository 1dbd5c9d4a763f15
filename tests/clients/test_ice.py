"""From the socket to STUN and TURN: a guest's key opens the route for as long as the guest is there."""

import httpx
import pytest

from tests.clients.people import People

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def servers(people: People, key: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(f"{people.server.url}/api/ice-servers", headers={"x-ice-key": key})


async def test_a_guest_s_key_is_good_until_the_guest_leaves(people: People) -> None:
    ana, ben = await people.pair()
    told = await ana.call("iceKey")
    assert (told["ok"], told["expiresIn"]) == (True, 3600)
    answer = await servers(people, told["key"])
    assert answer.json()["iceServers"] == [{"urls": ["stun:stun.l.google.com:19302"]}]
    await ana.leave()
    await ben.expect("partnerLeft")
    gone = await servers(people, told["key"])
    assert (gone.status_code, gone.json()["code"]) == (401, "ice_key")
