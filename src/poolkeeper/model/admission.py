"""What does the gate let somebody in with? What a door wants, and what was judged: plain data that a row can hold."""

import msgspec

from poolkeeper.model.token_overrides import TokenOverrides


class Want(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What the door that somebody came to asks the gate for.

    `source` is the trigger source of PreTokenGeneration (userpools.md 4.1). `nonce` goes into the ID token as it is;
    `resource` is what the access tokens are bound to. `by_pages`: it is the authorization server that asks.
    `client_url` is the address by which the app names itself, empty where it has an id (model/client_metadata.py).
    """

    scopes: tuple[str, ...]
    id_token: bool = True
    refresh_token: bool = True
    source: str = "TokenGeneration_Authentication"
    nonce: str | None = None
    resource: str = ""
    by_pages: bool = False
    client_url: str = ""


class Admitted(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """That a user may have tokens, by what was true when it was judged; times are milliseconds.

    `credential_version`, `status` and `mfa` are what the proofs were judged by: the session opens only while they still
    hold. `failures` were counted before the proofs. `device_key` is the device that the sign-in came from, `new_device`
    the (key, group key) of one that was not known before. `origin` is the session that proofs were taken over from, by a
    step-up, empty where none were. `browser_session_id` is the sign-in of a browser that the session comes from. `event_id` is
    that of the sign-in, empty where it has none yet.
    """

    user_id: str
    client_id: str
    factors: tuple[str, ...]
    auth_time: int
    want: Want
    credential_version: int
    status: str
    mfa: str
    failures: int
    device_key: str | None
    new_device: tuple[str, str] | None
    acr: str | None
    origin: str
    overrides: TokenOverrides | None
    browser_session_id: str | None = None
    event_id: str = ""
