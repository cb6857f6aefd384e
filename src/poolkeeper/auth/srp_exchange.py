"""How does an SRP exchange run, whoever's secret it proves? The one path of a user's password and of a device's.

Who may begin one, and what a proof is good for, stands with the challenges: srp_flow.py, device_flow.py. The server's half
of an exchange travels sealed in SECRET_BLOCK, since clients answer without a Session (contract, user pools 3.3, 3.5).
"""

import hmac
from base64 import b64decode
from dataclasses import dataclass, field

from poolkeeper.auth import passwords, state
from poolkeeper.auth.attempt import Attempt
from poolkeeper.call import Call
from poolkeeper.crypto import srp
from poolkeeper.errors import InvalidParameterException, NotAuthorizedException
from poolkeeper.lookup import Subject

GROUP_BYTES = 384


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
    """An answer to an exchange, taken apart; nothing but the seal of its block is believed yet."""

    block: state.SrpState
    secret_block: bytes = field(repr=False)
    given_signature: bytes = field(repr=False)
    timestamp: str


def client_public(attempt: Attempt) -> int:
    """Return SRP_A.

    Raises InvalidParameterException for a value that would make every secret right, before any arithmetic for one that
    is too long (attacks.md 7, 8).
    """
    try:
        return srp.parse_public(attempt.require("SRP_A"))
    except srp.BadPublicValue:
        # UNVERIFIED: the words; one call with SRP_A=0 against AWS would settle them.
        raise InvalidParameterException("SRP_A is not a valid public value") from None


def begin(
    attempt: Attempt,
    party: Party,
    *,
    public: int,
    subject: Subject,
    journey: state.Journey,
    factors: tuple[str, ...] = (),
) -> dict[str, str]:
    """Return SALT, SRP_B and SECRET_BLOCK: the server's half of an exchange with `party`.

    `subject` is whom it is begun for and wrong proofs count for, `factors` are what was proved before it.
    """
    call, user = attempt.call, subject.user
    secret_b = int.from_bytes(call.entropy.bytes(srp.SECRET_BITS // 8)) or 1
    # Half an RSA signature by the fixed-base table: a thread would cost as much again.
    server_public = srp.server_public(verifier=party.verifier, secret_b=secret_b)
    block = state.SrpState(
        pool_id=attempt.pool.pool_id,
        client_id=attempt.client.client_id,
        name=subject.name,
        subject_id=subject.subject_id,
        user_id_for_srp=party.name,
        credential_version=0 if user is None else user.credential_version,
        secret_b=secret_b.to_bytes(srp.SECRET_BITS // 8),
        client_public=public_bytes(public),
        server_public=server_public.to_bytes(GROUP_BYTES),
        nonce=call.entropy.token(16),
        expires_at=call.now + attempt.client.challenge_validity,
        journey=journey,
        factors=factors,
        bucket=subject.bucket,
    )
    return {
        "SALT": srp.salt_hex(party.salt),
        "SECRET_BLOCK": state.seal_srp(call, block),
        "SRP_B": srp.to_hex(server_public),
    }


def claim(attempt: Attempt) -> Claim:
    """Take an answer apart.

    Raises NotAuthorizedException for a time or a signature that cannot be read, and for a block that is none of this
    client's or has expired.
    """
    timestamp = _timestamp(attempt.require("TIMESTAMP"))
    given_signature = _signature(attempt.require("PASSWORD_CLAIM_SIGNATURE"))
    secret_block = attempt.require("PASSWORD_CLAIM_SECRET_BLOCK")
    block = state.open_srp(attempt.call, secret_block, client=attempt.client)
    if block is None:
        raise NotAuthorizedException(passwords.INCORRECT)
    return Claim(
        block=block, secret_block=b64decode(secret_block), given_signature=given_signature, timestamp=timestamp
    )


async def is_right(call: Call, party: Party, claimed: Claim) -> bool:
    """Say whether an answer proves the secret of `party`: two exponentiations, in a thread.

    Raises TooManyRequestsException when too many wait for the threads that do such work.
    """
    expected = await call.house.heavy.run(_expected_signature, party, claimed)
    return hmac.compare_digest(expected, claimed.given_signature)


def public_bytes(public: int) -> bytes:
    """Return a client's public value as blocks hold it."""
    return public.to_bytes((public.bit_length() + 7) // 8)


def _timestamp(text: str) -> str:
    """Return a time that can be read; the moment is not judged, the exchange has its own end (contract 3.3)."""
    try:
        srp.parse_timestamp(text)
    except ValueError:
        raise NotAuthorizedException(passwords.INCORRECT) from None
    return text


def _signature(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise NotAuthorizedException(passwords.INCORRECT) from None


def _expected_signature(party: Party, claimed: Claim) -> bytes:
    block = claimed.block
    key = srp.session_key(
        client_public=int.from_bytes(block.client_public),
        server_public=int.from_bytes(block.server_public),
        verifier=party.verifier,
        secret_b=int.from_bytes(block.secret_b),
    )
    return srp.claim_signature(
        key=key,
        pool_name=party.group,
        user_id=block.user_id_for_srp,
        secret_block=claimed.secret_block,
        timestamp=claimed.timestamp,
    )
