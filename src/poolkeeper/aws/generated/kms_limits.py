"""Which limits does kms's model set? For constraints.py to walk.

Written by tools/generate_shapes.py from botocore 1.44.8; do not edit.
"""

from collections.abc import Mapping

from poolkeeper.aws.shape import Limit, Member
from poolkeeper.errors import ValidationException

FAULT = ValidationException

LIMITS: Mapping[str, Limit] = {
    "AttestationDocumentType": Limit(kind="blob", minimum=1, maximum=262144),
    "BackingKeyIdType": Limit(kind="string", minimum=64, maximum=64, pattern="^[a-f0-9]+$"),
    "CiphertextType": Limit(kind="blob", minimum=1, maximum=6144),
    "DryRunModifierList": Limit(kind="list", item="DryRunModifierType"),
    "DryRunModifierType": Limit(kind="string", enum=("IGNORE_CIPHERTEXT",)),
    "EncryptionAlgorithmSpec": Limit(
        kind="string", enum=("SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE")
    ),
    "EncryptionContextKey": Limit(kind="string"),
    "EncryptionContextType": Limit(kind="map", key="EncryptionContextKey", item="EncryptionContextValue"),
    "EncryptionContextValue": Limit(kind="string"),
    "GrantTokenList": Limit(kind="list", minimum=0, maximum=10, item="GrantTokenType"),
    "GrantTokenType": Limit(kind="string", minimum=1, maximum=8192),
    "KeyEncryptionMechanism": Limit(kind="string", enum=("RSAES_OAEP_SHA_256",)),
    "KeyIdType": Limit(kind="string", minimum=1, maximum=2048),
    "NullableBooleanType": Limit(kind="boolean"),
    "PlaintextType": Limit(kind="blob", minimum=1, maximum=4096, sensitive=True),
}

STRUCTURES: Mapping[str, tuple[Member, ...]] = {
    "RecipientInfo": (
        Member("key_encryption_algorithm", "KeyEncryptionAlgorithm", "KeyEncryptionMechanism"),
        Member("attestation_document", "AttestationDocument", "AttestationDocumentType"),
    ),
    "DecryptRequest": (
        Member("ciphertext_blob", "CiphertextBlob", "CiphertextType"),
        Member("encryption_context", "EncryptionContext", "EncryptionContextType"),
        Member("grant_tokens", "GrantTokens", "GrantTokenList"),
        Member("key_id", "KeyId", "KeyIdType"),
        Member("encryption_algorithm", "EncryptionAlgorithm", "EncryptionAlgorithmSpec"),
        Member("recipient", "Recipient", "RecipientInfo"),
        Member("dry_run", "DryRun", "NullableBooleanType"),
        Member("dry_run_modifiers", "DryRunModifiers", "DryRunModifierList"),
    ),
    "DecryptResponse": (
        Member("key_id", "KeyId", "KeyIdType"),
        Member("plaintext", "Plaintext", "PlaintextType"),
        Member("encryption_algorithm", "EncryptionAlgorithm", "EncryptionAlgorithmSpec"),
        Member("ciphertext_for_recipient", "CiphertextForRecipient", "CiphertextType"),
        Member("key_material_id", "KeyMaterialId", "BackingKeyIdType"),
    ),
}
