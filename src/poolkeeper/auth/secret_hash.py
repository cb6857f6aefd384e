"""Does the caller know the app client's secret? SECRET_HASH, by either live secret, over any name of the user's."""

import hmac

from poolkeeper.crypto import secret_hash
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.lookup import Subject
from poolkeeper.model.client import Client
from poolkeeper.model.user import User


def require_secret_hash(client: Client, *, given: str | None, username: str, subject: Subject | None = None) -> None:
    """Pass for a client without a secret, or for the right hash over the submitted or the stored username.

    The stored name of nobody is the one that a challenge shows (attacks.md 9). Raises NotAuthorizedException with AWS's sentences (contract, user pools 1.3).
    """
    # UNVERIFIED: what AWS says to a hash that comes for a client without a secret; here it is not looked at.
    names = {username}
    if subject is not None:
        names.add(subject.subject_id if subject.user is None else subject.user.username)
    _require(client, given, names, f"Unable to verify secret hash for client {client.client_id}")


def require_refresh_secret_hash(client: Client, *, given: str | None, user: User) -> None:
    """Pass as above; with a refresh token the hash is over the username or the sub (contract, user pools 0.5).

    Raises NotAuthorizedException.
    """
    sentence = f"SecretHash does not match for the client: {client.client_id}"
    _require(client, given, {user.username, user.sub}, sentence)


def require_client_secret(client: Client, given: str | None) -> None:
    """Pass for a client without a secret, or for one of its live secrets in clear, as GetTokensFromRefreshToken has it.

    Raises NotAuthorizedException.
    """
    if not client.confidential:
        return
    offered = (given or "").encode()
    matches = [hmac.compare_digest(one.value.reveal().encode(), offered) for one in client.secrets]
    if not any(matches):
        # UNVERIFIED: the words; a call with a wrong ClientSecret against AWS would settle them.
        raise NotAuthorizedException(f"Unable to verify secret for client {client.client_id}")


def _require(client: Client, given: str | None, names: set[str], sentence: str) -> None:
    if not client.confidential:
        return
    if given is None:
        raise NotAuthorizedException(
            f"Client {client.client_id} is configured with secret but SECRET_HASH was not received"
        )
    secrets = [one.value.reveal() for one in client.secrets]
    if not secret_hash.matches(given, usernames=names, client_id=client.client_id, client_secrets=secrets):
        raise NotAuthorizedException(sentence)
