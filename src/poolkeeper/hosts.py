"""What does a host's name alone say? Whether it is an address or this machine, before anybody is asked where it is."""

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:@/?#]*))(?::[0-9]*)?")
# Not every Python refuses what stands before or behind the brackets of an address, and then takes that for the host.
_PLAIN = re.compile(r"(?:[A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
# Of few addresses it is asked at nearly every call: the public one, and those of domains.
_remembered = lru_cache(maxsize=64)


def is_address(host: str) -> bool:
    """Say whether a host is named by its address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_localhost(host: str) -> bool:
    """Say whether a host is this machine by its name: nobody needs to be asked where that is (RFC 6761 6.3)."""
    return host == "localhost" or host.endswith(".localhost")


def is_plain(netloc: str) -> bool:
    """Say whether what stands between `//` and the path of a URL is a host, with a port at most, that all readers take for the same."""
    return _PLAIN.fullmatch(netloc) is not None


@_remembered
def has_no_names_below(host: str) -> bool:
    """Say whether no name below a host resolves outside a browser: it is localhost, or a number."""
    return host == "localhost" or is_address(host)


@_remembered
def host_in(url: str) -> str:
    """Return the host of a URL, in lower case and without a port; empty where it has none."""
    return (urlsplit(url).hostname or "").lower()


@_remembered
def scheme_and_port(url: str) -> tuple[str, int | None]:
    """Return the scheme of a URL, and the port that it names."""
    parts = urlsplit(url)
    return parts.scheme, parts.port


def host_of(header: str) -> str:
    """Return the host that a Host header names, in lower case, without its port and the brackets of IPv6.

    What is no host comes back as it is, and so is the name of none: no two readers take two hosts from it.
    """
    match = _HOST.fullmatch(header.lower())
    return header.lower() if match is None else match[1] or match[2]
