"""SQL of terms documents: at most two an app client, read where one of its people is about to sign up."""

from collections.abc import Sequence

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Table, Walk


class TermsRow(msgspec.Struct, frozen=True, gc=False):
    """One terms document; `links` are JSON, times are milliseconds."""

    terms_id: str
    client_id: str
    name: str
    source: str
    enforcement: str
    links: str
    version: int
    created_at: int
    updated_at: int


async def insert(tx: Transaction, *, pool_id: str, row: TermsRow) -> bool:
    """Add a terms document; False where the app client has one of that name."""
    inserted = await tx.execute(
        """
        INSERT INTO terms (pool_id, terms_id, client_id, name, source, enforcement, links, version, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (pool_id, client_id, name) DO NOTHING
        """,
        pool_id,
        row.terms_id,
        row.client_id,
        row.name,
        row.source,
        row.enforcement,
        row.links,
        row.version,
        row.created_at,
        row.updated_at,
    )
    return inserted == 1


async def replace(tx: Transaction, *, pool_id: str, row: TermsRow, expected_version: int) -> int:
    """Store a terms document anew if nobody else has since; return how many rows changed."""
    return await tx.execute(
        """
        UPDATE terms SET name = $3, source = $4, enforcement = $5, links = $6, version = $7, updated_at = $8
        WHERE pool_id = $1 AND terms_id = $2 AND version = $9
        """,
        pool_id,
        row.terms_id,
        row.name,
        row.source,
        row.enforcement,
        row.links,
        row.version,
        row.updated_at,
        expected_version,
    )


async def delete(tx: Transaction, *, pool_id: str, terms_id: str) -> int:
    """Remove a terms document."""
    return await tx.execute("DELETE FROM terms WHERE pool_id = $1 AND terms_id = $2", pool_id, terms_id)


async def find(reader: Reader, *, pool_id: str, terms_id: str) -> TermsRow | None:
    """Return a terms document, None where there is none of that id."""
    row = await reader.fetch_one(
        """
        SELECT terms_id, client_id, name, source, enforcement, links, version, created_at, updated_at
        FROM terms WHERE pool_id = $1 AND terms_id = $2
        """,
        pool_id,
        terms_id,
    )
    return None if row is None else TermsRow(*row)


async def of_client(reader: Reader, *, pool_id: str, client_id: str) -> Sequence[TermsRow]:
    """Return the terms documents of an app client by their names."""
    rows = await reader.fetch(
        """
        SELECT terms_id, client_id, name, source, enforcement, links, version, created_at, updated_at
        FROM terms WHERE pool_id = $1 AND client_id = $2 ORDER BY name
        """,
        pool_id,
        client_id,
    )
    return [TermsRow(*row) for row in rows]


async def page(reader: Reader, *, pool_id: str, after: str, limit: int) -> Sequence[TermsRow]:
    """Return up to `limit` terms documents in the order of their ids, from behind `after`."""
    rows = await reader.fetch(
        """
        SELECT terms_id, client_id, name, source, enforcement, links, version, created_at, updated_at
        FROM terms WHERE pool_id = $1 AND terms_id > $2
        ORDER BY terms_id LIMIT $3
        """,
        pool_id,
        after,
        limit,
    )
    return [TermsRow(*row) for row in rows]


TABLE = Table(
    name="terms",
    key=("pool_id", "client_id", "name"),
    owner="client",
    of_a_client="DELETE FROM terms WHERE pool_id = $1 AND client_id = $2",
    of_a_pool=Walk(
        start=("", ""),
        keys="""SELECT client_id, name FROM terms WHERE pool_id = $1 AND (client_id, name) > ($2, $3)
                ORDER BY client_id, name LIMIT 500""",
        delete="""DELETE FROM terms WHERE pool_id = $1 AND (client_id, name) > ($2, $3)
                  AND (client_id, name) <= ($4, $5)""",
    ),
    at_reset="DELETE FROM terms WHERE pool_id >= ''",
)
