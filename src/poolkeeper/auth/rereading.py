"""What is true of a sign-in now? Pool, client and user, read again where a customer's function ran meanwhile."""

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
    """Return the sign-in with pool, client and user as they are now, read again where a function ran since.

    Functions can change users and pools by the API, and their changes count. Raises NotAuthorizedException where the
    user is gone or has another password: the proof was of the former one.
    """
    attempt, user = proven.attempt, proven.user
    invocations = attempt.call.trace.invocations
    if attempt.invocations == invocations:
        return proven
    pool, client, subject = await lookup.require_client_and_subject(
        attempt.call, attempt.client.client_id, user.sub, pool_id=attempt.pool.pool_id
    )
    if subject.user is None or subject.user.sub != user.sub:
        raise refused(Reason.USER_GONE)
    if subject.user.credential_version != user.credential_version:
        raise refused(Reason.CREDENTIAL_CHANGED)
    if proven.journey.vouched is not None:
        await _require_vouched(attempt.call, pool, client, subject.user, proven.journey.vouched)
    return replace(
        proven,
        attempt=replace(attempt, pool=pool, client=client, invocations=invocations),
        subject=replace(proven.subject, user=subject.user, memberships=subject.memberships),
    )


async def _require_vouched(call: Call, pool: Pool, client: Client, user: User, vouched: tuple[str, str]) -> None:
    """Refuse a user whose provider, or link to it, was removed while a function ran."""
    name, provider_subject = vouched
    provider = await provider_by_name(call.house, pool, name) if client.serves(name) else None
    linked = None if provider is None else await links.find(call.db, pool, provider, provider_subject, {})
    if linked is None or linked.link.user_id != user.sub:
        raise refused(Reason.LINK_GONE)
