"""SQL that removes what a deleted pool, group, user or app client leaves behind: table after table, as tables.py lists them.

A walk goes on behind the key that it has come to. From the beginning it would meet on PostgreSQL, again at each batch, every
row that it has removed already: a dead row stays in table and index until they are vacuumed.
"""

from collections.abc import Mapping

from poolkeeper.model.identity_pool import provider_of_pool
from poolkeeper.store import search, tables
from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Key, Walk


def of_a_pool() -> Mapping[str, Walk]:
    """Return the ways through the tables of a user pool, by their names."""
    return {table.name: table.of_a_pool for table in tables.TABLES if table.of_a_pool and table.key[0] == "pool_id"}


def of_an_identity_pool() -> Mapping[str, Walk]:
    """Return the ways through the tables of an identity pool, by their names."""
    return {
        table.name: table.of_a_pool for table in tables.TABLES if table.of_a_pool and table.key[0] == "identity_pool_id"
    }


def of_a_group() -> Mapping[str, Walk]:
    """Return the ways through the tables of a group, by their names."""
    return {table.name: table.of_a_group for table in tables.TABLES if table.of_a_group}


async def keys(reader: Reader, walk: Walk, *, owner: Key, after: Key) -> list[Key]:
    """Return the next keys of a table from behind `after`, none at its end."""
    return [tuple(row) for row in await reader.fetch(walk.keys, *owner, *after)]


async def delete(tx: Transaction, walk: Walk, *, owner: Key, after: Key, last: Key) -> None:
    """Remove the rows from behind `after` up to `last`, and what names them elsewhere."""
    if walk.first:
        await tx.execute(walk.first, *owner, *after, *last)
    await tx.execute(walk.delete, *owner, *after, *last)


async def delete_user(tx: Transaction, *, pool_id: str, user_id: str) -> int:
    """Remove a user and everything that is keyed by their sub; 0 where there is none."""
    gone: list[search.Searchable] = []
    for table in reversed(tables.TABLES):
        if not table.of_a_user:
            continue
        if table.name == "users":
            gone = [search.Searchable(*row) for row in await tx.fetch(table.of_a_user, pool_id, user_id)]
        elif not table.by_values:
            await tx.execute(table.of_a_user, pool_id, user_id)
        elif gone:
            await tx.execute(table.of_a_user, pool_id, user_id, *search.values(gone[0]))
    return len(gone)


async def erase_user(tx: Transaction, *, pool_id: str, user_id: str, now: int) -> Mapping[str, int]:
    """Remove what names a user where nothing goes with them; return how many rows of which tables those were."""
    provider = provider_of_pool(pool_id)
    await _note_unlinking(tx, provider=provider, subject=user_id, now=now)
    removed: dict[str, int] = {}
    for table in reversed(tables.TABLES):
        if table.of_an_erased:
            whose = provider if table.key[0] == "identity_pool_id" else pool_id
            removed[table.name] = await tx.execute(table.of_an_erased, whose, user_id)
    return removed


async def _note_unlinking(tx: Transaction, *, provider: str, subject: str, now: int) -> None:
    """Raise the version of every identity that a login leads to, so that a concurrent link waits."""
    await tx.execute(
        """
        UPDATE identities SET version = version + 1, updated_at = $3
        WHERE (identity_pool_id, identity_id) IN (
            SELECT l.identity_pool_id, l.identity_id FROM identity_pools p
            JOIN logins l ON l.identity_pool_id = p.identity_pool_id AND l.provider = $1 AND l.subject = $2
        )
        """,
        provider,
        subject,
        now,
    )


async def delete_client(tx: Transaction, *, pool_id: str, client_id: str) -> int:
    """Remove an app client and what belongs to it alone; 0 where there is none.

    Its sessions die with it, since every reading of one joins the client; their rows go when they expire.
    """
    gone = 0
    for table in reversed(tables.TABLES):
        if table.of_a_client:
            removed = await tx.execute(table.of_a_client, pool_id, client_id)
            gone = removed if table.name == "clients" else gone
    return gone
