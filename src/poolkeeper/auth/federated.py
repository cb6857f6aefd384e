"""How does somebody from an identity provider come to the gate? With the provider's word, which is the whole proof."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from poolkeeper import lookup
from poolkeeper.accounts import federated
from poolkeeper.auth.attempt import Attempt
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.call import Call
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.federation import statement
from poolkeeper.federation.identity_provider import IdentityProvider
from poolkeeper.federation.saml.statements import Assertion
from poolkeeper.federation.upstream import Profile
from poolkeeper.model import factors
from poolkeeper.model.client import Client
from poolkeeper.model.journey import Journey
from poolkeeper.model.pool import Pool

FLOW = "FEDERATED"
# The trigger source of PreTokenGeneration, for the `Want` of whoever goes on to the gate with it.
SOURCE = "TokenGeneration_HostedAuth"


async def prove(
    call: Call,
    pool: Pool,
    client: Client,
    provider: IdentityProvider,
    said: Profile | Assertion,
    *,
    target: tuple[str, ...] = (),
    metadata: Mapping[str, str] | None = None,
    by_token: bool = False,
) -> Proven:
    """Return what the gate asks for of somebody whom a provider vouches for, verified before.

    `target` are the levels that the app asks for; what was reached is the provider's word, blindly (oauth-federation.md 6).
    `by_token`, triggers and errors are those of accounts/federated.py.
    """
    came = await federated.sign_in(call, pool, client, provider, said, metadata=metadata, by_token=by_token)
    invocations = call.trace.invocations
    pool, client, subject = await lookup.require_client_and_subject(
        call, client.client_id, came.proof.user.sub, pool_id=pool.pool_id
    )
    if came.group is not None and came.group not in {one.group_name for one in subject.memberships}:
        await federated.join(call, pool, provider, came.proof.user.sub)
        pool, client, subject = await lookup.require_client_and_subject(
            call, client.client_id, came.proof.user.sub, pool_id=pool.pool_id
        )
    if subject.user is None or subject.user.sub != came.proof.user.sub:
        raise refused(Reason.USER_GONE)
    attempt = Attempt(
        call=call,
        pool=pool,
        client=client,
        subject=subject,
        given={},
        metadata=metadata or {},
        invocations=invocations,
    )
    vouched = (provider.name, statement.subject_of(said))
    journey = Journey(flow=FLOW, target=target, provisioned=came.provisioned, vouched=vouched)
    proven = SignIn(attempt=attempt, subject=subject, journey=journey).proved(replace(came.proof, user=subject.user))
    return replace(proven, factors=_factors(provider, said))


def _factors(provider: IdentityProvider, said: Profile | Assertion) -> tuple[str, ...]:
    """Return the provider's word with what it tells of how somebody signed in there; a SAML provider tells nothing."""
    claims: Mapping[str, Any] = said.claims if isinstance(said, Profile) else {}
    told = claims.get("amr")
    methods = frozenset(one for one in told if isinstance(one, str)) if isinstance(told, list) else frozenset()
    return factors.federated(methods, provider.level_of(claims.get("acr")))
