"""Which keys sign and verify a pool's tokens? Two RSA keys a pool, opened and parsed once in a process."""

from collections.abc import Sequence

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from poolkeeper.call import House, PoolKeys, SigningKey
from poolkeeper.crypto import jws
from poolkeeper.store import key_stock, signing_keys
from poolkeeper.store.db import Transaction

PURPOSES = ("id", "access")


class NewKey(msgspec.Struct, frozen=True):
    """A key pair that belongs to nobody yet. `private_der` is in clear: it goes from here into a seal."""

    kid: str
    private_der: bytes
    public_jwk: str

    def __repr__(self) -> str:
        return f"NewKey({self.kid!r})"


async def of_pool(house: House, pool_id: str) -> PoolKeys | None:
    """Return the keys of a pool, None where there is no such pool."""
    known = house.memory.pool_keys.get(pool_id)
    return known if known is not None else await reload(house, pool_id)


async def reload(house: House, pool_id: str) -> PoolKeys | None:
    """Read the keys of a pool again: its keys may have changed, or it may be gone.

    Parsing takes milliseconds, and anybody can name a key that is not there: keys that are known are not parsed again.
    """
    rows = await signing_keys.of_pool(house.db, pool_id)
    if not rows:
        house.memory.pool_keys.drop(pool_id)
        return None
    known = house.memory.pool_keys.get(pool_id)
    if known is not None and known.public.keys() == {row.kid for row in rows}:
        return known
    keys = _parse(house, pool_id, rows)
    house.memory.pool_keys.put(pool_id, keys)
    return keys


def make(house: House) -> NewKey:
    """Make one key pair (some 40 ms of CPU: call it in a thread, ahead of need)."""
    key = jws.generate()
    kid = jws.key_id(house.entropy.bytes(32))
    public = msgspec.json.encode(jws.public_jwk(kid, key)).decode()
    return NewKey(kid=kid, private_der=jws.export_private(key), public_jwk=public)


async def stock(house: House, tx: Transaction, key: NewKey) -> None:
    """Put a new key into the stock, sealed for its place there."""
    sealed = house.sealer.seal_column(key.private_der, **_place("key_stock", key.kid))
    await key_stock.put(tx, kid=key.kid, private_key=sealed, public_jwk=key.public_jwk)


async def take(house: House, tx: Transaction) -> list[NewKey]:
    """Take a pool's worth of keys out of the stock; fewer where it is empty."""
    rows = await key_stock.take(tx, len(PURPOSES))
    return [
        NewKey(
            kid=row.kid,
            private_der=house.sealer.open_column(row.private_key, **_place("key_stock", row.kid)),
            public_jwk=row.public_jwk,
        )
        for row in rows
    ]


async def give(house: House, tx: Transaction, pool_id: str, keys: Sequence[NewKey], *, now: int) -> None:
    """Make these keys the pool's: the first signs ID tokens, the second access tokens."""
    for purpose, key in zip(PURPOSES, keys, strict=True):
        sealed = house.sealer.seal_column(key.private_der, **_place("signing_keys", f"{pool_id}/{key.kid}"))
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
    signing: dict[str, SigningKey] = {}
    private: dict[str, RSAPrivateKey] = {}
    for row in rows:
        der = house.sealer.open_column(row.private_key, **_place("signing_keys", f"{pool_id}/{row.kid}"))
        private[row.kid] = jws.import_private(der)
        signing.setdefault(row.purpose, SigningKey(kid=row.kid, private=private[row.kid]))
    documents = ",".join(row.public_jwk for row in rows)
    return PoolKeys(
        id=signing["id"],
        access=signing["access"],
        public={kid: key.public_key() for kid, key in private.items()},
        jwks=f'{{"keys":[{documents}]}}'.encode(),
    )


def _place(table: str, key: str) -> dict[str, str]:
    return {"table": table, "key": key, "column": "private_key"}
