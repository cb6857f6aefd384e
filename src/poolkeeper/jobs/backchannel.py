"""How does an app hear that somebody is signed out? By a logout token, sent again for about a quarter of an hour while it fails.

Source: OpenID Connect Back-Channel Logout 1.0 sections 2.5 to 2.8.
"""

import msgspec

from poolkeeper.accounts.backchannel import Ended
from poolkeeper.call import House
from poolkeeper.crypto.seal import SealError
from poolkeeper.egress import EgressFailed, EgressRefused
from poolkeeper.lookup import find_pool
from poolkeeper.messaging.senders import DeliveryFailed
from poolkeeper.store.due import Job
from poolkeeper.tokens.logout_token import logout_token

_SECONDS = 5.0
_LONGEST_ANSWER = 16_384
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Cache-Control": "no-store"}
# After 5 seconds, half a minute, two minutes, ten minutes.
_TRIES = 4
_TAKEN = frozenset({200, 204})
# The app says that the token is no good (section 2.8): the next one would be none either.
_REFUSED = 400

_decode = msgspec.json.Decoder(Ended).decode


async def tell(house: House, job: Job) -> int | None:
    """Send a logout token to its app client, signed anew at each try.

    Raises DeliveryFailed, permanent once it has been tried long enough or the app has refused it.
    """
    ended = _opened(house, job)
    setting = house.settings.backchannel_of(ended.client_id)
    pool = await find_pool(house, job.pool_id)
    if setting is None or pool is None:  # taken out of the settings, or deleted, meanwhile
        return None
    token = await logout_token(
        house,
        pool,
        client_id=ended.client_id,
        user_id=ended.user_id,
        browser_session_id=ended.browser_session_id,
    )
    if token is None:
        return None
    last = job.attempts >= _TRIES
    try:
        answer = await house.egress.request(
            "POST",
            setting.url,
            headers=_FORM,
            body=f"logout_token={token}".encode(),
            timeout_seconds=_SECONDS,
            max_bytes=_LONGEST_ANSWER,
            private=setting.private,
            plain_http=setting.plain_http,
        )
    except EgressFailed as fault:
        raise DeliveryFailed(str(fault), permanent=last) from None
    except EgressRefused as fault:
        raise DeliveryFailed(str(fault), permanent=True) from None
    if answer.status not in _TAKEN:
        failure = f"the app client {ended.client_id} answered {answer.status} to a logout token"
        raise DeliveryFailed(failure, permanent=last or answer.status == _REFUSED)
    return None


def lane(house: House, job: Job) -> str:
    """Return the lane of a job (lanes.py), which all logout tokens of one app share; a job that cannot be read has none."""
    try:
        return f"{job.kind} {_opened(house, job).client_id}"
    except (SealError, msgspec.MsgspecError):
        return ""


def _opened(house: House, job: Job) -> Ended:
    return _decode(house.sealer.open_column(job.payload or b"", table="due", key=job.job_id, column="payload"))
