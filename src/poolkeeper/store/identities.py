"""SQL of identities, and of the logins and developer links that lead to them."""

from collections.abc import Sequence

import msgspec

from poolkeeper.model.identity import DeveloperLink, Identity, Login
from poolkeeper.store.db import Database, Reader, Row, Transaction
from poolkeeper.store.table import Exported, Table, Walk


class Listed(msgspec.Struct, frozen=True, gc=False):
    """An identity as a list tells it."""

    identity_id: str
    created_at: int
    updated_at: int


async def insert(tx: Transaction, *, identity_pool_id: str, identity_id: str, guest: bool, now: int) -> None:
    """Add an identity without logins."""
    await tx.execute(
        """
        INSERT INTO identities (
            identity_pool_id, identity_id, guest, merged_into, version, created_at, updated_at, used_at
        )
        VALUES ($1, $2, $3, NULL, 1, $4, $4, $4)
        """,
        identity_pool_id,
        identity_id,
        int(guest),
        now,
    )


async def find(reader: Reader, *, identity_pool_id: str, identity_id: str) -> Identity | None:
    """Return an identity by its id."""
    row = await reader.fetch_one(
        """
        SELECT identity_id, guest, merged_into, version, created_at, updated_at, used_at
        FROM identities WHERE identity_pool_id = $1 AND identity_id = $2
        """,
        identity_pool_id,
        identity_id,
    )
    return None if row is None else _identity(row)


async def of_login(reader: Reader, *, identity_pool_id: str, provider: str, subject: str) -> Identity | None:
    """Return the identity that a login is linked to."""
    row = await reader.fetch_one(
        """
        SELECT i.identity_id, i.guest, i.merged_into, i.version, i.created_at, i.updated_at, i.used_at
        FROM logins l
        JOIN identities i ON i.identity_pool_id = l.identity_pool_id AND i.identity_id = l.identity_id
        WHERE l.identity_pool_id = $1 AND l.provider = $2 AND l.subject = $3
        """,
        identity_pool_id,
        provider,
        subject,
    )
    return None if row is None else _identity(row)


async def of_developer(reader: Reader, *, identity_pool_id: str, developer_user_identifier: str) -> Identity | None:
    """Return the identity that a back end's user is linked to."""
    row = await reader.fetch_one(
        """
        SELECT i.identity_id, i.guest, i.merged_into, i.version, i.created_at, i.updated_at, i.used_at
        FROM developer_links d
        JOIN identities i ON i.identity_pool_id = d.identity_pool_id AND i.identity_id = d.identity_id
        WHERE d.identity_pool_id = $1 AND d.developer_user_identifier = $2
        """,
        identity_pool_id,
        developer_user_identifier,
    )
    return None if row is None else _identity(row)


async def logins_of(reader: Reader, *, identity_pool_id: str, identity_id: str) -> list[Login]:
    """Return the logins of an identity, in the order of their providers: one each."""
    rows = await reader.fetch(
        """
        SELECT provider, subject, identity_id FROM logins
        WHERE identity_pool_id = $1 AND identity_id = $2 ORDER BY provider
        """,
        identity_pool_id,
        identity_id,
    )
    return [Login(row[0], row[1], row[2]) for row in rows]


async def developer_links_of(
    reader: Reader, *, identity_pool_id: str, identity_id: str, after: str, limit: int
) -> list[DeveloperLink]:
    """Return up to `limit` of the names that a back end has for an identity, in their order, from behind `after`."""
    rows = await reader.fetch(
        """
        SELECT developer_user_identifier, identity_id FROM developer_links
        WHERE identity_pool_id = $1 AND identity_id = $2 AND developer_user_identifier > $3
        ORDER BY developer_user_identifier LIMIT $4
        """,
        identity_pool_id,
        identity_id,
        after,
        limit,
    )
    return [DeveloperLink(row[0], row[1]) for row in rows]


async def link(
    tx: Transaction, *, identity_pool_id: str, provider: str, subject: str, identity_id: str, now: int
) -> int:
    """Link a login to an identity; 0 where it is linked already, to whichever."""
    return await tx.execute(
        """
        INSERT INTO logins (identity_pool_id, provider, subject, identity_id, linked_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (identity_pool_id, provider, subject) DO NOTHING
        """,
        identity_pool_id,
        provider,
        subject,
        identity_id,
        now,
    )


async def link_developer(
    tx: Transaction, *, identity_pool_id: str, developer_user_identifier: str, identity_id: str, now: int
) -> int:
    """Link a back end's user to an identity; 0 where it is linked already, to whichever."""
    return await tx.execute(
        """
        INSERT INTO developer_links (identity_pool_id, developer_user_identifier, identity_id, linked_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (identity_pool_id, developer_user_identifier) DO NOTHING
        """,
        identity_pool_id,
        developer_user_identifier,
        identity_id,
        now,
    )


async def unlink(tx: Transaction, *, identity_pool_id: str, identity_id: str, provider: str) -> int:
    """Remove the login that an identity has at a provider."""
    return await tx.execute(
        "DELETE FROM logins WHERE identity_pool_id = $1 AND identity_id = $2 AND provider = $3",
        identity_pool_id,
        identity_id,
        provider,
    )


async def unlink_developer(
    tx: Transaction, *, identity_pool_id: str, developer_user_identifier: str, identity_id: str
) -> int:
    """Remove one name that a back end has for an identity."""
    return await tx.execute(
        """
        DELETE FROM developer_links
        WHERE identity_pool_id = $1 AND developer_user_identifier = $2 AND identity_id = $3
        """,
        identity_pool_id,
        developer_user_identifier,
        identity_id,
    )


async def move_logins(tx: Transaction, *, identity_pool_id: str, source: str, destination: str) -> int:
    """Link the logins of one identity to another."""
    return await tx.execute(
        "UPDATE logins SET identity_id = $3 WHERE identity_pool_id = $1 AND identity_id = $2",
        identity_pool_id,
        source,
        destination,
    )


async def move_developer_links(tx: Transaction, *, identity_pool_id: str, source: str, destination: str) -> int:
    """Link the back end's names of one identity to another."""
    return await tx.execute(
        "UPDATE developer_links SET identity_id = $3 WHERE identity_pool_id = $1 AND identity_id = $2",
        identity_pool_id,
        source,
        destination,
    )


async def disable(tx: Transaction, *, identity_pool_id: str, seen: Identity, merged_into: str, now: int) -> int:
    """Disable an identity that was merged into another, if it has not changed since it was read."""
    return await tx.execute(
        """
        UPDATE identities SET merged_into = $4, guest = 0, version = version + 1, updated_at = $5
        WHERE identity_pool_id = $1 AND identity_id = $2 AND version = $3 AND merged_into IS NULL
        """,
        identity_pool_id,
        seen.identity_id,
        seen.version,
        merged_into,
        now,
    )


async def note_change(tx: Transaction, *, identity_pool_id: str, seen: Identity, now: int) -> int:
    """Say that the logins of an identity change, if it has not changed since it was read: it is no guest any more."""
    return await tx.execute(
        """
        UPDATE identities SET guest = 0, version = version + 1, updated_at = $4, used_at = $4
        WHERE identity_pool_id = $1 AND identity_id = $2 AND version = $3 AND merged_into IS NULL
        """,
        identity_pool_id,
        seen.identity_id,
        seen.version,
        now,
    )


async def end_sessions_before(tx: Transaction, *, identity_pool_id: str, identity_id: str, moment: int) -> int:
    """End the credentials that an identity was given before a millisecond; 0 where there is no such identity."""
    return await tx.execute(
        "UPDATE identities SET issued_before = $3 WHERE identity_pool_id = $1 AND identity_id = $2",
        identity_pool_id,
        identity_id,
        moment,
    )


async def note_use(db: Database, *, identity_pool_id: str, identity_id: str, now: int) -> int:
    """Note that an identity is used."""
    return await db.execute(
        "UPDATE identities SET used_at = $3 WHERE identity_pool_id = $1 AND identity_id = $2 AND used_at < $3",
        identity_pool_id,
        identity_id,
        now,
    )


async def delete(tx: Transaction, *, identity_pool_id: str, identity_id: str) -> int:
    """Remove an identity with everything that leads to it; 0 where there was none."""
    await tx.execute(
        "DELETE FROM logins WHERE identity_pool_id = $1 AND identity_id = $2", identity_pool_id, identity_id
    )
    await tx.execute(
        "DELETE FROM developer_links WHERE identity_pool_id = $1 AND identity_id = $2", identity_pool_id, identity_id
    )
    return await tx.execute(
        "DELETE FROM identities WHERE identity_pool_id = $1 AND identity_id = $2", identity_pool_id, identity_id
    )


async def page(
    reader: Reader, *, identity_pool_id: str, hide_disabled: bool, after: str, limit: int
) -> Sequence[Listed]:
    """Return up to `limit` identities of a pool in the order of their ids, from behind `after`."""
    rows = await reader.fetch(
        """
        SELECT identity_id, created_at, updated_at FROM identities
        WHERE identity_pool_id = $1 AND identity_id > $2 AND ($3 = 0 OR merged_into IS NULL)
        ORDER BY identity_id LIMIT $4
        """,
        identity_pool_id,
        after,
        int(hide_disabled),
        limit,
    )
    return [Listed(row[0], row[1], row[2]) for row in rows]


async def logins_between(reader: Reader, *, identity_pool_id: str, first: str, last: str) -> Sequence[tuple[str, str]]:
    """Return (identity id, provider) of all logins of a page of identities."""
    rows = await reader.fetch(
        """
        SELECT identity_id, provider FROM logins
        WHERE identity_pool_id = $1 AND identity_id >= $2 AND identity_id <= $3 ORDER BY identity_id, provider
        """,
        identity_pool_id,
        first,
        last,
    )
    return [(row[0], row[1]) for row in rows]


async def developed_between(reader: Reader, *, identity_pool_id: str, first: str, last: str) -> frozenset[str]:
    """Return which identities of a page a back end has names for."""
    rows = await reader.fetch(
        """
        SELECT identity_id FROM developer_links
        WHERE identity_pool_id = $1 AND identity_id >= $2 AND identity_id <= $3
        """,
        identity_pool_id,
        first,
        last,
    )
    return frozenset(row[0] for row in rows)


def _identity(row: Row) -> Identity:
    return Identity(row[0], bool(row[1]), row[2], row[3], row[4], row[5], row[6])


TABLES = (
    Table(
        name="logins",
        key=("identity_pool_id", "provider", "subject"),
        owner="identity pool",
        of_an_erased="""DELETE FROM logins
                        WHERE identity_pool_id IN (SELECT identity_pool_id FROM identity_pools)
                          AND provider = $1 AND subject = $2""",
        exported=Exported(
            ("identity_pool_id", "identity_id", "linked_at"),
            """SELECT l.identity_pool_id, l.identity_id, l.linked_at FROM identity_pools p
               JOIN logins l ON l.identity_pool_id = p.identity_pool_id AND l.provider = $1 AND l.subject = $2
               ORDER BY l.identity_pool_id""",
        ),
        of_a_pool=Walk(
            start=("", ""),
            keys="""SELECT provider, subject FROM logins
                    WHERE identity_pool_id = $1 AND (provider, subject) > ($2, $3)
                    ORDER BY provider, subject LIMIT 500""",
            delete="""DELETE FROM logins WHERE identity_pool_id = $1 AND (provider, subject) > ($2, $3)
                      AND (provider, subject) <= ($4, $5)""",
        ),
        at_reset="DELETE FROM logins WHERE identity_pool_id >= ''",
    ),
    Table(
        name="developer_links",
        key=("identity_pool_id", "developer_user_identifier"),
        owner="identity pool",
        of_a_pool=Walk(
            start=("",),
            keys="""SELECT developer_user_identifier FROM developer_links
                    WHERE identity_pool_id = $1 AND developer_user_identifier > $2
                    ORDER BY developer_user_identifier LIMIT 500""",
            delete="""DELETE FROM developer_links WHERE identity_pool_id = $1 AND developer_user_identifier > $2
                      AND developer_user_identifier <= $3""",
        ),
        at_reset="DELETE FROM developer_links WHERE identity_pool_id >= ''",
    ),
    Table(
        name="identities",
        key=("identity_pool_id", "identity_id"),
        owner="identity pool",
        # Those that no other login and no name of a back end leads to, with those that were merged into them: these are looked
        # for among all of the identity pool, which is what a rare erasure costs.
        of_an_erased="""DELETE FROM identities WHERE (identity_pool_id, identity_id) IN (
                            WITH RECURSIVE theirs (identity_pool_id, identity_id) AS (
                                SELECT l.identity_pool_id, l.identity_id FROM identity_pools p
                                JOIN logins l ON l.identity_pool_id = p.identity_pool_id
                                    AND l.provider = $1 AND l.subject = $2
                                WHERE NOT EXISTS (
                                    SELECT 1 FROM logins o WHERE o.identity_pool_id = l.identity_pool_id
                                        AND o.identity_id = l.identity_id AND o.provider <> l.provider
                                ) AND NOT EXISTS (
                                    SELECT 1 FROM developer_links d WHERE d.identity_pool_id = l.identity_pool_id
                                        AND d.identity_id = l.identity_id
                                )
                                UNION
                                SELECT i.identity_pool_id, i.identity_id FROM theirs t
                                JOIN identities i ON i.identity_pool_id = t.identity_pool_id
                                    AND i.merged_into = t.identity_id
                            )
                            SELECT identity_pool_id, identity_id FROM theirs
                        )""",
        exported=Exported(
            (
                "identity_pool_id",
                "identity_id",
                "guest",
                "merged_into",
                "created_at",
                "updated_at",
                "used_at",
                "issued_before",
            ),
            """WITH RECURSIVE theirs (identity_pool_id, identity_id) AS (
                   SELECT l.identity_pool_id, l.identity_id FROM identity_pools p
                   JOIN logins l ON l.identity_pool_id = p.identity_pool_id AND l.provider = $1 AND l.subject = $2
                   UNION
                   SELECT i.identity_pool_id, i.identity_id FROM theirs t
                   JOIN identities i ON i.identity_pool_id = t.identity_pool_id AND i.merged_into = t.identity_id
               )
               SELECT i.identity_pool_id, i.identity_id, i.guest, i.merged_into, i.created_at, i.updated_at, i.used_at, i.issued_before
               FROM theirs t JOIN identities i
                   ON i.identity_pool_id = t.identity_pool_id AND i.identity_id = t.identity_id
               ORDER BY i.identity_pool_id, i.identity_id""",
        ),
        of_a_pool=Walk(
            start=("",),
            keys="""SELECT identity_id FROM identities WHERE identity_pool_id = $1 AND identity_id > $2
                    ORDER BY identity_id LIMIT 500""",
            delete="DELETE FROM identities WHERE identity_pool_id = $1 AND identity_id > $2 AND identity_id <= $3",
        ),
        at_reset="DELETE FROM identities WHERE identity_pool_id >= ''",
    ),
)
