"""SQL over everything that is one user's: what an export has of each table, and how many rows of each an erasure removes."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from poolkeeper.model.identity_pool import provider_of_pool
from poolkeeper.store import tables
from poolkeeper.store.db import Reader


class Rows(msgspec.Struct, frozen=True, gc=False):
    """A user's rows of one table: their values in the order of the columns."""

    columns: Sequence[str]
    values: Sequence[tuple[Any, ...]]


async def told(reader: Reader, *, pool_id: str, user_id: str) -> Mapping[str, Rows]:
    """Return by table the columns that may be told and the user's rows, no secrets; tables without any are left out."""
    by_table: dict[str, Rows] = {}
    provider = provider_of_pool(pool_id)
    for table in tables.TABLES:
        if table.exported is not None:
            whose = provider if table.key[0] == "identity_pool_id" else pool_id
            rows = [tuple(row) for row in await reader.fetch(table.exported.select, whose, user_id)]
            if rows:
                by_table[table.name] = Rows(table.exported.columns, rows)
    return by_table
