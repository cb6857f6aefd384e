"""How does a message leave by an operator's own code? A custom sender is handed the code, encrypted for it alone.

Source: userpools.md 6.2; AWS: Custom sender Lambda triggers.
"""

import asyncio
import html

from poolkeeper import triggers
from poolkeeper.call import House
from poolkeeper.crypto import encryption_sdk
from poolkeeper.functions import CannotInvoke, FunctionFailed
from poolkeeper.lookup import find_pool
from poolkeeper.messaging.compose import CUSTOM_SENDERS
from poolkeeper.messaging.senders import DeliveryFailed, without_secrets
from poolkeeper.model.message import Handover, Message
from poolkeeper.model.pool import Pool


async def deliver(house: House, message: Message, handover: Handover) -> bool:
    """Hand a message to the custom sender of its pool; False where the pool has none any more.

    Raises DeliveryFailed: permanent where the function ran and failed, which is its own business; temporary where it
    could not be called, which an operator can mend.
    """
    name = CUSTOM_SENDERS[message.medium]
    pool = await find_pool(house, message.pool_id)
    if pool is None:
        raise DeliveryFailed("the user pool is gone", permanent=True)
    if not pool.triggers.get(name):
        return False
    try:
        await triggers.custom_sender(
            house,
            pool,
            medium=message.medium,
            source=f"{name}_{message.kind}",
            username=handover.username,
            attributes=handover.attributes,
            client_id=handover.client_id,
            metadata=handover.metadata,
            code_ciphertext=await _encrypted(house, pool, message),
        )
    except FunctionFailed as fault:
        raise DeliveryFailed(
            f"{name} failed with error {without_secrets(fault.message, message)}", permanent=True
        ) from None
    except CannotInvoke as fault:
        raise DeliveryFailed(f"{name} could not be called: {fault.detail}", permanent=False) from None
    return True


async def _encrypted(house: House, pool: Pool, message: Message) -> bytes | None:
    """Return the code under the pool's KMSKeyID; a temporary password as HTML has it, whatever the medium."""
    if message.code is None:
        return None
    secret = html.escape(message.code) if message.kind == "AdminCreateUser" else message.code
    # In a thread: the first one imports the library, which takes a fifth of a second.
    return await asyncio.to_thread(
        encryption_sdk.encrypt,
        house.sealer,
        secret.encode(),
        key_arn=pool.triggers["KMSKeyID"],
        context={"userpool-id": pool.pool_id},
        now=house.clock.now(),
    )
