"""Which scopes do the resource servers of a pool have? For the operations on them, and for app clients."""

from poolkeeper.model.resource_server import SERVERS_OF_A_POOL, ResourceServer
from poolkeeper.store import resource_servers
from poolkeeper.store.db import Reader
from poolkeeper.store.resource_servers import ResourceServerRow


async def scopes_of_pool(reader: Reader, pool_id: str) -> frozenset[str]:
    """Return the scopes of all resource servers of a pool, as clients name them."""
    rows = await resource_servers.page(reader, pool_id=pool_id, after="", limit=SERVERS_OF_A_POOL)
    return frozenset().union(*(server_of(row).scope_names for row in rows))


def server_of(row: ResourceServerRow) -> ResourceServer:
    """Decode a row of store/resource_servers.py."""
    return ResourceServer.of(identifier=row.identifier, name=row.name, scopes=row.scopes)
