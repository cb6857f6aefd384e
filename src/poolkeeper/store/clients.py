"""SQL of app clients, and of the directory that finds a pool by a client id."""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Sealed, Table, Walk


class Described(msgspec.Struct, frozen=True):
    """An app client without its secrets; `document` is JSON."""

    client_id: str
    document: str


class AtServer(msgspec.Struct, frozen=True, gc=False):
    """The versions of an app client and its pool, beside one of the pool's resource servers; `scopes` are JSON.

    The last two are None where the pool has none.
    """

    pool_version: int
    client_version: int
    identifier: str | None
    scopes: str | None


class ClientRow(msgspec.Struct, frozen=True, gc=False):
    """An app client as it lies there: `document` is JSON, its secrets are sealed."""

    client_id: str
    pool_id: str
    version: int
    document: str
    secret: bytes
    created_at: int
    updated_at: int


class Versions(msgspec.Struct, frozen=True, gc=False):
    """What a remembered pool and app client are compared with."""

    pool: int
    client: int


class ClientInList(msgspec.Struct, frozen=True, gc=False):
    """An app client in a list."""

    client_id: str
    name: str


async def insert(
    tx: Transaction,
    *,
    pool_id: str,
    client_id: str,
    name: str,
    document: str,
    secret: bytes,
    now: int,
    client_type: str | None = None,
) -> None:
    """Add an app client and its entry in the directory; its version begins with the time, as a pool's does.

    `client_type` is None for one that somebody made.
    """
    await tx.execute(
        """
        INSERT INTO clients (pool_id, client_id, version, name, document, secret, created_at, updated_at,
                             client_type)
        VALUES ($1, $2, $6, $3, $4, $5, $6, $6, $7)
        """,
        pool_id,
        client_id,
        name,
        document,
        secret,
        now,
        client_type,
    )
    await tx.execute("INSERT INTO directory (kind, value, pool_id) VALUES ('client', $1, $2)", client_id, pool_id)


async def pool_of(reader: Reader, client_id: str) -> str | None:
    """Return the id of the pool that an app client belongs to: the one lookup without a pool id."""
    row = await reader.fetch_one("SELECT pool_id FROM directory WHERE kind = 'client' AND value = $1", client_id)
    return None if row is None else str(row[0])


async def find(reader: Reader, pool_id: str, client_id: str) -> ClientRow | None:
    """Return the whole row of an app client."""
    row = await reader.fetch_one(
        """
        SELECT client_id, pool_id, version, document, secret, created_at, updated_at
        FROM clients WHERE pool_id = $1 AND client_id = $2
        """,
        pool_id,
        client_id,
    )
    return None if row is None else ClientRow(*row)


async def versions(reader: Reader, pool_id: str, client_id: str) -> Versions | None:
    """Return the versions of a pool and an app client, None unless both are there."""
    row = await reader.fetch_one(
        """
        SELECT p.version AS pool, c.version AS client
        FROM pools p JOIN clients c ON c.pool_id = p.pool_id AND c.client_id = $2
        WHERE p.pool_id = $1 AND p.state = 'ACTIVE'
        """,
        pool_id,
        client_id,
    )
    return None if row is None else Versions(*row)


async def versions_and_scopes(reader: Reader, pool_id: str, client_id: str) -> list[AtServer]:
    """Return one row for each resource server of the pool, one alone where it has none; nothing unless both are there."""
    rows = await reader.fetch(
        """
        SELECT p.version AS pool_version, c.version AS client_version, r.identifier, r.scopes
        FROM pools p
        JOIN clients c ON c.pool_id = p.pool_id AND c.client_id = $2
        LEFT JOIN resource_servers r ON r.pool_id = p.pool_id
        WHERE p.pool_id = $1 AND p.state = 'ACTIVE'
        """,
        pool_id,
        client_id,
    )
    return [AtServer(*row) for row in rows]


async def replace(
    tx: Transaction, *, pool_id: str, client_id: str, name: str, document: str, expected_version: int, now: int
) -> int:
    """Store new settings if nobody else has since; return how many rows changed."""
    return await tx.execute(
        """
        UPDATE clients SET name = $3, document = $4, version = version + 1, updated_at = $5
        WHERE pool_id = $1 AND client_id = $2 AND version = $6
        """,
        pool_id,
        client_id,
        name,
        document,
        now,
        expected_version,
    )


async def replace_secrets(
    tx: Transaction, *, pool_id: str, client_id: str, secret: bytes, expected_version: int, now: int
) -> int:
    """Store new secrets if nobody has changed the app client since; return how many rows changed."""
    return await tx.execute(
        """
        UPDATE clients SET secret = $3, version = version + 1, updated_at = $4
        WHERE pool_id = $1 AND client_id = $2 AND version = $5
        """,
        pool_id,
        client_id,
        secret,
        now,
        expected_version,
    )


async def hold(tx: Transaction, pool_id: str, client_id: str) -> bool:
    """Keep an app client as it is until the transaction ends: others who hold it wait. False where it is gone."""
    row_count = await tx.execute(
        "UPDATE clients SET version = version WHERE pool_id = $1 AND client_id = $2", pool_id, client_id
    )
    return row_count == 1


async def page(
    reader: Reader, pool_id: str, *, after: str, limit: int, client_type: str | None = None
) -> list[ClientInList]:
    """Return up to `limit` app clients in the order of their ids, from behind `after`; those of a type, where one is named."""
    rows = await reader.fetch(
        """
        SELECT client_id, name FROM clients
        WHERE pool_id = $1 AND client_id > $2
          AND (CAST($4 AS text) IS NULL OR COALESCE(client_type, 'REGULAR') = CAST($4 AS text))
        ORDER BY client_id LIMIT $3
        """,
        pool_id,
        after,
        limit,
        client_type,
    )
    return [ClientInList(*row) for row in rows]


async def documents(reader: Reader, pool_id: str, *, after: str, limit: int) -> list[Described]:
    """Return the settings of up to `limit` app clients in the order of their ids, from behind `after`."""
    rows = await reader.fetch(
        """
        SELECT client_id, document FROM clients
        WHERE pool_id = $1 AND client_id > $2 ORDER BY client_id LIMIT $3
        """,
        pool_id,
        after,
        limit,
    )
    return [Described(row[0], row[1]) for row in rows]


TABLES = (
    Table(
        name="directory",
        key=("kind", "value"),
        owner="server",
        of_a_client="DELETE FROM directory WHERE kind = 'client' AND value = $2 AND pool_id = $1",
        at_reset="DELETE FROM directory WHERE kind >= ''",
    ),
    Table(
        name="clients",
        key=("pool_id", "client_id"),
        owner="client",
        of_a_client="DELETE FROM clients WHERE pool_id = $1 AND client_id = $2",
        of_a_pool=Walk(
            start=("",),
            keys="SELECT client_id FROM clients WHERE pool_id = $1 AND client_id > $2 ORDER BY client_id LIMIT 500",
            delete="DELETE FROM clients WHERE pool_id = $1 AND client_id > $2 AND client_id <= $3",
            first="""DELETE FROM directory WHERE kind = 'client' AND value IN (
                     SELECT client_id FROM clients WHERE pool_id = $1 AND client_id > $2 AND client_id <= $3)""",
        ),
        sealed=(
            Sealed(
                "secret",
                start=("", ""),
                walk="""SELECT pool_id, client_id, secret FROM clients
                        WHERE pool_id > $1 OR (pool_id = $1 AND client_id > $2) ORDER BY pool_id, client_id LIMIT $3""",
                put="UPDATE clients SET secret = $3 WHERE pool_id = $1 AND client_id = $2 AND secret = $4",
            ),
        ),
        at_reset="DELETE FROM clients WHERE pool_id >= ''",
    ),
)
