"""CreateResourceServer, DescribeResourceServer and their companions: the APIs for which a pool's tokens are meant."""

import msgspec

from poolkeeper.aws.generated.cognito_idp import (
    CreateResourceServerRequest,
    CreateResourceServerResponse,
    DeleteResourceServerRequest,
    DescribeResourceServerRequest,
    DescribeResourceServerResponse,
    ListResourceServersRequest,
    ListResourceServersResponse,
    ResourceServerScopeType,
    ResourceServerType,
    UpdateResourceServerRequest,
    UpdateResourceServerResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException, LimitExceededException, ResourceNotFoundException
from poolkeeper.lookup import require_pool
from poolkeeper.model.resource_server import SERVERS_OF_A_POOL, ResourceServer, Scope, scopes_in_order
from poolkeeper.operations.paging import PageRequest
from poolkeeper.operations.resource_server_scopes import server_of
from poolkeeper.store import resource_servers
from poolkeeper.store.db import Transaction

_LARGEST_PAGE = 50


async def create_resource_server(call: Call, req: CreateResourceServerRequest) -> CreateResourceServerResponse:
    """Create a resource server with its scopes.

    Raises InvalidParameterException, LimitExceededException.
    """
    pool = await require_pool(call, req.user_pool_id)
    server = ResourceServer(identifier=req.identifier, name=req.name, scopes=_scopes_of_request(req.scopes))

    async def create(tx: Transaction) -> None:
        rows = await resource_servers.page(tx, pool_id=pool.pool_id, after="", limit=SERVERS_OF_A_POOL)
        if len(rows) >= SERVERS_OF_A_POOL:
            # UNVERIFIED: the words; the 26th resource server of a pool on AWS would settle them.
            raise LimitExceededException("The number of resource servers in the user pool has reached its limit.")
        if not await resource_servers.insert(
            tx,
            pool_id=pool.pool_id,
            identifier=server.identifier,
            name=server.name,
            scopes=_encoded(server),
            now=call.now,
        ):
            raise InvalidParameterException(f"{server.identifier} already exists in user pool {pool.pool_id}.")

    await call.db.write(create)
    return CreateResourceServerResponse(resource_server=_described(pool.pool_id, server))


async def describe_resource_server(call: Call, req: DescribeResourceServerRequest) -> DescribeResourceServerResponse:
    """Return a resource server.

    Raises ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)
    row = await resource_servers.find(call.db, pool_id=pool.pool_id, identifier=req.identifier)
    if row is None:
        raise _unknown(req.identifier)
    return DescribeResourceServerResponse(resource_server=_described(pool.pool_id, server_of(row)))


async def update_resource_server(call: Call, req: UpdateResourceServerRequest) -> UpdateResourceServerResponse:
    """Replace the name and the scopes of a resource server; without given scopes it has none.

    A removed scope stays on the clients that had it, and is left out of their tokens. Raises InvalidParameterException,
    ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)
    changed = ResourceServer(identifier=req.identifier, name=req.name, scopes=_scopes_of_request(req.scopes))

    async def replace(tx: Transaction) -> int:
        return await resource_servers.replace(
            tx, pool_id=pool.pool_id, identifier=changed.identifier, name=changed.name, scopes=_encoded(changed)
        )

    if await call.db.write(replace) != 1:
        raise _unknown(req.identifier)
    return UpdateResourceServerResponse(resource_server=_described(pool.pool_id, changed))


async def delete_resource_server(call: Call, req: DeleteResourceServerRequest) -> None:
    """Remove a resource server; its scopes are left out of all tokens from then on.

    Raises ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)

    async def delete(tx: Transaction) -> int:
        return await resource_servers.delete(tx, pool_id=pool.pool_id, identifier=req.identifier)

    if await call.db.write(delete) != 1:
        raise _unknown(req.identifier)


async def list_resource_servers(call: Call, req: ListResourceServersRequest) -> ListResourceServersResponse:
    """Return the resource servers of a pool, a page at a time, in the order of their identifiers."""
    pool = await require_pool(call, req.user_pool_id)
    listing = f"ListResourceServers {pool.pool_id}"
    wanted = PageRequest(call, listing, req.next_token, req.max_results or _LARGEST_PAGE)
    rows = await resource_servers.page(call.db, pool_id=pool.pool_id, after=wanted.after(), limit=wanted.limit)
    page = wanted.cut(rows, lambda row: row.identifier)
    return ListResourceServersResponse(
        resource_servers=[_described(pool.pool_id, server_of(row)) for row in page.items], next_token=page.token
    )


def _scopes_of_request(scopes: list[ResourceServerScopeType] | None) -> tuple[Scope, ...]:
    return scopes_in_order([Scope(scope.scope_name, scope.scope_description) for scope in scopes or ()])


def _encoded(server: ResourceServer) -> str:
    return msgspec.json.encode(server.scopes).decode()


def _described(pool_id: str, server: ResourceServer) -> ResourceServerType:
    return ResourceServerType(
        user_pool_id=pool_id,
        identifier=server.identifier,
        name=server.name,
        scopes=[
            ResourceServerScopeType(scope_name=scope.name, scope_description=scope.description)
            for scope in server.scopes
        ],
    )


def _unknown(identifier: str) -> ResourceNotFoundException:
    # UNVERIFIED: the words; DescribeResourceServer of an identifier that is not there would settle them.
    return ResourceNotFoundException(f"Resource server {identifier} does not exist.")
