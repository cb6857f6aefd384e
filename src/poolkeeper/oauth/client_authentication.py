"""Which app client asks, and is it really that one? Its secret says so, by Basic or in the form, if it has one (RFC 6749 2.3)."""

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

# What proves something, or is a secret itself: histories and logs keep addresses (RFC 6749 section 2.3.1).
_NEVER_IN_ADDRESS = frozenset(
    {
        "access_token",
        "actor_token",
        "client_id",
        "client_secret",
        "code",
        "code_verifier",
        "refresh_token",
        "subject_token",
        "token",
    }
)

_UNKNOWN_CLIENT = "no such client"
_UNREADABLE = "Basic credentials that cannot be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedClient:
    """The app client that a request says it comes from: nothing is proved. `secret` is None where none was shown."""

    client_id: str
    secret: str | None = field(repr=False)
    by_basic: bool

    @property
    def checked_id(self) -> str:
        """The id, if it has the form of one. Raises Refusal otherwise: the database is asked for nothing else."""
        if not CLIENT_ID.fullmatch(self.client_id):
            raise self.refused(_UNKNOWN_CLIENT)
        return self.client_id

    def refused(self, why: str) -> Refusal:
        """Return invalid_client, with a challenge if the client used Basic (RFC 6749 section 5.2); `why` is for the log alone."""
        if not self.by_basic:
            return Refusal("invalid_client", detail=why)
        return Refusal("invalid_client", detail=why, status=401, headers={"www-authenticate": 'Basic realm="oauth2"'})


def claimed_client(visit: Visit) -> ClaimedClient:
    """Return the app client that a form says it comes from. Raises Refusal.

    `client_id` beside Basic is usual. A secret in both places is refused: a request authenticates in one way (RFC 6749 2.3).
    """
    if _NEVER_IN_ADDRESS.intersection(visit.query):
        raise Refusal("invalid_request", "Parameters belong into the body")
    client_id, secret = visit.form.get("client_id"), visit.form.get("client_secret")
    basic = _client_of_basic(visit)
    if basic is None:
        if not client_id:
            raise Refusal("invalid_request", "client_id is missing")
        return ClaimedClient(client_id=client_id, secret=secret, by_basic=False)
    if secret is not None or (client_id is not None and client_id != basic.client_id):
        raise Refusal("invalid_request", "The client is named in two ways")
    return basic


async def authenticated_client(visit: Visit, *, at_sign_in: bool = False) -> Client:
    """Return the app client that a form comes from: one of this pool's that has shown its secret, if it has one.

    `at_sign_in`: a person's sign-in may begin here, so the document of an app is fetched if none is kept. Raises Refusal.
    """
    claim = claimed_client(visit)
    if is_client_url(claim.client_id):
        return await _client_of_document(visit, claim, at_sign_in=at_sign_in)
    try:
        _, client = await require_client(visit.call, claim.checked_id)
    except ResourceNotFoundException:
        raise claim.refused(_UNKNOWN_CLIENT) from None
    require_proved(visit, claim, client)
    return client


async def _client_of_document(visit: Visit, claim: ClaimedClient, *, at_sign_in: bool) -> Client:
    _require_no_secret(claim)
    try:
        if at_sign_in:
            return (await client_documents.at_sign_in(visit.call, visit.place.pool.pool_id, claim.client_id))[1]
        return await client_documents.at_exchange(visit.call, visit.place.pool.pool_id, claim.client_id)
    except BadDocument as fault:
        raise claim.refused(str(fault)) from None


async def require_known_client(visit: Visit) -> None:
    """Pass for a client of this pool, before it causes work that costs more than this look-up. Raises Refusal.

    If an app names itself by an address, a policy must allow the address; nothing is fetched.
    """
    claim = claimed_client(visit)
    if is_client_url(claim.client_id):
        _require_no_secret(claim)
        await _policy_of(visit, claim)
    else:
        await authenticated_client(visit)


async def require_allowed_by_policy(visit: Visit, claim: ClaimedClient, client: Client) -> None:
    """Pass for an app that names itself by an address, while a policy still gives it this app client.

    It must have shown a key if its document demands one by now. Raises Refusal, UnprovedKey.
    """
    _require_no_secret(claim)
    policy = await _policy_of(visit, claim)
    if policy.client_id != client.client_id:
        raise claim.refused("its policy gives it another app client by now")
    if not visit.call.jkt and await client_documents.demands_key(
        visit.call, visit.place.pool.pool_id, policy, claim.client_id
    ):
        raise refused(Reason.KEY_NOT_SHOWN)


async def _policy_of(visit: Visit, claim: ClaimedClient) -> PolicyRow:
    try:
        return await policy_of(visit.call, visit.place.pool.pool_id, claim.client_id)
    except BadDocument as fault:
        raise claim.refused(str(fault)) from None


def _require_no_secret(claim: ClaimedClient) -> None:
    """Refuse an app that names itself by an address and shows a secret: it has none. Raises Refusal."""
    if claim.secret or claim.by_basic:
        raise claim.refused("a secret of a client that has none")


def require_proved(visit: Visit, claim: ClaimedClient, client: Client) -> None:
    """Pass if the client is one of this pool's and its secret was shown, if it has one. Raises Refusal."""
    if client.pool_id != visit.place.pool.pool_id:
        raise claim.refused("the client is of another pool")
    try:
        require_own_secret(client, claim.secret)
    except NotAuthorizedException as fault:
        raise claim.refused(fault.detail or fault.message) from None


def _client_of_basic(visit: Visit) -> ClaimedClient | None:
    """Return the client that the Authorization header names, None if there is no such header. Raises Refusal.

    Id and secret are percent-decoded, since RFC 6749 section 2.3.1 has them encoded. A plus stays a plus: a secret may
    contain one but no blank, and most clients encode nothing.
    """
    header = visit.headers.get("authorization")
    if header is None:
        return None
    nameless = ClaimedClient(client_id="", secret=None, by_basic=True)
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise nameless.refused("another scheme than Basic")
    try:
        client_id, colon, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
        if not colon:
            raise nameless.refused(_UNREADABLE)
        return ClaimedClient(
            client_id=unquote(client_id, errors="strict"), secret=unquote(secret, errors="strict"), by_basic=True
        )
    except (binascii.Error, UnicodeDecodeError):
        raise nameless.refused(_UNREADABLE) from None
