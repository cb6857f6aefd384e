"""Is an address one that a client has registered, and where does it lead? Byte for byte, but for the port of a loopback address.

Source: RFC 8252 section 7.3, RFC 9700 section 4.1.3.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool

_LOGGED = 200
# What may follow the host of an address: a port, and then path and query.
_PORT = re.compile(r"(?::([0-9]{1,5}))?((?:[/?].*)?)", re.DOTALL)


def any_port_of_localhost(pool: Pool, client: Client) -> bool:
    """Say whether the port of an address on `localhost` is the app's choice: nobody registers the ports of a tool by hand."""
    return pool.localhost_any_port or client.registered_itself


def shortened(address: str) -> str:
    """Return as much of an address as the log tells of one that is not registered: what may be secret in it is left out."""
    return repr(address.partition("?")[0][:_LOGGED])


def is_registered(registered: Iterable[str], given: str, *, localhost: bool) -> bool:
    """Say whether an address is one of those that a client has registered, as `matches` has it."""
    return any(matches(registered_address, given, localhost=localhost) for registered_address in registered)


def matches(registered: str, given: str, *, localhost: bool) -> bool:
    """Say whether an address is the registered one, byte for byte; of a loopback address the port is the app's choice.

    `localhost`: that name counts as loopback too. Source: RFC 8252 section 7.3, RFC 9700 section 4.1.3.
    """
    if registered == given:
        return True
    loopback = ("http://127.0.0.1", "http://[::1]", *(("http://localhost",) if localhost else ()))
    for origin in loopback:
        if registered.startswith(origin) and given.startswith(origin):
            return _after_port(registered[len(origin) :]) == _after_port(given[len(origin) :]) is not None
    return False


def _after_port(rest: str) -> str | None:
    """Return path and query behind a port, None where what follows the host is neither."""
    match = _PORT.fullmatch(rest)
    return None if match is None else match[2]


def destination_of(address: str) -> str:
    """Return where the registered address of an app leads, as a person is told: host and port, or its own scheme.

    No reader takes another host from it than this one: model/client_rules.py refuses what two could read in two ways.
    """
    parts = urlsplit(address)
    return parts.netloc.lower() if parts.scheme in {"https", "http"} else f"{parts.scheme}:"
