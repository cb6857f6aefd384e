"""Who gets a token for a token? An app client that may exchange, for a user whose own token is valid now (RFC 8693).

the client, and its proof --> the subject's token --> the actor's --> what is left of the scopes --> for whom --> the gate

The new token is of the session of the one that is shown. One of an identity provider's has none: whom it vouches for is admitted
as if they had come from there, to a session of that one token.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from poolkeeper import lookup
from poolkeeper.auth import federated, gate, vouched
from poolkeeper.call import Call
from poolkeeper.defences.client_proof import require_own_secret
from poolkeeper.errors import (
    InvalidOAuthFlowException,
    InvalidParameterException,
    ResourceNotFoundException,
    ScopeDoesNotExistException,
)
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model.admission import Want
from poolkeeper.model.client import Client
from poolkeeper.model.client_metadata import BadDocument, is_client_url
from poolkeeper.model.exchange import ACCESS_TOKEN, ANY_JWT, DELEGATION, ID_TOKEN, IMPERSONATION, SAML2
from poolkeeper.model.pool import Pool
from poolkeeper.model.scopes import OF_OPENID, OPENID, SIGN_IN_SCOPE, all_readable
from poolkeeper.store import resource_servers
from poolkeeper.tokens import dpop
from poolkeeper.tokens.derivation import Derivation, Derived, Grant
from poolkeeper.tokens.url_clients import policy_of
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

    `proved`: who asks has shown already that they may speak for the client; its id alone shows nothing, since whoever is shown
    a token would get all by it that the client may read. `exact`: a scope that cannot be given is
    refused, and not left out. `audience` and `resource` are empty where none was named. `addresses` are
    those of a pool that a SAML assertion may be for.
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
    addresses: Callable[[Pool], Collection[str]] = lambda _pool: ()


async def derive(call: Call, exchange: Exchange) -> Derived:
    """Exchange a token.

    Triggers: PreTokenGeneration; before it, for a provider's token, InboundFederation, PreAuthentication and
    PostAuthentication. Raises ResourceNotFoundException for an unknown client or resource server, NotAuthorizedException for a secret or a
    token that does not hold, UserNotFoundException for a person of a provider who never signed in,
    InvalidOAuthFlowException where the client does not have the flow, ScopeDoesNotExistException,
    InvalidParameterException.
    """
    if exchange.audience and exchange.resource:
        raise InvalidParameterException("Audiences and Resources cannot be requested together")
    if exchange.subject.provider is not None:
        return await _derive_by_word(call, exchange, exchange.subject.provider)
    derivation = await _judged(call, exchange)
    overrides = await gate.ask_of_derived(call, derivation)
    if overrides is not None:  # a trigger ran meanwhile
        derivation = await _judged(call, exchange)
    return await gate.issue_derived(call, derivation, overrides)


async def _asking(call: Call, exchange: Exchange) -> tuple[Pool, Client, Collection[str]]:
    """Return the app client that asks, which has proved itself and has the flow, with its pool and the pool's own scopes."""
    pool, client, of_servers = await lookup.require_client_and_scopes(
        call, exchange.client_id, of_pool=exchange.pool_id
    )
    if not exchange.proved or exchange.secret is not None:
        require_own_secret(client, exchange.secret)
    # UNVERIFIED: that a client without a secret is for signed calls alone; an unsigned one for it would tell.
    if not (exchange.proved or client.confidential):
        raise refused(Reason.CLIENT_SECRET, client_id=client.client_id, detail="the client has none to show")
    _require_flow(client, exchange)
    return pool, client, of_servers


def _require_flow(client: Client, exchange: Exchange) -> None:
    if (DELEGATION if exchange.actor else IMPERSONATION) not in client.flows:
        raise InvalidOAuthFlowException("The client does not allow this flow.")


async def _judged(call: Call, exchange: Exchange) -> Derivation:
    pool, client, of_servers = await _asking(call, exchange)
    subject = await _shown(call, pool, client, exchange.subject)
    if subject.bearer is None:
        raise refused(Reason.TOKEN_OF_ANOTHER_USE, detail="an app client's own token stands for no user")
    actor = None if exchange.actor is None else await _shown(call, pool, client, exchange.actor)
    of_subject = _scopes_of(subject)
    scopes = _granted(client, exchange, of_subject, of_servers)
    _require_identity(exchange, subject, of_subject, scopes)
    grant = Grant(
        kind=_KINDS[exchange.issue],
        scopes=scopes,
        audience=await _audience(call, pool, client, exchange),
        act=_act(subject.claims, actor),
        not_after=int(subject.claims["exp"]),
    )
    return Derivation(bearer=replace(subject.bearer, client=client), grant=grant)


async def _derive_by_word(call: Call, exchange: Exchange, name: str) -> Derived:
    """Exchange a token of an identity provider: everything is judged by which it may be refused before an assertion is spent."""
    pool, client, of_servers = await _asking(call, exchange)
    shown = exchange.subject
    provider = await vouched.require_provider(call, pool, name, shown.type)
    if not client.serves(provider.name):
        raise refused(Reason.PROVIDER_NOT_SERVED, detail="SupportedIdentityProviders", provider=provider.name)
    actor = None if exchange.actor is None else await _shown(call, pool, client, exchange.actor)
    audience = await _audience(call, pool, client, exchange)
    _require_openid(exchange, _granted(client, exchange, None, of_servers))  # the most that can be left
    _act({}, actor)  # whom an assertion, which names nobody, lets act
    dpop.require_key(call, client)
    word = await vouched.require_word(call, pool, provider, shown.token, shown.type, addresses=exchange.addresses(pool))
    _require_holder(call, client, word.claims)
    # UNVERIFIED: what a provider's token may do here, whose scopes are not ours: an access token what it names, by the same
    # names; all others what the client may, as after a sign-in.
    scopes = _granted(client, exchange, word.scopes, of_servers)
    _require_openid(exchange, scopes)
    act = _act(word.claims, actor)
    proven = await federated.prove(call, pool, client, provider, word.said, by_token=True)
    admission = await gate.admit(proven, Want(scopes=scopes, refresh_token=False, source=gate.OF_DERIVED))
    _require_flow(admission.client, exchange)
    grant = Grant(kind=_KINDS[exchange.issue], scopes=scopes, audience=audience, act=act, not_after=word.not_after)
    return await gate.issue_vouched(call, admission.signed_in_at(word.since), grant)


async def _shown(call: Call, pool: Pool, client: Client, shown: Shown) -> Living:
    """Return what a token of the pool stands for. Raises NotAuthorizedException, InvalidParameterException."""
    if shown.provider is not None:
        # UNVERIFIED: whom AWS names in `act` then; a call with an actor's token of a provider would settle it.
        raise InvalidParameterException("Tokens of identity providers cannot be an actor's here")
    if shown.type == SAML2:
        raise InvalidParameterException("A SAML assertion is of an identity provider, which must be named")
    living = await require_living(call, pool.pool_id, shown.token)
    _require_holder(call, client, living.claims)
    if shown.type != ANY_JWT and living.kind != _KINDS[shown.type]:
        raise refused(Reason.TOKEN_OF_ANOTHER_USE, detail=f"a token for {living.kind}")
    return living


def _require_holder(call: Call, client: Client, claims: Mapping[str, Any]) -> None:
    """Refuse a token that is bound to a key to a client without a secret that does not show that key.

    It would make a token of everybody's out of a stolen one (attacks.md 66).
    """
    cnf = claims.get("cnf")
    if cnf is None or client.confidential:
        return
    if not isinstance(cnf, dict) or not call.jkt or cnf.get("jkt") != call.jkt:
        raise refused(Reason.TOKEN_OF_ANOTHER_KEY)


def _scopes_of(subject: Living) -> tuple[str, ...]:
    """Return what a token may do: an ID token stands for its session, one that was derived for what its subject was left."""
    token_scopes = tuple(str(subject.claims.get("scope", "")).split())
    if subject.kind == "access" or subject.bearer is None:
        return token_scopes
    of_session = subject.bearer.session.scopes
    return tuple(scope for scope in of_session if scope in token_scopes) if "scope" in subject.claims else of_session


def _granted(
    client: Client, exchange: Exchange, of_subject: Collection[str] | None, of_servers: Collection[str]
) -> tuple[str, ...]:
    """Return the scopes of the new token: what is asked for (else everything) of what subject and client both have.

    None of a subject that may all that the client may. Raises ScopeDoesNotExistException where nothing is left of what was asked for.
    """
    # UNVERIFIED: that the client's scopes bound a token for which none are asked; a client with fewer than its subject.
    # A client without any scope signs in by the API, which gives the one of one's own profile.
    of_client = client.document.get("AllowedOAuthScopes") or (SIGN_IN_SCOPE,)
    of_both = of_client if of_subject is None else of_subject
    allowed = set(of_client).intersection(of_both)
    granted = [
        scope
        for scope in dict.fromkeys(exchange.scopes or of_both)
        if scope in allowed and all_readable((scope,), client.readable) and ("/" not in scope or scope in of_servers)
    ]
    if of_subject is not None and _tells_more(granted, of_subject):
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


def _require_identity(
    exchange: Exchange, subject: Living, of_subject: Collection[str], granted: Collection[str]
) -> None:
    """Refuse an ID token for an access token that tells nobody who its user is. Raises ScopeDoesNotExistException.

    What signing in by the API gives has one scope, which no app client of an API needs to have: there it is the subject's that counts.
    """
    assert subject.bearer is not None, "a user's token"
    session = subject.bearer.session
    if session.by_pages or session.scopes != (SIGN_IN_SCOPE,):
        _require_openid(exchange, granted, by_pages=session.by_pages)
    elif subject.kind == "access":
        _require_openid(exchange, of_subject)


def _require_openid(exchange: Exchange, scopes: Collection[str], *, by_pages: bool = False) -> None:
    """Refuse an ID token without a scope that tells who somebody is: `openid`, or, but by the pages, that of one's own profile."""
    telling = {OPENID} if by_pages else {OPENID, SIGN_IN_SCOPE}
    if exchange.issue == ID_TOKEN and not telling.intersection(scopes):
        raise ScopeDoesNotExistException("An ID token needs the scope openid")


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
