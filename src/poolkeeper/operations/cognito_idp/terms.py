"""CreateTerms, DescribeTerms and their companions: what people agree to when they sign up at an app client."""

import msgspec

from poolkeeper.aws.generated.cognito_idp import (
    CreateTermsRequest,
    CreateTermsResponse,
    DeleteTermsRequest,
    DescribeTermsByClientRequest,
    DescribeTermsByClientResponse,
    DescribeTermsRequest,
    DescribeTermsResponse,
    ListTermsRequest,
    ListTermsResponse,
    TermsDescriptionType,
    TermsType,
    UpdateTermsRequest,
    UpdateTermsResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import (
    ConcurrentModificationException,
    LimitExceededException,
    ResourceNotFoundException,
    TermsExistsException,
)
from poolkeeper.lookup import require_client_of, require_pool, unknown_client
from poolkeeper.model.terms import TERMS_OF_A_POOL, require_links
from poolkeeper.operations.paging import LARGEST_PAGE, PageRequest
from poolkeeper.operations.shapes import seconds
from poolkeeper.store import clients, terms
from poolkeeper.store.db import Transaction
from poolkeeper.store.terms import TermsRow

# UNVERIFIED: the words of all refusals here but that of an unknown app client; one of each against AWS would settle them.
_LIMIT = "The number of terms documents in the user pool has reached its limit."
_ONE_AT_A_TIME = "Only one request to update terms can be processed at a time."

_decode_links = msgspec.json.Decoder(dict[str, str]).decode


async def create_terms(call: Call, req: CreateTermsRequest) -> CreateTermsResponse:
    """Create one of an app client's two documents.

    Raises InvalidParameterException, ResourceNotFoundException, TermsExistsException, LimitExceededException.
    """
    pool, client = await require_client_of(call, req.user_pool_id, req.client_id)
    row = TermsRow(
        terms_id=call.entropy.uuid(),
        client_id=client.client_id,
        name=req.terms_name,
        source=req.terms_source,
        enforcement=req.enforcement,
        links=msgspec.json.encode(require_links(req.links)).decode(),
        version=1,
        created_at=call.now,
        updated_at=call.now,
    )

    async def create(tx: Transaction) -> None:
        if not await clients.hold(tx, pool.pool_id, client.client_id):
            raise unknown_client(client.client_id)
        if len(await terms.page(tx, pool_id=pool.pool_id, after="", limit=TERMS_OF_A_POOL)) >= TERMS_OF_A_POOL:
            raise LimitExceededException(_LIMIT)
        if not await terms.insert(tx, pool_id=pool.pool_id, row=row):
            raise _exists(row)

    await call.db.write(create)
    return CreateTermsResponse(terms=_described(pool.pool_id, row))


async def describe_terms(call: Call, req: DescribeTermsRequest) -> DescribeTermsResponse:
    """Return a terms document by its id.

    Raises ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)
    row = await terms.find(call.db, pool_id=pool.pool_id, terms_id=req.terms_id.lower())
    if row is None:
        raise _unknown(req.terms_id)
    return DescribeTermsResponse(terms=_described(pool.pool_id, row))


async def describe_terms_by_client(call: Call, req: DescribeTermsByClientRequest) -> DescribeTermsByClientResponse:
    """Return a terms document by its app client and its name.

    Raises ResourceNotFoundException.
    """
    pool, client = await require_client_of(call, req.user_pool_id, req.client_id)
    rows = await terms.of_client(call.db, pool_id=pool.pool_id, client_id=client.client_id)
    row = next((candidate for candidate in rows if candidate.name == req.terms_name), None)
    if row is None:
        raise ResourceNotFoundException(f"Terms {req.terms_name} of client {client.client_id} do not exist.")
    return DescribeTermsByClientResponse(terms=_described(pool.pool_id, row))


async def list_terms(call: Call, req: ListTermsRequest) -> ListTermsResponse:
    """Return the terms documents of a pool without their links, a page at a time, in the order of their ids."""
    pool = await require_pool(call, req.user_pool_id)
    wanted = PageRequest(call, f"ListTerms {pool.pool_id}", req.next_token, req.max_results or LARGEST_PAGE)
    rows = await terms.page(call.db, pool_id=pool.pool_id, after=wanted.after(), limit=wanted.limit)
    page = wanted.cut(rows, lambda row: row.terms_id)
    return ListTermsResponse(
        terms=[
            TermsDescriptionType(
                terms_id=row.terms_id,
                terms_name=row.name,
                enforcement=row.enforcement,
                creation_date=seconds(row.created_at),
                last_modified_date=seconds(row.updated_at),
            )
            for row in page.items
        ],
        next_token=page.token,
    )


async def update_terms(call: Call, req: UpdateTermsRequest) -> UpdateTermsResponse:
    """Change a terms document: what is left out stays, given links replace all others.

    Raises InvalidParameterException, ResourceNotFoundException; TermsExistsException for a name that the app client's other
    document has, ConcurrentModificationException where another request changed it at the same time.
    """
    pool = await require_pool(call, req.user_pool_id)
    terms_id = req.terms_id.lower()
    links = None if req.links is None else msgspec.json.encode(require_links(req.links)).decode()

    async def change(tx: Transaction) -> TermsRow:
        row = await terms.find(tx, pool_id=pool.pool_id, terms_id=terms_id)
        if row is None:
            raise _unknown(req.terms_id)
        changed = msgspec.structs.replace(
            row,
            name=req.terms_name or row.name,
            source=req.terms_source or row.source,
            enforcement=req.enforcement or row.enforcement,
            links=links or row.links,
            version=row.version + 1,
            updated_at=call.now,
        )
        await clients.hold(
            tx, pool.pool_id, row.client_id
        )  # else concurrent requests could give two documents one name
        client_rows = await terms.of_client(tx, pool_id=pool.pool_id, client_id=row.client_id)
        if any(other_row.name == changed.name and other_row.terms_id != terms_id for other_row in client_rows):
            raise _exists(changed)
        if await terms.replace(tx, pool_id=pool.pool_id, row=changed, expected_version=row.version) != 1:
            raise ConcurrentModificationException(_ONE_AT_A_TIME)
        return changed

    return UpdateTermsResponse(terms=_described(pool.pool_id, await call.db.write(change)))


async def delete_terms(call: Call, req: DeleteTermsRequest) -> None:
    """Remove a terms document; the sign-up page of its app client asks for no agreement from then on.

    Raises ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)

    async def delete(tx: Transaction) -> int:
        return await terms.delete(tx, pool_id=pool.pool_id, terms_id=req.terms_id.lower())

    if await call.db.write(delete) != 1:
        raise _unknown(req.terms_id)


def _described(pool_id: str, row: TermsRow) -> TermsType:
    return TermsType(
        terms_id=row.terms_id,
        user_pool_id=pool_id,
        client_id=row.client_id,
        terms_name=row.name,
        terms_source=row.source,
        enforcement=row.enforcement,
        links=_decode_links(row.links),
        creation_date=seconds(row.created_at),
        last_modified_date=seconds(row.updated_at),
    )


def _unknown(terms_id: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Terms {terms_id} do not exist.")


def _exists(row: TermsRow) -> TermsExistsException:
    return TermsExistsException(f"Terms {row.name} of client {row.client_id} already exist.")
