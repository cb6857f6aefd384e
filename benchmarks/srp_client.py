"""How does a client prove a password by SRP without sending it? RFC 5054's arithmetic in Cognito's variant.

The client's secret is short, so that a benchmark can answer hundreds of challenges quickly: never do so elsewhere.
"""

import hmac
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256

import gmpy2

from poolkeeper.crypto.srp import G, K, N

SECRET = 0x5EC2E75EC2E75EC2E7
DEVICE_SALT = 0x5A175A175A175A175A175A175A175A17
PUBLIC = int(gmpy2.powmod(G, SECRET, N))


def padded(number: int) -> bytes:
    """Return the minimal big-endian bytes of `number`, with a zero byte before a set top bit."""
    return number.to_bytes(number.bit_length() // 8 + 1)


def proof(challenge: Mapping[str, str], *, group: str, name: str, password: str, timestamp: str) -> dict[str, str]:
    """Answer the ChallengeParameters of a user's or a device's exchange: the ChallengeResponses.

    `group` and `name` enter the proof: of a user's the part of the pool's id behind its `_` and USER_ID_FOR_SRP, of a
    device's its group key and its own key.
    """
    key = _session_key(challenge, identity=f"{group}{name}:{password}")
    secret_block = b64decode(challenge["SECRET_BLOCK"])
    claim = b"".join((group.encode(), name.encode(), secret_block, timestamp.encode()))
    return {
        "USERNAME": challenge.get("USERNAME", name),
        "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
        "PASSWORD_CLAIM_SIGNATURE": b64encode(hmac.digest(key, claim, "sha256")).decode(),
        "TIMESTAMP": timestamp,
    }


def device_verifier(*, group: str, name: str, password: str) -> dict[str, str]:
    """Return the DeviceSecretVerifierConfig of a device with this password."""
    verifier = int(gmpy2.powmod(G, _exponent(DEVICE_SALT, f"{group}{name}:{password}"), N))
    return {
        "PasswordVerifier": b64encode(padded(verifier)).decode(),
        "Salt": b64encode(padded(DEVICE_SALT)).decode(),
    }


def timestamp() -> str:
    """Return this moment as TIMESTAMP has it: the day without a zero before it."""
    now = time.gmtime()
    return time.strftime("%a %b {} %H:%M:%S UTC %Y", now).format(now.tm_mday)


def _exponent(salt: int, identity: str) -> int:
    return int.from_bytes(sha256(padded(salt) + sha256(identity.encode()).digest()).digest())


def _session_key(challenge: Mapping[str, str], *, identity: str) -> bytes:
    server_public = int(challenge["SRP_B"], 16)
    x = _exponent(int(challenge["SALT"], 16), identity)
    u = int.from_bytes(sha256(padded(PUBLIC) + padded(server_public)).digest())

    base = (server_public - K * int(gmpy2.powmod(G, x, N))) % N
    shared = int(gmpy2.powmod(base, SECRET + u * x, N))
    extracted = hmac.digest(padded(u), padded(shared), "sha256")
    return hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]
