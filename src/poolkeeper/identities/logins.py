"""Who is it, by the Logins of a request? The subjects of its tokens; each is verified by the provider that its key names.

One bad token fails the call, whatever the other tokens prove (identity-security.md 1.3).
"""

from collections.abc import Mapping, Sequence

from poolkeeper.call import Call
from poolkeeper.errors import ResourceConflictException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.identities import provider_logins, saml_logins, user_pool_logins
from poolkeeper.identities.login import VerifiedLogin, unsupported
from poolkeeper.identities.user_pool_logins import Claim
from poolkeeper.model.identity_pool import (
    IdentityPool,
    UserPoolProvider,
    provider_of_pool,
)
from poolkeeper.settings import Settings

# UNVERIFIED: the words; a second login of one provider against AWS would settle them.
SECOND_SUBJECT = "Login is already linked to another identity."
_SAML = ":saml-provider/"


async def verified(
    call: Call, pool: IdentityPool, logins: Mapping[str, str], claim: Claim | None = None
) -> tuple[VerifiedLogin, ...]:
    """Return the logins of a request, in the order of their providers, each provider once.

    `claim` is what was read already of the only login, where that is a login of a user pool.

    Raises NotAuthorizedException, ExternalServiceException where a provider cannot be asked, ResourceConflictException for
    two users of one provider.
    """
    if logins and not pool.has_providers:
        raise refused(Reason.NO_PROVIDERS)
    by_provider: dict[str, VerifiedLogin] = {}
    for name, token in logins.items():
        login = await _verified(call, pool, name, token, claim)
        if by_provider.setdefault(login.provider, login).subject != login.subject:
            raise ResourceConflictException(SECOND_SUBJECT)
    return tuple(by_provider[provider] for provider in sorted(by_provider))


async def _verified(call: Call, pool: IdentityPool, name: str, token: str, claim: Claim | None) -> VerifiedLogin:
    user_pools = user_pools_named(call.settings, pool, name)
    if user_pools:
        return await user_pool_logins.verified(call, user_pools, token, claim)
    if _SAML in name:
        if name not in pool.saml_provider_arns:
            raise unsupported(f"the SAML provider {name}")
        return await saml_logins.verified(call, name, token)
    return await provider_logins.verified(call, pool, name, token)


def user_pools_named(settings: Settings, pool: IdentityPool, name: str) -> Sequence[UserPoolProvider]:
    """Return the entries of an identity pool for the user pool that a name means, in AWS's spelling or in ours.

    SDKs build the name from region and pool id, Amplify from the issuer of the ID token (clients.md 1).
    """
    pool_id = user_pool_logins.pool_id_named(settings, name)
    return [provider for provider in pool.user_pools if provider.pool_id == pool_id or provider.name == name]


def provider_named(settings: Settings, pool: IdentityPool, name: str) -> str:
    """Return the spelling in rows of the provider that a name means."""
    user_pools = user_pools_named(settings, pool, name)
    return provider_of_pool(user_pools[0].pool_id) if user_pools else name
