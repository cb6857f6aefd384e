"""GetOpenIdTokenForDeveloperIdentity, LookupDeveloperIdentity, MergeDeveloperIdentities, UnlinkDeveloperIdentity."""

from poolkeeper.aws.generated.cognito_identity import (
    GetOpenIdTokenForDeveloperIdentityInput,
    GetOpenIdTokenForDeveloperIdentityResponse,
    LookupDeveloperIdentityInput,
    LookupDeveloperIdentityResponse,
    MergeDeveloperIdentitiesInput,
    MergeDeveloperIdentitiesResponse,
    UnlinkDeveloperIdentityInput,
)
from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.errors import InvalidParameterException
from poolkeeper.identities import developers, linking, tokens
from poolkeeper.identities.logins import verified
from poolkeeper.identities.pools import require_pool
from poolkeeper.identities.principal_tags import require_tags, tags_of
from poolkeeper.operations.paging import LARGEST_PAGE, PageRequest
from poolkeeper.store import identities


async def get_open_id_token_for_developer_identity(
    call: Call, req: GetOpenIdTokenForDeveloperIdentityInput
) -> GetOpenIdTokenForDeveloperIdentityResponse:
    """Return a token for a user whom a back end vouches for, with logins of public providers beside it.

    It lives for TokenDuration seconds, by default a quarter of an hour. Raises InvalidParameterException unless exactly one
    login is of the developer provider, DeveloperUserAlreadyRegisteredException, ResourceConflictException,
    NotAuthorizedException, ResourceNotFoundException.
    """
    pool = await require_pool(call, req.identity_pool_id)
    user = req.logins.get(pool.developer_provider or "")
    if pool.developer_provider is None or not user:
        # UNVERIFIED: the words; a request without the developer provider against AWS would settle them.
        raise InvalidParameterException("Please include a login of the developer provider of this identity pool.")
    other_logins = {name: token for name, token in req.logins.items() if name != pool.developer_provider}
    logins = await verified(call, pool, other_logins)
    tags = dict(req.principal_tags or {})
    require_tags(tags)

    identity_id = await linking.identify_by_back_end(call, pool, logins, developer=user, identity_id=req.identity_id)
    amr = tokens.methods(
        [*developers.methods_of(pool, user), *(method for login in logins for method in login.methods)]
    )
    lifetime = tokens.DEVELOPER_LIFETIME if req.token_duration is None else req.token_duration * SECOND
    token = await tokens.issue(call, pool, identity_id, amr, tags={**tags_of(pool, logins), **tags}, lifetime=lifetime)
    return GetOpenIdTokenForDeveloperIdentityResponse(identity_id=identity_id, token=token)


async def lookup_developer_identity(call: Call, req: LookupDeveloperIdentityInput) -> LookupDeveloperIdentityResponse:
    """Return the identity of a back end's user, and a page of all the user's names at the back end.

    Raises InvalidParameterException, ResourceConflictException, ResourceNotFoundException.
    """
    pool = await require_pool(call, req.identity_pool_id)
    identity = await developers.looked_up(call, pool, identity_id=req.identity_id, user=req.developer_user_identifier)
    listing = f"LookupDeveloperIdentity {identity.identity_id}"
    wanted = PageRequest(call, listing, req.next_token, req.max_results or LARGEST_PAGE)
    links = await identities.developer_links_of(
        call.db,
        identity_pool_id=pool.identity_pool_id,
        identity_id=identity.identity_id,
        after=wanted.after(),
        limit=wanted.limit,
    )
    page = wanted.cut([link.developer_user_identifier for link in links], str)
    return LookupDeveloperIdentityResponse(
        identity_id=identity.identity_id,
        developer_user_identifier_list=list(page.items),
        next_token=page.token,
    )


async def merge_developer_identities(
    call: Call, req: MergeDeveloperIdentitiesInput
) -> MergeDeveloperIdentitiesResponse:
    """Merge the identities of two users of a back end; the source's identity is disabled.

    Raises InvalidParameterException, ResourceNotFoundException, ResourceConflictException.
    """
    pool = await require_pool(call, req.identity_pool_id)
    developers.require_provider(pool, req.developer_provider_name)
    identity_id = await developers.merged(
        call, pool, source_user=req.source_user_identifier, destination_user=req.destination_user_identifier
    )
    return MergeDeveloperIdentitiesResponse(identity_id=identity_id)


async def unlink_developer_identity(call: Call, req: UnlinkDeveloperIdentityInput) -> None:
    """Unlink a back end's user from an identity; when the user comes again, they get a new identity.

    Raises InvalidParameterException, ResourceNotFoundException, ResourceConflictException.
    """
    pool = await require_pool(call, req.identity_pool_id)
    developers.require_provider(pool, req.developer_provider_name)
    await developers.unlink(call, pool, identity_id=req.identity_id, user=req.developer_user_identifier)
