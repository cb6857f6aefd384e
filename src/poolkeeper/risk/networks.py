"""Which network does an address belong to, and is it on a list? Its /24 or /48, whose lists the operator gives.

Habits are those of a network, since addresses within it change.
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal

Listed = Literal["", "blocked", "skipped"]


@lru_cache(maxsize=1_024)
def network_of(address: str) -> str:
    """Return the /24 of an IPv4 address or the /48 of an IPv6 address; empty for a text that is no address."""
    ip = _address(address)
    if ip is None:
        return ""
    return str(ip_network((int(ip), 24) if ip.version == 4 else (str(ip).partition("%")[0], 48), strict=False))


class Lists:
    """The networks of an app client or a pool from which everything is blocked, and those that are never judged."""

    __slots__ = ("_blocked", "_skipped")

    def __init__(self, blocked: Iterable[str] = (), skipped: Iterable[str] = ()) -> None:
        """Read CIDRs; raises ValueError for a text that is no CIDR."""
        self._blocked, self._skipped = _Networks(tuple(blocked)), _Networks(tuple(skipped))

    def naming(self, address: str | None) -> Listed:
        """Say which list names an address. Blocked wins (AWS: RiskExceptionConfigurationType)."""
        ip = _address(address or "")
        if ip is None:
            return ""
        if self._blocked.hold(ip):
            return "blocked"
        return "skipped" if self._skipped.hold(ip) else ""


@lru_cache(maxsize=256)
def lists_of(blocked: tuple[str, ...], skipped: tuple[str, ...]) -> Lists:
    """Return lists, from memory if they are among the last few hundred; raises ValueError as Lists does."""
    return Lists(blocked, skipped)


class _Networks:
    """Networks by their length: two hundred of them take one look-up for each length and not for each network."""

    __slots__ = ("_by_length",)

    def __init__(self, networks: tuple[str, ...]) -> None:
        by_length: dict[tuple[int, int], set[int]] = {}
        for text in networks:
            network = _plain(ip_network(text, strict=False))
            shift = network.max_prefixlen - network.prefixlen
            by_length.setdefault((network.version, shift), set()).add(int(network.network_address) >> shift)
        self._by_length = tuple((version, shift, starts) for (version, shift), starts in by_length.items())

    def hold(self, address: IPv4Address | IPv6Address) -> bool:
        version, number = address.version, int(address)
        return any(number >> shift in starts for of_version, shift, starts in self._by_length if of_version == version)


def _plain(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """Return the IPv4 network that an IPv6 network stands for, as for addresses."""
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    return network if mapped is None or network.prefixlen < 96 else IPv4Network((int(mapped), network.prefixlen - 96))


@lru_cache(maxsize=1_024)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address; an IPv4 address that came through an IPv6 listener becomes the IPv4 address again."""
    try:
        ip = ip_address(text)
    except ValueError:
        return None
    return (ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip
