"""What is an access key? The credential with which administration is signed: a user's, or the account's own."""

from dataclasses import dataclass

from poolkeeper.model.iam import Kind, entity_arn


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """One access key as it is kept: the secret is sealed.

    A key of the account's root has neither `user_id` nor `path`. `name` is the user's; the other way round, a key that is
    not root's and whose `user_id` is None belongs to nobody and may do nothing.
    """

    access_key_id: str
    name: str
    enabled: bool
    root: bool
    sealed_secret: bytes
    created_at: int
    user_id: str | None = None
    path: str = "/"
    last_used_at: int | None = None
    last_used_service: str | None = None
    last_used_region: str | None = None


def key_arn(*, account_id: str, name: str, root: bool, path: str = "/") -> str:
    """Return whom the key speaks for, as GetCallerIdentity and denials name it."""
    return f"arn:aws:iam::{account_id}:root" if root else entity_arn(account_id, Kind.USER, path=path, name=name)
