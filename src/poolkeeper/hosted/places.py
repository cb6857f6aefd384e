"""Where did a request for a pool's pages come in? The forms of a pool's address, and what absolute addresses are made of.

prefix host    <prefix>.<domain base>; the pool is the prefix's
custom host    a host name of the customer's; the pool is that name's
path form      /_domains/<prefix or host name>/... on the server's own host, where `domain_paths` says so
bare host      the server's own host, where `domain_by_client` says so; the pool is that of the client that is named

The server's own host is that of the public address, localhost, or any address in numbers.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from poolkeeper.cache import Cache
from poolkeeper.call import House
from poolkeeper.hosts import host_of, is_address
from poolkeeper.lookup import find_pool
from poolkeeper.model import address
from poolkeeper.model.pool import Pool
from poolkeeper.model.pool_rules import new_pool_document
from poolkeeper.settings import Settings
from poolkeeper.store import domains

_PATHS = "/_domains/"
_LONGEST = 253
_REMEMBERED = 256
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PREFIX = re.compile(_LABEL)
_CUSTOM = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One pool's pages and endpoints, in the form in which a request reached them.

    `origin` is scheme, host and port, from the table of forms and never from the request's text; `mount` stands before
    every path, empty but in the path form. `domain` is the name in the table of domains, empty on the bare host.
    """

    pool: Pool
    origin: str
    mount: str = ""
    domain: str = ""

    @property
    def secure(self) -> bool:
        return self.origin.startswith("https://")

    @property
    def host(self) -> str:
        """The host without a port: what a passkey's relying party is compared with."""
        return urlsplit(self.origin).hostname or ""

    def path(self, path: str) -> str:
        """Return the address of a page for a redirect from another page: relative to the origin."""
        return self.mount + path

    def url(self, path: str) -> str:
        """Return the absolute address of a page."""
        return self.origin + self.mount + path


class Arrival(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Where a request came in, by its host and path alone: nothing was looked up yet.

    `domain` is the name to look up, empty where it cannot be one; `path` is the path within the place. `bare`: it came to
    the server's own host, where no domain is named.
    """

    origin: str
    path: str
    domain: str = ""
    mount: str = ""
    bare: bool = False


@dataclass(frozen=True, slots=True)
class _Door:
    """What a Host alone says: the origin, and the domain that it names; `bare`: it is the server's own."""

    origin: str
    domain: str = ""
    bare: bool = False


class Doors:
    """Where requests come in, as the settings have it; the latest Hosts are remembered with what they mean."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._serves_paths = settings.serves_paths
        self._known: Cache[tuple[str, bool], _Door] = Cache(_REMEMBERED)

    def arrival(self, *, host: str, path: str, by_dev_tls: bool) -> Arrival:
        """Return where a request with this Host came in.

        `by_dev_tls`: it came to the listener with the development certificate.
        """
        door = self._known.get((host, by_dev_tls))
        if door is None:
            door = _door(self._settings, host_of(host), by_dev_tls=by_dev_tls)
            if len(host) <= _LONGEST:
                self._known.put((host, by_dev_tls), door)
        if door.bare and self._serves_paths and path.startswith(_PATHS):
            domain, slash, rest = path.removeprefix(_PATHS).partition("/")
            return Arrival(origin=door.origin, path=slash + rest, domain=_name(domain), mount=_PATHS + domain)
        return Arrival(origin=door.origin, path=path, domain=door.domain, bare=door.bare)


async def place_of(house: House, arrived: Arrival, *, remembered: bool = False) -> Place | None:
    """Return the place that a domain leads to, None where it leads nowhere; with its pool perhaps as it is remembered."""
    pool_id = await domains.pool_of(house.db, arrived.domain) if arrived.domain else None
    pool = None if pool_id is None else await _pool(house, pool_id, remembered=remembered)
    if pool is None:
        return None
    return Place(pool=pool, origin=arrived.origin, mount=arrived.mount, domain=arrived.domain)


async def place_of_pool(house: House, pool_id: str, *, origin: str, remembered: bool = False) -> Place | None:
    """Return a pool's place on the bare host; with the pool perhaps as it is remembered."""
    pool = await _pool(house, pool_id, remembered=remembered)
    return None if pool is None else Place(pool=pool, origin=origin)


def nobodys_pool(secret: bytes) -> Pool:
    """Return a pool that no client, token or user belongs to: whoever shows anything there is refused."""
    return Pool.of(
        pool_id="",
        region="",
        version=0,
        created_at=0,
        updated_at=0,
        document=new_pool_document({"PoolName": "nobody"}),
        preferences={},
        secret=secret,
    )


async def _pool(house: House, pool_id: str, *, remembered: bool) -> Pool | None:
    return (house.memory.pools.get(pool_id) if remembered else None) or await find_pool(house, pool_id)


def _door(settings: Settings, name: str, *, by_dev_tls: bool) -> _Door:
    """Return what a host means; the first row that matches is it."""
    own = _own_host(settings, name)
    if own is not None:
        return _Door(address.origin(settings, own, by_dev_tls=by_dev_tls), bare=True)
    origin = address.origin(settings, name, by_dev_tls=by_dev_tls)
    below = name.removesuffix(f".{settings.domain_host}")
    if below != name:
        return _Door(origin, below if _PREFIX.fullmatch(below) else "")
    # A name without a dot is no customer's, but may be somebody's prefix.
    return _Door(origin, _name(name) if "." in name else "")


def _own_host(settings: Settings, name: str) -> str | None:
    """Return the host that addresses are made of where a name is the server's own, None where it is not.

    A browser that came to loopback goes on there: it holds its cookies for that name. Every other number stands for the
    public address, and so does a request that names no host (HTTP/1.0).
    """
    if name in {"", settings.base_host}:
        return settings.base_host
    if name != "localhost" and not is_address(name):
        return None
    if not settings.base_is_local:
        return settings.base_host
    if name == "localhost":
        return name
    number = ip_address(name)
    return str(number) if number.is_loopback else settings.base_host


def _name(text: str) -> str:
    """Return a text that can be the name of a domain, empty for any other: no database takes NUL."""
    return text if len(text) <= _LONGEST and (_PREFIX.fullmatch(text) or _CUSTOM.fullmatch(text)) else ""
