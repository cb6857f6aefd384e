"""What does a call of /logout ask for? Cognito's two forms and OpenID's, and whether the person is asked first.

Source: oauth-federation.md 3.4; OpenID Connect RP-Initiated Logout 1.0 sections 2 to 4; attacks.md 76, 94.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from poolkeeper.errors import ResourceNotFoundException
from poolkeeper.forms import Form
from poolkeeper.hosted import browser, paths
from poolkeeper.hosted.authorize import CARRIED, LONGEST_STATE, Untrusted
from poolkeeper.hosted.outcomes import Fault
from poolkeeper.hosted.redirects import with_query
from poolkeeper.hosted.registered import is_registered, shortened
from poolkeeper.hosted.visit import Visit
from poolkeeper.lookup import require_client
from poolkeeper.model.client import CLIENT_ID, Client
from poolkeeper.model.client_metadata import is_client_url
from poolkeeper.tokens.hints import Hint, read_hint

# What a call of /logout may hold, for the page that asks the person.
CARRIED_AT_LOGOUT = (*CARRIED, "logout_uri", "post_logout_redirect_uri", "id_token_hint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Logout:
    """A sign-out that was understood. `target` is where the browser goes then, empty for our own page.

    `to_page`: the target is a page of ours, its path within the place. `ask`: nobody has shown that it is the person who
    wants it. `client_id` is that of the app, where it is known, for our own page.
    """

    target: str = ""
    to_page: bool = False
    ask: bool = False
    client_id: str = ""


async def read(visit: Visit, given: Form) -> Logout:
    """Return what a call of /logout asks for.

    Raises Untrusted for an address that is not the client's, for a client that is none, and where Cognito misses a
    parameter.
    """
    client = await _client(visit, given.get("client_id"))
    if "logout_uri" in given:
        return Logout(target=_registered(visit, _required(client), "LogoutURLs", given["logout_uri"]))
    if "redirect_uri" in given and "post_logout_redirect_uri" not in given:
        _registered(visit, _required(client), "CallbackURLs", given["redirect_uri"])
        query = urlencode([(name, given[name]) for name in CARRIED if name in given])
        return Logout(target=f"{paths.LOGIN}?{query}", to_page=True)
    return await _of_openid(visit, given, client)


async def _of_openid(visit: Visit, given: Form, client: Client | None) -> Logout:
    hint = await read_hint(visit.call, visit.place.pool, given.get("id_token_hint", ""))
    if hint is not None and client is None and not hint.derived:
        client = await _client(visit, hint.aud)
    ask = not await _vouched_for(visit, hint, client)
    uri = given.get("post_logout_redirect_uri")
    if uri is None:
        return Logout(ask=ask, client_id="" if client is None else client.client_id)
    target = _registered(visit, _required(client), "LogoutURLs", uri)
    state = given.get("state")
    if state is not None:
        if len(state) > LONGEST_STATE:
            raise Untrusted(Fault.STATE_TOO_LONG)
        target = with_query(target, {"state": state})
    # A client and an address that it has registered say as much as a hint does, unless a hint says otherwise.
    return Logout(target=target, ask=ask and "id_token_hint" in given)


async def _vouched_for(visit: Visit, hint: Hint | None, client: Client | None) -> bool:
    """Say whether a hint speaks of this client and of whoever is signed in here.

    An API that has exchanged somebody's token has signed nobody in, and signs nobody out.
    """
    if hint is None or hint.derived or (client is not None and hint.aud != client.client_id):
        return False
    signed_in = await browser.current(visit)
    return signed_in is None or signed_in.user_id == hint.sub


async def _client(visit: Visit, client_id: str | None) -> Client | None:
    if not client_id or is_client_url(client_id):  # whose document registers no address for a sign-out
        return None
    if not CLIENT_ID.fullmatch(client_id):
        raise Untrusted(Fault.UNKNOWN_CLIENT)
    try:
        pool, client = await require_client(visit.call, client_id)
    except ResourceNotFoundException:
        raise Untrusted(Fault.UNKNOWN_CLIENT, client_id) from None
    if pool.pool_id != visit.place.pool.pool_id:
        raise Untrusted(Fault.UNKNOWN_CLIENT, client_id, detail="the client is of another pool")
    return client


def _required(client: Client | None) -> Client:
    if client is None:
        raise Untrusted(Fault.PARAMETERS_MISSING, detail="client_id")
    return client


def _registered(visit: Visit, client: Client, member: str, uri: str) -> str:
    localhost = visit.place.pool.localhost_any_port
    if not is_registered(client.document.get(member, ()), uri, localhost=localhost):
        raise Untrusted(Fault.REDIRECT_MISMATCH, client.client_id, detail=shortened(uri))
    return uri
