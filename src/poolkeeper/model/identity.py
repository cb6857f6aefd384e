"""What is an identity? Somebody of an identity pool: a guest, or whoever one of its logins proves to be."""

import msgspec


class Identity(msgspec.Struct, frozen=True, gc=False):
    """One row. A guest has never had a login; a disabled one was merged into another. Times are milliseconds."""

    identity_id: str
    guest: bool
    merged_into: str | None
    version: int
    created_at: int
    updated_at: int
    used_at: int

    @property
    def disabled(self) -> bool:
        return self.merged_into is not None


class Login(msgspec.Struct, frozen=True, gc=False):
    """One subject at one provider, and the identity that it is linked to. `provider` has one spelling for each provider."""

    provider: str
    subject: str
    identity_id: str


class DeveloperLink(msgspec.Struct, frozen=True, gc=False):
    """What a back end calls a user of its own, and the identity that it means."""

    developer_user_identifier: str
    identity_id: str
