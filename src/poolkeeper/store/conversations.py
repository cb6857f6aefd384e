"""SQL of custom challenges under way: one sealed document for each conversation, which a Session names."""

from poolkeeper.store.db import Reader, Row, Transaction


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


async def find(reader: Reader, *, pool_id: str, conversation_id: str, subject_id: str) -> Row | None:
    """Return (document, expires at) of a user's or ghost's conversation."""
    return await reader.fetch_one(
        """
        SELECT document, expires_at FROM conversations
        WHERE pool_id = $1 AND conversation_id = $2 AND subject_id = $3
        """,
        pool_id,
        conversation_id,
        subject_id,
    )
