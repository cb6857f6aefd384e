"""Which credentials does an identity get? Those of an hour's session of its role (enhanced flow, identity-security.md 1.4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from poolkeeper.broker_settings import BrokerSetting, broker_of
from poolkeeper.call import Call
from poolkeeper.crypto.jws import BadToken
from poolkeeper.errors import (
    InvalidIdentityPoolConfigurationException,
    PackedPolicyTooLargeException,
)
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.identities import brokers, developers, issuer, linking, role_choice, role_sessions, tokens
from poolkeeper.identities.beginnings import Beginning
from poolkeeper.identities.login import BAD_SIGNATURE, VerifiedLogin, invalid
from poolkeeper.identities.logins import verified
from poolkeeper.identities.principal_tags import tags_of
from poolkeeper.identities.role_choice import MISCONFIGURED
from poolkeeper.model.identity_pool import UNAUTHENTICATED, IdentityPool
from poolkeeper.model.principal import WebIdentity
from poolkeeper.rights.tokens import Temporary
from poolkeeper.store import groups, identities

_SESSION_NAME = "CognitoIdentityCredentials"


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The identity that a request proves, and what its session will carry."""

    identity_id: str
    amr: tuple[str, ...]
    logins: Sequence[VerifiedLogin]
    tags: Mapping[str, str]

    @property
    def guest(self) -> bool:
        return self.amr == (UNAUTHENTICATED,)


async def credentials_for(
    call: Call, begun: Beginning, identity_id: str, logins: Mapping[str, str], custom_role_arn: str | None
) -> tuple[str, Temporary]:
    """Return the id of the identity, which may differ from the one in the request, and its credentials.

    Raises InvalidIdentityPoolConfigurationException where there is no role or it does not trust this identity,
    InvalidParameterException, NotAuthorizedException, ResourceConflictException, ResourceNotFoundException,
    ExternalServiceException where another STS should make them and does not.
    """
    pool = begun.pool
    who = await _who(call, begun, identity_id, logins)
    if who.guest:
        role_arn = role_choice.of_guest(pool, custom_role_arn)
    else:
        role_arn = role_choice.of_member(pool, who.logins, custom_role_arn)
    broker = broker_of(call.settings.brokers, pool.identity_pool_id)
    if broker is not None:
        return who.identity_id, await _brokered(call, broker, pool, who, role_arn)
    role = await begun.find_role(call, role_arn)
    asked = role_sessions.Asked(
        role_arn=role_arn,
        role=role,
        session_name=_SESSION_NAME,
        web_identity=web_identity(call, pool, who.identity_id, who.amr),
        provider_names=issuer.names_of(call.settings),
        tags=who.tags,
        scoped_down=who.guest,
        named=role is None and await names_role(call, pool, role_arn, guest=who.guest),
    )
    try:
        assumed = role_sessions.assume(call, asked)
    except (role_sessions.NotTrusted, PackedPolicyTooLargeException) as fault:
        raise InvalidIdentityPoolConfigurationException(MISCONFIGURED, detail=str(fault)) from None
    return who.identity_id, assumed.credentials


async def _brokered(call: Call, broker: BrokerSetting, pool: IdentityPool, who: Who, role_arn: str) -> Temporary:
    """Return a session that another STS makes for the identity's token; the role is not judged here."""
    token = await tokens.issue(call, pool, who.identity_id, who.amr, tags=who.tags)
    return await brokers.session(
        call,
        broker,
        pool,
        role_arn=role_arn,
        session_name=_SESSION_NAME,
        identity_id=who.identity_id,
        token=token,
        guest=who.guest,
    )


def web_identity(call: Call, pool: IdentityPool, identity_id: str, amr: Sequence[str]) -> WebIdentity:
    """Return the identity that our issuer vouches for, under AWS's name of the issuer and ours."""
    aws_name, own_name = issuer.names_of(call.settings)
    return WebIdentity(
        provider=aws_name, audience=pool.identity_pool_id, subject=identity_id, methods=tuple(amr), alias=own_name
    )


async def names_role(call: Call, pool: IdentityPool, role_arn: str, *, guest: bool) -> bool:
    """Say whether an identity pool names a role: in its own roles, in a rule, or by a group of one of its user pools."""
    if role_arn in role_choice.named_by(pool, guest=guest):
        return True
    if guest:
        return False
    for pool_id in dict.fromkeys(provider.pool_id for provider in pool.user_pools):
        if await groups.have_role(call.db, pool_id=pool_id, role_arn=role_arn):
            return True
    return False


async def _who(call: Call, begun: Beginning, identity_id: str, logins: Mapping[str, str]) -> Who:
    """Return the identity that the request proves: by a back end's token, by logins, or a guest by their id."""
    own = [name for name in issuer.names_of(call.settings) if name in logins]
    if own:
        return await _by_own_token(call, begun.pool, identity_id, logins, own[0])
    return await by_logins(call, begun, identity_id, logins)


async def by_logins(call: Call, begun: Beginning, identity_id: str, logins: Mapping[str, str]) -> Who:
    """Return the identity that a request proves: by logins, or without any a guest by their id."""
    pool = begun.pool
    proved = await verified(call, pool, logins, begun.claim)
    if proved:
        proved_id = await linking.identify(
            call, pool, proved, identity_id=identity_id, linked=begun.identity_of(proved)
        )
    else:
        proved_id = (await linking.require_guest(call, pool, identity_id)).identity_id
    amr = tokens.methods([method for login in proved for method in login.methods])
    return Who(identity_id=proved_id, amr=tuple(amr), logins=proved, tags=tags_of(pool, proved))


async def _by_own_token(call: Call, pool: IdentityPool, identity_id: str, logins: Mapping[str, str], name: str) -> Who:
    """Return the identity of a token that this identity pool gave to a back end (identity-security.md 1.6).

    The back end's user must still be this identity. Raises NotAuthorizedException, also for tokens of guests and of members,
    who have better proofs.
    """
    if len(logins) > 1:
        # UNVERIFIED: what AWS does with other logins beside such a token.
        raise refused(Reason.SEVERAL_LOGINS)
    try:
        claims = await tokens.read(call, logins[name])
    except tokens.Expired:
        raise invalid("Token expired.") from None
    except BadToken as fault:
        raise invalid(BAD_SIGNATURE, str(fault)) from None
    user = developers.user_in(pool, claims.amr)
    if claims.aud != pool.identity_pool_id or claims.sub != identity_id or user is None:
        raise linking.forbidden(identity_id)
    identity = await identities.of_developer(
        call.db, identity_pool_id=pool.identity_pool_id, developer_user_identifier=user
    )
    if identity is None or identity.identity_id != identity_id:
        raise linking.forbidden(identity_id)
    await linking.note_use(call, pool, identity)
    return Who(identity_id=identity_id, amr=claims.amr, logins=(), tags=claims.session_tags)
