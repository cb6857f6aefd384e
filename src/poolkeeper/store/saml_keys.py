"""SQL of the keys that pools have for SAML providers: to sign what they say, and to read what is encrypted for them."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Sealed, Table, Walk


class KeyRow(msgspec.Struct, frozen=True, gc=False):
    """A key pair: its private half sealed, its certificate in DER."""

    private_key: bytes
    certificate: bytes


async def find(reader: Reader, *, pool_id: str, purpose: str, provider: str) -> KeyRow | None:
    """Return a key pair of a pool; `provider` is empty for the one that signs."""
    row = await reader.fetch_one(
        "SELECT private_key, certificate FROM saml_keys WHERE pool_id = $1 AND purpose = $2 AND provider = $3",
        pool_id,
        purpose,
        provider,
    )
    return None if row is None else KeyRow(*row)


async def insert(
    tx: Transaction,
    *,
    pool_id: str,
    purpose: str,
    provider: str,
    private_key: bytes,
    certificate: bytes,
    now: int,
) -> int:
    """Give a pool a key pair where it has none for that; 0 where it has one."""
    return await tx.execute(
        """
        INSERT INTO saml_keys (pool_id, purpose, provider, private_key, certificate, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (pool_id, purpose, provider) DO NOTHING
        """,
        pool_id,
        purpose,
        provider,
        private_key,
        certificate,
        now,
    )


TABLE = Table(
    name="saml_keys",
    key=("pool_id", "purpose", "provider"),
    owner="pool",
    of_a_pool=Walk(
        start=("", ""),
        keys="""SELECT purpose, provider FROM saml_keys WHERE pool_id = $1 AND (purpose, provider) > ($2, $3)
                ORDER BY purpose, provider LIMIT 500""",
        delete="""DELETE FROM saml_keys WHERE pool_id = $1 AND (purpose, provider) > ($2, $3)
                  AND (purpose, provider) <= ($4, $5)""",
    ),
    sealed=(
        Sealed(
            "private_key",
            start=("", "", ""),
            walk="""SELECT pool_id, purpose, provider, private_key FROM saml_keys
                    WHERE pool_id > $1 OR (pool_id = $1 AND (purpose > $2 OR (purpose = $2 AND provider > $3)))
                    ORDER BY pool_id, purpose, provider LIMIT $4""",
            put="""UPDATE saml_keys SET private_key = $4
                   WHERE pool_id = $1 AND purpose = $2 AND provider = $3 AND private_key = $5""",
        ),
    ),
    at_reset="DELETE FROM saml_keys WHERE pool_id >= ''",
)
