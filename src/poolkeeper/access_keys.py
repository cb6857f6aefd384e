"""Whose is an access key? Keys are made, opened and found here; their secrets lie sealed."""

from poolkeeper.cache import Cache
from poolkeeper.call import AccessKey, House
from poolkeeper.model.access_key import StoredKey, key_arn
from poolkeeper.secret import Secret
from poolkeeper.store import access_keys

# Twenty characters, as AWS's are; the alphabet is base32 (RFC 4648). The prefix tells them from AWS's own.
_PREFIX = "PK"
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"  # noqa: S105 - an alphabet


def make(house: House, *, name: str, root: bool = False) -> AccessKey:
    """Make an access key that is nowhere yet."""
    return AccessKey(
        access_key_id=_PREFIX + house.entropy.text(_ALPHABET, 18),
        secret=Secret(house.entropy.text(_SECRET_ALPHABET, 40)),
        arn=key_arn(account_id=house.settings.account_id, name=name, root=root),
        enabled=True,
    )


async def keep(house: House, key: AccessKey, *, name: str, root: bool = False) -> bool:
    """Store a key, its secret sealed; False when its id is taken."""
    stored = StoredKey(
        access_key_id=key.access_key_id,
        name=name,
        enabled=True,
        root=root,
        sealed_secret=seal(house, key.access_key_id, key.secret),
        created_at=house.clock.now(),
    )
    return await access_keys.insert(house.db, stored) == 1


def seal(house: House, access_key_id: str, secret: Secret) -> bytes:
    """Return a secret, sealed for its row."""
    return house.sealer.seal_column(secret.reveal().encode(), **_place(access_key_id))


def opened(house: House, stored: StoredKey) -> AccessKey:
    """Return a stored key with its secret opened."""
    secret = house.sealer.open_column(stored.sealed_secret, **_place(stored.access_key_id))
    arn = key_arn(account_id=house.settings.account_id, name=stored.name, root=stored.root)
    return AccessKey(stored.access_key_id, Secret(secret.decode()), arn, stored.enabled)


class KeyFinder:
    """Finds access keys for the endpoint. Each use reads the row, so a key that is switched off is off at once.

    What is remembered is the opened secret, by the sealed one.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._opened: Cache[bytes, AccessKey] = Cache(1_024)

    async def __call__(self, access_key_id: str) -> AccessKey | None:
        """Return a key that may sign, None for one that is unknown or off."""
        stored = await access_keys.find(self._house.db, access_key_id)
        if stored is None or not stored.enabled:
            return None
        known = self._opened.get(stored.sealed_secret)
        if known is None:
            known = opened(self._house, stored)
            self._opened.put(stored.sealed_secret, known)
        return known


def _place(access_key_id: str) -> dict[str, str]:
    return {"table": "access_keys", "key": access_key_id, "column": "secret"}
