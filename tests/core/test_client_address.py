"""Whom do we believe about where a request comes from? Connections, and proxies that the operator trusts."""

import pytest

from poolkeeper.client_address import client_address, client_network, network_of

PROXIES = ("10.0.0.1", "10.0.0.2")


def scope(peer: str, *forwarded: str) -> dict[str, object]:
    return {"client": (peer, 4711), "headers": [(b"x-forwarded-for", value.encode()) for value in forwarded]}


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.7", (), "192.0.2.7"),
        ("192.0.2.7", ("203.0.113.5",), "192.0.2.7"),
        ("10.0.0.1", ("203.0.113.5",), "203.0.113.5"),
        ("10.0.0.1", ("198.51.100.1, 203.0.113.5",), "203.0.113.5"),
        ("10.0.0.1", ("203.0.113.5, 10.0.0.2",), "203.0.113.5"),
        ("10.0.0.1", ("198.51.100.1", "203.0.113.5"), "203.0.113.5"),
        ("10.0.0.1", ("2001:db8::1",), "2001:db8::1"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("a",), "10.0.0.1"),
        ("10.0.0.1", ("203.0.113.5, a",), "10.0.0.1"),
        ("10.0.0.1", ("203.0.113.5" + ", 10.0.0.2" * 1_000,), "10.0.0.1"),
        ("::ffff:192.0.2.7", ("203.0.113.5",), "192.0.2.7"),
        ("::ffff:10.0.0.1", ("203.0.113.5",), "203.0.113.5"),
        ("10.0.0.1", ("203.0.113.5, ::ffff:10.0.0.2",), "203.0.113.5"),
        ("10.0.0.1", ("::FFFF:203.0.113.5",), "203.0.113.5"),
    ],
)
def test_the_nearest_hop_that_no_trusted_proxy_is_counts(peer: str, forwarded: tuple[str, ...], expected: str) -> None:
    """Forwarded addresses are believed from trusted proxies alone, from the right, and never when they are garbage."""
    assert client_address(scope(peer, *forwarded), trusted_proxies=PROXIES) == expected


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("a:b", "a:b"),
    ],
)
def test_who_shares_a_network_is_one_client(address: str, network: str) -> None:
    """An IPv4 address counts by itself, whatever it is written like; of IPv6 the /64, of which everybody has one."""
    assert client_network(address) == network


@pytest.mark.parametrize(
    ("told", "network"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2::9", "2001:db8:1:2::/64"), ("unix", ""), ("a:b", ""), ("", "")],
)
def test_what_is_no_address_is_nobodys_network(told: str, network: str) -> None:
    """What a server says of where its users are may be anything."""
    assert network_of(told) == network
