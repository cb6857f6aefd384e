"""Who is an app that names itself by an address? The app client of the oldest policy that allows it, narrowed by its document.

    address --> policy --> app client   at every request of the app
    document  fetched where a person begins to sign in, by one request at a time; kept by pool and address
    fault     remembered for a minute by this process, and kept nowhere

Whoever names an address makes us fetch it, so patterns judge first, and strangers may cause only so many fetches.
"""

from dataclasses import replace

import msgspec

from poolkeeper import lookup
from poolkeeper.call import Call, House
from poolkeeper.clock import MINUTE
from poolkeeper.errors import ResourceNotFoundException
from poolkeeper.model import client_metadata
from poolkeeper.model.client import Client
from poolkeeper.model.client_metadata import BadDocument, ClientMetadata
from poolkeeper.model.pool import Pool
from poolkeeper.model.registration import REGISTER_SCOPE
from poolkeeper.providers import ProviderBusy, ProviderUnavailable
from poolkeeper.store import cimd_policies, client_documents
from poolkeeper.store.cimd_policies import PolicyRow
from poolkeeper.store.client_documents import DocumentRow
from poolkeeper.store.db import Transaction
from poolkeeper.tokens import url_clients

MOST_CACHED = 1_000
# How many fetches an hour one pool may cause, and one network in a pool.
MOST_FETCHES, MOST_FETCHES_OF_A_NETWORK = 1_000, 100
_ALL_POLICIES = 500
_decode_metadata = msgspec.json.Decoder(ClientMetadata).decode


async def at_sign_in(call: Call, pool_id: str, url: str) -> tuple[Pool, Client, frozenset[str]]:
    """Return pool, client and the pool's custom scopes for an app at which a person begins to sign in.

    The document is fetched where none is stored. Raises BadDocument.
    """
    policy = await url_clients.policy_of(call, pool_id, url)
    try:
        pool, client, of_servers = await lookup.require_client_and_scopes(call, policy.client_id)
    except ResourceNotFoundException:
        raise BadDocument("the app client of its policy is gone") from None
    if pool.pool_id != pool_id:
        raise BadDocument("the app client of its policy is of another pool")
    stored_metadata = await _kept(call, pool_id, policy, url)
    metadata = await fetch(call, pool_id, policy, url) if stored_metadata is None else stored_metadata
    client = _narrowed(client, url, metadata)
    lookup.note_client(call, client)
    return pool, client, of_servers - {REGISTER_SCOPE}


async def at_exchange(call: Call, pool_id: str, url: str) -> Client:
    """Return the client for an app that brings a code, by the stored document; nothing is fetched.

    Raises BadDocument.
    """
    policy = await url_clients.policy_of(call, pool_id, url)
    row = await client_documents.find(call.db, pool_id=pool_id, url=url)
    if row is None or row.policy_id != policy.policy_id:
        raise BadDocument("no document of it is kept")
    try:
        _, client = await lookup.require_client_of(call, pool_id, policy.client_id)
    except ResourceNotFoundException:
        raise BadDocument("the app client of its policy is gone") from None
    client = _narrowed(client, url, _decode_metadata(row.document))
    lookup.note_client(call, client)
    return client


async def demands_key(call: Call, pool_id: str, policy: PolicyRow, url: str) -> bool:
    """Say whether an app takes no tokens but those that are bound to a key, by its document where one is kept."""
    row = await client_documents.find(call.db, pool_id=pool_id, url=url)
    return row is not None and row.policy_id == policy.policy_id and _decode_metadata(row.document).dpop_bound


async def pool_of(house: House, url: str) -> str | None:
    """Return the pool of the oldest policy that allows an address, None where none does.

    Only the pages of the public address itself need this (hosted/finding.py): an address alone names no pool.
    """
    try:
        client_metadata.require_client_url(url)
    except BadDocument:
        return None
    rows = await cimd_policies.of_all_pools(house.db, limit=_ALL_POLICIES)
    return next((pool for pool, patterns in rows if client_metadata.allows(url_clients.patterns(patterns), url)), None)


async def has_policies(house: House, pool_id: str) -> bool:
    """Say whether apps may name themselves by an address in a pool."""
    return bool(await cimd_policies.of_pool(house.db, pool_id=pool_id, limit=1))


async def fetch(call: Call, pool_id: str, policy: PolicyRow, url: str, *, anew: bool = False) -> ClientMetadata:
    """Fetch the document of an address that a policy allows, and store it; concurrent requests wait for this one.

    `anew`: also where it is stored, or failed a moment ago. Raises BadDocument.
    """
    try:
        # The network's share first, then the lock: whoever waits for a share must not hold up other networks.
        async with (
            call.house.providers.share(call.network, url),
            call.house.locks.hold(f"client document {pool_id} {url}"),
        ):
            stored_metadata = None if anew else await _kept(call, pool_id, policy, url)
            return await _fetch(call, pool_id, policy, url, anew=anew) if stored_metadata is None else stored_metadata
    except ProviderBusy as fault:  # says nothing about the document, so it is no fault of it
        raise BadDocument(str(fault)) from None


async def _fetch(call: Call, pool_id: str, policy: PolicyRow, url: str, *, anew: bool) -> ClientMetadata:
    faults, key = call.house.memory.document_faults, f"{pool_id} {url}"
    if not anew:
        failed_at, known_fault = faults.get(key) or (0, "")
        if call.now < failed_at + MINUTE:
            raise BadDocument(known_fault)
        await _require_room(call, pool_id, policy, url)
    try:
        row, metadata = await _fetched(call, policy, url)
    except BadDocument as fault:
        faults.put(key, (call.now, str(fault)))
        raise
    faults.drop(key)

    async def keep(tx: Transaction) -> None:
        await client_documents.put(tx, pool_id=pool_id, row=row, most=MOST_CACHED)

    await call.db.write(keep)
    return metadata


async def _kept(call: Call, pool_id: str, policy: PolicyRow, url: str) -> ClientMetadata | None:
    row = await client_documents.find(call.db, pool_id=pool_id, url=url)
    if row is None or row.policy_id != policy.policy_id or row.expires_at <= call.now:
        return None
    return _decode_metadata(row.document)


async def _fetched(call: Call, policy: PolicyRow, url: str) -> tuple[DocumentRow, ClientMetadata]:
    try:
        answer = await call.house.providers.call("GET", url, headers={}, max_bytes=client_metadata.LARGEST_DOCUMENT)
    except ProviderBusy:
        raise
    except ProviderUnavailable as fault:
        raise BadDocument(str(fault)) from None
    if answer.status != 200:
        raise BadDocument(f"HTTP {answer.status}")
    metadata = client_metadata.read_document(answer.body, url)
    kept_for = client_metadata.kept_for(answer.headers.get("cache-control", ""), policy.cache_duration)
    document = msgspec.json.encode(metadata).decode()
    return DocumentRow(url, policy.policy_id, document, call.now, call.now + kept_for), metadata


async def _require_room(call: Call, pool_id: str, policy: PolicyRow, url: str) -> None:
    """Refuse a new address where strangers have named too many; the document of an app in use is fetched all the same."""
    row = await client_documents.find(call.db, pool_id=pool_id, url=url)
    if row is not None and row.policy_id == policy.policy_id:
        return
    counts = call.house.memory.document_fetches
    networks = counts.count(f"{pool_id} {call.network}", now=call.now)
    if networks > MOST_FETCHES_OF_A_NETWORK or counts.count(pool_id, now=call.now) > MOST_FETCHES:
        raise BadDocument("too many documents were asked for within an hour")


def _narrowed(client: Client, url: str, metadata: ClientMetadata) -> Client:
    """Return an app client narrowed to what both it allows and the app's document asks for."""
    allowed = client.document.get("AllowedOAuthFlows", ())
    document = {
        **client.document,
        "CallbackURLs": list(metadata.redirect_uris),
        "LogoutURLs": [],
        "AllowedOAuthFlows": ["code"] if "code" in allowed and metadata.codes else [],
    }
    document.pop("DefaultRedirectURI", None)
    return replace(
        client.named_by(url),
        document=document,
        refreshes=metadata.refreshes,
        claimed_name=metadata.name,
        dpop_bound=metadata.dpop_bound or client.dpop_bound,
    )
