"""Does the caller know the app client's secret? SECRET_HASH, by either live secret, over any name of the user's."""

import hmac

from poolkeeper.crypto import secret_hash
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model.client import Client
from poolkeeper.model.user import User


def require_secret_hash(client: Client, *, given: str | None, username: str, shown: str = "") -> None:
    """Pass for a client without a secret, or for the right hash over the submitted or the stored username.

    `shown` is the stored username, for a ghost the one that its challenges show (attacks.md 9). Raises
    NotAuthorizedException with AWS's error messages (userpools.md 1.3).
    """
    # UNVERIFIED: what AWS says to a hash that comes for a client without a secret; here it is not looked at.
    _require(
        client, given, {username, shown or username}, f"Unable to verify secret hash for client {client.client_id}"
    )


def require_refresh_secret_hash(client: Client, *, given: str | None, user: User) -> None:
    """Pass as above; with a refresh token the hash is over the username or the sub (userpools.md 0.5).

    Raises NotAuthorizedException.
    """
    sentence = f"SecretHash does not match for the client: {client.client_id}"
    _require(client, given, {user.username, user.sub}, sentence)


def require_client_secret(client: Client, given: str | None) -> None:
    """Pass for a client without a secret, or for one of its live secrets in clear, as GetTokensFromRefreshToken does.

    Raises NotAuthorizedException.
    """
    if client.confidential and not _is_a_secret(client, given):
        # UNVERIFIED: the words; a call with a wrong ClientSecret against AWS would settle them.
        raise refused(Reason.CLIENT_SECRET, client_id=client.client_id)


def require_own_secret(client: Client, given: str | None) -> None:
    """Pass for one of a client's live secrets in clear, or for no secret where the client has none (RFC 6749 2.3).

    An empty secret is none (RFC 6749 section 2.3.1). Raises NotAuthorizedException, also for any secret where the client
    has none.
    """
    if client.confidential != bool(given) or (given and not _is_a_secret(client, given)):
        raise refused(Reason.CLIENT_SECRET, client_id=client.client_id)


def _is_a_secret(client: Client, given: str | None) -> bool:
    """Compare with every live secret, each in a time that does not show how much of it was right (attacks.md 65)."""
    offered = (given or "").encode()
    matches = [hmac.compare_digest(secret.value.reveal().encode(), offered) for secret in client.secrets]
    return any(matches)


def _require(client: Client, given: str | None, names: set[str], sentence: str) -> None:
    if not client.confidential:
        return
    if given is None:
        raise refused(Reason.SECRET_HASH_MISSING, client_id=client.client_id)
    secrets = [secret.value.reveal() for secret in client.secrets]
    if not secret_hash.matches(given, usernames=names, client_id=client.client_id, client_secrets=secrets):
        raise refused(Reason.SECRET_HASH, sentence=sentence)
