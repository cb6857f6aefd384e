"""Is this the password behind a hash that another system made? By the forms that an import takes, and not above a cost.

Each form is a text of its own: PHC or modular crypt, Django's, and the one that Supabase writes Firebase's hashes in. A hash
that is kept stands behind PREFIX, so that nobody takes it for one of the house's own.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import bcrypt
from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import Type, verify_secret
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PREFIX = "imported:"
LONGEST = 1_024

# What one check may cost: about a second of one thread, and 128 MiB.
MOST_BCRYPT = 14
MOST_MEMORY_KIB = 128 * 1024
MOST_ARGON2_WORK_KIB = 1024 * 1024  # memory times passes
MOST_SCRYPT_WORK = 2**21  # N times r times p
_MOST_SCRYPT_LANES = 2**14  # r times p: what is spread before the mixing, and put together behind it
MOST_PBKDF2 = 2_000_000  # rounds of each 32 bytes
_MOST_LANES = 16
# What bcrypt looks at of a password: systems that made such hashes cut it there.
_BCRYPT_BYTES = 72
_BCRYPT_BASE64 = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_SHORTEST_DIGEST, _LONGEST_DIGEST = 16, 128

_NO_FORM = "the hash has no form of the algorithm {}"
_TOO_COSTLY = "the cost of the hash is above what is taken"

Check = Callable[[bytes], bool]


class _TooCostlyError(Exception):
    """A hash whose check would take longer, or more memory, than a sign-in may."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A form of hashes. `read` returns what checks a password against one; it raises ValueError for what only looks like one."""

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], Check]


def fault(text: str, *, algorithm: str) -> str | None:
    """Return why a hash is not taken, without a part of it; None where it is."""
    try:
        _read(text, FORMS[algorithm])
    except ValueError:
        return _NO_FORM.format(algorithm)
    except _TooCostlyError:
        return _TOO_COSTLY
    return None


def is_imported(stored_hash: str) -> bool:
    """Say whether what is kept of a password is a hash that came by an import."""
    return stored_hash.startswith(PREFIX)


def verify(stored_hash: str, password: str) -> bool:
    """Say whether a hash that is kept, behind its prefix, is that of `password`.

    Raises ValueError where it cannot be checked: the row is broken, not the password.
    """
    if not is_imported(stored_hash):
        raise ValueError("not an imported hash")
    every = [form for forms in FORMS.values() for form in forms]
    try:
        check = _read(stored_hash.removeprefix(PREFIX), every)
    except _TooCostlyError:
        raise ValueError("an imported hash above the cost that is taken") from None
    try:
        return check(password.encode())
    except UnicodeEncodeError:  # a lone surrogate is in no password; the same work is done
        return check(b"\xff") and False


def _read(text: str, forms: Sequence[_Form]) -> Check:
    if len(text) <= LONGEST:
        for form in forms:
            if (match := form.pattern.fullmatch(text)) is not None:
                return form.read(match)
    raise ValueError("a hash of no known form")


def _bcrypt(match: re.Match[str]) -> Check:
    cost = int(match["cost"])
    _require(cost <= MOST_BCRYPT)
    if cost < 4:
        raise ValueError("a cost below that of any bcrypt")
    stored_hash = match[0].encode()
    # The salt's last character has four spare bits, which some systems set and bcrypt's own Python refuses.
    salt = stored_hash[:28] + _BCRYPT_BASE64[_BCRYPT_BASE64.index(stored_hash[28]) & 0x30 :][:1]

    def check(password: bytes) -> bool:
        return hmac.compare_digest(bcrypt.hashpw(password[:_BCRYPT_BYTES], salt)[-31:], stored_hash[-31:])

    return check


def _argon2id(match: re.Match[str]) -> Check:
    memory, passes, lanes = int(match["m"]), int(match["t"]), int(match["p"])
    _require(memory <= MOST_MEMORY_KIB and memory * passes <= MOST_ARGON2_WORK_KIB and lanes <= _MOST_LANES)
    if min(passes, lanes) < 1 or memory < 8 * lanes or len(_unpadded(match["salt"])) < 8:
        raise ValueError("parameters that no Argon2 has")
    _digest(match["digest"])
    stored_hash = match[0].encode()

    def check(password: bytes) -> bool:
        try:
            return verify_secret(stored_hash, password, Type.ID)
        except (Argon2Error, InvalidHashError):
            return False

    return check


def _scrypt(match: re.Match[str]) -> Check:
    salt, digest = _unpadded(match["salt"]), _digest(match["digest"])
    derive = _scrypt_of(match, log_n="ln", salt=salt, length=len(digest))
    return lambda password: hmac.compare_digest(derive(password), digest)


def _firebase(match: re.Match[str]) -> Check:
    """Check as Firebase does: the derived key encrypts the key of its project (AES-256-CTR from zero)."""
    salt, digest, signer = _padded(match["salt"]), _padded(match["digest"]), _padded(match["sk"])
    if len(signer) != len(digest) or not _SHORTEST_DIGEST <= len(digest) <= _LONGEST_DIGEST:
        raise ValueError("a digest of another length than the key that was encrypted")
    derive = _scrypt_of(match, log_n="n", salt=salt + _padded(match["ss"] or ""), length=32)

    def check(password: bytes) -> bool:
        encryptor = Cipher(algorithms.AES(derive(password)), modes.CTR(bytes(16))).encryptor()
        return hmac.compare_digest(encryptor.update(signer) + encryptor.finalize(), digest)

    return check


def _scrypt_of(match: re.Match[str], *, log_n: str, salt: bytes, length: int) -> Callable[[bytes], bytes]:
    log, r, p = int(match[log_n]), int(match["r"]), int(match["p"])
    if not (1 <= log <= 31 and r >= 1 and p >= 1 and log < 16 * r):  # the last: RFC 7914 6
        raise ValueError("parameters that no scrypt has")
    memory, work = 128 * r * 2**log, r * p * 2**log
    _require(memory <= MOST_MEMORY_KIB * 1024 and work <= MOST_SCRYPT_WORK and r * p <= _MOST_SCRYPT_LANES)
    most = memory + 128 * r * p + 8 * 1024 * 1024

    def derive(password: bytes) -> bytes:
        return hashlib.scrypt(password, salt=salt, n=2**log, r=r, p=p, maxmem=most, dklen=length)

    return derive


def _pbkdf2(match: re.Match[str]) -> Check:
    return _pbkdf2_of(match, salt=_unpadded(match["salt"]), digest=_digest(match["digest"]))


def _django(match: re.Match[str]) -> Check:
    return _pbkdf2_of(match, salt=match["salt"].encode(), digest=_padded(match["digest"]))


def _pbkdf2_of(match: re.Match[str], *, salt: bytes, digest: bytes) -> Check:
    rounds = int(match["rounds"])
    _require(rounds * -(-len(digest) // 32) <= MOST_PBKDF2)
    if rounds < 1 or not _SHORTEST_DIGEST <= len(digest) <= _LONGEST_DIGEST:
        raise ValueError("parameters that no PBKDF2 has")

    def check(password: bytes) -> bool:
        return hmac.compare_digest(hashlib.pbkdf2_hmac("sha256", password, salt, rounds, len(digest)), digest)

    return check


def _require(cheap_enough: bool) -> None:  # noqa: FBT001 - reads as a sentence where it stands
    if not cheap_enough:
        raise _TooCostlyError


def _digest(text: str) -> bytes:
    digest = _unpadded(text)
    if not _SHORTEST_DIGEST <= len(digest) <= _LONGEST_DIGEST:
        raise ValueError("a digest that nobody makes")
    return digest


def _unpadded(text: str) -> bytes:
    """Decode base64 as these forms have it: mostly without padding, and with a dot for a plus where passlib wrote it."""
    bare = text.rstrip("=").replace(".", "+")
    return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)


def _padded(text: str) -> bytes:
    """Decode base64 of either alphabet, padded or not."""
    return _unpadded(text.replace("-", "+").replace("_", "/"))


_NUMBER = r"[0-9]{1,10}"
_BASE64 = r"[A-Za-z0-9+/.]+={0,2}"
_BASE64_EITHER = r"[A-Za-z0-9+/_-]+={0,2}"

# UNVERIFIED: which texts AWS takes for each of the four; an import job with a hash in each form would settle it.
FORMS: Mapping[str, tuple[_Form, ...]] = {
    "BCRYPT": (_Form(re.compile(r"\$2[aby]\$(?P<cost>[0-9]{2})\$[./A-Za-z0-9]{53}"), _bcrypt),),
    "SCRYPT": (
        _Form(
            re.compile(
                rf"\$scrypt\$ln=(?P<ln>{_NUMBER}),r=(?P<r>{_NUMBER}),p=(?P<p>{_NUMBER})"
                rf"\$(?P<salt>{_BASE64})\$(?P<digest>{_BASE64})"
            ),
            _scrypt,
        ),
        _Form(
            re.compile(
                rf"\$fbscrypt\$v=1,n=(?P<n>{_NUMBER}),r=(?P<r>{_NUMBER}),p=(?P<p>{_NUMBER})"
                rf"(?:,ss=(?P<ss>{_BASE64_EITHER}))?,sk=(?P<sk>{_BASE64_EITHER})"
                rf"\$(?P<salt>{_BASE64_EITHER})\$(?P<digest>{_BASE64_EITHER})"
            ),
            _firebase,
        ),
    ),
    "ARGON2ID": (
        _Form(
            re.compile(
                rf"\$argon2id\$v=19\$m=(?P<m>{_NUMBER}),t=(?P<t>{_NUMBER}),p=(?P<p>{_NUMBER})"
                r"\$(?P<salt>[A-Za-z0-9+/]+)\$(?P<digest>[A-Za-z0-9+/]+)"
            ),
            _argon2id,
        ),
    ),
    "PBKDF2_SHA256": (
        _Form(
            re.compile(
                rf"\$pbkdf2-sha256\$(?:i=)?(?P<rounds>{_NUMBER})(?:,l={_NUMBER})?\$(?P<salt>{_BASE64})\$(?P<digest>{_BASE64})"
            ),
            _pbkdf2,
        ),
        _Form(
            re.compile(rf"pbkdf2_sha256\$(?P<rounds>{_NUMBER})\$(?P<salt>[^$,]+)\$(?P<digest>{_BASE64_EITHER})"),
            _django,
        ),
    ),
}
"""By AWS's name of an algorithm, the forms in which its hashes come."""
