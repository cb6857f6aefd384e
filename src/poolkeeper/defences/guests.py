"""How many guests may a client network make? A limited number an hour in one identity pool: each is a row for a year.

Networks are counted in the memory of each process, as in newcomers.py.
"""

from poolkeeper.call import Call
from poolkeeper.client_address import network_of
from poolkeeper.defences.hourly import too_many


def require_room(call: Call, identity_pool_id: str) -> None:
    """Count a guest that a network makes, once in a request. Raises LimitExceededException beyond the limit."""
    limit, network, counted = (
        call.settings.guests_per_network_per_hour,
        network_of(call.client_address),
        call.trace.counted,
    )
    if not limit or not network:
        return
    if "guest" not in counted:
        counted["guest"] = call.house.memory.guests.count(f"{identity_pool_id} {network}", now=call.now)
    if counted["guest"] > limit:
        raise too_many()
