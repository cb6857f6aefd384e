"""What does the cryptography alone cost? CPU time of each primitive, and S: one RS256-2048 signature in the same run."""

import statistics
import time
from collections.abc import Callable, Mapping
from functools import cache

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from poolkeeper.crypto import password_hash, srp
from poolkeeper.settings import DEFAULTS

SIGNATURES = 300
MESSAGE = b"m" * 600
SALT = b"0123456789abcdef"
SECRET_B = (1 << 256) - 189


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def cpu(work: Callable[[], object], *, times: int) -> float:
    """Return the median CPU time of `times` calls, in nanoseconds."""
    sample = []
    for _ in range(times):
        begun = time.thread_time_ns()
        work()
        sample.append(time.thread_time_ns() - begun)
    return statistics.median(sample)


def signature(*, times: int = SIGNATURES) -> float:
    """Return S: the median CPU time of one RS256 signature with a 2048-bit key, in nanoseconds."""
    key = _key()
    return cpu(lambda: key.sign(MESSAGE, padding.PKCS1v15(), SHA256()), times=times)


def primitives() -> Mapping[str, float]:
    """Return the median CPU time of each primitive that an operation may have to pay, in nanoseconds."""
    key, public = _key(), _key().public_key()
    signed = key.sign(MESSAGE, padding.PKCS1v15(), SHA256())
    argon2 = password_hash.Argon2(DEFAULTS["password_hash_memory"], DEFAULTS["password_hash_passes"])
    verifier = srp.verifier(pool_name="pool", user_id="user", password="password", salt=SALT)
    client_public = pow(srp.G, SECRET_B >> 1, srp.N)
    server_public = srp.server_public(verifier=verifier, secret_b=SECRET_B)

    return {
        "signature": signature(),
        "verification": cpu(lambda: public.verify(signed, MESSAGE, padding.PKCS1v15(), SHA256()), times=200),
        "Argon2": cpu(lambda: argon2.hash("a password", salt=SALT), times=30),
        "SRP verifier": cpu(
            lambda: srp.verifier(pool_name="pool", user_id="user", password="password", salt=SALT), times=50
        ),
        "SRP B": cpu(lambda: srp.server_public(verifier=verifier, secret_b=SECRET_B), times=50),
        "SRP key": cpu(
            lambda: srp.session_key(
                client_public=client_public, server_public=server_public, verifier=verifier, secret_b=SECRET_B
            ),
            times=50,
        ),
    }


if __name__ == "__main__":
    costs = primitives()
    for name, nanoseconds in costs.items():
        print(f"{name:14} {nanoseconds / 1e6:9.3f} ms {nanoseconds / costs['signature']:8.2f} S")
