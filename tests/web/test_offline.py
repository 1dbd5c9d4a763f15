"""Without a network, or without the server: something kind is shown, and the page comes back by itself."""

from playwright.sync_api import Browser, expect

from tests.support.letters import Letterbox
from tests.support.server import stop
from tests.support.words import Words
from tests.web.conftest import a_server
from tests.web.people import Person

INSTALLED = "navigator.serviceWorker.ready.then(({ active }) => active.state === 'activated')"
KEPT = "caches.keys().then(names => Promise.all(names.map(name => caches.open(name).then(cache => cache.keys()))))"
KEPT_FILES = f"{KEPT}.then(all => all.flat().map(({{ url }}) => new URL(url).pathname))"


def test_the_page_tells_of_a_lost_network_in_the_readers_language_and_returns(
    browser: Browser, letters: Letterbox
) -> None:
    words = Words("hi")
    with a_server(letters) as server:
        ana = Person(browser, server.url, letters, locale="hi-IN", service_workers="allow")
        ana.page.goto("/help")
        ana.page.wait_for_function(INSTALLED)
        assert not [path for path in ana.page.evaluate(KEPT_FILES) if path.startswith(("/api", "/socket.io", "/admin"))]
        with ana.troubled():
            stop(server.process)
            ana.page.reload()
            expect(ana.page.get_by_role("heading", name="अभी कनेक्शन नहीं है")).to_be_visible()
            assert ana.page.url == f"{server.url}/help"
            with a_server(letters, PORT=server.port):
                expect(ana.page.get_by_role("heading", name=words("help.title"))).to_be_visible()
                assert ana.page.url == f"{server.url}/help"
                ana.close()
