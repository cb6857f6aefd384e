"""Which pool does a request on the bare host mean? That of its client, of the token that is shown, or of its state."""

import binascii
from base64 import b64decode
from collections.abc import Iterator, Mapping

from poolkeeper import forms
from poolkeeper.accounts import client_documents
from poolkeeper.call import Call
from poolkeeper.forms import Form
from poolkeeper.lookup import pool_of_client
from poolkeeper.model.client import CLIENT_ID
from poolkeeper.model.client_metadata import is_client_url
from poolkeeper.model.pool import POOL_ID
from poolkeeper.tokens.verify import claimed_pool_id

# What names a pool at an address of which no client is known yet (RFC 7591).
POOL_PARAMETER = "user_pool_id"
# What we hand to an identity provider and it hands back (RFC 6749 section 4.1.2; SAML bindings 3.4.3).
_HANDLES = ("state", "RelayState")


async def pool_named(call: Call, query: Form, form: Form, headers: Mapping[str, str]) -> str | None:
    """Return the id of the pool, None where nothing names one. This proves nothing; the endpoint does.

    Looked at in order: `client_id` in form and query, the client id of Basic, `user_pool_id` in the query, the access token
    of Bearer or DPoP, the tokens in `access_token`, `token` and `id_token_hint`, and `state` and RelayState, where they are of
    our own making. A RelayState that is a query (oauth-federation.md 7.4) is looked at for its `client_id`. The first client that
    is named decides, also where it is nobody's. An address as client id is of the pool whose policy allows it.
    """
    client_id = form.get("client_id") or query.get("client_id") or basic_client_id(headers) or _of_relay_state(form)
    if client_id:
        if is_client_url(client_id):
            return await client_documents.pool_of(call.house, client_id)
        return await pool_of_client(call.house, client_id) if CLIENT_ID.fullmatch(client_id) else None
    claimed = (pool_id for pool_id in _claimed(query, form, headers) if POOL_ID.fullmatch(pool_id))
    return next(claimed, None)


def basic_client_id(headers: Mapping[str, str]) -> str | None:
    """Return the client id that stands in a Basic header, None where there is none that can be read."""
    encoded = _credentials(headers, "basic")
    if not encoded:
        return None
    try:
        return b64decode(encoded, validate=True).decode().partition(":")[0] or None
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


def _of_relay_state(form: Form) -> str | None:
    """Return the client id in the RelayState of a sign-in that began at a provider, None in any other."""
    relay_state = form.get("RelayState", "")
    if "client_id=" not in relay_state:
        return None
    try:
        return forms.read(relay_state.encode()).get("client_id")
    except forms.BadForm:
        return None


def handle(pool_id: str, secret: str) -> str:
    """Return a `state` or RelayState that leads back to a pool on the bare host; what it proves is in the secret."""
    return f"{pool_id}.{secret}"


def _claimed(query: Form, form: Form, headers: Mapping[str, str]) -> Iterator[str]:
    """Yield the ids of pools that the address names, and that tokens and handles claim."""
    if POOL_PARAMETER in query:
        yield query[POOL_PARAMETER]
    tokens = (
        _credentials(headers, "bearer") or _credentials(headers, "dpop"),
        form.get("access_token"),
        form.get("token"),
        form.get("id_token_hint"),
        query.get("id_token_hint"),
    )
    for token in tokens:
        if token and (pool_id := claimed_pool_id(token)) is not None:
            yield pool_id
    for name in _HANDLES:
        for parameters in (form, query):
            pool_id, dot, _ = parameters.get(name, "").partition(".")
            if dot:
                yield pool_id


def _credentials(headers: Mapping[str, str], wanted_scheme: str) -> str:
    """Return what stands behind a scheme in the Authorization header, empty for another scheme."""
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    return credentials.strip(" ") if scheme.lower() == wanted_scheme else ""
