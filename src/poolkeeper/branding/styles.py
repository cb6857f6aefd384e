"""How do the pages of an app client look, as it is saved? Read once for each version of its pool, then found in memory.

A change of a style raises the version of its pool in the same transaction, and that comes with the first statement of every
request: no process shows a look that is not there any more.
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
    """Which styles a pool has, as of a version of it: managed ones by app client, and who has a classic one."""

    created_at: int
    version: int
    domains: Mapping[str, int]
    managed: Mapping[str, str]
    classic: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A look as of a version of its pool, and what it was made of where making it anew takes long."""

    created_at: int
    version: int
    look: Look
    source: object = None


async def look_of(house: House, pool: Pool, *, client_id: str, domain: str) -> Look:
    """Return the look of an app client's pages at a domain of its pool, empty on the server's own host.

    A domain says itself which look it shows: ManagedLoginVersion 1 the classic one, 2 that of managed login. On the server's own
    host it is the second where the app client has one. A client id that is nobody's has the look of all.
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
    """Return which form of style each app client has that has one, 1 the classic one, 2 managed login; FOR_ALL: all without one."""
    index = await _index(house, pool)
    return {**dict.fromkeys(index.classic, 1), **dict.fromkeys(index.managed, 2)}


async def look_at(house: House, pool: Pool, kind: str, key: str) -> Look:
    """Return a look by its kind and the id of its style, or the app client of a classic one; the plain one where there is none."""
    place = f"{pool.pool_id} {kind} {key}"
    kept: _Kept | None = house.memory.looks.get(place)
    if kept is not None and (kept.created_at, kept.version) == (pool.created_at, pool.version):
        return kept.look
    base = f"{PREFIX}/{pool.pool_id}/{kind}/{key}"
    made = await (_managed(house, pool, key, base) if kind == MANAGED else _classic(house, pool, key, base, kept))
    if made is None:
        return PLAIN
    house.memory.looks.put(place, made)
    return made.look


def note(pool: Pool, client_id: str, sentence: str) -> None:
    """Tell the log of a look that is kept and not shown as it was meant, or shown and hard to read."""
    _log.warning("branding of %s in %s: %s", client_id, pool.pool_id, sentence)


_UNSTYLED = looks.without_style(PLAIN)


async def _managed(house: House, pool: Pool, branding_id: str, base: str) -> _Kept | None:
    row = await brandings.find(house.db, pool_id=pool.pool_id, branding_id=branding_id)
    if row is None:
        return None
    held = await brandings.assets(house.db, pool_id=pool.pool_id, branding_id=branding_id)
    assets = [
        Asset(
            category=one.category,
            color_mode=one.color_mode,
            extension=one.format,
            digest=one.digest,
            resource_id=one.resource_id,
        )
        for one in held
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
