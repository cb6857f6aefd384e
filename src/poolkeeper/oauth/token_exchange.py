"""Token exchange at /oauth2/token: for a token that it was shown, a client gets one for the next API (RFC 8693)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NoReturn

from starlette.responses import Response

from poolkeeper.auth.derive import Exchange, Shown, derive
from poolkeeper.auth.vouched import provider_that_issued
from poolkeeper.errors import InvalidParameterException, ResourceNotFoundException
from poolkeeper.hosted import paths
from poolkeeper.hosted.visit import Visit
from poolkeeper.model.exchange import ACCESS_TOKEN, ANY_JWT, ID_TOKEN, SAML2
from poolkeeper.oauth.answers import Refusal, answer
from poolkeeper.oauth.client_authentication import authenticated_client
from poolkeeper.oauth.requested_scopes import requested_scopes
from poolkeeper.tokens.derivation import Derived

EXCHANGE_GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
# The token types of RFC 8693 section 3 that can be requested, that can be shown, and that are issued.
_TYPE = "urn:ietf:params:oauth:token-type:"
_REQUESTABLE: Mapping[str, str] = {f"{_TYPE}access_token": ACCESS_TOKEN, f"{_TYPE}id_token": ID_TOKEN}
_SHOWABLE: Mapping[str, str] = {**_REQUESTABLE, f"{_TYPE}jwt": ANY_JWT, f"{_TYPE}saml2": SAML2}
_ISSUED: Mapping[str, str] = {"access": f"{_TYPE}access_token", "id": f"{_TYPE}id_token"}
_LONGEST_TARGET = 256  # AWS: AudienceType, ResourceServerIdentifierType.


async def by_token_exchange(visit: Visit) -> Response:
    """Exchange a token, as GetDerivedToken does, but refuse a scope that cannot be granted (attacks.md 68).

    The token itself says which provider issued it: there is no parameter for that. Raises Refusal, and ServiceError as
    `derive` does.
    """
    client = await authenticated_client(visit)
    if not client.confidential:  # an app that names itself by an address has no secret
        raise Refusal("unauthorized_client", "Only a client with a secret exchanges tokens")
    addresses = (visit.place.url(paths.TOKEN), visit.place.url(paths.SAML_RESPONSE))
    exchange = Exchange(
        client_id=client.client_id,
        pool_id=visit.place.pool.pool_id,
        proved=True,
        subject=_shown_token(visit, "subject") or _refuse_missing("subject_token"),
        actor=_actor(visit),
        scopes=requested_scopes(visit),
        exact=True,
        audience=_target(visit, "audience"),
        resource=_target(visit, "resource"),
        issue=_requested_type(visit),
        addresses=lambda _pool: addresses,
    )
    if exchange.audience and exchange.resource:
        raise Refusal("invalid_target", "audience and resource cannot be requested together")
    subject = exchange.subject
    # As it was just read with the client: the place's pool may be older.
    pool = visit.call.house.memory.pools.get(client.pool_id) or visit.place.pool
    try:
        issued_by = await provider_that_issued(visit.call, pool, subject.token, subject.type)
        exchange = replace(exchange, subject=replace(subject, provider=issued_by))
        return _answer_of_derived(await derive(visit.call, exchange), visit.call.jkt)
    except ResourceNotFoundException as fault:
        raise Refusal("invalid_target", detail=fault.message) from None
    except InvalidParameterException as fault:
        raise Refusal("invalid_request", fault.message) from None


def _answer_of_derived(derived: Derived, jkt: str) -> Response:
    """Return the answer of RFC 8693 section 2.2.1; `jkt` is the key that binds an access token, empty for none."""
    is_access = derived.kind == "access"
    token_type = "DPoP" if jkt else "Bearer"
    return answer(
        {
            "access_token": derived.token,
            "issued_token_type": _ISSUED[derived.kind],
            "token_type": token_type if is_access else "N_A",
            "expires_in": derived.expires_in,
            **({"scope": " ".join(derived.scopes)} if is_access else {}),
        }
    )


def _shown_token(visit: Visit, whose: str) -> Shown | None:
    """Return the token of the `subject` or the `actor`, None if none was shown. Raises Refusal."""
    token = visit.form.get(f"{whose}_token")
    if not token:
        if visit.form.get(f"{whose}_token_type"):
            raise Refusal("invalid_request", f"{whose}_token is missing")
        return None
    token_type = _SHOWABLE.get(visit.form.get(f"{whose}_token_type", ""))
    if token_type is None:
        raise Refusal("invalid_request", f"{whose}_token_type is missing, or of no type that is known")
    return Shown(token=token, type=token_type)


def _actor(visit: Visit) -> Shown | None:
    """Return the actor's token, None if none was shown. Raises Refusal for an assertion, as GetDerivedToken does."""
    actor = _shown_token(visit, "actor")
    if actor is not None and actor.type == SAML2:
        raise Refusal("invalid_request", "A SAML assertion cannot be an actor_token")
    return actor


def _requested_type(visit: Visit) -> str:
    token_type = _REQUESTABLE.get(visit.form.get("requested_token_type") or f"{_TYPE}access_token")
    if token_type is None:
        raise Refusal("invalid_request", "requested_token_type is none that can be issued")
    return token_type


def _target(visit: Visit, name: str) -> str:
    value = visit.form.get(name, "")
    if len(value) > _LONGEST_TARGET or len(visit.form.resources) > 1:
        raise Refusal("invalid_target", detail=f"{name} is too long, or one of several")
    return value


def _refuse_missing(name: str) -> NoReturn:
    raise Refusal("invalid_request", f"{name} is missing")
