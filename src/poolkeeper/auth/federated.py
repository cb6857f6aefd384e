"""How does somebody from an identity provider come to the gate? With the provider's word, which is the whole proof."""

from collections.abc import Mapping

from poolkeeper import lookup
from poolkeeper.accounts import federated, passwords
from poolkeeper.auth.attempt import Attempt
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.call import Call
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.federation.identity_provider import IdentityProvider
from poolkeeper.federation.saml.statements import Assertion
from poolkeeper.federation.upstream import Profile
from poolkeeper.model.client import Client
from poolkeeper.model.journey import Journey
from poolkeeper.model.pool import Pool
from poolkeeper.model.proof import Proof

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
    metadata: Mapping[str, str] | None = None,
) -> Proven:
    """Return what the gate asks for of somebody whom a provider vouches for, verified before.

    Triggers and errors are those of accounts/federated.py.
    """
    came = await federated.sign_in(call, pool, client, provider, said, metadata=metadata)
    invocations = call.trace.invocations
    pool, client, subject = await lookup.require_client_and_subject(
        call, client.client_id, came.proof.user.sub, pool_id=pool.pool_id
    )
    if subject.user is None or subject.user.sub != came.proof.user.sub:
        raise NotAuthorizedException(passwords.INCORRECT, detail="the user went just now")
    attempt = Attempt(
        call=call,
        pool=pool,
        client=client,
        subject=subject,
        given={},
        metadata=metadata or {},
        invocations=invocations,
    )
    journey = Journey(flow=FLOW, provisioned=came.provisioned)
    proof = Proof(user=subject.user, factor=came.proof.factor)
    return SignIn(attempt=attempt, subject=subject, journey=journey).proved(proof)
