"""What does each cryptographic primitive cost? CPU time in S: one RS256-2048 signature of the same run.

Usage: python benchmarks/primitives.py [rounds]
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import saml_response
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from poolkeeper.crypto import jws, modular, secret_hash, sigv4, srp
from poolkeeper.crypto.keyring import KeyRing
from poolkeeper.crypto.password_hash import Argon2
from poolkeeper.crypto.seal import Sealer
from poolkeeper.entropy import Entropy
from poolkeeper.federation.saml import responses

ENTROPY = Entropy()
NOW = 1_700_000_000_000

Work = Callable[[], object]


def cpu(work: Work, rounds: int) -> float:
    """Return the median CPU seconds of one call over batches of some milliseconds."""
    work()
    begun = time.process_time()
    work()
    batch = max(1, int(0.003 / max(time.process_time() - begun, 1e-7)))
    samples = []
    for _ in range(rounds):
        begun = time.process_time()
        for _ in range(batch):
            work()
        samples.append((time.process_time() - begun) / batch)
    return median(samples)


def srp_works() -> dict[str, Work]:
    salt = ENTROPY.bytes(16)
    verifier = srp.verifier(pool_name="AbCdEfGhI", user_id="user", password="correct horse", salt=salt)
    secret_b = int.from_bytes(ENTROPY.bytes(32))
    public = srp.server_public(verifier=verifier, secret_b=secret_b)
    client_public = srp.to_hex(pow(srp.G, int.from_bytes(ENTROPY.bytes(128)), srp.N))
    block = ENTROPY.bytes(300)

    def start() -> object:
        srp.parse_public(client_public)
        return srp.to_hex(srp.server_public(verifier=verifier, secret_b=secret_b))

    def answer() -> object:
        key = srp.session_key(
            client_public=srp.parse_public(client_public),
            server_public=public,
            verifier=verifier,
            secret_b=secret_b,
        )
        return srp.claim_signature(
            key=key, pool_name="AbCdEfGhI", user_id="user", secret_block=block, timestamp="Mon Nov 3 08:42:08 UTC 2026"
        )

    return {
        "SRP start (B)": start,
        "SRP answer (S, K, signature)": answer,
        "SRP verifier (v)": lambda: srp.verifier(
            pool_name="AbCdEfGhI", user_id="user", password="correct horse", salt=salt
        ),
    }


def jws_works() -> dict[str, Work]:
    key = jws.generate()
    der = jws.export_private(key)
    kid = jws.key_id(ENTROPY.bytes(32))
    payload = b'{"sub":"%s"}' % (b"x" * 800)
    token = jws.sign(payload, kid=kid, key=key)
    keys = {kid: key.public_key()}
    return {
        "jws.sign": lambda: jws.sign(payload, kid=kid, key=key),
        "jws.read": lambda: jws.read(token),
        "jws.read and verify": lambda: jws.read(token).verify(keys),
        "jws.import_private": lambda: jws.import_private(der),
        "jws.generate": jws.generate,
    }


def seal_works(folder: Path) -> dict[str, Work]:
    sealer = Sealer(KeyRing.create(folder / "sealing.keys", ENTROPY), ENTROPY)
    state = bytes(300)
    column = sealer.seal_column(state, table="users", key="pool/user", column="verifier")
    return {
        "blob: seal and open": lambda: sealer.open_blob(
            sealer.seal_blob(state, purpose="session", now=NOW), purpose="session"
        ),
        "column: open": lambda: sealer.open_column(column, table="users", key="pool/user", column="verifier"),
    }


def sigv4_works() -> dict[str, Work]:
    key = sigv4.signing_key("secret", date="20260101", region="us-east-1", service="cognito-idp")
    headers = [
        ("host", "localhost:7665"),
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "AWSCognitoIdentityProviderService.AdminGetUser"),
        ("x-amz-date", "20260101T000000Z"),
    ]
    signed = sorted(name for name, _ in headers)
    authorization = (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/cognito-idp/aws4_request, "
        f"SignedHeaders={';'.join(signed)}, Signature={'0' * 64}"
    )

    def check() -> object:
        claimed = sigv4.parse_authorization(authorization)
        request = sigv4.canonical_request(
            method="POST", path="/", query="", headers=headers, signed_headers=signed, payload_hash="0" * 64
        )
        return sigv4.sign(
            key,
            sigv4.string_to_sign(timestamp="20260101T000000Z", scope=claimed.scope, canonical_request=request),
        )

    return {"SigV4 check (key cached)": check}


def saml_works() -> dict[str, Work]:
    provider = saml_response.IdentityProvider()
    trust = responses.Trust(certificates=[provider.certificate()])
    assertion, both = provider.response(both=False), provider.response(both=True)
    signature, public = provider.key.sign(assertion, PKCS1v15(), SHA256()), provider.key.public_key()
    return {
        "RSA verification, bare": lambda: public.verify(signature, assertion, PKCS1v15(), SHA256()),
        "SAML response, assertion signed": lambda: responses.accept(assertion, trust, saml_response.EXPECTED),
        "SAML response, both signed": lambda: responses.accept(both, trust, saml_response.EXPECTED),
    }


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    modular.prepare_thread()
    key = jws.generate()
    unit = cpu(lambda: key.sign(b"x" * 900, jws._PADDING, jws._HASH), rounds)  # noqa: SLF001 - the unit itself
    print(f"S = {unit * 1e6:.0f} us")

    hasher = Argon2(19_456, 2)
    with tempfile.TemporaryDirectory() as folder:
        works: dict[str, Work] = {
            **srp_works(),
            "Argon2id 19 MiB, 2 passes": lambda: hasher.hash("correct horse", salt=bytes(16)),
            **jws_works(),
            **seal_works(Path(folder)),
            **sigv4_works(),
            **saml_works(),
            "secret hash": lambda: secret_hash.secret_hash(username="u", client_id="c" * 26, client_secret="s" * 52),
        }
        for name, work in works.items():
            seconds = cpu(work, rounds)
            print(f"{name:32}{seconds / unit:10.3f} S {seconds * 1e6:12.1f} us")


if __name__ == "__main__":
    main()
