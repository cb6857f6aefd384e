"""What is an access key? The credential with which administration is signed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """One access key as it is kept: the secret is sealed."""

    access_key_id: str
    name: str
    enabled: bool
    root: bool
    sealed_secret: bytes
    created_at: int


def key_arn(*, account_id: str, name: str, root: bool) -> str:
    """Return whom the key speaks for, as GetCallerIdentity and denials name it."""
    return f"arn:aws:iam::{account_id}:root" if root else f"arn:aws:iam::{account_id}:user/{name}"
