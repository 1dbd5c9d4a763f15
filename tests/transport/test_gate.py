"""Who may open a session: addresses behind proxies, origins, and connects per address."""

from ipaddress import ip_network

import pytest

from meetmates.domain.limits import Allowance, Rate
from meetmates.transport.gate import PRUNE_AFTER, Connects, Origins, Proxies, own_origins

PROXY = "10.0.0.1"
CLIENT = "203.0.113.7"
LIE = "198.51.100.1"


def client(*, peer: str = PROXY, **headers: str) -> str:
    """Whom a request comes from that was sent by `peer`, where 10.0.0.0/8 and one IPv6 network are trusted."""
    proxies = Proxies([ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48")])
    address, hearsay = proxies.client(peer, {name.replace("_", "-"): value for name, value in headers.items()})
    assert not hearsay
    return address


# --- addresses behind proxies


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (CLIENT, CLIENT),
        (f"{CLIENT}:4711", CLIENT),
        (f" {CLIENT} ,10.0.0.2", CLIENT),
        (f"{LIE}, {CLIENT}", CLIENT),
        (f"{LIE}, {CLIENT}, 10.0.0.3, 10.0.0.2", CLIENT),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        (f"{CLIENT}, 2001:db8:ffff::2", CLIENT),
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
    ],
)
def test_the_nearest_hop_that_is_not_trusted_is_the_client(header: str, expected: str) -> None:
    assert client(x_forwarded_for=header) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (f"for={CLIENT}", CLIENT),
        (f'For="{CLIENT}:4711";proto=https;by=10.0.0.1', CLIENT),
        ('for="[2001:db8::1]:4711"', "2001:db8::1"),
        (f"for={LIE}, for={CLIENT};proto=http, for=10.0.0.2", CLIENT),
        (f"by=10.0.0.1; for={CLIENT}", CLIENT),
    ],
)
def test_the_same_in_the_words_of_the_standard(header: str, expected: str) -> None:
    """RFC 7239, section 4."""
    assert client(forwarded=header) == expected


def test_x_forwarded_for_beats_forwarded() -> None:
    """Most proxies write the one and pass the other on as the client made it up."""
    assert client(x_forwarded_for=CLIENT, forwarded=f"for={LIE}") == CLIENT
    assert client(forwarded=f"for={LIE}", x_forwarded_for=f"{CLIENT}, 10.0.0.2") == CLIENT


@pytest.mark.parametrize("hop", ["unknown", "", "_hidden", "300.1.2.3", "[]", "::::", "a, b"])
def test_behind_a_hop_that_cannot_be_read_all_is_hearsay(hop: str) -> None:
    """The last trusted hop stands for whoever is behind it; what stands before may be made up."""
    assert client(x_forwarded_for=f"{LIE}, {hop}, 10.0.0.2") == "10.0.0.2"
    assert client(x_forwarded_for=f"{LIE}, {hop}") == PROXY


@pytest.mark.parametrize("hop", ["for=unknown", "for=_hidden", 'for="_x:47"', "proto=https", "for", ""])
def test_neither_is_the_standard_s_way_to_hide_a_reason_to_believe(hop: str) -> None:
    """RFC 7239, section 6: a proxy may name nobody, or an identifier of its own."""
    assert client(forwarded=f"for={LIE}, {hop}, for=10.0.0.2") == "10.0.0.2"
    assert client(forwarded=f"for={LIE}, {hop}") == PROXY


@pytest.mark.parametrize("peer", ["192.0.2.1", "2001:db8::5", "", "not an address"])
@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded"])
def test_who_is_not_trusted_is_not_believed(peer: str, header: str) -> None:
    proxies = Proxies([ip_network("10.0.0.0/8")])
    value = f"for={CLIENT}" if header == "forwarded" else CLIENT
    assert proxies.client(peer, {header: value}) == (peer, True)
    assert Proxies([]).client(PROXY, {header: value}) == (PROXY, True)


def test_an_ipv4_address_in_ipv6_form_is_an_ipv4_address() -> None:
    """What a socket for both families makes of it: RFC 4291, section 2.5.5.2. Or all of them would share a /64."""
    assert client(x_forwarded_for=f"{LIE}, ::ffff:{CLIENT}") == CLIENT
    assert client(x_forwarded_for=f"{CLIENT}, ::ffff:10.0.0.2") == CLIENT
    assert client(peer="::ffff:10.0.0.1", x_forwarded_for=CLIENT) == CLIENT
    assert client(peer=f"::ffff:{CLIENT}") == CLIENT
    assert client(forwarded=f'for="[::ffff:{CLIENT}]:4711"') == CLIENT


def test_without_a_claim_the_peer_is_the_client() -> None:
    assert client() == PROXY
    assert client(peer=CLIENT, x_real_ip=LIE) == CLIENT


# --- connects per address


def connects() -> Connects:
    """Two at once, and one a second."""
    return Connects(Allowance(Rate(1, 2)))


def test_over_the_limit_one_is_told_how_long_to_wait() -> None:
    gate = connects()
    assert [gate.take(CLIENT, 100.0) for _ in range(3)] == [None, None, 1]
    assert gate.take(CLIENT, 100.5) == 1
    assert gate.take(CLIENT, 101.1) is None
    assert gate.take(CLIENT, 101.1) == 1


def test_ipv4_addresses_are_counted_apart() -> None:
    gate = connects()
    assert [gate.take(f"203.0.113.{last}", 100.0) for last in (1, 1, 2, 2)] == [None] * 4
    assert [gate.take(f"203.0.113.{last}", 100.0) for last in (1, 2)] == [1, 1]


def test_ipv6_addresses_of_one_64_share_a_bucket() -> None:
    """Whoever has one of them has all of them, and would never come to the limit of one."""
    gate = connects()
    assert gate.take("2001:db8:0:1::1", 100.0) is None
    assert gate.take("2001:db8:0:1:ffff:ffff:ffff:ffff", 100.0) is None
    assert gate.take("2001:db8:0:1:abcd::7", 100.0) == 1
    assert gate.take("2001:db8:0:2::1", 100.0) is None
    assert len(gate) == 2


def test_addresses_whose_buckets_are_full_again_are_forgotten() -> None:
    gate = connects()
    for number in range(PRUNE_AFTER - 1):
        gate.take(f"10.0.{number // 256}.{number % 256}", 100.0)
    assert len(gate) == PRUNE_AFTER - 1
    gate.take(CLIENT, 103.0)
    assert len(gate) == 1
    assert [gate.take(CLIENT, 103.0) for _ in range(2)] == [None, 1]


# --- origins


def test_a_listed_origin_may_connect_and_so_may_who_has_none() -> None:
    origins = Origins(["https://a.example", "http://localhost:5173"])
    assert origins.allow("https://a.example")
    assert origins.allow(None)
    for origin in ("null", "", "https://A.example", "https://a.example/", "https://a.example.org", "http://a.example"):
        assert not origins.allow(origin)
    assert Origins(None).allow("https://anybody.example")
    assert not Origins([]).allow("https://anybody.example")


def test_an_allowed_page_may_read_the_answer() -> None:
    assert Origins.cors(None) == []
    assert dict(Origins.cors("https://a.example")) == {
        b"access-control-allow-origin": b"https://a.example",
        b"access-control-allow-credentials": b"true",
        b"vary": b"Origin",
    }


def test_a_preflight_is_answered_with_what_may_be_sent() -> None:
    headers = dict(Origins.preflight("https://a.example"))
    assert headers[b"access-control-allow-origin"] == b"https://a.example"
    assert headers[b"access-control-allow-methods"] == b"GET, POST, OPTIONS"
    assert headers[b"access-control-allow-headers"] == b"authorization, content-type, x-auth-token"
    assert int(headers[b"access-control-max-age"]) > 0


@pytest.mark.parametrize(
    ("host", "port", "tls", "expected"),
    [
        ("127.0.0.1", 3001, False, {"http://localhost:3001", "http://127.0.0.1:3001", "http://[::1]:3001"}),
        ("192.0.2.1", 80, False, {"http://localhost", "http://127.0.0.1", "http://[::1]", "http://192.0.2.1"}),
        ("::1", 443, True, {"https://localhost", "https://127.0.0.1", "https://[::1]"}),
        ("localhost", 80, True, {"https://localhost:80", "https://127.0.0.1:80", "https://[::1]:80"}),
    ],
)
def test_the_own_origins_are_where_the_server_is_bound(host: str, port: int, tls: bool, expected: set[str]) -> None:
    assert set(own_origins(None, host, port, tls)) == expected


def test_the_public_url_takes_their_place() -> None:
    assert own_origins("https://meet.example", "127.0.0.1", 3001, False) == ["https://meet.example"]
