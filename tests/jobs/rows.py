"""Which tables and columns does the real schema have, and what stands in them? Rows are made up column by column."""

from poolkeeper.store.db import Database, Transaction

Columns = dict[str, str]
"""The type of each column of a table, by name."""


async def schema(db: Database) -> dict[str, Columns]:
    """Return all tables with a column `pool_id`, as the engine itself tells them."""
    return {table: columns for table, columns in (await whole_schema(db)).items() if "pool_id" in columns}


async def whole_schema(db: Database) -> dict[str, Columns]:
    """Return all tables, as the engine itself tells them."""
    if "Postgres" in type(getattr(db, "below", db)).__name__:
        rows = await db.fetch(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
        )
    else:
        rows = await db.fetch(
            "SELECT m.name, c.name, LOWER(c.type) FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
        )
    tables: dict[str, Columns] = {}
    for table, column, kind in rows:
        tables.setdefault(table, {})[column] = kind
    return tables


async def fill(
    db: Database | Transaction, table: str, columns: Columns, *, pool_id: str, rows: int | range, **known: object
) -> None:
    """Put so many rows of a pool into a table: text and bytes that differ, numbers of their own, and what is known.

    `rows` is how many, or the numbers by which they differ from others.
    """

    def value(name: str, number: int) -> object:
        if name == "pool_id":
            return pool_id
        if name in known:
            return known[name]
        if "int" in columns[name]:
            return number
        text = f"{pool_id}-{name}-{number:06}"
        return text.encode() if columns[name] in {"bytea", "blob"} else text

    names = list(columns)
    marks = ", ".join(f"${number}" for number in range(1, len(names) + 1))
    sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"
    for number in range(rows) if isinstance(rows, int) else rows:
        await db.execute(sql, *[value(name, number) for name in names])


async def count(db: Database, table: str, pool_id: str) -> int:
    """Return how many rows a table has of a pool."""
    row = await db.fetch_one(f"SELECT COUNT(*) FROM {table} WHERE pool_id = $1", pool_id)
    assert row is not None
    return int(row[0])
