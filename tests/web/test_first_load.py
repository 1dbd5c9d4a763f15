"""What a first visit costs in bytes, as they come over the line."""

from playwright.sync_api import Request

from tests.web.conftest import Newcomer
from tests.web.people import pair

BUDGET = 120_000  # bytes, compressed: some two seconds on a slow phone network


def test_a_first_visit_up_to_the_chat_loads_at_most_120_kb(newcomer: Newcomer) -> None:
    ana, ben = newcomer(), newcomer()
    finished: list[Request] = []
    ana.page.on("requestfinished", lambda request: finished.append(request))  # noqa: PLW0108  (a method of a list cannot carry its mark)
    for person in (ana, ben):
        person.come_as_guest()
    pair(ana, ben)
    ana.say("Hello")
    ana.has_sent("Hello")
    sizes = {request.url: request.sizes()["responseBodySize"] for request in finished if is_code(request)}
    assert any("/assets/Chat-" in address for address in sizes)
    assert 20_000 < sum(sizes.values()) <= BUDGET, sizes


def is_code(request: Request) -> bool:
    """The page itself, its scripts and its styles; what is said with the server is not counted."""
    return request.resource_type in ("document", "script", "stylesheet")
