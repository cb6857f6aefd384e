"""Where does a request come from? The other end of the connection, or whom a trusted proxy names.

An IPv4 address has one spelling here, however a listener for both families shows it (`::ffff:192.0.2.1`).
"""

from collections.abc import Collection, Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

_MOST_HOPS = 32


def client_address(scope: Mapping[str, Any], *, trusted_proxies: Collection[str]) -> str:
    """Return the address of the client.

    X-Forwarded-For is believed from a trusted proxy alone, read from its right end: the first hop that is no trusted
    proxy is the client. A header that cannot be read names nobody, and the proxy itself is the answer (attacks.md 96).
    """
    peer = plain_address((scope.get("client") or ("",))[0])
    if not is_trusted(peer, trusted_proxies):
        return peer
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    for hop in reversed(",".join(lines).split(",")[-_MOST_HOPS:]):
        address = _address(hop.strip())
        if address is None:
            return peer
        if not is_trusted(address, trusted_proxies):
            return address
    return peer


def is_trusted(address: str, trusted_proxies: Collection[str]) -> bool:
    """Say whether an address is that of a trusted proxy: named itself, or in a network that is."""
    if address in trusted_proxies:
        return True
    networks = _networks(tuple(trusted_proxies))
    if not networks:
        return False
    try:
        client = ip_address(address)
    except ValueError:
        return False
    return any(client in network for network in networks)


@lru_cache(maxsize=8)
def _networks(trusted_proxies: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(proxy) for proxy in trusted_proxies if "/" in proxy)


def plain_address(peer: str) -> str:
    """Return the address of a connection's other end, an IPv4 one that came by a listener for IPv6 as the IPv4 one."""
    return (_address(peer) or peer) if ":" in peer else peer


def told_address(text: str | None) -> str:
    """Return an address as somebody tells it, in its one spelling; empty where there is none or it is no address."""
    return _address(text.partition("%")[0].strip()) or "" if text else ""


def client_network(address: str) -> str:
    """Return what counts as one client where clients are counted: an IPv4 address, or the /64 of an IPv6 one.

    Whoever is given IPv6 is given a /64 at least, so its addresses cost nobody anything. What is no address is its own.
    """
    return _network(address, length=64)


def wide_network(address: str) -> str:
    """Return what one owner of many networks may have: an IPv4 address, or the /48 of an IPv6 one."""
    return _network(address, length=48)


def network_of(address: str) -> str:
    """Return the network of an address as `client_network` does, but nothing for what is no address."""
    return client_network(address) if _address(address) is not None else ""


def _network(address: str, *, length: int) -> str:
    """Return an IPv4 address, or the network of an IPv6 one with a prefix of so many bits."""
    if ":" not in address:
        return address
    plain = _address(address)
    if plain is None or ":" not in plain:
        return plain or address
    return str(ip_network((plain.partition("%")[0], length), strict=False))


def _address(text: str) -> str | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
