"""CreateCIMDPolicy, ListClientMetadataURLs and their companions: which apps may name themselves by an address."""

import msgspec

from poolkeeper.accounts import client_documents as documents
from poolkeeper.aws.generated.cognito_idp import (
    CIMDPolicySummaryType,
    CIMDPolicyType,
    ClientMetadataURLType,
    CreateCIMDPolicyRequest,
    CreateCIMDPolicyResponse,
    DeleteCIMDPolicyRequest,
    DeleteCIMDPolicyResponse,
    DescribeCIMDPolicyRequest,
    DescribeCIMDPolicyResponse,
    ListCIMDPoliciesRequest,
    ListCIMDPoliciesResponse,
    ListClientMetadataURLsRequest,
    ListClientMetadataURLsResponse,
    UpdateCIMDPolicyRequest,
    UpdateCIMDPolicyResponse,
    UpdateClientMetadataURLStateRequest,
    UpdateClientMetadataURLStateResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import (
    CachedCIMDURLDoesNotExistException,
    ConcurrentModificationException,
    InvalidParameterException,
    LimitExceededException,
    ResourceNotFoundException,
)
from poolkeeper.lookup import require_client_of, require_pool, unknown_client
from poolkeeper.model.client_metadata import DEFAULT_CACHE, BadDocument
from poolkeeper.model.pool import Pool
from poolkeeper.model.tiers import require_client_documents_in_tier
from poolkeeper.operations.paging import LARGEST_PAGE, PageRequest
from poolkeeper.operations.shapes import seconds
from poolkeeper.store import cimd_policies, client_documents, clients, pools
from poolkeeper.store.cimd_policies import PolicyRow
from poolkeeper.store.db import Reader, Transaction
from poolkeeper.tokens.url_clients import MOST_POLICIES, patterns, policy_of

_ID_LENGTH = 26
# UNVERIFIED: the words of all refusals here but that of an unknown app client; one of each against AWS would settle them.
_LIMIT = "The number of CIMD policies in the user pool has reached its limit."
_ONE_AT_A_TIME = "Only one request to update CIMD policy can be processed at a time."


async def create_cimd_policy(call: Call, req: CreateCIMDPolicyRequest) -> CreateCIMDPolicyResponse:
    """Let apps whose address matches one of the patterns name themselves by it, as a given app client.

    Raises ResourceNotFoundException, LimitExceededException.
    """
    pool, client = await require_client_of(call, req.user_pool_id, req.client_id)
    _require_tier(call, pool)
    row = PolicyRow(
        policy_id=call.entropy.base36(_ID_LENGTH),
        client_id=client.client_id,
        name=req.policy_name,
        url_patterns=msgspec.json.encode(req.url_patterns).decode(),
        cache_duration=req.cache_duration or DEFAULT_CACHE,
        version=1,
        created_at=call.now,
        updated_at=call.now,
    )

    async def create(tx: Transaction) -> None:
        await pools.touch(tx, pool.pool_id)  # a concurrent creation waits here, and counts this one
        await _require_client(tx, pool, row.client_id)
        if len(await cimd_policies.of_pool(tx, pool_id=pool.pool_id, limit=MOST_POLICIES)) >= MOST_POLICIES:
            raise LimitExceededException(_LIMIT)
        await cimd_policies.insert(tx, pool_id=pool.pool_id, row=row)

    await call.db.write(create)
    return CreateCIMDPolicyResponse(cimd_policy=await _described(call.db, pool, row))


async def describe_cimd_policy(call: Call, req: DescribeCIMDPolicyRequest) -> DescribeCIMDPolicyResponse:
    """Return a policy by its id, without its app client where that is gone. Raises ResourceNotFoundException."""
    pool = await require_pool(call, req.user_pool_id)
    row = await _require(call.db, pool, req.cimd_policy_id)
    return DescribeCIMDPolicyResponse(cimd_policy=await _described(call.db, pool, row))


async def update_cimd_policy(call: Call, req: UpdateCIMDPolicyRequest) -> UpdateCIMDPolicyResponse:
    """Change a policy: app client and patterns are always replaced, name and cache duration only where they are given.

    Its cached documents stay, and count as long as it allows their addresses. Raises ResourceNotFoundException,
    ConcurrentModificationException.
    """
    pool, client = await require_client_of(call, req.user_pool_id, req.client_id)
    _require_tier(call, pool)

    async def change(tx: Transaction) -> PolicyRow:
        await _require_client(tx, pool, client.client_id)
        row = await _require(tx, pool, req.cimd_policy_id)
        changed = msgspec.structs.replace(
            row,
            client_id=client.client_id,
            name=req.policy_name or row.name,
            url_patterns=msgspec.json.encode(req.url_patterns).decode(),
            cache_duration=req.cache_duration or row.cache_duration,
            version=row.version + 1,
            updated_at=call.now,
        )
        if await cimd_policies.replace(tx, pool_id=pool.pool_id, row=changed, expected_version=row.version) != 1:
            raise ConcurrentModificationException(_ONE_AT_A_TIME)
        return changed

    changed = await call.db.write(change)
    return UpdateCIMDPolicyResponse(cimd_policy=await _described(call.db, pool, changed))


async def delete_cimd_policy(call: Call, req: DeleteCIMDPolicyRequest) -> DeleteCIMDPolicyResponse:
    """Remove a policy with its documents; apps that only it allowed get no more tokens. Raises ResourceNotFoundException."""
    pool = await require_pool(call, req.user_pool_id)

    async def delete(tx: Transaction) -> int:
        deleted = await cimd_policies.delete(tx, pool_id=pool.pool_id, policy_id=req.cimd_policy_id)
        await client_documents.delete_those_of(tx, pool_id=pool.pool_id, policy_id=req.cimd_policy_id)
        return deleted

    if await call.db.write(delete) != 1:
        raise _unknown(req.cimd_policy_id)
    return DeleteCIMDPolicyResponse()


async def list_cimd_policies(call: Call, req: ListCIMDPoliciesRequest) -> ListCIMDPoliciesResponse:
    """Return the policies of a pool without their patterns, a page at a time, in the order of their ids."""
    pool = await require_pool(call, req.user_pool_id)
    wanted = PageRequest(call, f"ListCIMDPolicies {pool.pool_id}", req.next_token, req.max_results or LARGEST_PAGE)
    rows = await cimd_policies.page(call.db, pool_id=pool.pool_id, after=wanted.after(), limit=wanted.limit)
    page = wanted.cut(rows, lambda row: row.policy_id)
    return ListCIMDPoliciesResponse(
        cimd_policies=[
            CIMDPolicySummaryType(
                cimd_policy_id=row.policy_id,
                client_id=await _client_of(call.db, pool, row),
                policy_name=row.name,
                cache_duration=row.cache_duration,
                creation_date=seconds(row.created_at),
                last_modified_date=seconds(row.updated_at),
            )
            for row in page.items
        ],
        next_token=page.token,
    )


async def list_client_metadata_urls(call: Call, req: ListClientMetadataURLsRequest) -> ListClientMetadataURLsResponse:
    """Return the addresses whose documents are cached by a policy, a page at a time. Raises ResourceNotFoundException."""
    # UNVERIFIED: that an address whose document was invalidated, or never could be fetched, is not listed.
    pool = await require_pool(call, req.user_pool_id)
    policy = await _require(call.db, pool, req.cimd_policy_id)
    listing = f"ListClientMetadataURLs {pool.pool_id} {policy.policy_id}"
    wanted = PageRequest(call, listing, req.next_token, req.max_results or LARGEST_PAGE)
    rows = await client_documents.page(
        call.db, pool_id=pool.pool_id, policy_id=policy.policy_id, after=wanted.after(), limit=wanted.limit
    )
    page = wanted.cut(rows, lambda row: row.url)
    return ListClientMetadataURLsResponse(
        client_metadata_urls=[
            ClientMetadataURLType(
                url=row.url, cached_date=seconds(row.cached_at), expiration_date=seconds(row.expires_at)
            )
            for row in page.items
        ],
        next_token=page.token,
    )


async def update_client_metadata_url_state(
    call: Call, req: UpdateClientMetadataURLStateRequest
) -> UpdateClientMetadataURLStateResponse:
    """Fetch a cached document anew, or forget it: it is then fetched at the next sign-in.

    A document that cannot be fetched leaves the cached one. Raises ResourceNotFoundException,
    CachedCIMDURLDoesNotExistException, InvalidParameterException.
    """
    pool = await require_pool(call, req.user_pool_id)
    _require_tier(call, pool)
    policy = await _require(call.db, pool, req.cimd_policy_id)
    row = await client_documents.find(call.db, pool_id=pool.pool_id, url=req.url)
    if row is None or row.policy_id != policy.policy_id:
        raise CachedCIMDURLDoesNotExistException("The client metadata document URL is not cached for this CIMD policy.")
    if req.action == "REFRESH":
        try:
            await documents.fetch(call, pool.pool_id, await policy_of(call, pool.pool_id, req.url), req.url, anew=True)
        except BadDocument as fault:
            raise InvalidParameterException(
                "The client metadata document could not be retrieved, or is not valid.", detail=str(fault)
            ) from None
        return UpdateClientMetadataURLStateResponse()

    async def forget(tx: Transaction) -> int:
        return await client_documents.delete(tx, pool_id=pool.pool_id, url=req.url)

    await call.db.write(forget)
    return UpdateClientMetadataURLStateResponse()


async def _require(reader: Reader, pool: Pool, policy_id: str) -> PolicyRow:
    row = await cimd_policies.find(reader, pool_id=pool.pool_id, policy_id=policy_id)
    if row is None:
        raise _unknown(policy_id)
    return row


async def _require_client(tx: Transaction, pool: Pool, client_id: str) -> None:
    if not await clients.hold(tx, pool.pool_id, client_id):
        raise unknown_client(client_id)


async def _client_of(reader: Reader, pool: Pool, row: PolicyRow) -> str | None:
    """Return the app client of a policy, None where it is gone."""
    versions = await clients.versions(reader, pool.pool_id, row.client_id)
    return None if versions is None else row.client_id


async def _described(reader: Reader, pool: Pool, row: PolicyRow) -> CIMDPolicyType:
    return CIMDPolicyType(
        user_pool_id=pool.pool_id,
        cimd_policy_id=row.policy_id,
        client_id=await _client_of(reader, pool, row),
        policy_name=row.name,
        cache_duration=row.cache_duration,
        url_patterns=list(patterns(row.url_patterns)),
        creation_date=seconds(row.created_at),
        last_modified_date=seconds(row.updated_at),
    )


def _require_tier(call: Call, pool: Pool) -> None:
    if call.settings.strict_tiers:
        require_client_documents_in_tier(pool.document)


def _unknown(policy_id: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"CIMD policy {policy_id} does not exist.")
