"""Which app clients learn that a browser session ends? Those with an address in the settings; the worker tells them later.

Each `before_...` is called in the ending's transaction, before the rows go: they say which app clients used the session, even
when a user is deleted. Source: OpenID Connect Back-Channel Logout 1.0; poolkeeper/jobs/backchannel.py sends.
"""

from collections.abc import Awaitable, Callable

import msgspec

from poolkeeper.call import Call
from poolkeeper.model.job import BACKCHANNEL_LOGOUT
from poolkeeper.store import due, relying_parties
from poolkeeper.store.db import Transaction
from poolkeeper.store.relying_parties import Party


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """The payload for the worker: whose browser session has ended, at which app client."""

    client_id: str
    user_id: str
    browser_session_id: str


async def before_browser_ends(
    call: Call, tx: Transaction, *, pool_id: str, session_id: str, signed_in: str = ""
) -> None:
    """Tell the app clients of one browser session, except about the user `signed_in`, who has just signed in again."""

    async def of_others() -> list[Party]:
        parties = await relying_parties.of_browser(tx, pool_id=pool_id, session_id=session_id)
        return [party for party in parties if party.user_id != signed_in]

    await _tell(call, tx, pool_id, of_others)


async def before_origin_ends(call: Call, tx: Transaction, *, pool_id: str, token_session_id: str) -> None:
    """Tell the app clients of the browser session that a token session came from."""
    session_key = {"pool_id": pool_id, "session_id": token_session_id}
    await _tell(call, tx, pool_id, lambda: relying_parties.of_token_session(tx, **session_key))


async def before_all_end(call: Call, tx: Transaction, *, pool_id: str, user_id: str) -> None:
    """Tell the app clients of all browser sessions of a user."""
    await _tell(call, tx, pool_id, lambda: relying_parties.of_user(tx, pool_id=pool_id, user_id=user_id))


async def _tell(call: Call, tx: Transaction, pool_id: str, find: Callable[[], Awaitable[list[Party]]]) -> None:
    if not call.settings.backchannel_logout:
        return
    for party in await find():
        if call.settings.backchannel_of(party.client_id) is None:
            continue
        job_id = f"{BACKCHANNEL_LOGOUT}-{call.entropy.uuid()}"
        ended = Ended(client_id=party.client_id, user_id=party.user_id, browser_session_id=party.browser_session_id)
        payload = call.house.sealer.seal_column(msgspec.json.encode(ended), table="due", key=job_id, column="payload")
        await due.add(tx, job_id=job_id, kind=BACKCHANNEL_LOGOUT, pool_id=pool_id, now=call.now, payload=payload)
