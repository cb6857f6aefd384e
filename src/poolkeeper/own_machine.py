"""Does a request come from this machine's own people? By the names that it brings: what guards development's doors.

A page of another site can send requests here, and one whose own name was made to resolve to loopback (DNS rebinding) is even
same-origin with us: but either brings its name along, in Origin or in Host (attacks.md 157).
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from poolkeeper.hosts import host_of, is_address, is_localhost

# RFC 7239 4: pairs between semicolons, proxies between commas.
_FORWARDED = re.compile(r"(?:^|[;,])\s*host\s*=([^;,]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OwnNames:
    """The names under which development is talked to: loopback's, those in `hosts`, and with `any_address` bare addresses.

    An address in numbers is nobody's to make resolve elsewhere, but a tunnel or a proxy may show one that others reach.
    """

    hosts: Collection[str] = ()
    any_address: bool = False

    def hold(self, host: str) -> bool:
        """Say whether a host, in lower case and without a port, is such a name."""
        if is_localhost(host) or host in self.hosts:
            return True
        return is_address(host) and (self.any_address or ip_address(host).is_loopback)


def foreign_host(headers: Collection[tuple[str, str]], names: OwnNames) -> str | None:
    """Return the host of a request that is none of ours, also behind a proxy that says what it was asked for; None: all are.

    Header names are in lower case.
    """
    given = [(name, value) for name, value in headers if name in {"host", "x-forwarded-host"}]
    forwarded = [_FORWARDED.finditer(value) for name, value in headers if name == "forwarded"]
    direct = [host_of(value) for name, value in given if name == "host"] or [""]
    direct += [host_of(match[1].strip(' "')) for matches in forwarded for match in matches]
    passed_on = [host_of(host.strip()) for name, value in given if name != "host" for host in value.split(",")]
    return next((host for host in (*direct, *passed_on) if not names.hold(host)), None)


def foreign_origin(headers: Iterable[tuple[str, str]], names: OwnNames) -> str | None:
    """Return the Origin of a request that is none of ours; None where it is, or where no browser sends one.

    `null` is what sandboxed frames and files say: nobody's.
    """
    origins = [value for name, value in headers if name == "origin"]
    return next((origin for origin in origins if not names.hold(_host_of_origin(origin))), None)


def _host_of_origin(origin: str) -> str:
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""
