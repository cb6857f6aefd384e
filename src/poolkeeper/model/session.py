"""What is a session? One row that every set of a user's tokens belongs to, read at each call that takes a token."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A sign-in that tokens were issued for. `session_id` is their `origin_jti` (contract, user pools 3.11)."""

    session_id: str
    user_id: str
    client_id: str
    event_id: str
    auth_time: int
    expires_at: int
    revoked_at: int | None
    generation: int
    rotated_at: int | None
