"""SQL of who a subject at an identity provider is here, and of what a provider brought already."""

import msgspec

from poolkeeper.store.db import Database, Reader, Transaction
from poolkeeper.store.table import CLOCKS_APART, Expiring, Exported, Table, Walk
from poolkeeper.store.user_row import UserRow, user_of


class Link(msgspec.Struct, frozen=True, gc=False):
    """One subject at one provider, or the value of an attribute that is to become one, and whose it is."""

    provider: str
    attribute: str
    value: str
    user_id: str
    linked_at: int


async def find(reader: Reader, *, pool_id: str, provider: str, attribute: str, value: str) -> Link | None:
    """Return the link of a subject, or of the value of an attribute."""
    row = await reader.fetch_one(
        """
        SELECT provider, attribute, value, user_id, linked_at FROM provider_links
        WHERE pool_id = $1 AND provider = $2 AND attribute = $3 AND value = $4
        """,
        pool_id,
        provider,
        attribute,
        value,
    )
    return None if row is None else Link(*row)


async def find_with_owner(
    reader: Reader, *, pool_id: str, provider: str, attribute: str, value: str
) -> tuple[Link, UserRow | None] | None:
    """Return the link of a subject, or of the value of an attribute, with the user whose it is, None where that is gone."""
    row = await reader.fetch_one(
        """
        SELECT l.provider, l.attribute, l.value, l.user_id, l.linked_at,
               u.user_id, u.username, u.status, u.enabled, u.attributes, u.password_hash, u.srp_salt, u.srp_verifier,
               u.password_set_at, u.credential_version, u.version, u.created_at, u.updated_at, u.mfa
        FROM provider_links l
        LEFT JOIN users u ON u.pool_id = l.pool_id AND u.user_id = l.user_id
        WHERE l.pool_id = $1 AND l.provider = $2 AND l.attribute = $3 AND l.value = $4
        """,
        pool_id,
        provider,
        attribute,
        value,
    )
    return None if row is None else (Link(*row[0:5]), user_of(row, 5))


async def next_attribute(reader: Reader, *, pool_id: str, provider: str, after: str) -> str | None:
    """Return the next attribute by which subjects of a provider are linked, from behind `after`."""
    row = await reader.fetch_one(
        """
        SELECT attribute FROM provider_links
        WHERE pool_id = $1 AND provider = $2 AND attribute > $3 ORDER BY attribute LIMIT 1
        """,
        pool_id,
        provider,
        after,
    )
    return None if row is None else str(row[0])


async def insert(
    tx: Transaction, *, pool_id: str, provider: str, attribute: str, value: str, user_id: str, now: int
) -> bool:
    """Link a subject to a user; False where it is linked already."""
    inserted = await tx.execute(
        """
        INSERT INTO provider_links (pool_id, provider, attribute, value, user_id, linked_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (pool_id, provider, attribute, value) DO NOTHING
        """,
        pool_id,
        provider,
        attribute,
        value,
        user_id,
        now,
    )
    return inserted == 1


async def delete(tx: Transaction, *, pool_id: str, provider: str, attribute: str, value: str, user_id: str) -> int:
    """Take a link from a user."""
    return await tx.execute(
        """
        DELETE FROM provider_links
        WHERE pool_id = $1 AND provider = $2 AND attribute = $3 AND value = $4 AND user_id = $5
        """,
        pool_id,
        provider,
        attribute,
        value,
        user_id,
    )


async def take_answer(writer: Database, *, pool_id: str, mark: str, expires_at: int) -> bool:
    """Take what a provider may bring once; False where it was brought before (attacks.md 102, 127)."""
    row_count = await writer.execute(
        """
        INSERT INTO provider_answers (pool_id, mark, expires_at) VALUES ($1, $2, $3)
        ON CONFLICT (pool_id, mark) DO NOTHING
        """,
        pool_id,
        mark,
        expires_at,
    )
    return row_count == 1


TABLES = (
    Table(
        name="provider_answers",
        key=("pool_id", "mark"),
        owner="pool",
        of_a_pool=Walk(
            start=("",),
            keys="SELECT mark FROM provider_answers WHERE pool_id = $1 AND mark > $2 ORDER BY mark LIMIT 500",
            delete="DELETE FROM provider_answers WHERE pool_id = $1 AND mark > $2 AND mark <= $3",
        ),
        expiring=(
            Expiring(
                kept=CLOCKS_APART,
                delete="""DELETE FROM provider_answers WHERE pool_id = $1 AND mark IN (
                              SELECT mark FROM provider_answers
                              WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                          ) RETURNING expires_at""",
            ),
        ),
        at_reset="DELETE FROM provider_answers WHERE pool_id >= ''",
    ),
    Table(
        name="provider_links",
        key=("pool_id", "provider", "attribute", "value"),
        owner="user",
        of_a_user="DELETE FROM provider_links WHERE pool_id = $1 AND user_id = $2",
        exported=Exported(
            (
                "provider",
                "attribute",
                "value",
                "linked_at",
            ),
            """SELECT provider, attribute, value, linked_at
               FROM provider_links WHERE pool_id = $1 AND user_id = $2""",
        ),
        of_a_pool=Walk(
            start=("", "", ""),
            keys="""SELECT provider, attribute, value FROM provider_links
                    WHERE pool_id = $1 AND (provider, attribute, value) > ($2, $3, $4)
                    ORDER BY provider, attribute, value LIMIT 500""",
            delete="""DELETE FROM provider_links WHERE pool_id = $1 AND (provider, attribute, value) > ($2, $3, $4)
                      AND (provider, attribute, value) <= ($5, $6, $7)""",
        ),
        at_reset="DELETE FROM provider_links WHERE pool_id >= ''",
    ),
)
