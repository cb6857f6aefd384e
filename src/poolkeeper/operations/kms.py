"""Decrypt: the data key that opens a message. Handlers of custom senders ask nothing else of KMS."""

from poolkeeper.aws.generated.kms import DecryptRequest, DecryptResponse
from poolkeeper.call import Call
from poolkeeper.crypto import encryption_sdk
from poolkeeper.crypto.encryption_sdk import DataKey
from poolkeeper.crypto.seal import SealError
from poolkeeper.errors import (
    DryRunOperationException,
    IncorrectKeyException,
    InvalidCiphertextException,
    InvalidGrantTokenException,
    InvalidKeyUsageException,
    NotImplementedException,
    ValidationException,
)

_ALGORITHM = "SYMMETRIC_DEFAULT"


async def decrypt(call: Call, req: DecryptRequest) -> DecryptResponse:
    """Unwrap a data key that was wrapped for a message of this server's; there is nothing else here to decrypt.

    Raises InvalidCiphertextException for any other ciphertext and for another encryption context; IncorrectKeyException
    and InvalidKeyUsageException for another key or algorithm than the ciphertext's; DryRunOperationException for a dry run
    that would have succeeded. Source: KMS API reference, "Decrypt".
    """
    _refuse_unbuilt(req)
    data_key = _unwrapped(call, req.ciphertext_blob)

    _require_key(data_key, req)
    if data_key.context != (req.encryption_context or {}):
        raise InvalidCiphertextException(detail="another encryption context")

    if req.dry_run:
        raise DryRunOperationException("The request would have succeeded, but the DryRun option is set.")
    return DecryptResponse(key_id=data_key.key_arn, plaintext=data_key.plaintext, encryption_algorithm=_ALGORITHM)


def _refuse_unbuilt(req: DecryptRequest) -> None:
    """Refuse all of KMS that goes beyond sealed blobs: enclaves, grants, questions about keys without a ciphertext.

    Raises NotImplementedException, and InvalidGrantTokenException for any grant token: none is ever issued.
    """
    if req.recipient is not None:
        raise NotImplementedException("Poolkeeper does not have Decrypt for a Recipient yet.")
    if req.dry_run_modifiers:
        raise NotImplementedException("Poolkeeper does not have the DryRunModifiers of Decrypt yet.")
    if req.grant_tokens:
        # UNVERIFIED: the words; an invented grant token against AWS would settle them.
        raise InvalidGrantTokenException("The specified grant token is not valid.")


def _unwrapped(call: Call, blob: bytes | None) -> DataKey:
    """Return the data key of a ciphertext blob.

    Raises ValidationException without a blob, and InvalidCiphertextException, without a message as on AWS, for a blob that
    was altered or is not this server's.
    """
    if blob is None:
        # Not required by the model since it knows DryRunModifiers.
        # UNVERIFIED: the words; a Decrypt without members against AWS would settle them.
        raise ValidationException(
            "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null"
        )
    try:
        return encryption_sdk.unwrap(call.house.sealer, blob)
    except SealError as fault:
        raise InvalidCiphertextException(detail=str(fault)) from None


def _require_key(data_key: DataKey, req: DecryptRequest) -> None:
    """Refuse a key other than the ciphertext's, by its ARN or its bare id, and any other algorithm."""
    bare = data_key.key_arn.rpartition(":key/")[2]
    if req.key_id not in (None, data_key.key_arn, bare):
        # The message is from CloudTrail events in AWS's documentation.
        raise IncorrectKeyException(
            "The key ID in the request does not identify a CMK that can perform this operation."
        )
    if req.encryption_algorithm not in (None, _ALGORITHM):
        # UNVERIFIED: the words for Decrypt; they are those of public reports of Encrypt and Sign.
        raise InvalidKeyUsageException(
            f"Algorithm {req.encryption_algorithm} is incompatible with key spec {_ALGORITHM}."
        )
