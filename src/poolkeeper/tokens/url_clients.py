"""May an app that names itself by an address keep its tokens? While a policy of the pool gives it the same app client."""

from collections.abc import Sequence

import msgspec

from poolkeeper.call import Call
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Bearer
from poolkeeper.model import client_metadata
from poolkeeper.model.client_metadata import BadDocument
from poolkeeper.store import cimd_policies
from poolkeeper.store.cimd_policies import PolicyRow

# UNVERIFIED: how many policies a pool may have; CreateCIMDPolicy until it refuses would settle it.
MOST_POLICIES = 50
_decode_patterns = msgspec.json.Decoder(list[str]).decode


async def policy_of(call: Call, pool_id: str, url: str) -> PolicyRow:
    """Return the oldest policy of a pool that allows an address. Raises BadDocument if none does, or it is no address."""
    client_metadata.require_client_url(url)
    for row in await cimd_policies.of_pool(call.db, pool_id=pool_id, limit=MOST_POLICIES):
        if client_metadata.allows(patterns(row.url_patterns), url):
            return row
    raise BadDocument("no policy allows its address")


def patterns(text: str) -> Sequence[str]:
    """Return the patterns in a policy's row, which has them as JSON."""
    return _decode_patterns(text)


async def require_still_allowed(call: Call, bearer: Bearer) -> None:
    """Refuse a session of an app to whose address no policy gives the app client any more. Raises NotAuthorizedException.

    Deleting the policy cuts the app off, as deleting an app client does. Sessions of other apps pass.
    """
    # UNVERIFIED: whether AWS takes access tokens of an address that no policy allows any more; GetUser with one would tell.
    if not bearer.session.client_url:
        return
    try:
        policy = await policy_of(call, bearer.pool.pool_id, bearer.session.client_url)
    except BadDocument as fault:
        raise refused(Reason.TOKEN_REVOKED, detail=str(fault)) from None
    if policy.client_id != bearer.session.client_id:
        raise refused(Reason.TOKEN_REVOKED, detail="its policy gives it another app client by now")
