"""Health, metrics and the page, asked as a client does."""

import asyncio
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from meetmates.http.app import make_http
from meetmates.service.measures import Histogram, Measures
from meetmates.settings import load

TABLES = {"sessions": 4, "connections": 3, "waiting": 1, "chats": 1}
LOOPBACK = "127.0.0.1"


class House:
    """The routes over numbers of a test's own."""

    def __init__(self, **settings: object) -> None:
        self.measures = Measures()
        self.tables = dict(TABLES)
        self.ready = True
        self._app = make_http(
            settings=load({"metrics_token": None, **settings}),
            measures=self.measures,
            tables=lambda: self.tables,
            ready=lambda: self.ready,
        )

    def ask(
        self, path: str, peer: str = LOOPBACK, method: str = "GET", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False, client=(peer, 1234))
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                raw = [(name.encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
                return await client.request(method, path, headers=raw)

        return asyncio.run(go())

    def metrics(self) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
        families = text_string_to_metric_families(self.ask("/metrics").text)
        return {(s.name, tuple(s.labels.items())): s.value for family in families for s in family.samples}


def assert_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert answer.status_code == body["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["detail"]
    return body


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_it_lives_and_is_ready_until_it_stops(method: str) -> None:
    house = House()
    assert house.ask("/healthz", method=method).status_code == 200
    assert house.ask("/readyz", method=method).status_code == 200
    house.ready = False
    assert house.ask("/healthz", method=method).status_code == 200
    assert house.ask("/readyz", method=method).status_code == 503


def test_what_prometheus_is_told() -> None:
    house = House()
    house.measures.refusals["rate_limited"] = 7
    house.measures.relay.observe(0.00003)
    house.measures.waiting.observe(1.5)
    house.measures.loop_lag.observe(0.003)
    house.measures.connections_total = 9
    house.measures.chats_total = 2
    told = house.metrics()
    assert told["meetmates_connections", ()] == 3
    assert told["meetmates_waiting", ()] == 1
    assert told["meetmates_chats", ()] == 1
    assert told["meetmates_table_rows", (("table", "sessions"),)] == 4
    assert told["meetmates_refusals_total", (("code", "rate_limited"),)] == 7
    assert told["meetmates_connects_total", ()] == 9
    assert told["meetmates_chats_started_total", ()] == 2
    assert told["meetmates_relay_seconds_bucket", (("le", "2e-05"),)] == 0
    assert told["meetmates_relay_seconds_bucket", (("le", "5e-05"),)] == 1
    assert told["meetmates_relay_seconds_count", ()] == 1
    assert told["meetmates_waiting_seconds_sum", ()] == 1.5
    assert told["meetmates_loop_lag_seconds_count", ()] == 1


def test_a_histogram_counts_up_to_and_with_each_bound() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 2.0, 99.0):
        histogram.observe(value)
    assert histogram.buckets() == [("1.0", 2), ("2.0", 4), ("+Inf", 5)]
    assert histogram.sum == 104.0


def test_two_servers_in_one_process_count_apart() -> None:
    one, other = House(), House()
    one.measures.connections_total = 5
    assert other.metrics()["meetmates_connects_total", ()] == 0


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_metrics_are_for_this_machine(peer: str) -> None:
    assert House().ask("/metrics", peer).status_code == 200


@pytest.mark.parametrize("peer", ["10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", "0.0.0.0", "unix", ""])
def test_metrics_are_for_nobody_else(peer: str) -> None:
    body = assert_problem(House().ask("/metrics", peer), 403)
    assert "MEETMATES_METRICS_TOKEN" in body["detail"]


@pytest.mark.parametrize("name", ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via", "X-Forwarded-Proto"])
def test_a_proxy_on_this_machine_is_not_this_machine(name: str) -> None:
    assert_problem(House().ask("/metrics", headers={name: "for=127.0.0.1"}), 403)


@pytest.mark.parametrize("value", ["Bearer right", "bearer right", "Bearer  right "])
def test_the_metrics_token_opens_them(value: str) -> None:
    house = House(metrics_token="right")
    assert house.ask("/metrics", "10.0.0.1", headers={"authorization": value}).status_code == 200


@pytest.mark.parametrize(
    "value", ["Bearer wrong", "Bearer ", "right", "Basic right", "Bearer right2", "Bearer righ", "ß"]
)
def test_another_token_does_not(value: str) -> None:
    house = House(metrics_token="right")
    assert_problem(house.ask("/metrics", "10.0.0.1", headers={"authorization": value}), 403)


def test_without_a_token_set_none_opens_them() -> None:
    for value in ("Bearer ", "Bearer None", ""):
        assert_problem(House().ask("/metrics", "10.0.0.1", headers={"authorization": value}), 403)


def test_the_page_says_who_is_there_and_how_to_come() -> None:
    house = House(host="0.0.0.0", port=4000)
    answer = house.ask("/")
    assert answer.status_code == 200
    assert "<strong>3</strong> online now" in answer.text
    assert 'io("http://localhost:4000")' in answer.text
    house.tables["connections"] = 8
    assert "<strong>8</strong> online now" in house.ask("/").text


def test_the_page_names_the_public_address() -> None:
    assert 'io("https://meet.college.edu")' in House(public_url="https://meet.college.edu").ask("/").text


def test_the_page_runs_no_script_and_loads_its_own_style_alone() -> None:
    answer = House().ask("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    style = House().ask("/style.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "prefers-color-scheme: dark" in style.text


@pytest.mark.parametrize("path", ["/nothing", "/docs", "/redoc", "/openapi.json", "/pages/index.html", "/<script>"])
def test_what_is_not_there(path: str) -> None:
    assert assert_problem(House().ask(path), 404)["title"] == "Not Found"


def test_what_cannot_be_done() -> None:
    answer = House().ask("/healthz", method="POST")
    assert_problem(answer, 405)
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_a_mistake_of_our_own_shows_nothing_of_itself() -> None:
    house = House()
    house.tables.clear()  # the page looks for a row that is gone
    body = assert_problem(house.ask("/"), 500)
    assert "KeyError" not in str(body)
    assert "Traceback" not in str(body)
