"""SQL of custom challenges under way: one sealed document for each conversation, which a Session names."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import CLOCKS_APART, Expiring, Exported, Nobodys, Sealed, Table, Walk


class Kept(msgspec.Struct, frozen=True, gc=False):
    """How far a conversation has come, sealed; it ends at `expires_at`."""

    document: bytes
    expires_at: int


async def put(
    tx: Transaction, *, pool_id: str, conversation_id: str, subject_id: str, document: bytes, expires_at: int
) -> None:
    """Keep how far a conversation has come. It is one user's or ghost's; another's of the same id stays as it is."""
    await tx.execute(
        """
        INSERT INTO conversations (pool_id, conversation_id, subject_id, document, expires_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (pool_id, conversation_id) DO UPDATE SET
            document = excluded.document, expires_at = excluded.expires_at
        WHERE conversations.subject_id = excluded.subject_id
        """,
        pool_id,
        conversation_id,
        subject_id,
        document,
        expires_at,
    )


async def find(reader: Reader, *, pool_id: str, conversation_id: str, subject_id: str) -> Kept | None:
    """Return a user's or ghost's conversation."""
    row = await reader.fetch_one(
        """
        SELECT document, expires_at FROM conversations
        WHERE pool_id = $1 AND conversation_id = $2 AND subject_id = $3
        """,
        pool_id,
        conversation_id,
        subject_id,
    )

    return None if row is None else Kept(*row)


TABLE = Table(
    name="conversations",
    key=("pool_id", "conversation_id"),
    owner="subject",
    # A conversation is soon over and has no index by its subject: only an erasure searches for one.
    of_an_erased="DELETE FROM conversations WHERE pool_id = $1 AND subject_id = $2",
    exported=Exported(
        ("expires_at",),
        "SELECT expires_at FROM conversations WHERE pool_id = $1 AND subject_id = $2",
    ),
    of_a_pool=Walk(
        start=("",),
        keys="""SELECT conversation_id FROM conversations WHERE pool_id = $1 AND conversation_id > $2
                ORDER BY conversation_id LIMIT 500""",
        delete="DELETE FROM conversations WHERE pool_id = $1 AND conversation_id > $2 AND conversation_id <= $3",
    ),
    expiring=(
        Expiring(
            kept=CLOCKS_APART,
            delete="""DELETE FROM conversations WHERE pool_id = $1 AND conversation_id IN (
                          SELECT conversation_id FROM conversations
                          WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                      ) RETURNING expires_at""",
        ),
    ),
    sealed=(
        Sealed(
            "document",
            start=("", ""),
            walk="""SELECT pool_id, conversation_id, document FROM conversations
                    WHERE pool_id > $1 OR (pool_id = $1 AND conversation_id > $2)
                    ORDER BY pool_id, conversation_id LIMIT $3""",
            put="UPDATE conversations SET document = $3 WHERE pool_id = $1 AND conversation_id = $2 AND document = $4",
        ),
    ),
    of_nobody=Nobodys(
        look="""SELECT c.expires_at, c.subject_id, c.conversation_id, CASE WHEN u.user_id IS NULL THEN 1 ELSE 0 END
                FROM conversations c LEFT JOIN users u ON u.pool_id = c.pool_id AND u.user_id = c.subject_id
                WHERE c.pool_id = $1 AND (c.expires_at, c.subject_id, c.conversation_id) < ($2, $3, $4)
                ORDER BY c.expires_at DESC, c.subject_id DESC, c.conversation_id DESC LIMIT 500""",
        drop="""DELETE FROM conversations WHERE pool_id = $1 AND (expires_at, subject_id, conversation_id) < ($2, $3, $4)
                AND (expires_at, subject_id, conversation_id) >= ($5, $6, $7)
                AND NOT EXISTS (SELECT 1 FROM users u WHERE u.pool_id = $1 AND u.user_id = conversations.subject_id)""",
    ),
    after_restore="""DELETE FROM conversations WHERE pool_id = $1 AND conversation_id IN (
                    SELECT conversation_id FROM conversations WHERE pool_id = $1 LIMIT 500
                )""",
    at_reset="DELETE FROM conversations WHERE pool_id >= ''",
)
