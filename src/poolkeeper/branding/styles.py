"""How do the pages of an app client look, as saved? A look is read once for each version of its pool, then kept in memory.

A change of a style raises the version of its pool in the same transaction, and every request reads that version with its
first statement: no process shows a look that is gone.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from poolkeeper.branding import looks
from poolkeeper.branding.classic_css import BadCss
from poolkeeper.branding.looks import FOR_ALL, PLAIN, Asset, Look
from poolkeeper.call import House
from poolkeeper.model.domain import DomainSettings
from poolkeeper.model.pool import Pool
from poolkeeper.store import brandings, domains

PREFIX = "/_brand"
MANAGED, CLASSIC = "managed", "classic"

_log = logging.getLogger("poolkeeper.branding")
_decode_domain = msgspec.json.Decoder(DomainSettings).decode
_decode = msgspec.json.Decoder(dict).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    """The styles of a pool, as of one version of it: the managed ones by app client, and the app clients with a classic one."""

    created_at: int
    version: int
    domains: Mapping[str, int]
    managed: Mapping[str, str]
    classic: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A look as of one version of its pool, and its `source` where making it anew takes long."""

    created_at: int
    version: int
    look: Look
    source: object = None


async def look_of(house: House, pool: Pool, *, client_id: str, domain: str) -> Look:
    """Return the look of an app client's pages at a domain of its pool, empty on the server's own host.

    The ManagedLoginVersion of a domain says which look it shows: 1 the classic one, 2 that of managed login. The server's own
    host shows the second where the app client has one. An unknown client id has the look of all.
    """
    index = await _index(house, pool)
    version = index.domains.get(domain, 2 if client_id in index.managed else 1)
    if version == 1:
        key = client_id if client_id in index.classic else FOR_ALL
        return await look_at(house, pool, CLASSIC, key) if key in index.classic else PLAIN
    style = index.managed.get(client_id)
    if style is None:
        return _UNSTYLED if domain and client_id else PLAIN
    return await look_at(house, pool, MANAGED, style)


async def forms_of(house: House, pool: Pool) -> Mapping[str, int]:
    """Return the form of each app client's style, 1 classic, 2 managed login; FOR_ALL stands for clients without their own."""
    index = await _index(house, pool)
    return {**dict.fromkeys(index.classic, 1), **dict.fromkeys(index.managed, 2)}


async def look_at(house: House, pool: Pool, kind: str, key: str) -> Look:
    """Return a look by its kind and its key: the id of a managed style, or the app client of a classic one; else the plain look."""
    cache_key = f"{pool.pool_id} {kind} {key}"
    kept: _Kept | None = house.memory.looks.get(cache_key)
    if kept is not None and (kept.created_at, kept.version) == (pool.created_at, pool.version):
        return kept.look
    base = f"{PREFIX}/{pool.pool_id}/{kind}/{key}"
    made = await (_managed(house, pool, key, base) if kind == MANAGED else _classic(house, pool, key, base, kept))
    if made is None:
        return PLAIN
    house.memory.looks.put(cache_key, made)
    return made.look


def note(pool: Pool, client_id: str, sentence: str) -> None:
    """Tell the log of a look that is not shown as it was meant, or is hard to read."""
    _log.warning("branding of %s in %s: %s", client_id, pool.pool_id, sentence)


_UNSTYLED = looks.without_style(PLAIN)


async def _managed(house: House, pool: Pool, branding_id: str, base: str) -> _Kept | None:
    row = await brandings.find(house.db, pool_id=pool.pool_id, branding_id=branding_id)
    if row is None:
        return None
    rows = await brandings.assets(house.db, pool_id=pool.pool_id, branding_id=branding_id)
    assets = [
        Asset(
            category=asset.category,
            color_mode=asset.color_mode,
            extension=asset.format,
            digest=asset.digest,
            resource_id=asset.resource_id,
        )
        for asset in rows
    ]
    look = looks.managed(None if row.settings is None else _decode(row.settings), assets, base=base)
    return _Kept(pool.created_at, pool.version, look)


async def _classic(house: House, pool: Pool, client_id: str, base: str, before: _Kept | None) -> _Kept | None:
    """Read a classic look; a sheet that is the same as before is not read anew, which takes long for a large one."""
    row = await brandings.customization(house.db, pool_id=pool.pool_id, client_id=client_id)
    if row is None:
        return None
    source = (row.css, row.format, row.digest)
    if before is not None and before.created_at == pool.created_at and before.source == source:
        return _Kept(pool.created_at, pool.version, before.look, source)
    logo = None
    if row.digest is not None and row.format is not None:
        logo = Asset(category="LOGO", color_mode=looks.DYNAMIC, extension=row.format, digest=row.digest)
    try:
        # A sheet of 130 kB can take many turns of the loop, in which others want to be served.
        look = await asyncio.to_thread(looks.classic, row.css, logo, base=base)
    except BadCss as fault:
        _log.warning("the CSS of %s %s is not shown: %s", pool.pool_id, client_id, fault)
        look = looks.classic(None, logo, base=base)
    return _Kept(pool.created_at, pool.version, look, source)


async def _index(house: House, pool: Pool) -> _Index:
    known: _Index | None = house.memory.styles.get(pool.pool_id)
    if known is not None and (known.created_at, known.version) == (pool.created_at, pool.version):
        return known
    index = _Index(
        created_at=pool.created_at,
        version=pool.version,
        domains={
            row.name: _decode_domain(row.settings).managed_login_version
            for row in await domains.of_pool(house.db, pool.pool_id)
        },
        managed=await brandings.by_client(house.db, pool.pool_id),
        classic=frozenset(await brandings.customized_clients(house.db, pool.pool_id)),
    )
    house.memory.styles.put(pool.pool_id, index)
    return index
