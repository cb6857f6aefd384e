"""What is a client's SECRET_HASH? HMAC-SHA256 over user name and client id, in base64.

Source: Amazon Cognito Developer Guide, "Computing secret hash values".
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable


def secret_hash(*, username: str, client_id: str, client_secret: str) -> str:
    """Return the hash that a client of this secret sends for this name.

    Raises ValueError for an empty secret: with it anybody could compute the hash.
    """
    if not client_secret:
        raise ValueError("an empty client secret")
    digest = hmac.digest(client_secret.encode(), (username + client_id).encode(), "sha256")
    return b64encode(digest).decode()


def matches(given: str, *, usernames: Iterable[str], client_id: str, client_secrets: Iterable[str]) -> bool:
    """Say whether `given` is the hash of any of the names under any of the client's live secrets.

    Every pair is computed and compared in constant time: which name or secret fits cannot be seen from the clock.
    """
    names = tuple(usernames)
    claimed = given.encode("utf-8", "surrogatepass")
    matched = False
    for client_secret in client_secrets:
        for username in names:
            expected = secret_hash(username=username, client_id=client_id, client_secret=client_secret)
            matched |= hmac.compare_digest(expected.encode(), claimed)
    return matched
