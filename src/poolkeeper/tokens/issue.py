"""How are tokens made? Claims, encoded once and signed inline: the one place where a user token comes into being."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.crypto import jws
from poolkeeper.model.client import Client
from poolkeeper.model.group import Membership
from poolkeeper.model.pool import Pool
from poolkeeper.model.session import Session
from poolkeeper.model.user import User
from poolkeeper.tokens import claims, keys, refresh
from poolkeeper.tokens.issuer import issuer_of
from poolkeeper.tokens.override import override
from poolkeeper.triggers import TokenOverrides

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What a sign-in or a refresh is answered with. `expires_in` is the access token's life in seconds.

    `new_device` is the (key, group key) of a device that was not known before, in pools that track devices.
    """

    access: str
    id: str
    refresh: str | None
    expires_in: int
    new_device: tuple[str, str] | None = None


async def issue(
    call: Call,
    pool: Pool,
    client: Client,
    user: User,
    memberships: Sequence[Membership],
    session: Session,
    *,
    with_refresh: bool,
    overrides: TokenOverrides | None = None,
    new_device: tuple[str, str] | None = None,
) -> Tokens:
    """Sign an ID and an access token for a session that the gate has opened or found alive.

    `overrides` are what PreTokenGeneration changes in them.
    """
    pool_keys = await keys.of_pool(call.house, pool.pool_id)
    assert pool_keys is not None, "a pool that is there has keys"
    occasion = claims.Occasion(
        issuer=issuer_of(call.settings, pool),
        origin_jti=session.session_id,
        event_id=session.event_id,
        auth_time=session.auth_time,
        now=call.now,
        id_jti=call.entropy.uuid(),
        access_jti=call.entropy.uuid(),
        device_key=session.device_key,
        acr=session.acr,
        factors=session.factors,
    )

    access_claims = claims.access_claims(client, user, memberships, occasion)
    id_claims = claims.id_claims(client, user, memberships, occasion)
    if overrides is not None:
        access_claims, id_claims = override(access_claims, id_claims, overrides)
    access, identity = _encode(access_claims), _encode(id_claims)
    refresh_token = refresh.RefreshToken(session.session_id, session.generation)
    return Tokens(
        access=jws.sign(access, kid=pool_keys.access.kid, key=pool_keys.access.private),
        id=jws.sign(identity, kid=pool_keys.id.kid, key=pool_keys.id.private),
        refresh=refresh.write(pool, refresh_token) if with_refresh else None,
        expires_in=client.access_validity // SECOND,
        new_device=new_device,
    )
