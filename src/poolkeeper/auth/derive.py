"""Who gets a token for a token? An app client that may exchange, for a user whose own token is valid now (RFC 8693).

the client, and its proof --> the subject's token --> the actor's --> what is left of the scopes --> for whom --> the gate
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from poolkeeper import lookup
from poolkeeper.auth import gate
from poolkeeper.call import Call
from poolkeeper.defences.client_proof import require_own_secret
from poolkeeper.errors import (
    InvalidOAuthFlowException,
    InvalidParameterException,
    ResourceNotFoundException,
    ScopeDoesNotExistException,
)
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model.client import Client
from poolkeeper.model.client_metadata import BadDocument, is_client_url
from poolkeeper.model.exchange import ACCESS_TOKEN, DELEGATION, ID_TOKEN, IMPERSONATION
from poolkeeper.model.pool import Pool
from poolkeeper.model.scopes import OF_OPENID, OPENID, SIGN_IN_SCOPE, all_readable
from poolkeeper.store import resource_servers
from poolkeeper.tokens.addresses import policy_of
from poolkeeper.tokens.derivation import Derivation, Derived
from poolkeeper.tokens.verify import Living, require_living

_KINDS: Mapping[str, str] = {ACCESS_TOKEN: "access", ID_TOKEN: "id"}
# How many actors a chain may have: each makes every token that is derived from theirs longer.
_MOST_ACTORS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A token that is shown: its type as AWS names it, and the identity provider that issued it, None for the pool."""

    token: str = field(repr=False)
    type: str
    provider: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What a caller asks for. `pool_id` is the pool that was asked, None where the client determines it.

    `proved`: the caller has proved already that they may speak for the client; the client's id alone proves nothing, since
    anybody who has seen a token could read with it all that the client may read. `exact`: a scope that cannot be granted
    is refused, not left out. `audience` and `resource` are empty where none was named.
    """

    client_id: str
    subject: Shown
    pool_id: str | None = None
    secret: str | None = field(default=None, repr=False)
    proved: bool = False
    actor: Shown | None = None
    scopes: Sequence[str] = ()
    exact: bool = False
    audience: str = ""
    resource: str = ""
    issue: str = ACCESS_TOKEN


async def derive(call: Call, exchange: Exchange) -> Derived:
    """Exchange a token. Triggers: PreTokenGeneration.

    Raises ResourceNotFoundException for an unknown client or resource server, NotAuthorizedException for a wrong secret or
    an invalid token, InvalidOAuthFlowException where the client does not have the flow,
    ScopeDoesNotExistException, InvalidParameterException.
    """
    if exchange.audience and exchange.resource:
        raise InvalidParameterException("Audiences and Resources cannot be requested together")

    async def judged() -> Derivation:
        return await _judged(call, exchange)

    return await gate.derive(call, judged)


async def _judged(call: Call, exchange: Exchange) -> Derivation:
    pool, client, of_servers = await lookup.require_client_and_scopes(call, exchange.client_id)
    if exchange.pool_id not in {None, pool.pool_id}:
        raise ResourceNotFoundException(f"User pool client {exchange.client_id} does not exist.")
    if not exchange.proved or exchange.secret is not None:
        require_own_secret(client, exchange.secret)
    # UNVERIFIED: that a client without a secret is for signed calls alone; an unsigned one for it would tell.
    if not (exchange.proved or client.confidential):
        raise refused(Reason.CLIENT_SECRET, client_id=client.client_id, detail="the client has none to show")
    if (DELEGATION if exchange.actor else IMPERSONATION) not in client.flows:
        raise InvalidOAuthFlowException("The client does not allow this flow.")
    subject = await _shown(call, pool, client, exchange.subject)
    if subject.bearer is None:
        raise refused(Reason.TOKEN_OF_ANOTHER_USE, detail="an app client's own token stands for no user")
    actor = None if exchange.actor is None else await _shown(call, pool, client, exchange.actor)
    scopes = _granted(client, exchange, _scopes_of(subject), of_servers)
    if exchange.issue == ID_TOKEN and subject.bearer.session.by_pages and OPENID not in scopes:
        raise ScopeDoesNotExistException("An ID token needs the scope openid")
    return Derivation(
        bearer=replace(subject.bearer, client=client),
        kind=_KINDS[exchange.issue],
        scopes=scopes,
        audience=await _audience(call, pool, client, exchange),
        act=_act(subject.claims, actor),
        not_after=int(subject.claims["exp"]),
    )


async def _shown(call: Call, pool: Pool, client: Client, shown: Shown) -> Living:
    """Return what a token stands for. Raises NotAuthorizedException, InvalidParameterException."""
    if shown.provider is not None or shown.type not in _KINDS:
        raise InvalidParameterException("Tokens of identity providers cannot be exchanged here yet")
    living = await require_living(call, pool.pool_id, shown.token)
    # A client without a secret would turn a stolen token that is bound to a key into one for anybody (attacks.md 66).
    cnf = living.claims.get("cnf")
    if cnf is not None and not client.confidential and cnf.get("jkt") != call.jkt:
        raise refused(Reason.TOKEN_OF_ANOTHER_KEY)
    if living.kind != _KINDS[shown.type]:
        raise refused(Reason.TOKEN_OF_ANOTHER_USE, detail=f"a token for {living.kind}")
    return living


def _scopes_of(subject: Living) -> tuple[str, ...]:
    """Return the scopes of a token: an ID token has its session's, a derived one those that were left to its subject."""
    token_scopes = tuple(str(subject.claims.get("scope", "")).split())
    if subject.kind == "access" or subject.bearer is None:
        return token_scopes
    of_session = subject.bearer.session.scopes
    return tuple(scope for scope in of_session if scope in token_scopes) if "scope" in subject.claims else of_session


def _granted(
    client: Client, exchange: Exchange, of_subject: Collection[str], of_servers: Collection[str]
) -> tuple[str, ...]:
    """Return the scopes of the new token: what is asked for (else everything) of what subject and client both have.

    Raises ScopeDoesNotExistException where nothing is left of what was asked for.
    """
    # A client without any scope signs in by the API, which grants the scope of the user's own profile.
    # UNVERIFIED: that the client's scopes bound a token for which none are asked; a client with fewer than its subject.
    allowed = set(client.document.get("AllowedOAuthScopes") or (SIGN_IN_SCOPE,)) & set(of_subject)
    granted = [
        scope
        for scope in dict.fromkeys(exchange.scopes or of_subject)
        if scope in allowed and all_readable((scope,), client.readable) and ("/" not in scope or scope in of_servers)
    ]
    if _tells_more(granted, of_subject):
        granted.remove(OPENID)
    missing = [scope for scope in exchange.scopes if scope not in granted]
    if missing and (exchange.exact or not granted):
        raise ScopeDoesNotExistException(f"Invalid scope requested: {missing[0]}")
    return tuple(granted)


def _tells_more(granted: Collection[str], of_subject: Collection[str]) -> bool:
    """Say whether `openid` would stand alone, and so show all attributes, where the subject's scopes showed only some."""
    return (
        not OF_OPENID.intersection(granted) - {OPENID}
        and OPENID in granted
        and bool(OF_OPENID.intersection(of_subject) - {OPENID})
    )


async def _audience(call: Call, pool: Pool, client: Client, exchange: Exchange) -> str:
    """Return for whom a token is: a name, or a resource server of the pool.

    No ID token is made for another app, whether it has an id or an address: that app would take it for a sign-in of its
    own. Raises ResourceNotFoundException, InvalidParameterException.
    """
    if (
        exchange.resource
        and await resource_servers.find(call.db, pool_id=pool.pool_id, identifier=exchange.resource) is None
    ):
        raise ResourceNotFoundException(f"Resource server {exchange.resource} does not exist.")
    audience = exchange.resource or exchange.audience
    # UNVERIFIED: whether AWS makes an ID token for another app client; a call with its id as the audience would tell.
    foreign = exchange.issue == ID_TOKEN and audience not in {"", client.client_id}
    if foreign and await _is_an_app(call, pool, audience):
        raise InvalidParameterException("An ID token cannot be issued for another app client")
    return audience


async def _is_an_app(call: Call, pool: Pool, audience: str) -> bool:
    """Say whether an audience stands for an app: the id of an app client, or an address that a policy allows."""
    if not is_client_url(audience):
        return await lookup.pool_of_client(call.house, audience) is not None
    try:
        await policy_of(call, pool.pool_id, audience)
    except BadDocument:
        return False
    return True


def _act(subject: Mapping[str, Any], actor: Living | None) -> Mapping[str, Any] | None:
    """Return who acts for the user, with former actors nested behind them (RFC 8693 section 4.1); a chain is never lost.

    Raises NotAuthorizedException for an actor whom the subject's `may_act` does not name, for one for whom somebody else
    acts, who would be hidden, and for too long a chain.
    """
    former: Any = subject.get("act")
    if actor is None:
        return former if isinstance(former, dict) else None
    may_act = subject.get("may_act")
    sub = actor.claims["sub"]
    if may_act is not None and not (isinstance(may_act, dict) and may_act.get("sub") == sub):
        raise refused(Reason.ACTOR_NOT_ALLOWED)
    # UNVERIFIED: whether AWS takes it; a call with a token as ActorToken that has `act` itself would tell.
    if "act" in actor.claims:
        raise refused(Reason.ACTOR_NOT_ALLOWED, detail="somebody else acts for the actor")
    act: dict[str, Any] = {"sub": sub, "client_id": actor.client.shown_id}
    if not isinstance(former, dict):
        return act
    if _length(former) >= _MOST_ACTORS:
        raise refused(Reason.ACTORS_TOO_MANY)
    return {**act, "act": former}


def _length(act: Any) -> int:
    count = 0
    while isinstance(act, dict):
        count, act = count + 1, act.get("act")
    return count
