"""What is true of a sign-in now? Pool, client and user read again where somebody else's code ran meanwhile."""

from dataclasses import replace

from poolkeeper import lookup
from poolkeeper.accounts import links
from poolkeeper.accounts.identity_providers import provider_by_name
from poolkeeper.auth.sign_in import Proven
from poolkeeper.call import Call
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User


async def as_it_is_now(proven: Proven) -> Proven:
    """Return the evidence with pool, client and user as they are, read again where a function was asked since.

    Functions change users and pools by the API, and what they changed counts. Raises NotAuthorizedException where the
    user is gone or has another password: the proof was of the one before.
    """
    attempt, user = proven.attempt, proven.user
    invocations = attempt.call.trace.invocations
    if attempt.invocations == invocations:
        return proven
    pool, client, found = await lookup.require_client_and_subject(
        attempt.call, attempt.client.client_id, user.sub, pool_id=attempt.pool.pool_id
    )
    if found.user is None or found.user.sub != user.sub:
        raise refused(Reason.USER_GONE)
    if found.user.credential_version != user.credential_version:
        raise refused(Reason.CREDENTIAL_CHANGED)
    if proven.journey.vouched is not None:
        await _require_vouched(attempt.call, pool, client, found.user, proven.journey.vouched)
    return replace(
        proven,
        attempt=replace(attempt, pool=pool, client=client, invocations=invocations),
        subject=replace(proven.subject, user=found.user, memberships=found.memberships),
    )


async def _require_vouched(call: Call, pool: Pool, client: Client, user: User, vouched: tuple[str, str]) -> None:
    """Refuse a user whose provider, or link to it, was taken away while a function was asked."""
    name, subject = vouched
    provider = await provider_by_name(call.house, pool, name) if client.serves(name) else None
    found = None if provider is None else await links.find(call.db, pool, provider, subject, {})
    if found is None or found.link.user_id != user.sub:
        raise refused(Reason.LINK_GONE)
