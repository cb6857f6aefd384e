"""What does kms receive and answer? A struct for every structure, and the facts of every operation.

Written by tools/generate_shapes.py from botocore 1.44.8; do not edit.
"""

from typing import ClassVar

from msgspec import field

from poolkeeper.aws.shape import ABSENT, Facts, ServiceModel, Shape


class RecipientInfo(Shape):
    key_encryption_algorithm: str | None = field(name="KeyEncryptionAlgorithm", default=None)
    attestation_document: bytes | None = field(name="AttestationDocument", default=None)


class DecryptRequest(Shape):
    ciphertext_blob: bytes | None = field(name="CiphertextBlob", default=None)
    encryption_context: dict[str, str] | None = field(name="EncryptionContext", default=None)
    grant_tokens: list[str] | None = field(name="GrantTokens", default=None)
    key_id: str | None = field(name="KeyId", default=None)
    encryption_algorithm: str | None = field(name="EncryptionAlgorithm", default=None)
    recipient: RecipientInfo | None = field(name="Recipient", default=None)
    dry_run: bool | None = field(name="DryRun", default=None)
    dry_run_modifiers: list[str] | None = field(name="DryRunModifiers", default=None)


class DecryptResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["plaintext"])

    key_id: str | None = field(name="KeyId", default=None)
    plaintext: bytes | None = field(name="Plaintext", default=None)
    encryption_algorithm: str | None = field(name="EncryptionAlgorithm", default=None)
    ciphertext_for_recipient: bytes | None = field(name="CiphertextForRecipient", default=None)
    key_material_id: str | None = field(name="KeyMaterialId", default=None)


SERVICE = ServiceModel(
    name="kms",
    protocol="json",
    target_prefix="TrentService",
    version="2014-11-01",
    namespace="",
    operations={
        "Decrypt": Facts(DecryptRequest, DecryptResponse, unsigned=False),
    },
)
