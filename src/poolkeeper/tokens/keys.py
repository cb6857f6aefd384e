"""Which keys sign and verify a pool's tokens? The pool's two RSA keys, which each process opens and parses once."""

from collections.abc import Sequence

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from poolkeeper.call import House, PoolKeys, SigningKey
from poolkeeper.crypto import jws
from poolkeeper.store import key_stock, signing_keys
from poolkeeper.store.db import Transaction

PURPOSES = ("id", "access")


class NewKey(msgspec.Struct, frozen=True):
    """A key pair that belongs to no pool yet. `private_der` is not encrypted: it must be sealed to be kept."""

    kid: str
    private_der: bytes
    public_jwk: str

    def __repr__(self) -> str:
        return f"NewKey({self.kid!r})"


async def of_pool(house: House, pool_id: str) -> PoolKeys | None:
    """Return the keys of a pool, None where there is no such pool."""
    pool_keys = house.memory.pool_keys.get(pool_id)
    return pool_keys if pool_keys is not None else await reload(house, pool_id)


async def reload(house: House, pool_id: str) -> PoolKeys | None:
    """Read the keys of a pool again, which may have changed; return None if the pool is gone.

    Parsing takes milliseconds, and anybody can name a key that does not exist: unchanged keys are not parsed again.
    """
    rows = await signing_keys.of_pool(house.db, pool_id)
    if not rows:
        house.memory.pool_keys.drop(pool_id)
        return None
    remembered = house.memory.pool_keys.get(pool_id)
    if remembered is not None and remembered.public.keys() == {row.kid for row in rows}:
        return remembered
    pool_keys = _parse(house, pool_id, rows)
    house.memory.pool_keys.put(pool_id, pool_keys)
    return pool_keys


def make(house: House) -> NewKey:
    """Make one key pair: some 40 ms of CPU, so call it in a thread, ahead of need."""
    key = jws.generate()
    kid = jws.key_id(house.entropy.bytes(32))
    public = msgspec.json.encode(jws.public_jwk(kid, key)).decode()
    return NewKey(kid=kid, private_der=jws.export_private(key), public_jwk=public)


async def stock(house: House, tx: Transaction, key: NewKey) -> None:
    """Put a new key into the stock, sealed for its row there."""
    sealed = house.sealer.seal_column(key.private_der, **_column("key_stock", key.kid))
    await key_stock.put(tx, kid=key.kid, private_key=sealed, public_jwk=key.public_jwk)


async def take(house: House, tx: Transaction) -> list[NewKey]:
    """Take the keys that one pool needs out of the stock; fewer if there are no more."""
    rows = await key_stock.take(tx, len(PURPOSES))
    return [
        NewKey(
            kid=row.kid,
            private_der=house.sealer.open_column(row.private_key, **_column("key_stock", row.kid)),
            public_jwk=row.public_jwk,
        )
        for row in rows
    ]


async def give(house: House, tx: Transaction, pool_id: str, keys: Sequence[NewKey], *, now: int) -> None:
    """Make these keys the pool's: the first signs ID tokens, the second access tokens."""
    for purpose, key in zip(PURPOSES, keys, strict=True):
        sealed = house.sealer.seal_column(key.private_der, **_column("signing_keys", f"{pool_id}/{key.kid}"))
        await signing_keys.add(
            tx,
            pool_id=pool_id,
            kid=key.kid,
            purpose=purpose,
            private_key=sealed,
            public_jwk=key.public_jwk,
            now=now,
        )


def _parse(house: House, pool_id: str, rows: Sequence[signing_keys.SigningKey]) -> PoolKeys:
    signing_key_of: dict[str, SigningKey] = {}
    private_key_of: dict[str, RSAPrivateKey] = {}
    for row in rows:
        der = house.sealer.open_column(row.private_key, **_column("signing_keys", f"{pool_id}/{row.kid}"))
        private_key_of[row.kid] = jws.import_private(der)
        signing_key_of.setdefault(row.purpose, SigningKey(kid=row.kid, private=private_key_of[row.kid]))
    public_jwks = ",".join(row.public_jwk for row in rows)
    return PoolKeys(
        id=signing_key_of["id"],
        access=signing_key_of["access"],
        public={kid: key.public_key() for kid, key in private_key_of.items()},
        jwks=f'{{"keys":[{public_jwks}]}}'.encode(),
    )


def _column(table: str, key: str) -> dict[str, str]:
    """Return the column for which a private key is sealed, in the row with that primary key."""
    return {"table": table, "key": key, "column": "private_key"}
