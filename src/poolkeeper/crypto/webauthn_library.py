"""What does the library say of an authenticator's answer? The one place that knows the package `webauthn`.

Whatever it raises is a BadCredential: it has not accepted the answer. An attestation statement is not looked at: nobody
asks which make a key is of, and no certificate, token or structure of a vendor's is parsed.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    encode_cbor,
    parse_authenticator_data,
    parse_cbor,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    RegistrationCredential,
)

from poolkeeper.crypto import base64url
from poolkeeper.crypto.webauthn_answers import (
    ALGORITHMS,
    ES256,
    RS256,
    Assertion,
    BadCredential,
    Expected,
    Fault,
    Registration,
)

_ALGORITHMS = [COSEAlgorithmIdentifier(number) for number in ALGORITHMS]
_RSA_BITS = range(2048, 4097)
_RSA_EXPONENTS = (3, 65537)


def authenticator_data(attestation: bytes) -> bytes:
    """Return the authenticator data in an attestation object.

    Raises BadCredential.
    """
    with _refusing(Fault.MALFORMED):
        parts = parse_cbor(attestation)
    data = parts.get("authData") if isinstance(parts, dict) else None
    if not isinstance(data, bytes):
        raise BadCredential(Fault.MALFORMED, "an attestation object without authenticator data")
    return data


def attested_key(data: bytes) -> tuple[bytes, bytes]:
    """Return (credential id, public key in its COSE form) of the key that authenticator data speak of.

    Raises BadCredential.
    """
    with _refusing(Fault.MALFORMED):
        attested = parse_authenticator_data(data).attested_credential_data
    if attested is None:
        raise BadCredential(Fault.MALFORMED, "authenticator data without a key")
    return attested.credential_id, attested.credential_public_key


def require_supported(public_key: bytes) -> None:
    """Pass an ES256 key on P-256 or an RS256 key of 2048 to 4096 bits.

    The numbers must make a key now: at a sign-in it would be too late to say so. A huge modulus or exponent would be
    work that a stranger can order. Raises BadCredential for any other key.
    """
    with _refusing(Fault.UNSUPPORTED_KEY):
        decoded = decode_credential_public_key(public_key)
        key = decoded_public_key_to_cryptography(decoded)
    if decoded.alg == ES256 and isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return
    if decoded.alg == RS256 and isinstance(key, RSAPublicKey):
        numbers = key.public_numbers()
        if numbers.n.bit_length() in _RSA_BITS and numbers.e in _RSA_EXPONENTS:
            return
    raise BadCredential(Fault.UNSUPPORTED_KEY, f"a key for algorithm {decoded.alg}")


def accept_registration(given: Registration, data: bytes, expected: Expected, origin: str) -> None:
    """Have a registration judged, as one that came without an attestation statement.

    Raises BadCredential.
    """
    bare = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
    with _refusing(Fault.REFUSED):
        verify_registration_response(
            credential=RegistrationCredential(
                id=base64url.encode(given.credential_id),
                raw_id=given.credential_id,
                response=AuthenticatorAttestationResponse(client_data_json=given.client_data, attestation_object=bare),
            ),
            expected_challenge=expected.challenge,
            expected_rp_id=expected.relying_party,
            expected_origin=origin,
            require_user_verification=expected.user_verified,
            supported_pub_key_algs=_ALGORITHMS,
        )


def accept_assertion(given: Assertion, expected: Expected, origin: str, public_key: bytes) -> None:
    """Have one use of a key judged, its signature above all; the count is left to the caller, who names that fault.

    Raises BadCredential.
    """
    with _refusing(Fault.REFUSED):
        verify_authentication_response(
            credential=AuthenticationCredential(
                id=base64url.encode(given.credential_id),
                raw_id=given.credential_id,
                response=AuthenticatorAssertionResponse(
                    client_data_json=given.client_data,
                    authenticator_data=given.authenticator_data,
                    signature=given.signature,
                    user_handle=given.user_handle,
                ),
            ),
            expected_challenge=expected.challenge,
            expected_rp_id=expected.relying_party,
            expected_origin=origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,  # which every count is good after
            require_user_verification=expected.user_verified,
        )


@contextmanager
def _refusing(fault: Fault) -> Iterator[None]:
    """Name whatever the library stumbles over `fault`: its own exceptions, and those that it does not know of."""
    try:
        yield
    except Exception as stumbled:  # noqa: BLE001 - whatever it is, the library has not accepted the answer
        raise BadCredential(fault, repr(stumbled)) from None
