"""How does a secret reach a custom sender? As a message of the AWS Encryption SDK whose data key we alone can unwrap.

A handler that was written for AWS asks KMS to unwrap the data key: the message carries one, labelled with the provider
`aws-kms` and the KMS key's ARN. Its wrapping is a sealed blob of ours, so that `Decrypt` (operations/kms.py) opens what
was made here without a table. Sources: AWS Encryption SDK developer guide, "Message format reference"; Cognito developer
guide, "Custom email sender Lambda trigger".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from poolkeeper.crypto.seal import Sealer, SealError

_PURPOSE = "kms"
_PROVIDER = "aws-kms"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey:
    """A data key, the ARN of the KMS key that it was made under, and the encryption context that it was made with."""

    key_arn: str
    context: Mapping[str, str]
    plaintext: bytes = field(repr=False)


def encrypt(sealer: Sealer, plaintext: bytes, *, key_arn: str, context: Mapping[str, str], now: int) -> bytes:
    """Return `plaintext` as a message with key commitment and a signature, under a data key of its own.

    `now` is in milliseconds. About 1 ms of CPU: the library's suite signs with a P-384 key that it makes for each message
    and whose public half it adds to the context (`aws-crypto-public-key`). The first call of a process takes some
    0.2 s and 16 MiB more, for the import.
    """
    from aws_encryption_sdk import (  # type: ignore[import-untyped]  # noqa: PLC0415 - it brings boto3, which no server without a custom sender should pay for
        CommitmentPolicy,
        EncryptionSDKClient,
    )

    client = EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
    master_key = _master_key(sealer, key_arn=key_arn, now=now)
    message, _ = client.encrypt(source=plaintext, key_provider=master_key, encryption_context=dict(context))
    return bytes(message)


def wrap(sealer: Sealer, data_key: DataKey, *, now: int) -> bytes:
    """Return a data key as KMS would hand it out: as a ciphertext blob, opaque to everybody else."""
    return sealer.seal_blob(msgspec.msgpack.encode(data_key), purpose=_PURPOSE, now=now)


def unwrap(sealer: Sealer, blob: bytes) -> DataKey:
    """Return the data key of a ciphertext blob, of whatever day; raises SealError for one that was not made here."""
    try:
        return msgspec.msgpack.decode(sealer.open_blob(blob, purpose=_PURPOSE), type=DataKey)
    except msgspec.MsgspecError:
        raise SealError("sealed, but no data key") from None


def _master_key(sealer: Sealer, *, key_arn: str, now: int) -> Any:
    """Return what the library asks for a data key: a master key that makes one and wraps it by our seal."""
    from aws_encryption_sdk import structures  # noqa: PLC0415 - as in encrypt
    from aws_encryption_sdk.key_providers import base  # type: ignore[import-untyped]  # noqa: PLC0415 - as in encrypt

    class Config(base.MasterKeyConfig):  # type: ignore[misc]  # the library ships no types
        provider_id = _PROVIDER

    class SealingMasterKey(base.MasterKey):  # type: ignore[misc]  # as above
        provider_id = _PROVIDER
        _config_class = Config
        _encrypt_data_key = _decrypt_data_key = _never

        def _generate_data_key(self, algorithm: Any, encryption_context: Mapping[str, str]) -> Any:
            plaintext = AESGCM.generate_key(bit_length=8 * algorithm.kdf_input_len)
            data_key = DataKey(key_arn=key_arn, context=encryption_context, plaintext=plaintext)
            return structures.DataKey(self.key_provider, plaintext, wrap(sealer, data_key, now=now))

    return SealingMasterKey(key_id=key_arn)


def _never(*_: object, **__: object) -> NoReturn:
    raise AssertionError("a message has one master key, which makes the data key; whoever receives it asks KMS")
