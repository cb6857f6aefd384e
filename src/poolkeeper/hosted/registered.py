"""Is an address one that a client has registered, and where does it lead? Byte for byte, but for the port of a loopback address.

Source: RFC 8252 section 7.3, RFC 9700 section 4.1.3.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote

from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool

_LOGGED = 200
# What may follow the host of an address: a port, and then path and query.
_PORT = re.compile(r"(?::([0-9]{1,5}))?((?:[/?].*)?)", re.DOTALL)
# An address of whose host no two readers can think differently.
_WEB = re.compile(r"https?://((?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?)(?:[/?].*)?", re.DOTALL)
_ASCII = "".join(sign for sign in map(chr, range(0x21, 0x7F)) if sign not in '"<>\\^`{|}')


def any_port_of_localhost(pool: Pool, client: Client) -> bool:
    """Say whether the port of an address on `localhost` is the app's choice: nobody registers the ports of a tool by hand."""
    return pool.localhost_any_port or client.registered_itself


def shortened(address: str) -> str:
    """Return as much of an address as the log tells of one that is not registered: what may be secret in it is left out."""
    return repr(address.partition("?")[0][:_LOGGED])


def is_registered(registered: Iterable[str], given: str, *, localhost: bool) -> bool:
    """Say whether an address is one of those that a client has registered, as `matches` has it."""
    return any(matches(one, given, localhost=localhost) for one in registered)


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
    found = _PORT.fullmatch(rest)
    return None if found is None else found[2]


def destination_of(address: str) -> str:
    """Return where a registered address leads, as a person is told.

    It is host and port, or the scheme of an application's own. Where a browser may read the host otherwise than we do it is
    the whole address, with every sign that belongs in none of them encoded.
    """
    found = _WEB.fullmatch(address)
    if found is not None:
        return found[1].lower()
    scheme = address.partition(":")[0]
    return quote(address, safe=_ASCII) if scheme.lower() in {"http", "https"} else f"{scheme}:"
