"""Which network is an address of, and is it on a list? A habit is one of a network: addresses within it change."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal

Listed = Literal["", "blocked", "skipped"]


@lru_cache(maxsize=1_024)
def network_of(address: str) -> str:
    """Return the /24 of an IPv4 address or the /48 of an IPv6 one; nothing for what is no address."""
    found = _address(address)
    if found is None:
        return ""
    return str(ip_network((int(found), 24) if found.version == 4 else (str(found).partition("%")[0], 48), strict=False))


class Lists:
    """The networks of an app client or a pool from which everything is blocked, and those that are never judged."""

    __slots__ = ("_blocked", "_skipped")

    def __init__(self, blocked: Iterable[str] = (), skipped: Iterable[str] = ()) -> None:
        """Read CIDRs; raises ValueError for what is none."""
        self._blocked, self._skipped = _Networks(tuple(blocked)), _Networks(tuple(skipped))

    def naming(self, address: str | None) -> Listed:
        """Say which list names an address. Blocked wins (AWS: RiskExceptionConfigurationType)."""
        found = _address(address or "")
        if found is None:
            return ""
        if self._blocked.hold(found):
            return "blocked"
        return "skipped" if self._skipped.hold(found) else ""


@lru_cache(maxsize=256)
def lists_of(blocked: tuple[str, ...], skipped: tuple[str, ...]) -> Lists:
    """Return lists that were read before, as long as they are among the last few hundred; raises ValueError as Lists does."""
    return Lists(blocked, skipped)


class _Networks:
    """Networks by their length, so that two hundred of them cost a look for each length and not for each network."""

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
        return any(number >> shift in starts for of, shift, starts in self._by_length if of == version)


def _plain(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """Return the network of IPv4 that one of IPv6 stands for, as addresses are read."""
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    return network if mapped is None or network.prefixlen < 96 else IPv4Network((int(mapped), network.prefixlen - 96))


@lru_cache(maxsize=1_024)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address; an IPv4 one that came by a listener for IPv6 is the IPv4 one."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
