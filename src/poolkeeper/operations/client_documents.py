"""How is an app client's document changed? From what it is at that moment, so that concurrent changes are all kept."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from poolkeeper.call import Call
from poolkeeper.lookup import unknown_client
from poolkeeper.store import clients
from poolkeeper.store.db import Conflict, Transaction


async def amend(
    tx: Transaction, call: Call, pool_id: str, client_id: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> None:
    """Replace an app client's document by what `change` makes of it. Raises ResourceNotFoundException where it is gone."""
    row = await clients.find(tx, pool_id, client_id)
    if row is None:
        raise unknown_client(client_id)
    document = change(msgspec.json.decode(row.document))
    replaced = await clients.replace(
        tx,
        pool_id=pool_id,
        client_id=client_id,
        name=document["ClientName"],
        document=msgspec.json.encode(document).decode(),
        expected_version=row.version,
        now=call.now,
    )
    if replaced != 1:
        raise Conflict
