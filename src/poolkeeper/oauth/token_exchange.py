"""The grant of token exchange at /oauth2/token: a token for an API behind, for one that an app was shown (RFC 8693)."""

from collections.abc import Mapping
from dataclasses import replace

from starlette.responses import Response

from poolkeeper.auth.derive import Exchange, Shown, derive
from poolkeeper.auth.vouched import provider_that_issued
from poolkeeper.errors import InvalidParameterException, ResourceNotFoundException
from poolkeeper.hosted import paths
from poolkeeper.hosted.authorize import MOST_SCOPE_BYTES, MOST_SCOPES
from poolkeeper.hosted.visit import Visit
from poolkeeper.model.exchange import ACCESS_TOKEN, ANY_JWT, ID_TOKEN, SAML2
from poolkeeper.oauth.answers import Refusal, answer
from poolkeeper.oauth.client_authentication import authenticated
from poolkeeper.tokens.derivation import Derived

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
# RFC 8693 section 3: what is shown, and what can be asked for.
_TYPE = "urn:ietf:params:oauth:token-type:"
_WANTED: Mapping[str, str] = {f"{_TYPE}access_token": ACCESS_TOKEN, f"{_TYPE}id_token": ID_TOKEN}
_SHOWN: Mapping[str, str] = {**_WANTED, f"{_TYPE}jwt": ANY_JWT, f"{_TYPE}saml2": SAML2}
_ISSUED: Mapping[str, str] = {"access": f"{_TYPE}access_token", "id": f"{_TYPE}id_token"}
_LONGEST_TARGET = 256  # AWS: AudienceType, ResourceServerIdentifierType.


async def by_token_exchange(visit: Visit) -> Response:
    """Exchange a token, as GetDerivedToken does; a scope that cannot be given is refused (attacks.md 68).

    Of which provider a token is, it says itself: there is no parameter for that. Raises Refusal, and ServiceError as `derive` does.
    """
    client = await authenticated(visit)
    if not client.confidential:  # nor does an app prove anything that borrows its policy's app client
        raise Refusal("unauthorized_client", "Only a client with a secret exchanges tokens")
    addresses = (visit.place.url(paths.TOKEN), visit.place.url(paths.SAML_RESPONSE))
    asked = Exchange(
        client_id=client.client_id,
        pool_id=visit.place.pool.pool_id,
        proved=True,
        subject=_shown(visit, "subject") or _missing("subject_token"),
        actor=_actor(visit),
        scopes=_scopes(visit),
        exact=True,
        audience=_target(visit, "audience"),
        resource=_target(visit, "resource"),
        issue=_wanted(visit),
        addresses=lambda _pool: addresses,
    )
    if asked.audience and asked.resource:
        raise Refusal("invalid_target", "audience and resource cannot be requested together")
    subject = asked.subject
    # As it was read with the client: the place may have the pool as it was remembered.
    pool = visit.call.house.memory.pools.get(client.pool_id) or visit.place.pool
    try:
        issued_by = await provider_that_issued(visit.call, pool, subject.token, subject.type)
        asked = replace(asked, subject=replace(subject, provider=issued_by))
        return _told(await derive(visit.call, asked), visit.call.jkt)
    except ResourceNotFoundException as fault:
        raise Refusal("invalid_target", detail=fault.message) from None
    except InvalidParameterException as fault:
        raise Refusal("invalid_request", fault.message) from None


def _told(derived: Derived, jkt: str) -> Response:
    """Return the answer of RFC 8693 section 2.2.1; `jkt` is the key that an access token is bound to."""
    access = derived.kind == "access"
    kind = "DPoP" if jkt else "Bearer"
    return answer(
        {
            "access_token": derived.token,
            "issued_token_type": _ISSUED[derived.kind],
            "token_type": kind if access else "N_A",
            "expires_in": derived.expires_in,
            **({"scope": " ".join(derived.scopes)} if access else {}),
        }
    )


def _shown(visit: Visit, whose: str) -> Shown | None:
    """Return the token of the subject or of the actor, None where none is there. Raises Refusal."""
    token = visit.form.get(f"{whose}_token")
    if not token:
        if visit.form.get(f"{whose}_token_type"):
            raise Refusal("invalid_request", f"{whose}_token is missing")
        return None
    kind = _SHOWN.get(visit.form.get(f"{whose}_token_type", ""))
    if kind is None:
        raise Refusal("invalid_request", f"{whose}_token_type is missing, or of no type that is known")
    return Shown(token=token, type=kind)


def _actor(visit: Visit) -> Shown | None:
    """Return the actor's token, None where none is shown. Raises Refusal for an assertion, as GetDerivedToken does."""
    actor = _shown(visit, "actor")
    if actor is not None and actor.type == SAML2:
        raise Refusal("invalid_request", "A SAML assertion cannot be an actor_token")
    return actor


def _wanted(visit: Visit) -> str:
    kind = _WANTED.get(visit.form.get("requested_token_type") or f"{_TYPE}access_token")
    if kind is None:
        raise Refusal("invalid_request", "requested_token_type is none that can be issued")
    return kind


def _target(visit: Visit, name: str) -> str:
    value = visit.form.get(name, "")
    if len(value) > _LONGEST_TARGET or len(visit.form.resources) > 1:
        raise Refusal("invalid_target", detail=f"{name} is too long, or one of several")
    return value


def _scopes(visit: Visit) -> tuple[str, ...]:
    text = visit.form.get("scope", "")
    if len(text) > MOST_SCOPE_BYTES or text.count(" ") >= MOST_SCOPES:
        raise Refusal("invalid_scope", detail="too many scopes")
    return tuple(dict.fromkeys(scope for scope in text.split(" ") if scope))


def _missing(name: str) -> Shown:
    raise Refusal("invalid_request", f"{name} is missing")
