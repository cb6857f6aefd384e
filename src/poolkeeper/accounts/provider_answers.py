"""Has a provider's answer been used before? An assertion, or the answer to one request of ours, is good once."""

import hashlib

from poolkeeper.call import Call
from poolkeeper.model.pool import Pool
from poolkeeper.store import provider_links


async def take(call: Call, pool: Pool, *, provider: str, kind: str, name: str, expires_at: int) -> bool:
    """Take an answer, by its `name` among those of a `kind`; False where it was taken before (attacks.md 102, 127).

    It is remembered until `expires_at` (milliseconds): from then on the caller must refuse it for its age.
    """
    mark = hashlib.sha256(f"{kind}\x00{provider}\x00{name}".encode()).hexdigest()
    return await provider_links.take_answer(call.db, pool_id=pool.pool_id, mark=mark, expires_at=expires_at)
