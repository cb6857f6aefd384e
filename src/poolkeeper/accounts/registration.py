"""How does an app register itself? Its metadata are judged, and an app client is made, up to the pool's limit."""

from dataclasses import dataclass

import msgspec

from poolkeeper.accounts.identity_providers import providers_of
from poolkeeper.call import Call
from poolkeeper.decoding import seal_secrets
from poolkeeper.errors import TooManyRequestsException
from poolkeeper.lookup import unknown_pool
from poolkeeper.model.client import DCR, SECRET_LENGTH, ClientSecret
from poolkeeper.model.pool import Pool
from poolkeeper.model.registration import Registration, registration_of
from poolkeeper.model.resource_server import SERVERS_OF_A_POOL, scope_names
from poolkeeper.secret import Secret
from poolkeeper.store import clients, pools, resource_servers
from poolkeeper.store.db import Transaction

# AWS's limit on the app clients of a pool; and how many of it stay free for those who have a token, since strangers can fill
# the rest. Then how many registrations one network may make in an hour, and all networks together, without a token.
MOST_REGISTERED, KEPT_FOR_TOKENS = 1_000, 100
MOST_OF_A_NETWORK, MOST_OPENLY = 20, 200
_ID_LENGTH = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """An app client that was made; its secret is None for a public client."""

    client_id: str
    secret: Secret | None
    registration: Registration


async def register(call: Call, pool: Pool, body: bytes, *, by_token: bool) -> Registered:
    """Make the app client that a request asks for.

    Raises BadRegistration, TooManyRequestsException where too many were made within an hour or exist already.
    """
    rows = await resource_servers.page(call.db, pool_id=pool.pool_id, after="", limit=SERVERS_OF_A_POOL)
    of_servers = frozenset().union(*(scope_names(row.identifier, row.scopes) for row in rows))
    providers = await providers_of(call.house, pool)
    registration = registration_of(body, pool, by_token=by_token, of_servers=of_servers, providers=providers)
    _require_room(call, pool, by_token=by_token)
    client_id, secret = call.entropy.base36(_ID_LENGTH), None
    client_secrets: tuple[ClientSecret, ...] = ()
    if registration.confidential:
        secret = Secret(call.entropy.base36(SECRET_LENGTH))
        client_secrets = (ClientSecret(f"{client_id}--{call.now // 1000}", secret, call.now),)
    sealed = seal_secrets(call.house, pool.pool_id, client_id, client_secrets)
    most = MOST_REGISTERED if by_token else MOST_REGISTERED - KEPT_FOR_TOKENS

    async def create(tx: Transaction) -> None:
        if await pools.touch(tx, pool.pool_id) != 1:  # a concurrent registration waits here, and counts this one
            raise unknown_pool(pool.pool_id)
        registered_clients = await clients.page(tx, pool.pool_id, after="", limit=most, client_type=DCR)
        if len(registered_clients) >= most:
            raise TooManyRequestsException("The number of app clients of the user pool has reached its limit.")
        await clients.insert(
            tx,
            pool_id=pool.pool_id,
            client_id=client_id,
            name=registration.document["ClientName"],
            document=msgspec.json.encode(registration.document).decode(),
            secret=sealed,
            now=call.now,
            client_type=DCR,
        )

    await call.db.write(create)
    return Registered(client_id=client_id, secret=secret, registration=registration)


def _require_room(call: Call, pool: Pool, *, by_token: bool) -> None:
    counts = call.house.memory.registrations
    if by_token:
        return
    of_network = counts.count(f"{pool.pool_id} {call.network}", now=call.now)
    if of_network > MOST_OF_A_NETWORK or counts.count(pool.pool_id, now=call.now) > MOST_OPENLY:
        raise TooManyRequestsException("Too many app clients were registered within an hour.")
