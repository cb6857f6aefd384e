"""How does an SRP exchange begin, and how is its answer read? The one path of a user's password and of a device's.

The challenges say who may begin one (srp.py, device.py); accounts/, where the secrets are, judges the proofs. The server's
half of an exchange travels sealed in SECRET_BLOCK, since clients answer without a Session (userpools.md 3.3, 3.5).
"""

from base64 import b64decode
from dataclasses import dataclass

from poolkeeper.auth import sealed_session
from poolkeeper.auth.attempt import Attempt
from poolkeeper.auth.challenge import Exchange
from poolkeeper.auth.sign_in import SignIn
from poolkeeper.crypto import srp
from poolkeeper.errors import InvalidParameterException
from poolkeeper.errors.refusals import Reason, refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer to an exchange, taken apart; nothing but the seal of its block is believed yet."""

    block: sealed_session.SrpState
    claim: srp.Claim


def client_public(public_value: str) -> int:
    """Read an SRP_A.

    Raises InvalidParameterException for a value with which any secret would be right, and, before any arithmetic, for one
    that is too long (attacks.md 7, 8).
    """
    try:
        return srp.parse_public(public_value)
    except srp.BadPublicValue:
        # UNVERIFIED: the words; one call with SRP_A=0 against AWS would settle them.
        raise InvalidParameterException("SRP_A is not a valid public value") from None


def begin(sign_in: SignIn, party: srp.Party, *, public: int, username: str, device_key: str = "") -> Exchange:
    """Return the server's half of an exchange with `party`.

    Its wrong proofs count for the subject of the sign-in, and its block carries on what was proved before.
    `username` is the name that the client gets, `device_key` the device that must prove itself.
    """
    attempt, user = sign_in.attempt, sign_in.user
    call = attempt.call
    secret_b = int.from_bytes(call.entropy.bytes(srp.SECRET_BITS // 8)) or 1
    # Half an RSA signature by the fixed-base table: a thread would cost as much again.
    server_public = srp.server_public(verifier=party.verifier, secret_b=secret_b)
    block = sealed_session.SrpState(
        pool_id=attempt.pool.pool_id,
        client_id=attempt.client.client_id,
        name=sign_in.subject.name,
        subject_id=sign_in.subject.subject_id,
        user_id_for_srp=party.name,
        credential_version=0 if user is None else user.credential_version,
        secret_b=secret_b.to_bytes(srp.SECRET_BITS // 8),
        client_public=public_bytes(public),
        server_public=server_public.to_bytes(srp.GROUP_BYTES),
        nonce=call.entropy.token(16),
        expires_at=call.now + attempt.client.challenge_validity,
        journey=sign_in.journey,
        factors=sign_in.factors,
        bucket=sign_in.subject.bucket,
    )
    return Exchange(
        salt=srp.salt_hex(party.salt),
        secret_block=sealed_session.seal_srp(call, block),
        server_public=srp.to_hex(server_public),
        username=username,
        device_key=device_key,
    )


def read(attempt: Attempt) -> Answer:
    """Take an answer apart.

    Raises NotAuthorizedException for a time or a signature that cannot be read, and for a block that is not this client's
    or has expired.
    """
    timestamp = _timestamp(attempt.require("TIMESTAMP"))
    given_signature = _signature(attempt.require("PASSWORD_CLAIM_SIGNATURE"))
    secret_block = attempt.require("PASSWORD_CLAIM_SECRET_BLOCK")
    block = sealed_session.open_srp(attempt.call, secret_block, client=attempt.client)
    if block is None:
        raise refused(Reason.FOREIGN_BLOCK)
    claim = srp.Claim(
        user_id=block.user_id_for_srp,
        client_public=int.from_bytes(block.client_public),
        server_public=int.from_bytes(block.server_public),
        secret_b=int.from_bytes(block.secret_b),
        secret_block=b64decode(secret_block),
        timestamp=timestamp,
        given_signature=given_signature,
    )
    return Answer(block=block, claim=claim)


def public_bytes(public: int) -> bytes:
    """Return a client's public value as blocks hold it."""
    return public.to_bytes((public.bit_length() + 7) // 8)


def _timestamp(text: str) -> str:
    """Return a time that can be read; the time itself does not matter, since the block expires (userpools.md 3.3)."""
    try:
        srp.parse_timestamp(text)
    except ValueError:
        raise refused(Reason.BAD_TIMESTAMP) from None
    return text


def _signature(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise refused(Reason.BAD_SIGNATURE) from None
