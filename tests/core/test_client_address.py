"""Whom do we believe about where a request comes from? Connections, and proxies that the operator trusts."""

import pytest

from poolkeeper.client_address import client_address

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
    ],
)
def test_the_nearest_hop_that_no_trusted_proxy_is_counts(peer: str, forwarded: tuple[str, ...], expected: str) -> None:
    """Forwarded addresses are believed from trusted proxies alone, from the right, and never when they are garbage."""
    assert client_address(scope(peer, *forwarded), trusted_proxies=PROXIES) == expected
