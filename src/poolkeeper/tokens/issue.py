"""How are tokens made? Claims, encoded once and signed inline: the one place where a token comes into being."""

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.crypto import jws
from poolkeeper.lookup import Bearer
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.model.scopes import OPENID
from poolkeeper.model.session import Session
from poolkeeper.model.token_overrides import TokenOverrides
from poolkeeper.model.tokens import Tokens
from poolkeeper.tokens import claims, dpop, keys, refresh
from poolkeeper.tokens.derivation import Derivation, Derived
from poolkeeper.tokens.issuer import issuer_of
from poolkeeper.tokens.logout_token import sid
from poolkeeper.tokens.override import override

_encode = msgspec.json.Encoder().encode


async def issue(
    call: Call,
    bearer: Bearer,
    *,
    with_id: bool,
    with_refresh: bool,
    bound_to: str,
    nonce: str | None = None,
    overrides: TokenOverrides | None = None,
    new_device: tuple[str, str] | None = None,
) -> Tokens:
    """Sign an access token, and an ID token where one is wanted, for a session that the gate has opened or found alive.

    `nonce` goes into the ID token as it is; `overrides` are what PreTokenGeneration changes in them. `bound_to` is the key
    that its holder has shown, empty for none: the access token's, and the refresh token's of a client without a secret.
    """
    pool, client, session = bearer.pool, bearer.client, bearer.session
    pool_keys = await keys.of_pool(call.house, pool.pool_id)
    assert pool_keys is not None, "a pool that is there has keys"
    occasion = _occasion(call, pool, session, scopes=session.scopes, resource=session.resource, nonce=nonce)
    access_claims = claims.access_claims(client, bearer.user, bearer.memberships, occasion)
    id_claims = claims.id_claims(client, bearer.user, bearer.memberships, occasion)
    if overrides is not None:
        access_claims, id_claims = override(access_claims, id_claims, overrides)
    access_claims |= dpop.confirmation(bound_to)
    access = jws.sign(_encode(access_claims), kid=pool_keys.access.kid, key=pool_keys.access.private)
    identity = None
    if with_id:
        bound = {**(claims.at_hash(access) if session.by_pages else {}), **id_claims, **_sid(call, client, session)}
        identity = jws.sign(_encode(bound), kid=pool_keys.id.kid, key=pool_keys.id.private)
    # Whoever has the client's secret proves enough by it (RFC 9449 section 5).
    refresh_token = refresh.RefreshToken(
        session.session_id, session.generation, jkt="" if client.confidential else bound_to
    )
    return Tokens(
        access=access,
        id=identity,
        refresh=refresh.write(pool, refresh_token) if with_refresh else None,
        expires_in=client.access_validity // SECOND,
        new_device=new_device,
    )


def _occasion(
    call: Call, pool: Pool, session: Session, *, scopes: tuple[str, ...], resource: str, nonce: str | None = None
) -> claims.Occasion:
    """Return when and of which session tokens are signed; each of them gets a `jti` of its own."""
    return claims.Occasion(
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
        scopes=scopes,
        by_pages=session.by_pages,
        resource=resource,
        nonce=nonce,
    )


def _sid(call: Call, client: Client, session: Session) -> dict[str, str]:
    """Return what names the browser session to an app client that logout tokens go to; clients of Cognito expect no such claim."""
    browser_session_id = session.browser_session_id
    told = call.settings.backchannel_of(client.shown_id) is not None
    return {"sid": sid(browser_session_id)} if told and browser_session_id else {}


async def issue_to_client(
    call: Call,
    pool: Pool,
    client: Client,
    scopes: Sequence[str],
    *,
    bound_to: str,
    overrides: TokenOverrides | None = None,
) -> Tokens:
    """Sign an access token for an app client that stands for itself: no user, no session, nothing that could be refreshed."""
    pool_keys = await keys.of_pool(call.house, pool.pool_id)
    assert pool_keys is not None, "a pool that is there has keys"
    machine = claims.machine_claims(
        client, scopes, issuer=issuer_of(call.settings, pool), now=call.now, jti=call.entropy.uuid()
    )
    if overrides is not None:  # of groups it has none, whatever is said of them (userpools.md 4)
        machine, _ = override(machine, {}, replace(overrides, groups=None, roles=None, preferred_role=None))
    machine |= dpop.confirmation(bound_to)
    access = jws.sign(_encode(machine), kid=pool_keys.access.kid, key=pool_keys.access.private)
    return Tokens(access=access, id=None, refresh=None, expires_in=client.access_validity // SECOND)


async def issue_derived(
    call: Call, derivation: Derivation, *, bound_to: str, overrides: TokenOverrides | None = None
) -> Derived:
    """Sign one token for another one of the same session, which it does not outlast.

    An ID token remembers with which scopes it was made: whoever shows it for another token gets no more by it.
    """
    bearer, grant = derivation.bearer, derivation.grant
    pool, client, session = bearer.pool, bearer.client, bearer.session
    pool_keys = await keys.of_pool(call.house, pool.pool_id)
    assert pool_keys is not None, "a pool that is there has keys"
    occasion = _occasion(call, pool, session, scopes=grant.scopes, resource=grant.audience)
    # Of a session that a provider's token opened the scopes choose among the attributes, as if the pages had.
    occasion = replace(occasion, by_pages=session.by_pages or OPENID in grant.scopes)
    access = claims.access_claims(client, bearer.user, bearer.memberships, occasion)
    identity = claims.id_claims(client, bearer.user, bearer.memberships, occasion)
    if overrides is not None:
        access, identity = override(access, identity, overrides)
    chosen, key = (access, pool_keys.access) if grant.kind == "access" else (identity, pool_keys.id)
    for_whom = {"aud": grant.audience, "azp": client.client_id} if grant.audience else {}
    told = {
        **chosen,
        **({} if grant.kind == "access" else {**for_whom, "scope": " ".join(grant.scopes)}),
        "exp": min(int(chosen["exp"]), grant.not_after),
        **({} if grant.act is None else {"act": grant.act}),
        **(dpop.confirmation(bound_to) if grant.kind == "access" else {}),
    }
    return Derived(
        token=jws.sign(_encode(told), kid=key.kid, key=key.private),
        kind=grant.kind,
        expires_in=told["exp"] - call.now // SECOND,
        scopes=tuple(str(told.get("scope", "")).split()),
    )
