"""For which region is a call answered? For the pool's own, or for that of a replica, which does not do everything.

A signed call names its region in its signature; any other call names none, and is answered for the pool's own region.
"""

from typing import Any

from poolkeeper.aws.operation import About, Operation
from poolkeeper.call import Call
from poolkeeper.errors import OperationNotEnabledException
from poolkeeper.model.replica import is_enabled
from poolkeeper.operations import resources
from poolkeeper.store import pool_replicas


async def require_enabled(call: Call, operation: Operation, request: Any) -> None:
    """Note whether a call came to a replica, and refuse what a replica does not do. The call's resource must be known.

    The database is not read where the region is the pool's own. Raises OperationNotEnabledException.
    """
    if call.caller is None or operation.about is not About.POOL:
        return
    pool_id = resources.pool_id_of(call.trace.resource)
    if not pool_id or pool_id.rpartition("_")[0] == call.region:
        return
    replica = await pool_replicas.find(call.db, pool_id=pool_id, region=call.region)
    if replica is None:
        return
    challenge = getattr(request, "challenge_name", None)
    if not is_enabled(operation.name, status=replica.status, challenge=challenge):
        # UNVERIFIED: the words; a write in the region of a secondary replica would settle them.
        raise OperationNotEnabledException(
            f"{operation.name} is not enabled for the replica of this user pool in {call.region}.",
            detail=f"replica {replica.status}",
        )
    call.trace.replica_region = call.region
