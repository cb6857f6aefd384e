"""How does somebody sign out at their SAML provider too? By a signed request there, and back with its answer; or begun there.

The browser's session ends here first, whatever the provider does then. RelayState is sealed: it names the request, and
where the app wants its person to go, which was checked before (oauth-federation.md 3.4, 7.4).
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import ParamSpec, TypeVar

import msgspec
from starlette.responses import Response

from poolkeeper.accounts import provider_answers, saml_keys, saml_word
from poolkeeper.accounts.identity_providers import provider_by_name, providers_of
from poolkeeper.auth.sealed_session import open_state, seal_state
from poolkeeper.clock import MINUTE
from poolkeeper.crypto import base64url
from poolkeeper.crypto.seal import SealError
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.federation.identity_provider import IdentityProvider, SamlUpstream
from poolkeeper.federation.saml import bindings, logout, messages, metadata, names
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.logout import Ended, LogoutRequest, LogoutResponse, Peer
from poolkeeper.hosted import finding, paths, provider_sessions, saml
from poolkeeper.hosted.federated_visit import Stray
from poolkeeper.hosted.logout import Logout
from poolkeeper.hosted.redirects import redirect
from poolkeeper.hosted.visit import Visit
from poolkeeper.model.browser_session import BrowserSession

P = ParamSpec("P")
T = TypeVar("T")

LIFE = 15 * MINUTE
# Each provider that is tried costs a stranger nothing, and us a signature by every key of its metadata.
_MOST_TRIED = 4
_MOST_AGE = 5 * MINUTE
_PURPOSE = "logout at a provider"
_ID_BYTES = 16
_LONGEST_RELAY_STATE = 2_048


class Detour(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Where somebody was about to go who signs out at a provider: what its RelayState holds, sealed."""

    pool_id: str
    provider: str
    request_id: str
    began_at: int
    target: str
    to_page: bool
    client_id: str

    @property
    def wanted(self) -> Logout:
        return Logout(target=self.target, to_page=self.to_page, client_id=self.client_id)


_decode = msgspec.msgpack.Decoder(Detour).decode


async def by_provider(visit: Visit, signed_in: BrowserSession, wanted: Logout) -> Response | None:
    """Return what takes somebody to the provider at which they signed in, None where a logout is not told to it."""
    behind = provider_sessions.of(signed_in)
    provider = await provider_by_name(visit.call.house, visit.place.pool, signed_in.provider)
    if behind is None or provider is None or not provider.is_saml or not saml_word.saml_of(provider).signs_out:
        return None
    call, pool = visit.call, visit.place.pool
    try:
        chosen = metadata.chosen(saml_word.saml_of(provider).provider(call.now).logout)
    except BadMessage:
        chosen = None
    if chosen is None:
        return None
    binding, endpoint = chosen
    detour = Detour(
        pool_id=pool.pool_id,
        provider=provider.name,
        request_id=messages.new_id(call.entropy.bytes(_ID_BYTES)),
        began_at=call.now,
        target=wanted.target,
        to_page=wanted.to_page,
        client_id=wanted.client_id,
    )
    request = LogoutRequest(
        id=detour.request_id,
        issued=call.now,
        expires=call.now + _MOST_AGE,
        issuer=saml_word.entity_id(pool),
        destination=endpoint.location,
        name_id=behind.name_id,
        session_index=behind.session_index,
    )
    sealed = base64url.encode(seal_state(call, msgspec.msgpack.encode(detour), purpose=_PURPOSE))
    return await _sent(visit, provider, binding, request, relay_state=finding.handle(pool.pool_id, sealed))


async def come_back(visit: Visit) -> Logout:
    """Return where somebody goes on whom a provider sends back, with its signed answer to our request.

    Raises Stray for a RelayState that is none of ours, BadMessage for an answer that is not the provider's. One which says
    that its session goes on is told in the log: ours has ended.
    """
    call = visit.call
    given = visit.form if visit.method == "POST" else visit.query
    detour = _opened(visit, given.get("RelayState", ""))
    provider = await provider_by_name(call.house, visit.place.pool, detour.provider)
    if provider is None or not provider.is_saml:
        raise Stray("the provider is not there any more")
    try:
        if visit.method == "POST":
            field = visit.form.get(bindings.RESPONSE, "")
            await _in_thread(visit, logout.accept_post, field, peer_of(visit, provider), request_id=detour.request_id)
        else:
            peer = peer_of(visit, provider)
            await _in_thread(visit, logout.accept_redirect, visit.raw_query, peer, request_id=detour.request_id)
    except BadMessage as fault:
        if fault.fault is not Fault.STATUS:
            raise
        call.trace.detail = f"{provider.name}: {fault}"
    return detour.wanted


async def asked(visit: Visit) -> Response:
    """Answer a provider that ends a person's session, by a signed LogoutRequest and where IDPSignout says so.

    The answer goes back by redirect, or by a form where the provider has no place for one; where it has neither there is
    a page. A request is taken once. Raises Stray for one that came before, BadMessage for one that is not believed (attacks.md 133).
    """
    call, pool = visit.call, visit.place.pool
    provider, ended = await _ended(visit)
    if not await provider_answers.take(
        call, pool, provider=provider.name, kind="logout", name=ended.id, expires_at=ended.expires
    ):
        raise Stray("a logout request that came before")
    await provider_sessions.end(call, pool, provider.name, ended)

    chosen = metadata.chosen(saml_word.saml_of(provider).provider(call.now).logout)
    if chosen is None:
        return redirect(visit.place.path(paths.SIGNED_OUT))
    binding, endpoint = chosen
    response = LogoutResponse(
        id=messages.new_id(call.entropy.bytes(_ID_BYTES)),
        issued=call.now,
        issuer=saml_word.entity_id(pool),
        destination=endpoint.response_location,
        request_id=ended.id,
    )
    relay_state = visit.form.get("RelayState") if visit.method == "POST" else ended.relay_state
    if relay_state is not None and len(relay_state) > _LONGEST_RELAY_STATE:
        relay_state = None
    return await _sent(visit, provider, binding, response, relay_state=relay_state)


async def _sent(
    visit: Visit,
    provider: IdentityProvider,
    binding: str,
    message: LogoutRequest | LogoutResponse,
    *,
    relay_state: str | None,
) -> Response:
    """Return what takes a signed message to a provider: by redirect, or by a form."""
    signer = await saml_keys.signer(visit.call, visit.place.pool)
    if binding == names.HTTP_REDIRECT:
        return redirect(logout.to_redirect(message, relay_state=relay_state, signer=signer))
    field = bindings.REQUEST if isinstance(message, LogoutRequest) else bindings.RESPONSE
    text = logout.to_post(message, signer=signer)
    return saml.posted(visit, provider, message.destination, field, text, relay_state=relay_state)


async def _ended(visit: Visit) -> tuple[IdentityProvider, Ended]:
    """Return the provider whose key signed a LogoutRequest, and what that says. Raises BadMessage.

    Of providers of one entity id that are told of logouts no more than the first few are tried.
    """
    by_form = visit.method == "POST"
    field = (visit.form if by_form else visit.query).get(bindings.REQUEST, "")
    message = bindings.from_post(field) if by_form else bindings.inflate(bindings.from_base64(field))
    issuer = await _in_thread(visit, logout.claimed_issuer, message)
    refusal = BadMessage(Fault.ISSUER, f"a logout by {issuer[:200]!r}, which is no provider that is told of logouts")
    for provider in islice(await _told_by(visit, issuer), _MOST_TRIED):
        peer = peer_of(visit, provider)
        try:
            if by_form:
                return provider, await _in_thread(visit, logout.request_from_post, field, peer)
            return provider, await _in_thread(visit, logout.request_from_redirect, visit.raw_query, peer)
        except BadMessage as fault:
            refusal = fault
    raise refusal


async def _told_by(visit: Visit, issuer: str) -> Iterator[IdentityProvider]:
    """Return the providers of an entity id that are told of logouts, and so tell us of theirs."""
    providers = (await providers_of(visit.call.house, visit.place.pool)).values()
    return (
        provider
        for provider in providers
        if isinstance(provider.upstream, SamlUpstream)
        and provider.upstream.entity_id == issuer
        and provider.upstream.signs_out
    )


async def _in_thread(visit: Visit, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a function says of a stranger's message, which is read and verified beside everybody else's answers."""
    return await visit.call.house.heavy.run(visit.call.asker, function, *args, **kwargs)


def peer_of(visit: Visit, provider: IdentityProvider) -> Peer:
    """Return whom messages about logout must come from. Raises BadMessage where its metadata are not valid any more."""
    upstream = saml_word.saml_of(provider)
    return Peer(
        issuer=upstream.entity_id,
        certificates=upstream.provider(visit.call.now).certificates,
        address=visit.place.url(paths.SAML_LOGOUT),
        now=visit.call.now,
        skew=saml_word.SKEW,
        most_age=_MOST_AGE,
    )


def _opened(visit: Visit, handle: str) -> Detour:
    pool_id, _, sealed = handle.partition(".")
    try:
        opened = open_state(visit.call, base64url.decode(sealed), purpose=_PURPOSE)
    except (ValueError, SealError):
        raise Stray("a RelayState that we did not make") from None
    except NotAuthorizedException as fault:  # by an older Poolkeeper, or before the database was restored
        raise Stray(fault.detail or fault.message) from None
    detour = _decode(opened)
    if detour.pool_id != visit.place.pool.pool_id or pool_id != detour.pool_id:
        raise Stray("a RelayState of another pool")
    if visit.call.now >= detour.began_at + LIFE:
        raise Stray("a RelayState that is too old")
    return detour
