"""How does a client prove a password by SRP without sending it? RFC 5054's arithmetic in Cognito's variant.

The client's secret is short, so that a benchmark can answer hundreds of challenges quickly: never do so elsewhere.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256

import gmpy2

from poolkeeper.crypto.srp import G, K, N

SECRET = 0x5EC2E75EC2E75EC2E7
PUBLIC = int(gmpy2.powmod(G, SECRET, N))


def padded(number: int) -> bytes:
    """Return the minimal big-endian bytes of `number`, with a zero byte before a set top bit."""
    return number.to_bytes(number.bit_length() // 8 + 1)


def proof(challenge: Mapping[str, str], *, pool_id: str, password: str, timestamp: str) -> dict[str, str]:
    """Answer PASSWORD_VERIFIER's ChallengeParameters: the ChallengeResponses of RespondToAuthChallenge."""
    key = _session_key(challenge, pool_id=pool_id, password=password)
    claim = b"".join(
        (
            pool_id.partition("_")[2].encode(),
            challenge["USER_ID_FOR_SRP"].encode(),
            b64decode(challenge["SECRET_BLOCK"]),
            timestamp.encode(),
        )
    )
    return {
        "USERNAME": challenge.get("USERNAME", challenge["USER_ID_FOR_SRP"]),
        "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
        "PASSWORD_CLAIM_SIGNATURE": b64encode(hmac.digest(key, claim, "sha256")).decode(),
        "TIMESTAMP": timestamp,
    }


def _session_key(challenge: Mapping[str, str], *, pool_id: str, password: str) -> bytes:
    server_public, salt = int(challenge["SRP_B"], 16), int(challenge["SALT"], 16)
    identity = f"{pool_id.partition('_')[2]}{challenge['USER_ID_FOR_SRP']}:{password}"
    x = int.from_bytes(sha256(padded(salt) + sha256(identity.encode()).digest()).digest())
    u = int.from_bytes(sha256(padded(PUBLIC) + padded(server_public)).digest())

    base = (server_public - K * int(gmpy2.powmod(G, x, N))) % N
    shared = int(gmpy2.powmod(base, SECRET + u * x, N))
    extracted = hmac.digest(padded(u), padded(shared), "sha256")
    return hmac.digest(extracted, b"Caldera Derived Key\x01", "sha256")[:16]
