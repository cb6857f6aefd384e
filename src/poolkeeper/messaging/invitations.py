"""How is a user told that there is an account? One invitation for each medium that is wanted and reaches somebody."""

from collections.abc import Collection, Mapping

from poolkeeper.call import Call
from poolkeeper.clock import DAY
from poolkeeper.messaging.compose import MEDIUMS, compose
from poolkeeper.model.client import Client
from poolkeeper.model.message import Message
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User

KIND = "AdminCreateUser"
_BY_DEFAULT = ("SMS",)


async def invitations(
    call: Call,
    pool: Pool,
    client: Client | None,
    user: User,
    *,
    password: str,
    mediums: Collection[str],
    metadata: Mapping[str, str],
) -> list[Message]:
    """Return the messages that invite a user with a temporary password; none of `mediums` means SMS.

    Triggers: CustomMessage, once a message.
    """
    wanted_mediums = mediums or _BY_DEFAULT
    return [
        await compose(
            call,
            pool,
            client,
            kind=KIND,
            user=user,
            attribute=attribute,
            destination=user.attributes[attribute],
            code=password,
            valid_until=call.now + pool.password_policy.temporary_days * DAY,
            metadata=metadata,
            shown_name=_shown_name(pool, user),
        )
        for attribute, medium in MEDIUMS.items()
        if medium in wanted_mediums and user.attributes.get(attribute)
    ]


def _shown_name(pool: Pool, user: User) -> str:
    """Return the name that a person signs in with: the address in pools where that is the name."""
    for attribute in sorted(pool.username_attributes):
        if user.attributes.get(attribute):
            return user.attributes[attribute]
    return user.username
