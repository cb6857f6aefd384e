"""What is a browser session? A sign-in by the pages, kept in a row, which the app clients of a pool may go on from."""

from dataclasses import dataclass

# How one began: with a name and a password, with whatever was chosen, or at an identity provider, whose name follows.
BY_PASSWORD, BY_CHOICE = "PASSWORD", "CHOICE"
_AT_PROVIDER = "PROVIDER "


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserSession:
    """A person who is signed in at the pages of a pool; times are milliseconds.

    `factors` are what was proved, in order; `auth_time` is when. It holds for as long as the user's credential has the
    version that it had then. `provider_session` is what a SAML provider calls its own session (hosted/provider_sessions.py).
    """

    session_id: str
    user_id: str
    factors: tuple[str, ...]
    began: str
    auth_time: int
    credential_version: int
    opened_at: int
    expires_at: int
    provider_session: str | None = None

    @property
    def provider(self) -> str:
        """The name of the identity provider at which its person signed in, empty for the pool's own pages."""
        return self.began.removeprefix(_AT_PROVIDER) if self.began.startswith(_AT_PROVIDER) else ""


def at_provider(name: str) -> str:
    """Return how a browser session begins at an identity provider."""
    return _AT_PROVIDER + name
