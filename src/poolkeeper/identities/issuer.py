"""Who vouches for identities? The issuer of all identity pools here: its name, its keys and how they change.

A new key is published before it signs, for as long as caches may keep the old document, and an old key stays published for
as long as a token that it signed may live (attacks.md 71).
"""

import asyncio
from dataclasses import dataclass

import msgspec

from poolkeeper.call import House, IdentityKey, IdentityKeys
from poolkeeper.clock import DAY, HOUR, MINUTE
from poolkeeper.crypto import certified_jws, jws
from poolkeeper.settings import Settings
from poolkeeper.store import identity_keys

AWS_ISSUER = "https://cognito-identity.amazonaws.com"
AWS_NAME = "cognito-identity.amazonaws.com"
PUBLISHED_BEFORE = 2 * HOUR
_KEPT_AFTER = DAY + HOUR
_READ_AGAIN = MINUTE
_CERTIFIED_NAME = "Poolkeeper identity pools"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextKey:
    """A key that signs `hours` from now; `thumbprint` is the SHA-1 of its certificate, by which IAM and others know keys."""

    kid: str
    hours: int
    thumbprint: str


def issuer_of(settings: Settings) -> str:
    """Return the `iss` of identity pools' tokens: our own, or AWS's or another address where the settings say so."""
    if settings.identity_issuer == "aws":
        return AWS_ISSUER
    return settings.identity_issuer.rstrip("/") or settings.issuer_base


def names_of(settings: Settings) -> tuple[str, str]:
    """Return the names under which trust policies and Logins know the issuer: AWS's, and ours without the scheme."""
    return AWS_NAME, issuer_of(settings).partition("://")[2]


async def keys_of(house: House) -> IdentityKeys:
    """Return the issuer's keys, made where there are none yet; keys of other processes are seen within a minute."""
    keys_in_memory = house.memory.identity_keys.get("")
    if keys_in_memory is not None and keys_in_memory.read_at > house.clock.now() - _READ_AGAIN:
        return keys_in_memory
    return await reload(house)


async def reload(house: House) -> IdentityKeys:
    """Read the issuer's keys again; where several processes each make a first key, all of these keys are good."""
    keys = await _read(house)
    if keys is None:
        async with house.locks.hold("identity keys"):
            keys = await _read(house)
            if keys is None:
                await add_key(house, signs_from=house.clock.now())
                keys = await _read(house)
    assert keys is not None, "a key was added"
    house.memory.identity_keys.put("", keys)
    return keys


async def add_key(house: House, *, signs_from: int) -> str:
    """Make the next key and return its kid (some 40 ms of CPU, in a thread)."""
    private = await asyncio.to_thread(jws.generate)
    kid = jws.key_id(house.entropy.bytes(32))
    serial = int.from_bytes(house.entropy.bytes(16)) >> 1
    certificate = certified_jws.certificate(private, name=_CERTIFIED_NAME, serial=serial, now=house.clock.now())
    sealed = house.sealer.seal_column(jws.export_private(private), **_column_of(kid))
    await identity_keys.insert(house.db, kid=kid, private_key=sealed, certificate=certificate, signs_from=signs_from)
    house.memory.identity_keys.drop("")
    return kid


async def rotate(house: House) -> NextKey:
    """Add a key that signs once every cache can have it."""
    await keys_of(house)
    kid = await add_key(house, signs_from=house.clock.now() + PUBLISHED_BEFORE)
    new_key = next(key for key in (await reload(house)).all if key.kid == kid)
    return NextKey(kid=kid, hours=PUBLISHED_BEFORE // HOUR, thumbprint=certified_jws.thumbprint(new_key.certificate))


async def retire(house: House) -> int:
    """Remove the keys whose last token has expired, and return their number. The worker calls this."""
    now, removed, newer_since = house.clock.now(), 0, None
    for row in await identity_keys.every(house.db):
        if newer_since is not None and newer_since <= now - _KEPT_AFTER:
            removed += await identity_keys.delete(house.db, row.kid)
        if row.signs_from <= now:
            newer_since = row.signs_from
    return removed


async def jwks(house: House) -> bytes:
    """Return the issuer's public keys with their certificates, as the database has them at this moment."""
    keys = await reload(house)
    algorithm = house.settings.identity_token_algorithm
    documents = [
        certified_jws.certified_jwk(key.kid, key.private.public_key(), algorithm=algorithm, certificate=key.certificate)
        for key in keys.all
    ]
    return msgspec.json.encode({"keys": documents})


async def _read(house: House) -> IdentityKeys | None:
    now = house.clock.now()
    rows = await identity_keys.every(house.db)
    if not rows:
        return None
    keys_in_memory = house.memory.identity_keys.get("")
    parsed = {key.kid: key for key in keys_in_memory.all} if keys_in_memory is not None else {}
    for row in rows:
        if row.kid not in parsed:
            der = house.sealer.open_column(row.private_key, **_column_of(row.kid))
            parsed[row.kid] = IdentityKey(
                kid=row.kid, private=jws.import_private(der), certificate=row.certificate, signs_from=row.signs_from
            )
    keys = tuple(parsed[row.kid] for row in rows)
    return IdentityKeys(all=keys, read_at=now)


def _column_of(kid: str) -> dict[str, str]:
    return {"table": "identity_keys", "key": f"0/{kid}", "column": "private_key"}
