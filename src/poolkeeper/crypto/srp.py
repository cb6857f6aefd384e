"""How does a client prove its password without sending it? SRP-6a (RFC 5054, 3072-bit group) as Cognito speaks it.

Cognito's variant, checked against unmodified clients: the pool's name and the user's id stand for the identity in x,
numbers are hashed in minimal big-endian bytes with a sign byte, and the session key is HKDF of S with the info
"Caldera Derived Key" (Amazon Cognito Developer Guide, "SRP"; amazon-cognito-identity-js, AuthenticationHelper).
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from poolkeeper.crypto import modular

SECRET_BITS = 256
SALT_BYTES = 16
GROUP_BYTES = 384

# RFC 5054 appendix A, the 3072-bit group (RFC 3526 section 4).
N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05"
    "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB"
    "9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
    "3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33"
    "A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864"
    "D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2"
    "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
G = 2
# k = H(pad(N) ++ pad(g)), RFC 5054 section 2.5.3; a test computes it.
K = 0x538282C4354742D7CBBDE2359FCF67F9F5B3A6B08791E5011B43B8A5B66D9EE6

_MAX_PUBLIC_HEX = 2 * 3072 // 4
_HEX = re.compile(r"[0-9a-fA-F]+")
_GENERATOR = modular.FixedBase(G, N, SECRET_BITS)

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIMESTAMP = re.compile(
    rf"(?:{'|'.join(_WEEKDAYS)}) ({'|'.join(_MONTHS)}) ([1-9][0-9]?) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2}) UTC ([0-9]{4})"
)


class BadPublicValue(ValueError):  # noqa: N818 - what is said of the value
    """A public value that no honest client sends: empty, not hex, too long, or zero modulo N."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Whose secret is to be proved: the two names that enter the proof, and what is kept of the secret.

    `group` is the part of the pool's id that enters a user's proof, or the group key of its devices.
    """

    group: str
    name: str
    salt: bytes = field(repr=False)
    verifier: int = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One exchange and the signature by which a client claims to know its secret; `secret_b` is the server's own."""

    user_id: str
    client_public: int = field(repr=False)
    server_public: int = field(repr=False)
    secret_b: int = field(repr=False)
    secret_block: bytes = field(repr=False)
    timestamp: str
    given_signature: bytes = field(repr=False)


prepare_thread = modular.prepare_thread


def parse_public(hex_text: str) -> int:
    """Read a client's A, of at most twice the modulus' length.

    Raises BadPublicValue, before any arithmetic where the text is too long or not hexadecimal; A = 0 mod N would make S
    zero for every password (RFC 5054 section 2.5.4).
    """
    if len(hex_text) > _MAX_PUBLIC_HEX or not _HEX.fullmatch(hex_text):
        raise BadPublicValue("not a hexadecimal number of at most 1536 digits")
    value = int(hex_text, 16)
    if value % N == 0:
        raise BadPublicValue("zero modulo N")
    return value


def verifier(*, pool_name: str, user_id: str, password: str, salt: bytes) -> int:
    """Return v = g^x: what is kept, sealed, to check a proof.

    `pool_name` is what follows `_` in the pool's id, `salt` 16 random bytes. Raises ValueError for a password that is
    no UTF-8.
    """
    identity = hashlib.sha256(f"{pool_name}{user_id}:{password}".encode()).digest()
    x = _hashed(_pad(int.from_bytes(salt)) + identity)
    return modular.power_secret(G, x, N)


def server_public(*, verifier: int, secret_b: int) -> int:
    """Return B = k*v + g^b mod N; `secret_b` has 256 random bits and is used for one sign-in.

    Raises ValueError for a `secret_b` outside of [1, 2^256).
    """
    _check_secret(secret_b)
    return (K * verifier + _GENERATOR.power(secret_b)) % N


def session_key(*, client_public: int, server_public: int, verifier: int, secret_b: int) -> bytes:
    """Return the 16-byte key that both sides have if the client knew the password.

    `client_public` comes from `parse_public`. Raises BadPublicValue where A = 0 mod N or u = 0, ValueError for a
    `secret_b` outside of [1, 2^256).
    """
    _check_secret(secret_b)
    if client_public % N == 0:
        raise BadPublicValue("zero modulo N")
    u = _hashed(_pad(client_public) + _pad(server_public))
    if u == 0:
        raise BadPublicValue("u is zero")

    base = client_public * modular.power(verifier, u, N) % N
    shared = modular.power_secret(base, secret_b, N)
    pseudorandom_key = hmac.digest(_pad(u), _pad(shared), "sha256")
    return hmac.digest(pseudorandom_key, b"Caldera Derived Key\x01", "sha256")[:16]


def claim_signature(*, key: bytes, pool_name: str, user_id: str, secret_block: bytes, timestamp: str) -> bytes:
    """Return the 32 bytes that PASSWORD_CLAIM_SIGNATURE must decode to; compare with `hmac.compare_digest`.

    `secret_block` is decoded, `timestamp` the text exactly as the client sent it.
    """
    message = f"{pool_name}{user_id}".encode() + secret_block + timestamp.encode()
    return hmac.digest(key, message, "sha256")


def holds(claim: Claim, party: Party) -> bool:
    """Say whether a claim proves the secret of `party`: two exponentiations, for a thread.

    Raises BadPublicValue as `session_key` does.
    """
    key = session_key(
        client_public=claim.client_public,
        server_public=claim.server_public,
        verifier=party.verifier,
        secret_b=claim.secret_b,
    )
    expected = claim_signature(
        key=key,
        pool_name=party.group,
        user_id=claim.user_id,
        secret_block=claim.secret_block,
        timestamp=claim.timestamp,
    )
    return hmac.compare_digest(expected, claim.given_signature)


def parse_timestamp(text: str) -> int:
    """Return the milliseconds since the epoch of a client's TIMESTAMP, `Mon Nov 3 08:42:08 UTC 2026`.

    English names, the day of the month without a zero before it, always UTC; the name of the weekday is not compared
    with the date. Raises ValueError for any other form and for days that do not exist.
    """
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise ValueError("not a time like Mon Nov 3 08:42:08 UTC 2026")
    day, hour, minute, second, year = (int(match[group]) for group in range(2, 7))
    moment = datetime(year, _MONTHS.index(match[1]) + 1, day, hour, minute, second, tzinfo=UTC)
    return int(moment.timestamp()) * 1000


def to_hex(number: int) -> str:
    """Return a number as clients expect SRP_B: lower-case hex without prefix and without leading zeros."""
    return f"{number:x}"


def salt_hex(salt: bytes) -> str:
    """Return a salt as the number that clients hash: pycognito keeps leading zeros where Amplify drops them."""
    return to_hex(int.from_bytes(salt))


def _check_secret(secret_b: int) -> None:
    if not 1 <= secret_b < 1 << SECRET_BITS:
        raise ValueError("b has 1 to 256 bits")


def _hashed(message: bytes) -> int:
    return int.from_bytes(hashlib.sha256(message).digest())


def _pad(number: int) -> bytes:
    """Return the minimal big-endian bytes with a zero before a set top bit, as Java's BigInteger writes them."""
    return number.to_bytes(number.bit_length() // 8 + 1)
