"""How are access, ID and refresh tokens made? From claims that are encoded once and signed inline, nowhere but here."""

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
    """Sign the tokens that are wanted for a session that the gate has opened or found alive; an access token always is.

    `nonce` goes into the ID token as it is; `overrides` are what PreTokenGeneration changes in both. `bound_to` is the
    thumbprint of the key that was shown, empty for none: it binds the access token, and the refresh token of a client without
    a secret. `new_device` is the (key, group key) of a device that was not known before.
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
    access_token = jws.sign(_encode(access_claims), kid=pool_keys.access.kid, key=pool_keys.access.private)
    id_token = None
    if with_id:
        at_hash = claims.at_hash(access_token) if session.by_pages else {}
        id_claims = {**at_hash, **id_claims, **_sid(call, client, session)}
        id_token = jws.sign(_encode(id_claims), kid=pool_keys.id.kid, key=pool_keys.id.private)
    # Whoever has the client's secret proves enough by it (RFC 9449 section 5).
    refresh_token = refresh.RefreshToken(
        session.session_id, session.generation, jkt="" if client.confidential else bound_to
    )
    return Tokens(
        access=access_token,
        id=id_token,
        refresh=refresh.write(pool, refresh_token) if with_refresh else None,
        expires_in=client.access_validity // SECOND,
        new_device=new_device,
    )


def _occasion(
    call: Call, pool: Pool, session: Session, *, scopes: tuple[str, ...], resource: str, nonce: str | None = None
) -> claims.Occasion:
    """Return what tokens of a session that are signed now have in common, and a new `jti` for each."""
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
    """Return the claim `sid` for an app client that gets logout tokens, none for others: Cognito has no such claim."""
    browser_session_id = session.browser_session_id
    gets_logout_tokens = call.settings.backchannel_of(client.shown_id) is not None
    return {"sid": sid(browser_session_id)} if gets_logout_tokens and browser_session_id else {}


async def issue_to_client(
    call: Call,
    pool: Pool,
    client: Client,
    scopes: Sequence[str],
    *,
    bound_to: str,
    overrides: TokenOverrides | None = None,
) -> Tokens:
    """Sign an access token for an app client that stands for itself: without a user, a session or a refresh token."""
    pool_keys = await keys.of_pool(call.house, pool.pool_id)
    assert pool_keys is not None, "a pool that is there has keys"
    machine_claims = claims.machine_claims(
        client, scopes, issuer=issuer_of(call.settings, pool), now=call.now, jti=call.entropy.uuid()
    )
    if overrides is not None:  # it has no groups, whatever the trigger says of them (userpools.md 4)
        without_groups = replace(overrides, groups=None, roles=None, preferred_role=None)
        machine_claims, _ = override(machine_claims, {}, without_groups)
    machine_claims |= dpop.confirmation(bound_to)
    access_token = jws.sign(_encode(machine_claims), kid=pool_keys.access.kid, key=pool_keys.access.private)
    return Tokens(access=access_token, id=None, refresh=None, expires_in=client.access_validity // SECOND)


async def issue_derived(
    call: Call, derivation: Derivation, *, bound_to: str, overrides: TokenOverrides | None = None
) -> Derived:
    """Sign a token in exchange for another of the same session; it ends no later than that one.

    An ID token carries the scopes that were granted: whoever exchanges it again gets no more.
    """
    bearer, grant = derivation.bearer, derivation.grant
    pool, client, session = bearer.pool, bearer.client, bearer.session
    pool_keys = await keys.of_pool(call.house, pool.pool_id)
    assert pool_keys is not None, "a pool that is there has keys"
    occasion = _occasion(call, pool, session, scopes=grant.scopes, resource=grant.audience)
    # If a provider's token opened the session, its scopes choose among the attributes, as after a sign-in by the pages.
    occasion = replace(occasion, by_pages=session.by_pages or OPENID in grant.scopes)
    access_claims = claims.access_claims(client, bearer.user, bearer.memberships, occasion)
    id_claims = claims.id_claims(client, bearer.user, bearer.memberships, occasion)
    if overrides is not None:
        access_claims, id_claims = override(access_claims, id_claims, overrides)
    is_access = grant.kind == "access"
    usual_claims, key = (access_claims, pool_keys.access) if is_access else (id_claims, pool_keys.id)
    audience = {"aud": grant.audience, "azp": client.client_id} if grant.audience else {}
    derived_claims = {
        **usual_claims,
        **({} if is_access else {**audience, "scope": " ".join(grant.scopes)}),
        "exp": min(int(usual_claims["exp"]), grant.not_after),
        **({} if grant.act is None else {"act": grant.act}),
        **(dpop.confirmation(bound_to) if is_access else {}),
    }
    return Derived(
        token=jws.sign(_encode(derived_claims), kid=key.kid, key=key.private),
        kind=grant.kind,
        expires_in=derived_claims["exp"] - call.now // SECOND,
        scopes=tuple(str(derived_claims.get("scope", "")).split()),
    )
