"""What may an operator's code do to a sign-in? PreAuthentication and PostAuthentication may both refuse it."""

from collections.abc import Mapping

from poolkeeper.call import Call
from poolkeeper.lookup import Subject
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.triggers import events
from poolkeeper.triggers.asking import Nothing, ask, is_set
from poolkeeper.triggers.events import about, event_of_call, told_attributes, username_of


async def pre_authentication(
    call: Call, pool: Pool, client: Client, *, subject: Subject, validation_data: Mapping[str, str]
) -> None:
    """Ask PreAuthentication, before the proof is checked; a ghost comes as `userNotFound`.

    The function is not asked about a ghost where the client does not hide who exists. Raises as `ask` does.
    """
    if not is_set(pool, "PreAuthentication") or (subject.user is None and not client.hides_existence):
        return
    event = event_of_call(
        call,
        pool,
        client,
        source="PreAuthentication_Authentication",
        username=username_of(subject),
        request={**about(pool, client, subject), **events.validation_data(validation_data)},
    )
    await ask(call, pool, "PreAuthentication", event, Nothing)


async def post_authentication(
    call: Call, pool: Pool, client: Client, *, user: User, new_device: bool, metadata: Mapping[str, str]
) -> None:
    """Call PostAuthentication, after the last proof and before tokens. Raises as `ask` does."""
    if not is_set(pool, "PostAuthentication"):
        return
    event = event_of_call(
        call,
        pool,
        client,
        source="PostAuthentication_Authentication",
        username=user.username,
        request={"userAttributes": told_attributes(pool, user), "newDeviceUsed": new_device},
        metadata=metadata,
    )
    await ask(call, pool, "PostAuthentication", event, Nothing)
