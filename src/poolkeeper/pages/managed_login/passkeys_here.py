"""Can a passkey be used or made at this address? Where the page's host is the pool's relying party or below it."""

from poolkeeper.accounts.passkeys import policy_of
from poolkeeper.hosted.places import Place
from poolkeeper.settings import Settings


def offered(settings: Settings, place: Place) -> bool:
    """Say whether the pool takes passkeys and a browser would use them at this host (WebAuthn 5.1.3, step 8)."""
    policy = policy_of(settings, place.pool)
    party = policy.relying_party
    return policy.allowed and party is not None and (place.host == party or place.host.endswith(f".{party}"))
