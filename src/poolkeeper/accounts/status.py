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
    """Return a user in a new status; `attributes` replace the present ones, None keeps them.

    Where the status `outdates_credential`, sign-ins under way that have proved it come to nothing. The loser of a race runs
    again and reads the user anew.
    """
    new_attributes = user.attributes if attributes is None else attributes
    changed = await users.set_status(
        tx,
        pool_id=user.pool_id,
        user_id=user.sub,
        expected=user.status,
        status=to,
        attributes=msgspec.json.encode(new_attributes).decode(),
        credentials=int(outdates_credential),
        version=user.version,
        now=now,
    )
    if changed != 1:
        raise Conflict
    return replace(
        user,
        status=to,
        attributes=new_attributes,
        credential_version=user.credential_version + outdates_credential,
        version=user.version + 1,
        updated_at=now,
    )
