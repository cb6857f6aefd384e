"""SQL of what pages look like: classic customisations, styles of managed login and their pictures.

Every change raises the version of the pool in its transaction (`pools.touch`): whoever has read the pool at a version may keep
what it read here as long as the pool has it.
"""

import msgspec

from poolkeeper.store.db import Reader, Transaction
from poolkeeper.store.table import Table, Walk


class CustomizationRow(msgspec.Struct, frozen=True, gc=False):
    """One classic customisation, without its picture; `digest` and `format` are None where it has none."""

    client_id: str
    created_at: int
    updated_at: int
    css_version: str | None
    css: str | None
    format: str | None
    digest: str | None


class StyleRow(msgspec.Struct, frozen=True, gc=False):
    """One style of managed login, without its pictures; `settings` is JSON, None where Cognito's values are chosen."""

    branding_id: str
    client_id: str
    version: int
    created_at: int
    updated_at: int
    settings: str | None


class AssetRow(msgspec.Struct, frozen=True, gc=False):
    """One picture of a style, without its content; `resource_id` is empty where none was given."""

    category: str
    color_mode: str
    resource_id: str
    format: str
    digest: str


async def customization(reader: Reader, *, pool_id: str, client_id: str) -> CustomizationRow | None:
    """Return a classic customisation: of one app client, or that for ALL."""
    row = await reader.fetch_one(
        """
        SELECT client_id, created_at, updated_at, css_version, css, format, digest
        FROM ui_customizations WHERE pool_id = $1 AND client_id = $2
        """,
        pool_id,
        client_id,
    )
    return None if row is None else CustomizationRow(*row)


async def customized_clients(reader: Reader, pool_id: str) -> list[str]:
    """Return the app clients of a pool that have a classic customisation, ALL among them."""
    rows = await reader.fetch(
        "SELECT client_id FROM ui_customizations WHERE pool_id = $1 ORDER BY client_id LIMIT 2000", pool_id
    )
    return [row[0] for row in rows]


async def put_customization(tx: Transaction, *, pool_id: str, row: CustomizationRow, image: bytes | None) -> None:
    """Store a classic customisation in the place of the one before, whose date of creation it keeps."""
    await tx.execute(
        """
        INSERT INTO ui_customizations
            (pool_id, client_id, created_at, updated_at, css_version, css, format, digest, image)
        VALUES ($1, $2, $3, $4, CAST($5 AS text), CAST($6 AS text), CAST($7 AS text), CAST($8 AS text), CAST($9 AS bytea))
        ON CONFLICT (pool_id, client_id) DO UPDATE
        SET updated_at = excluded.updated_at, css_version = excluded.css_version, css = excluded.css,
            format = excluded.format, digest = excluded.digest, image = excluded.image
        """,
        pool_id,
        row.client_id,
        row.created_at,
        row.updated_at,
        row.css_version,
        row.css,
        row.format,
        row.digest,
        image,
    )


async def delete_customization(tx: Transaction, *, pool_id: str, client_id: str) -> int:
    """Remove a classic customisation."""
    return await tx.execute("DELETE FROM ui_customizations WHERE pool_id = $1 AND client_id = $2", pool_id, client_id)


async def logo(reader: Reader, *, pool_id: str, client_id: str, digest: str) -> bytes | None:
    """Return the picture of a classic customisation, None where it is another one now."""
    row = await reader.fetch_one(
        "SELECT image FROM ui_customizations WHERE pool_id = $1 AND client_id = $2 AND digest = $3",
        pool_id,
        client_id,
        digest,
    )
    return None if row is None or row[0] is None else bytes(row[0])


async def insert(
    tx: Transaction, *, pool_id: str, branding_id: str, client_id: str, settings: str | None, now: int
) -> bool:
    """Add a style; False where the app client has one."""
    inserted = await tx.execute(
        """
        INSERT INTO brandings (pool_id, branding_id, client_id, version, created_at, updated_at, settings)
        VALUES ($1, $2, $3, 1, $5, $5, CAST($4 AS text))
        ON CONFLICT (pool_id, client_id) DO NOTHING
        """,
        pool_id,
        branding_id,
        client_id,
        settings,
        now,
    )
    return inserted == 1


async def replace(
    tx: Transaction, *, pool_id: str, branding_id: str, settings: str | None, expected_version: int, now: int
) -> int:
    """Store other settings of a style if nobody else has since."""
    return await tx.execute(
        """
        UPDATE brandings SET settings = CAST($3 AS text), version = version + 1, updated_at = $4
        WHERE pool_id = $1 AND branding_id = $2 AND version = $5
        """,
        pool_id,
        branding_id,
        settings,
        now,
        expected_version,
    )


async def delete(tx: Transaction, *, pool_id: str, branding_id: str) -> int:
    """Remove a style with its pictures."""
    await tx.execute("DELETE FROM branding_assets WHERE pool_id = $1 AND branding_id = $2", pool_id, branding_id)
    return await tx.execute("DELETE FROM brandings WHERE pool_id = $1 AND branding_id = $2", pool_id, branding_id)


async def find(reader: Reader, *, pool_id: str, branding_id: str) -> StyleRow | None:
    """Return a style by its id."""
    row = await reader.fetch_one(
        """
        SELECT branding_id, client_id, version, created_at, updated_at, settings
        FROM brandings WHERE pool_id = $1 AND branding_id = $2
        """,
        pool_id,
        branding_id,
    )
    return None if row is None else StyleRow(*row)


async def by_client(reader: Reader, pool_id: str) -> dict[str, str]:
    """Return the ids of a pool's styles by their app clients: a limit bounds how many there are."""
    rows = await reader.fetch(
        "SELECT client_id, branding_id FROM brandings WHERE pool_id = $1 ORDER BY client_id", pool_id
    )
    return {row[0]: row[1] for row in rows}


async def of_pool(reader: Reader, pool_id: str) -> list[StyleRow]:
    """Return all styles of a pool: a limit bounds how many there are."""
    rows = await reader.fetch(
        """
        SELECT branding_id, client_id, version, created_at, updated_at, settings
        FROM brandings WHERE pool_id = $1 ORDER BY client_id
        """,
        pool_id,
    )
    return [StyleRow(*row) for row in rows]


async def put_asset(
    tx: Transaction, *, pool_id: str, branding_id: str, row: AssetRow, given: bytes, served: bytes | None
) -> None:
    """Store a picture of a style in the place of the one of its category, mode and resource."""
    await tx.execute(
        """
        INSERT INTO branding_assets
            (pool_id, branding_id, category, color_mode, resource_id, format, digest, given, served)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, CAST($9 AS bytea))
        ON CONFLICT (pool_id, branding_id, category, color_mode, resource_id) DO UPDATE
        SET format = excluded.format, digest = excluded.digest, given = excluded.given, served = excluded.served
        """,
        pool_id,
        branding_id,
        row.category,
        row.color_mode,
        row.resource_id,
        row.format,
        row.digest,
        given,
        served,
    )


async def assets(reader: Reader, *, pool_id: str, branding_id: str) -> list[AssetRow]:
    """Return what the pictures of a style are, without their content: a limit bounds how many there are."""
    rows = await reader.fetch(
        """
        SELECT category, color_mode, resource_id, format, digest FROM branding_assets
        WHERE pool_id = $1 AND branding_id = $2 ORDER BY category, color_mode, resource_id
        """,
        pool_id,
        branding_id,
    )
    return [AssetRow(*row) for row in rows]


async def given_content(reader: Reader, *, pool_id: str, branding_id: str, row: AssetRow) -> bytes | None:
    """Return the content of a picture as it was given, None where it is gone."""
    content_row = await reader.fetch_one(
        """
        SELECT given FROM branding_assets
        WHERE pool_id = $1 AND branding_id = $2 AND category = $3 AND color_mode = $4 AND resource_id = $5
        """,
        pool_id,
        branding_id,
        row.category,
        row.color_mode,
        row.resource_id,
    )
    return None if content_row is None else bytes(content_row[0])


async def served_content(reader: Reader, *, pool_id: str, branding_id: str, digest: str) -> bytes | None:
    """Return the content of a picture as pages get it, None where the style has none of that digest."""
    content_row = await reader.fetch_one(
        """
        SELECT COALESCE(served, given) FROM branding_assets
        WHERE pool_id = $1 AND branding_id = $2 AND digest = $3 LIMIT 1
        """,
        pool_id,
        branding_id,
        digest,
    )
    return None if content_row is None else bytes(content_row[0])


TABLES = (
    Table(
        name="ui_customizations",
        key=("pool_id", "client_id"),
        owner="client",
        of_a_client="DELETE FROM ui_customizations WHERE pool_id = $1 AND client_id = $2",
        of_a_pool=Walk(
            start=("",),
            keys="""SELECT client_id FROM ui_customizations WHERE pool_id = $1 AND client_id > $2
                    ORDER BY client_id LIMIT 500""",
            delete="DELETE FROM ui_customizations WHERE pool_id = $1 AND client_id > $2 AND client_id <= $3",
        ),
        at_reset="DELETE FROM ui_customizations WHERE pool_id >= ''",
    ),
    Table(
        name="brandings",
        key=("pool_id", "client_id"),
        owner="client",
        of_a_client="DELETE FROM brandings WHERE pool_id = $1 AND client_id = $2",
        of_a_pool=Walk(
            start=("",),
            keys="SELECT client_id FROM brandings WHERE pool_id = $1 AND client_id > $2 ORDER BY client_id LIMIT 500",
            delete="DELETE FROM brandings WHERE pool_id = $1 AND client_id > $2 AND client_id <= $3",
        ),
        at_reset="DELETE FROM brandings WHERE pool_id >= ''",
    ),
    Table(
        name="branding_assets",
        key=("pool_id", "branding_id", "category", "color_mode", "resource_id"),
        owner="client",
        of_a_client="""DELETE FROM branding_assets WHERE pool_id = $1 AND branding_id IN (
                           SELECT branding_id FROM brandings WHERE pool_id = $1 AND client_id = $2
                       )""",
        of_a_pool=Walk(
            start=("",),
            keys="""SELECT branding_id FROM branding_assets WHERE pool_id = $1 AND branding_id > $2
                    ORDER BY branding_id LIMIT 500""",
            delete="DELETE FROM branding_assets WHERE pool_id = $1 AND branding_id > $2 AND branding_id <= $3",
        ),
        at_reset="DELETE FROM branding_assets WHERE pool_id >= ''",
    ),
)
