"""How are access keys made and kept? Their secrets lie sealed; rights/signers.py says whose they are."""

from poolkeeper.call import AccessKey, House
from poolkeeper.model.access_key import StoredKey, key_arn
from poolkeeper.secret import Secret
from poolkeeper.store import access_keys

# Of twenty characters, as AWS's ids are; the prefix tells them from AWS's own.
_PREFIX = "PK"

# What users of emulators and of AWS's local tools have in their environment already. It is no row: a server that is started
# without development mode on the same database knows nothing of it (attacks.md 157).
TEST_KEY_ID, TEST_KEY_SECRET = "test", Secret("test")


def make_root(house: House) -> AccessKey:
    """Make an access key of the account's root that is nowhere yet."""
    return AccessKey(
        access_key_id=new_id(house),
        secret=new_secret(house),
        arn=key_arn(account_id=house.settings.account_id, name="root", root=True),
        enabled=True,
    )


def new_id(house: House) -> str:
    """Return the id of an access key that is nowhere yet."""
    return _PREFIX + house.entropy.base32(18)


def new_secret(house: House) -> Secret:
    """Return the secret of an access key that is nowhere yet."""
    return Secret(house.entropy.alphanumeric(40))


async def keep_root(house: House, key: AccessKey) -> bool:
    """Store a key of the account's root, its secret sealed; False when its id is taken."""
    stored = StoredKey(
        access_key_id=key.access_key_id,
        name="root",
        enabled=True,
        root=True,
        sealed_secret=seal(house, key.access_key_id, key.secret),
        created_at=house.clock.now(),
    )
    return await access_keys.insert(house.db, stored) == 1


def seal(house: House, access_key_id: str, secret: Secret) -> bytes:
    """Return a secret, sealed for its row."""
    return house.sealer.seal_column(secret.reveal().encode(), **_sealed_for(access_key_id))


def opened(house: House, access_key_id: str, sealed: bytes) -> Secret:
    """Return the secret of a stored key, opened."""
    return Secret(house.sealer.open_column(sealed, **_sealed_for(access_key_id)).decode())


def _sealed_for(access_key_id: str) -> dict[str, str]:
    return {"table": "access_keys", "key": access_key_id, "column": "secret"}
