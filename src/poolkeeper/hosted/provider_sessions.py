"""What does a SAML provider call the session that a browser's sign-in came from? Kept with it, to end both at once."""

import msgspec

from poolkeeper.call import Call
from poolkeeper.federation.identity_provider import SUBJECT
from poolkeeper.federation.saml.logout import Ended
from poolkeeper.federation.saml.statements import Assertion, NameId
from poolkeeper.hosted import browser
from poolkeeper.model.browser_session import BrowserSession, at_provider
from poolkeeper.model.pool import Pool
from poolkeeper.store import browser_sessions, provider_links


class ProviderSession(msgspec.Struct, frozen=True, kw_only=True):
    """A person and their session, by the names that a LogoutRequest uses."""

    name_id: NameId
    session_index: str | None


_decode = msgspec.json.Decoder(ProviderSession).decode


def written(assertion: Assertion) -> str:
    """Return what is kept of an assertion."""
    session = ProviderSession(name_id=assertion.name_id, session_index=assertion.session_index)
    return msgspec.json.encode(session).decode()


def of(signed_in: BrowserSession) -> ProviderSession | None:
    """Return the provider's session behind a browser's, None where it began elsewhere."""
    return None if signed_in.provider_session is None else _decode(signed_in.provider_session)


async def end(call: Call, pool: Pool, provider: str, ended: Ended) -> int:
    """End the browser sessions that a verified LogoutRequest of a provider speaks of; return how many they were.

    Those of its person, by the NameID, that began at this provider; of them the named ones, if some are named.
    """
    link_key = {"pool_id": pool.pool_id, "provider": provider, "attribute": SUBJECT, "value": ended.name_id.value}
    link = await provider_links.find(call.db, **link_key)
    if link is None:
        return 0
    count = 0
    begun_there = await browser_sessions.begun_at(
        call.db, pool_id=pool.pool_id, user_id=link.user_id, began=at_provider(provider), now=call.now
    )
    for begun in begun_there:
        behind = None if begun.provider_session is None else _decode(begun.provider_session)
        if behind is None or behind.name_id.value != ended.name_id.value:
            continue  # a user may have several identities at one provider
        if ended.sessions and behind.session_index not in ended.sessions:
            continue
        count += await browser.end_by_id(call, pool_id=pool.pool_id, session_id=begun.session_id)
    return count
