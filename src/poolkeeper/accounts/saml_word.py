"""Does a SAML provider of a pool vouch for somebody? Its word, judged by its keys and taken once, wherever it is brought.

Source: oauth-federation.md 7.4; attacks.md 111 to 134.
"""

from collections.abc import Collection

from poolkeeper.accounts import provider_answers, saml_keys
from poolkeeper.call import Call
from poolkeeper.clock import MINUTE
from poolkeeper.federation.identity_provider import IdentityProvider, SamlUpstream
from poolkeeper.federation.saml import responses
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.statements import Assertion, Expected
from poolkeeper.model.pool import Pool

SKEW = MINUTE
# Cognito takes a sign-in that begins at the provider within six minutes; one of them is the difference of the clocks.
_MOST_AGE = 5 * MINUTE


def entity_id(pool: Pool) -> str:
    """Return what a pool is called by SAML providers."""
    return f"urn:amazon:cognito:sp:{pool.pool_id}"


def saml_of(provider: IdentityProvider) -> SamlUpstream:
    """Return what a SAML provider goes by; the caller has seen that it is one."""
    assert isinstance(provider.upstream, SamlUpstream), "a SAML provider"
    return provider.upstream


async def believed(
    call: Call,
    pool: Pool,
    provider: IdentityProvider,
    message: bytes,
    *,
    addresses: Collection[str],
    request_id: str | None,
    shown: bool = False,
) -> Assertion:
    """Return what a message says, by the keys of one provider, to one of `addresses`.

    `request_id` is the ID of our request that it answers, None for none: it may then not be older than six minutes. `shown`:
    somebody shows it as a token, and it may be an assertion alone. An assertion is taken once, also where a pool has its entity
    under two names (attacks.md 127). Raises BadMessage.
    """
    upstream = saml_of(provider)
    known = upstream.provider(call.now)
    encrypted = responses.may_be_encrypted(message)
    trust = responses.Trust(
        certificates=known.certificates,
        decryption_keys=await saml_keys.decryption_keys(call, pool, provider.name) if encrypted else (),
        only_encrypted=upstream.only_encrypted,
    )
    expected = Expected(
        issuer=upstream.entity_id,
        audiences=(entity_id(pool),),
        addresses=addresses,
        request_id=request_id,
        now=call.now,
        skew=SKEW,
        most_age=_MOST_AGE if request_id is None else None,
    )
    accept = responses.accept_shown if shown else responses.accept
    assertion = await call.house.heavy.run(call.asker, accept, message, trust, expected)
    taken = await provider_answers.take(
        call, pool, provider=upstream.entity_id, kind="assertion", name=assertion.id, expires_at=assertion.expires
    )
    if not taken:
        raise BadMessage(Fault.TAKEN, "an assertion that was taken before")
    return assertion
