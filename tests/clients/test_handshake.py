"""Coming in: as a guest or with a token, over each transport; and being turned away with a reason."""

import pytest

from tests.clients.people import People, email_of, meet, someone
from tests.support.tokens import token

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_guest_comes_in_and_hears_how_many_are_here(people: People) -> None:
    ana = await people.join()
    assert len(ana.id) >= 20
    assert await ana.expect("onlineUsers") == 1
    ben = await people.join()
    assert await ben.expect("onlineUsers") == 2
    assert await ana.expect("onlineUsers") == 2
    await ben.leave()
    assert await ana.expect("onlineUsers") == 1


async def test_the_session_ends_on_the_transport_that_was_asked_for(people: People) -> None:
    """With its defaults a client begins with polling and moves to WebSocket while people talk already."""
    ana, ben = await people.join(), await people.join()
    await meet(ana, ben)
    for number, (sender, receiver) in enumerate(((ana, ben), (ben, ana)), 1):
        assert await sender.carrier() == people.flavour.ends_on
        assert (await sender.call("sendMessage", "hello"))["seq"] == number
        for one in (sender, receiver):
            assert (await one.expect("message"))["seq"] == number


async def test_what_storage_holds_before_a_sign_in_is_no_token(people: People) -> None:
    for nothing in (None, ""):
        await (await people.knock(auth={"token": nothing})).expect("connect")


async def test_a_header_of_another_scheme_is_ignored(people: People) -> None:
    await people.join(headers={"Authorization": "Basic YW5hOnNlY3JldA=="})


async def test_a_token_counts_wherever_it_may_stand(people: People) -> None:
    names = [someone() for _ in range(4)]
    bare, bearer, header, header_bare = (token(name) for name in names)
    members = [
        await people.join(auth={"token": bare}),
        await people.join(auth={"token": f"Bearer {bearer}"}),
        await people.join(headers={"Authorization": f"Bearer {header}"}),
        await people.join(headers={"Authorization": header_bare}),
    ]
    await meet(members[0], members[1])
    await meet(members[2], members[3])
    for name, member in zip(names, members, strict=True):
        assert (await member.call("sendMessage", f"I am {name}"))["ok"] is True
    for name, member in zip(names, members, strict=True):
        copies = [await member.expect("message"), await member.expect("message")]
        (own,) = (copy for copy in copies if copy["sender"] == member.id)
        assert (own["text"], own["senderEmail"]) == (f"I am {name}", email_of(name))


@pytest.mark.parametrize(
    ("door", "code"),
    [
        pytest.param({"auth": {"token": "no token at all"}}, "token_invalid", id="nonsense"),
        pytest.param({"auth": {"token": 5}}, "token_invalid", id="no string"),
        pytest.param({"headers": {"Authorization": "Bearer abc"}}, "token_invalid", id="nonsense in the header"),
        pytest.param({"auth": {"token": token(exp=1_700_000_000)}}, "token_expired", id="over long ago"),
        pytest.param({"query": {"token": token()}}, "token_invalid", id="in the query, where it is logged"),
        pytest.param({"query": {"access_token": "x"}, "auth": {"token": token()}}, "token_invalid", id="in both"),
    ],
)
async def test_a_bad_token_is_refused_with_a_reason(people: People, door: dict[str, dict[str, str]], code: str) -> None:
    refused = await people.knock(**door)
    assert await refused.expect("connect_error") == {"message": "Authentication failed", "data": {"code": code}}


async def test_where_members_meet_no_token_is_refused(members_only: People) -> None:
    refused = await members_only.knock()
    answer = {"message": "Authentication token required", "data": {"code": "token_missing"}}
    assert await refused.expect("connect_error") == answer


async def test_somebody_turned_away_may_come_back_with_a_token(members_only: People) -> None:
    refused = await members_only.knock(auth={"token": ""})
    await refused.expect("connect_error")
    await refused.retry({"token": token(someone())})
    await refused.expect("connect")
    assert await refused.expect("onlineUsers") == 1
