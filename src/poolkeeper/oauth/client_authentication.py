"""Which app client asks, and does it prove it? By Basic, in the form, or without a secret where it has none (RFC 6749 2.3)."""

import binascii
from base64 import b64decode
from dataclasses import dataclass, field
from urllib.parse import unquote

from poolkeeper.accounts import client_documents
from poolkeeper.defences.client_proof import require_own_secret
from poolkeeper.errors import NotAuthorizedException, ResourceNotFoundException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.hosted.visit import Visit
from poolkeeper.lookup import require_client
from poolkeeper.model.client import CLIENT_ID, Client
from poolkeeper.model.client_metadata import BadDocument, is_client_url
from poolkeeper.oauth.answers import Refusal
from poolkeeper.store.cimd_policies import PolicyRow
from poolkeeper.tokens.url_clients import policy_of

# What proves something, or is a secret itself: an address is kept in histories and logs (RFC 6749 section 2.3.1).
_NEVER_IN_ADDRESS = frozenset(
    {"access_token", "client_id", "client_secret", "code", "code_verifier", "refresh_token", "token"}
)

UNKNOWN_CLIENT = "no such client"
_UNREADABLE = "Basic credentials that cannot be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Who somebody says that they are. `secret` is None where none was shown."""

    client_id: str
    secret: str | None = field(repr=False)
    by_basic: bool

    @property
    def checked_id(self) -> str:
        """The id, which is of the form that ids have. Raises Refusal: no database is asked for anything else."""
        if not CLIENT_ID.fullmatch(self.client_id):
            raise self.refused(UNKNOWN_CLIENT)
        return self.client_id

    def refused(self, why: str) -> Refusal:
        """Return invalid_client: with a challenge for whoever came by Basic (RFC 6749 section 5.2). The log hears `why`."""
        if not self.by_basic:
            return Refusal("invalid_client", detail=why)
        return Refusal("invalid_client", detail=why, status=401, headers={"www-authenticate": 'Basic realm="oauth2"'})


def claimed(visit: Visit) -> Claimed:
    """Return who a form says that it comes from.

    `client_id` beside Basic is usual; a secret in both is two ways of proving it, of which a request has one. Raises
    Refusal.
    """
    if _NEVER_IN_ADDRESS.intersection(visit.query):
        raise Refusal("invalid_request", "Parameters belong into the body")
    client_id, secret = visit.form.get("client_id"), visit.form.get("client_secret")
    basic = _basic(visit)
    if basic is None:
        if not client_id:
            raise Refusal("invalid_request", "client_id is missing")
        return Claimed(client_id=client_id, secret=secret, by_basic=False)
    if secret is not None or (client_id is not None and client_id != basic.client_id):
        raise Refusal("invalid_request", "The client is named in two ways")
    return basic


async def authenticated(visit: Visit, *, beginning: bool = False) -> Client:
    """Return the app client that a form comes from, which is one of this pool's and has shown its secret if it has one.

    `beginning`: a person's sign-in may begin with it, so the document of an app is fetched where none is kept. Raises Refusal.
    """
    claim = claimed(visit)
    if is_client_url(claim.client_id):
        return await _by_document(visit, claim, beginning=beginning)
    try:
        _, client = await require_client(visit.call, claim.checked_id)
    except ResourceNotFoundException:
        raise claim.refused(UNKNOWN_CLIENT) from None
    require_proved(visit, claim, client)
    return client


async def _by_document(visit: Visit, claim: Claimed, *, beginning: bool) -> Client:
    require_public(claim)
    try:
        if beginning:
            return (await client_documents.at_sign_in(visit.call, visit.place.pool.pool_id, claim.client_id))[1]
        return await client_documents.at_exchange(visit.call, visit.place.pool.pool_id, claim.client_id)
    except BadDocument as fault:
        raise claim.refused(str(fault)) from None


async def require_known(visit: Visit) -> None:
    """Pass for whoever is a client of this pool, before work is done for them that costs more than to find it out.

    Of an app that names itself by an address a policy must allow that; nothing is fetched. Raises Refusal.
    """
    claim = claimed(visit)
    if is_client_url(claim.client_id):
        require_public(claim)
        await _policy_of(visit, claim)
    else:
        await authenticated(visit)


async def require_allowed(visit: Visit, claim: Claimed, client: Client) -> None:
    """Pass for an app that names itself by an address while a policy still gives it this app client.

    It shows a key where its document demands one by now. Raises Refusal, UnprovedKey.
    """
    require_public(claim)
    policy = await _policy_of(visit, claim)
    if policy.client_id != client.client_id:
        raise claim.refused("its policy gives it another app client by now")
    if not visit.call.jkt and await client_documents.demands_key(
        visit.call, visit.place.pool.pool_id, policy, claim.client_id
    ):
        raise refused(Reason.KEY_NOT_SHOWN)


async def _policy_of(visit: Visit, claim: Claimed) -> PolicyRow:
    try:
        return await policy_of(visit.call, visit.place.pool.pool_id, claim.client_id)
    except BadDocument as fault:
        raise claim.refused(str(fault)) from None


def require_public(claim: Claimed) -> None:
    """Refuse an app that names itself by an address and shows a secret: it has none."""
    if claim.secret or claim.by_basic:
        raise claim.refused("a secret of a client that has none")


def require_proved(visit: Visit, claim: Claimed, client: Client) -> None:
    """Pass for whoever has shown the secret of a client that is one of this pool's. Raises Refusal."""
    if client.pool_id != visit.place.pool.pool_id:
        raise claim.refused("the client is of another pool")
    try:
        require_own_secret(client, claim.secret)
    except NotAuthorizedException as fault:
        raise claim.refused(fault.detail or fault.message) from None


def _basic(visit: Visit) -> Claimed | None:
    """Read the Authorization header, None where there is none.

    Id and secret are percent-decoded, as RFC 6749 section 2.3.1 has them encoded. A plus stays one: a secret may hold
    it, but no blank, and most clients encode nothing.
    """
    header = visit.headers.get("authorization")
    if header is None:
        return None
    nobody = Claimed(client_id="", secret=None, by_basic=True)
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise nobody.refused("another scheme than Basic")
    try:
        client_id, colon, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
        if not colon:
            raise nobody.refused(_UNREADABLE)
        return Claimed(
            client_id=unquote(client_id, errors="strict"), secret=unquote(secret, errors="strict"), by_basic=True
        )
    except (binascii.Error, UnicodeDecodeError):
        raise nobody.refused(_UNREADABLE) from None
