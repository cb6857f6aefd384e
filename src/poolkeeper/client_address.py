"""Where does a request come from? The other end of the connection, or whom a trusted proxy names."""

from collections.abc import Collection, Mapping
from ipaddress import ip_address
from typing import Any

_MOST_HOPS = 32


def client_address(scope: Mapping[str, Any], *, trusted_proxies: Collection[str]) -> str:
    """Return the address of the client.

    X-Forwarded-For is believed from a trusted proxy alone, read from its right end: the first hop that is no trusted
    proxy is the client. A header that cannot be read names nobody, and the proxy itself is the answer (attacks.md 96).
    """
    peer: str = (scope.get("client") or ("",))[0]
    if peer not in trusted_proxies:
        return peer
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    for hop in reversed(",".join(lines).split(",")[-_MOST_HOPS:]):
        address = _address(hop.strip())
        if address is None:
            return peer
        if address not in trusted_proxies:
            return address
    return peer


def _address(text: str) -> str | None:
    try:
        return str(ip_address(text))
    except ValueError:
        return None
