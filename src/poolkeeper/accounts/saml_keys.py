"""Which keys does a pool use with SAML providers? One pair signs its messages, and one for each provider decrypts theirs.

Each is made when it is first needed, sealed in the database, and used by this pool alone (oauth-federation.md 7.4).
"""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from poolkeeper.call import Call, House
from poolkeeper.crypto import certified_jws, jws
from poolkeeper.federation.saml.signatures import Signer
from poolkeeper.model.pool import Pool
from poolkeeper.store import saml_keys
from poolkeeper.store.saml_keys import KeyRow

SIGNING, ENCRYPTION = "signing", "encryption"
_NO_PROVIDER = ""


async def signer(call: Call, pool: Pool) -> Signer:
    """Return the pair by which a pool signs requests to its providers; make it now if there is none."""
    row = await _require(call, pool, purpose=SIGNING, provider=_NO_PROVIDER)
    key = _opened(call.house, pool.pool_id, SIGNING, _NO_PROVIDER, row)
    return Signer(key=key, certificate=x509.load_der_x509_certificate(row.certificate))


async def signing_certificate(call: Call, pool: Pool) -> bytes:
    """Return the certificate of that pair, in DER."""
    return (await _require(call, pool, purpose=SIGNING, provider=_NO_PROVIDER)).certificate


async def encryption_certificate(call: Call, pool: Pool, provider: str) -> bytes:
    """Return the certificate for which a provider encrypts its assertions, in DER."""
    return (await _require(call, pool, purpose=ENCRYPTION, provider=provider)).certificate


async def decryption_keys(call: Call, pool: Pool, provider: str) -> list[RSAPrivateKey]:
    """Return the keys that decrypt a provider's assertions, none where the provider was never given one."""
    row = await saml_keys.find(call.db, pool_id=pool.pool_id, purpose=ENCRYPTION, provider=provider)
    return [] if row is None else [_opened(call.house, pool.pool_id, ENCRYPTION, provider, row)]


async def _require(call: Call, pool: Pool, *, purpose: str, provider: str) -> KeyRow:
    row_key = {"pool_id": pool.pool_id, "purpose": purpose, "provider": provider}
    row = await saml_keys.find(call.db, **row_key)
    if row is not None:
        return row
    pair = await call.house.heavy.run(call.asker, _make, call.house, pool.pool_id, purpose, provider)
    await call.db.write(
        lambda tx: saml_keys.insert(
            tx, **row_key, private_key=pair.private_key, certificate=pair.certificate, now=call.now
        )
    )
    row = await saml_keys.find(call.db, **row_key)  # another process may have been faster
    assert row is not None, "a pair was kept just now"
    return row


def _make(house: House, pool_id: str, purpose: str, provider: str) -> KeyRow:
    private = jws.generate()
    serial = int.from_bytes(house.entropy.bytes(16)) >> 1
    certificate = certified_jws.certificate(private, name=pool_id, serial=serial, now=house.clock.now())
    sealed = house.sealer.seal_column(jws.export_private(private), **_key_column(pool_id, purpose, provider))
    return KeyRow(private_key=sealed, certificate=certificate)


def _opened(house: House, pool_id: str, purpose: str, provider: str, row: KeyRow) -> RSAPrivateKey:
    return jws.import_private(house.sealer.open_column(row.private_key, **_key_column(pool_id, purpose, provider)))


def _key_column(pool_id: str, purpose: str, provider: str) -> dict[str, str]:
    return {"table": "saml_keys", "key": f"{pool_id}/{purpose}/{provider}", "column": "private_key"}
