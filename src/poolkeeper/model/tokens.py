"""What is a sign-in or a refresh answered with? The tokens of one answer, which tokens/issue.py alone makes."""

import msgspec


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """The tokens of one answer. `expires_in` is the access token's life in seconds.

    `id` and `refresh` are None where the sign-in wanted none. `new_device` is the (key, group key) of a device that was
    not known before, in pools that track devices.
    """

    access: str
    id: str | None
    refresh: str | None
    expires_in: int
    new_device: tuple[str, str] | None = None
