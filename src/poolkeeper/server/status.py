"""What is here, and how do programs come to it? Read from the database: where its server was last started, pools, keys."""

import contextlib
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import msgspec

from poolkeeper import __version__, variables
from poolkeeper.access_keys import TEST_KEY_ID
from poolkeeper.call import House
from poolkeeper.server import recipes
from poolkeeper.server.database_name import database_name
from poolkeeper.server.logs import printable
from poolkeeper.server.typed import folder_flag
from poolkeeper.store import access_keys, clients, facts, identity_pools, pools
from poolkeeper.store.db import Unavailable

_FACT = "last_start"
_MOST = 20
_CONNECT_SECONDS = 1.0
_PUBLIC = ("VITE_", "NEXT_PUBLIC_")


class LastStart(msgspec.Struct, frozen=True, kw_only=True):
    """How the server of a database was last started. `tls_address` and `ca_file` are empty where it has no TLS."""

    at: int
    version: str
    dev: bool
    address: str
    issuer: str
    region: str
    test_key: bool
    tls_address: str = ""
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class ListedPool:
    """A user pool with its app clients, as (id, name)."""

    pool_id: str
    name: str
    clients: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What a database has; `start` is None where no server of this version was started on it. Pools are the first of many."""

    start: LastStart | None
    answers: bool
    database: str
    pool_count: int
    pools: Sequence[ListedPool] = ()
    identity_pools: Sequence[tuple[str, str]] = ()
    keys: Sequence[str] = field(default=())
    folder_flag: str = ""


async def note_start(house: House) -> None:
    """Keep how this server is started, for `status`; a database that takes no changes keeps what it had."""
    settings = house.settings
    host = "localhost" if settings.on_loopback else settings.host
    noted = LastStart(
        at=house.clock.now(),
        version=__version__,
        dev=settings.dev,
        address=f"http://{host}:{settings.port}",
        issuer=settings.issuer_base,
        region=settings.region,
        test_key=settings.has_test_key,
        tls_address=f"https://{host}:{settings.dev_tls_port}" if settings.dev_tls_port else "",
        ca_file=str((settings.data / "ca.pem").absolute()) if settings.dev_tls_port else "",
    )
    with contextlib.suppress(Unavailable):
        await facts.put(house.db, _FACT, msgspec.json.encode(noted))


async def look(house: House, *, pool_id: str = "", client_id: str = "") -> Status:
    """Return what is here, and try whether a server answers where the last one was started.

    The named pool, with the named app client, comes before the first pools, as one more.
    """
    last_start = await facts.find(house.db, _FACT)
    start = None if last_start is None else msgspec.json.decode(last_start, type=LastStart)
    region = house.settings.region if start is None else start.region
    rows = await pools.page(house.db, region=region, after="", limit=_MOST)
    identities = await identity_pools.page(house.db, region=region, after="", limit=_MOST)
    keys = await access_keys.every(house.db)
    return Status(
        start=start,
        answers=start is not None and _answers(start.address),
        database=database_name(house.settings) if house.settings.on_postgres else str(house.settings.sqlite_file),
        pool_count=await pools.count(house.db),
        pools=[
            *await _named(house, pool_id, client_id),
            *[ListedPool(row.pool_id, row.name, await _clients(house, row.pool_id)) for row in rows],
        ],
        identity_pools=[(identity_pool.identity_pool_id, identity_pool.name) for identity_pool in identities],
        folder_flag=folder_flag(house.settings.data),
        keys=[f"{key.access_key_id}  {'root' if key.root else key.name}" for key in keys if key.enabled],
    )


async def _clients(house: House, pool_id: str) -> Sequence[tuple[str, str]]:
    """Return the first app clients of a pool, and one more where there are more."""
    return [(row.client_id, row.name) for row in await clients.page(house.db, pool_id, after="", limit=_MOST + 1)]


async def _named(house: House, pool_id: str, client_id: str) -> Sequence[ListedPool]:
    """Return a pool by its id, or by that of an app client, which is then the only one listed; nothing where there is none."""
    owner = await clients.pool_of(house.db, client_id) if client_id else pool_id
    row = await pools.find(house.db, owner) if owner else None
    if row is None or pool_id not in {"", row.pool_id}:
        return []
    listed_clients = [(client_id, "")] if client_id else await _clients(house, row.pool_id)
    return [ListedPool(row.pool_id, "", listed_clients)]


def _answers(address: str) -> bool:
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), _CONNECT_SECONDS).close()
    except OSError:
        return False
    return True


def lines(status: Status, *, program: str) -> list[str]:
    """Return all of it for people; `program` is how this one is called. A name may hold line breaks; they break no line here."""
    return [*_addresses(status), "", *_pools(status), "", *_keys(status, program)]


def _addresses(status: Status) -> list[str]:
    start = status.start
    if start is None:
        return [
            f"Poolkeeper {__version__}: no server of this version was started on this database yet.",
            status.database,
        ]
    mode = ", development mode" if start.dev else ""
    there = "a server answers there" if status.answers else "nobody answers there now"
    rows = (
        ("Endpoint", f"{start.address} ({there})"),
        ("Issuer", f"{start.issuer}/<pool id>"),
        ("With TLS", f"{start.tls_address}, its authority: {start.ca_file}" if start.tls_address else ""),
        ("Inbox", f"{start.address}/_dev/inbox" if start.dev else ""),
        ("Region", start.region),
        ("Data", status.database),
    )
    return [
        f"Poolkeeper {start.version}{mode}, last started {recipes.moment(start.at)}",
        *(f"  {name:<10}{value}" for name, value in rows if value),
    ]


def _pools(status: Status) -> list[str]:
    rows = [f"User pools: {status.pool_count}"]
    for pool in status.pools:
        rows.append(f"  {pool.pool_id}  {printable(pool.name)}")
        rows += [f"    app client {client_id}  {printable(name)}" for client_id, name in pool.clients[:_MOST]]
        rows += ["    and more"] if len(pool.clients) > _MOST else []
    if status.identity_pools:
        rows += ["Identity pools:", *(f"  {pool_id}  {printable(name)}" for pool_id, name in status.identity_pools)]
    return rows


def _keys(status: Status, program: str) -> list[str]:
    dev = status.start is not None and status.start.test_key
    everybodys = [f"  {TEST_KEY_ID}  root, with the secret test, in development mode"] if dev else []
    return [
        "Access keys:",
        *everybodys,
        *(f"  {key}" for key in status.keys),
        f"  Another, whose secret is shown once: {program} keys create --name NAME --policy AdministratorAccess{status.folder_flag}",
        "",
        f"Lines for an .env file: {program} status --env{status.folder_flag}",
    ]


def env_lines(status: Status, *, pool_id: str = "", client_id: str = "") -> list[str]:
    """Return lines for an .env file, also under the names that Vite and Next.js show to browsers: ids alone, no key.

    The pool and the app client are those named, else the first ones. Raises LookupError for what is not there.
    """
    start = status.start
    if start is None:
        raise LookupError("no server was started on this database yet: poolkeeper serve --dev")
    pool, chosen = _chosen(status.pools, pool_id=pool_id, client_id=client_id)
    ids = {"COGNITO_ENDPOINT": start.address, "COGNITO_REGION": start.region}
    if pool is not None:
        ids["COGNITO_USER_POOL_ID"] = pool.pool_id
        ids |= {"COGNITO_CLIENT_ID": chosen} if chosen else {}
        ids["COGNITO_ISSUER"] = f"{start.issuer}/{pool.pool_id}"
    if status.identity_pools:
        ids["COGNITO_IDENTITY_POOL_ID"] = status.identity_pools[0][0]
    servers = variables.endpoints(start.address) | variables.regions(start.region)
    if start.test_key:
        servers |= variables.keys(TEST_KEY_ID, "test")
    public = {prefix + name: value for prefix in _PUBLIC for name, value in ids.items()}
    return [f"{name}={value}" for name, value in {**servers, **ids, **public}.items()]


def _chosen(pools: Sequence[ListedPool], *, pool_id: str, client_id: str) -> tuple[ListedPool | None, str]:
    """Return the pool and the app client that are meant: of the matching pools the first with a matching app client.

    The client is empty where the pool has none. Raises LookupError for what is named and not there.
    """
    named = [pool for pool in pools if pool_id in {"", pool.pool_id}]
    for pool in named:
        for known_id, _ in pool.clients:
            if client_id in {"", known_id}:
                return pool, known_id
    if client_id or (pool_id and not named):
        subject = f"{client_id} of {pool_id}" if client_id and pool_id else client_id or pool_id
        raise LookupError(f"there is no {subject} here: see poolkeeper status")
    return (named[0] if named else None), ""
