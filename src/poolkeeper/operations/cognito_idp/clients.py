"""CreateUserPoolClient, DescribeUserPoolClient and their companions: the applications of a pool."""

from typing import Any

import msgspec

from poolkeeper.accounts.identity_providers import providers_of
from poolkeeper.aws.generated.cognito_idp import (
    CreateUserPoolClientRequest,
    CreateUserPoolClientResponse,
    DeleteUserPoolClientRequest,
    DescribeUserPoolClientRequest,
    DescribeUserPoolClientResponse,
    ListUserPoolClientsRequest,
    ListUserPoolClientsResponse,
    UpdateUserPoolClientRequest,
    UpdateUserPoolClientResponse,
    UserPoolClientDescription,
    UserPoolClientType,
)
from poolkeeper.call import Call
from poolkeeper.decoding import seal_secrets
from poolkeeper.errors import ConcurrentModificationException
from poolkeeper.lookup import require_client_of, require_pool, unknown_client
from poolkeeper.model.client import SECRET_LENGTH, Client, ClientSecret
from poolkeeper.model.client_rules import new_client_document, updated_client_document
from poolkeeper.model.pool import Pool
from poolkeeper.model.registration import system_scopes
from poolkeeper.model.tiers import require_client_in_tier
from poolkeeper.operations import chosen_ids
from poolkeeper.operations.paging import LARGEST_PAGE, PageRequest
from poolkeeper.operations.resource_server_scopes import scopes_of_pool
from poolkeeper.operations.shapes import seconds
from poolkeeper.secret import Secret
from poolkeeper.store import clients, leftovers, pools
from poolkeeper.store.db import Transaction

_ID_LENGTH = 26
_ONE_AT_A_TIME = "Only one request to update user pool client can be processed at a time."


async def create_user_pool_client(
    call: Call, req: CreateUserPoolClientRequest, *, chosen_id: str | None = None
) -> CreateUserPoolClientResponse:
    """Create an app client, with a secret that is made or given. The answer is as complete as Describe's.

    Raises InvalidParameterException for a chosen id that is taken.
    """
    pool = await require_pool(call, req.user_pool_id)
    custom_scopes = await scopes_of_pool(call.db, pool.pool_id) | system_scopes(pool)
    providers = await providers_of(call.house, pool)
    new_document = new_client_document(msgspec.to_builtins(req), pool, custom_scopes=custom_scopes, providers=providers)
    document = _within_tier(call, new_document, pool)
    chosen_id = chosen_id or chosen_ids.of_client(call, req.client_name)
    client_id = chosen_id or call.entropy.base36(_ID_LENGTH)
    secrets = _first_secret(call, client_id, req)
    sealed = seal_secrets(call.house, pool.pool_id, client_id, secrets)

    async def create(tx: Transaction) -> None:
        if chosen_id is not None and await clients.pool_of(tx, client_id) is not None:
            raise chosen_ids.taken("an app client", client_id)
        await clients.insert(
            tx,
            pool_id=pool.pool_id,
            client_id=client_id,
            name=req.client_name,
            document=msgspec.json.encode(document).decode(),
            secret=sealed,
            now=call.now,
        )

    await call.db.write(create)
    _, client = await require_client_of(call, pool.pool_id, client_id)
    return CreateUserPoolClientResponse(user_pool_client=described(client))


async def describe_user_pool_client(call: Call, req: DescribeUserPoolClientRequest) -> DescribeUserPoolClientResponse:
    """Return every setting of an app client, its secret in clear as AWS does."""
    _, client = await require_client_of(call, req.user_pool_id, req.client_id)
    return DescribeUserPoolClientResponse(user_pool_client=described(client))


async def update_user_pool_client(call: Call, req: UpdateUserPoolClientRequest) -> UpdateUserPoolClientResponse:
    """Replace the settings of an app client: what is left out goes back to its default, except for a few members.

    Secrets and name stay; model/client_rules.py says what else stays. Raises ConcurrentModificationException where
    another request changed the client at the same time.
    """
    pool, client = await require_client_of(call, req.user_pool_id, req.client_id)
    custom_scopes = await scopes_of_pool(call.db, pool.pool_id) | system_scopes(pool)
    new_document = updated_client_document(
        msgspec.to_builtins(req),
        client,
        pool,
        custom_scopes=custom_scopes,
        providers=await providers_of(call.house, pool),
    )
    document = _within_tier(call, new_document, pool)

    async def replace(tx: Transaction) -> int:
        return await clients.replace(
            tx,
            pool_id=pool.pool_id,
            client_id=client.client_id,
            name=document["ClientName"],
            document=msgspec.json.encode(document).decode(),
            expected_version=client.version,
            now=call.now,
        )

    if await call.db.write(replace) != 1:
        raise ConcurrentModificationException(_ONE_AT_A_TIME)
    _, changed = await require_client_of(call, pool.pool_id, client.client_id)
    return UpdateUserPoolClientResponse(user_pool_client=described(changed))


async def delete_user_pool_client(call: Call, req: DeleteUserPoolClientRequest) -> None:
    """Remove an app client; its tokens stop working, since every read of a session joins its client."""
    pool = await require_pool(call, req.user_pool_id)

    async def delete(tx: Transaction) -> int:
        await pools.touch(tx, pool.pool_id)  # its looks, which are cached by the version of the pool, go with it
        return await leftovers.delete_client(tx, pool_id=pool.pool_id, client_id=req.client_id)

    if await call.db.write(delete) != 1:
        raise unknown_client(req.client_id)
    call.house.memory.pool_of_client.drop(req.client_id)


async def list_user_pool_clients(call: Call, req: ListUserPoolClientsRequest) -> ListUserPoolClientsResponse:
    """Return ids and names, a page at a time, in the order of the ids."""
    pool = await require_pool(call, req.user_pool_id)
    listing = f"ListUserPoolClients {pool.pool_id} {req.client_type}"
    wanted = PageRequest(call, listing, req.next_token, req.max_results or LARGEST_PAGE)
    after, client_type = wanted.after(), req.client_type or None
    rows = await clients.page(call.db, pool.pool_id, after=after, limit=wanted.limit, client_type=client_type)
    page = wanted.cut(rows, lambda row: row.client_id)
    return ListUserPoolClientsResponse(
        user_pool_clients=[
            UserPoolClientDescription(client_id=row.client_id, user_pool_id=pool.pool_id, client_name=row.name)
            for row in page.items
        ],
        next_token=page.token,
    )


def described(client: Client) -> UserPoolClientType:
    """Return an app client for the answers of Describe, Create and Update: what is unset is left out."""
    settings: dict[str, Any] = {
        **client.document,
        "UserPoolId": client.pool_id,
        "ClientId": client.client_id,
        "CreationDate": seconds(client.created_at),
        "LastModifiedDate": seconds(client.updated_at),
    }
    if client.secrets:
        # UNVERIFIED: which of two secrets AWS shows; here the older one, until it is deleted.
        settings["ClientSecret"] = client.secrets[0].value.reveal()
    return msgspec.convert(settings, UserPoolClientType)


def _within_tier(call: Call, document: dict[str, Any], pool: Pool) -> dict[str, Any]:
    if call.settings.strict_tiers:
        require_client_in_tier(document, pool.document)
    return document


def _first_secret(call: Call, client_id: str, req: CreateUserPoolClientRequest) -> tuple[ClientSecret, ...]:
    value = req.client_secret or (call.entropy.base36(SECRET_LENGTH) if req.generate_secret else None)
    if value is None:
        return ()
    return (ClientSecret(f"{client_id}--{call.now // 1000}", Secret(value), call.now),)
