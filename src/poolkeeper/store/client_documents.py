"""SQL of client id metadata documents: one a pool and address, kept until it expires."""

from collections.abc import Sequence

import msgspec

from poolkeeper.clock import DAY
from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Expiring, Table, Walk


class DocumentRow(msgspec.Struct, frozen=True, gc=False):
    """The members of one document that we use, as JSON; times are milliseconds."""

    url: str
    policy_id: str
    document: str
    cached_at: int
    expires_at: int


async def put(tx: Transaction, *, pool_id: str, row: DocumentRow, most: int) -> None:
    """Keep a document in place of the one before, and of a policy only the `most` documents that were cached last."""
    await tx.execute(
        """
        INSERT INTO client_documents (pool_id, url, policy_id, document, cached_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (pool_id, url) DO UPDATE
        SET policy_id = excluded.policy_id, document = excluded.document, cached_at = excluded.cached_at,
            expires_at = excluded.expires_at
        """,
        pool_id,
        row.url,
        row.policy_id,
        row.document,
        row.cached_at,
        row.expires_at,
    )
    await tx.execute(
        """
        DELETE FROM client_documents
        WHERE pool_id = $1 AND policy_id = $2 AND url NOT IN (
            SELECT d.url FROM client_documents d WHERE d.pool_id = $1 AND d.policy_id = $2
            ORDER BY d.cached_at DESC, d.url LIMIT $3
        )
        """,
        pool_id,
        row.policy_id,
        most,
    )


async def find(reader: Reader, *, pool_id: str, url: str) -> DocumentRow | None:
    """Return the document of an address, None where none is kept; it may have expired."""
    row = await reader.fetch_one(
        "SELECT url, policy_id, document, cached_at, expires_at FROM client_documents WHERE pool_id = $1 AND url = $2",
        pool_id,
        url,
    )
    return None if row is None else DocumentRow(*row)


async def delete(tx: Transaction, *, pool_id: str, url: str) -> int:
    """Forget a document."""
    return await tx.execute("DELETE FROM client_documents WHERE pool_id = $1 AND url = $2", pool_id, url)


async def delete_those_of(tx: Transaction, *, pool_id: str, policy_id: str) -> int:
    """Forget all documents of a policy, of which there are no more than `put` keeps."""
    return await tx.execute("DELETE FROM client_documents WHERE pool_id = $1 AND policy_id = $2", pool_id, policy_id)


async def page(reader: Reader, *, pool_id: str, policy_id: str, after: str, limit: int) -> Sequence[DocumentRow]:
    """Return up to `limit` documents of a policy in the order of their addresses, from behind `after`."""
    rows = await reader.fetch(
        """
        SELECT url, policy_id, document, cached_at, expires_at FROM client_documents
        WHERE pool_id = $1 AND policy_id = $2 AND url > $3 ORDER BY url LIMIT $4
        """,
        pool_id,
        policy_id,
        after,
        limit,
    )
    return [DocumentRow(*row) for row in rows]


TABLE = Table(
    name="client_documents",
    key=("pool_id", "url"),
    owner="pool",
    of_a_pool=Walk(
        start=("",),
        keys="SELECT url FROM client_documents WHERE pool_id = $1 AND url > $2 ORDER BY url LIMIT 500",
        delete="DELETE FROM client_documents WHERE pool_id = $1 AND url > $2 AND url <= $3",
    ),
    expiring=(
        Expiring(
            kept=DAY,  # a code that was made by a document's last minute is still judged by it
            delete="""DELETE FROM client_documents WHERE pool_id = $1 AND url IN (
                          SELECT url FROM client_documents
                          WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                      ) RETURNING expires_at""",
        ),
    ),
    at_reset="DELETE FROM client_documents WHERE pool_id >= ''",
)
