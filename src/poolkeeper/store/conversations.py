"""SQL of custom challenges under way: one sealed document for each conversation, which a Session names."""

import msgspec

from poolkeeper.store.db import Reader, Transaction


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
