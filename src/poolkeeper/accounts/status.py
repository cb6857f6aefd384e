"""How does a user get from one status to another? By one compare-and-set on what was read in the same transaction."""

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from poolkeeper.model.user import User
from poolkeeper.store import users
from poolkeeper.store.db import Conflict, Transaction


async def move(
    tx: Transaction,
    user: User,
    *,
    to: str,
    now: int,
    attributes: Mapping[str, str] | None = None,
    outdates_credential: bool = False,
) -> User:
    """Return a user in its new status; `attributes` are what it has from then on, unless they stay.

    Where the status `outdates_credential`, whatever was proved by it and is under way comes to nothing. Whoever comes
    second runs again, and finds the user as it is by then.
    """
    held = user.attributes if attributes is None else attributes
    changed = await users.set_status(
        tx,
        pool_id=user.pool_id,
        user_id=user.sub,
        expected=user.status,
        status=to,
        attributes=msgspec.json.encode(held).decode(),
        credentials=int(outdates_credential),
        version=user.version,
        now=now,
    )
    if changed != 1:
        raise Conflict
    return replace(
        user,
        status=to,
        attributes=held,
        credential_version=user.credential_version + outdates_credential,
        version=user.version + 1,
        updated_at=now,
    )
