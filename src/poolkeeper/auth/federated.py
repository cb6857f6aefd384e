"""How does a user of an identity provider reach the gate? With the provider's statement, which is the whole proof."""

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


async def prove(
    call: Call,
    pool: Pool,
    client: Client,
    provider: IdentityProvider,
    provider_answer: Profile | Assertion,
    *,
    target: tuple[str, ...] = (),
    metadata: Mapping[str, str] | None = None,
    by_token: bool = False,
) -> Proven:
    """Return the proven sign-in of a user whom a provider vouches for; the caller has verified `provider_answer`.

    `target` are the levels that the app asks for; the provider's word alone says what was reached (oauth-federation.md 6).
    `by_token`, triggers and errors are those of accounts/federated.py.
    """
    came = await federated.sign_in(call, pool, client, provider, provider_answer, metadata=metadata, by_token=by_token)
    invocations = call.trace.invocations
    pool, client, subject = await lookup.require_client_and_subject(
        call, client.client_id, came.proof.user.sub, pool_id=pool.pool_id
    )
    if came.group is not None and came.group not in {membership.group_name for membership in subject.memberships}:
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
    vouched = (provider.name, statement.subject_of(provider_answer))
    journey = Journey(flow=FLOW, target=target, provisioned=came.provisioned, vouched=vouched)
    proven = SignIn(attempt=attempt, subject=subject, journey=journey).proved(replace(came.proof, user=subject.user))
    return replace(proven, factors=_factors(provider, provider_answer))


def _factors(provider: IdentityProvider, provider_answer: Profile | Assertion) -> tuple[str, ...]:
    """Return the factors that a provider's statement proves, by its `amr` and `acr`; a SAML provider has neither."""
    claims: Mapping[str, Any] = provider_answer.claims if isinstance(provider_answer, Profile) else {}
    amr = claims.get("amr")
    methods = frozenset(method for method in amr if isinstance(method, str)) if isinstance(amr, list) else frozenset()
    return factors.federated(methods, provider.level_of(claims.get("acr")))
