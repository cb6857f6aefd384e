"""What does a SAML provider call the session that a browser's sign-in came from? Kept with it, to end both at once."""

import msgspec

from poolkeeper.federation.saml.statements import Assertion, NameId
from poolkeeper.model.browser_session import BrowserSession


class ProviderSession(msgspec.Struct, frozen=True, kw_only=True):
    """A person and their session, by the names that a LogoutRequest uses."""

    name_id: NameId
    session_index: str | None


_decode = msgspec.json.Decoder(ProviderSession).decode


def written(assertion: Assertion) -> str:
    """Return what is kept of an assertion."""
    kept = ProviderSession(name_id=assertion.name_id, session_index=assertion.session_index)
    return msgspec.json.encode(kept).decode()


def of(signed_in: BrowserSession) -> ProviderSession | None:
    """Return the provider's session behind a browser's, None where it began elsewhere."""
    return None if signed_in.provider_session is None else _decode(signed_in.provider_session)
