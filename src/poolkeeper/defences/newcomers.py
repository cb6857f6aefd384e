"""For how many names may a client network be the first to try something? A limited number an hour, users or not.

Attempts are counted by name in rows, and a pool keeps a limited number of rows for unknown names (`ghosts_per_pool`). A
network that could fill them alone would see the counts of unknown names forgotten and those of users not (attacks.md 9).
Beyond the limit nothing is written, and a name without a count is answered like one whose attempts are used up, whether it
is a user's or not: without a count, an unknown name would never run out of attempts. Who gives a right password needs no
count. Networks are counted in the memory of each process.
"""

from poolkeeper.call import Call


def has_room(call: Call, subject_id: str) -> bool:
    """Count that a network tries something with a user or ghost who has no count yet; False beyond the limit.

    A request counts once, however many rows it begins. Whoever has proved to be a user is no stranger, and back ends that
    do not say for whom they ask are no network.
    """
    limit, network, counted = call.settings.names_per_network_per_hour, call.network, call.trace.counted
    if not limit or not network or call.trace.known_user:
        return True
    once = f"newcomer {subject_id}"
    if once not in counted:
        counted[once] = call.house.memory.newcomers.count(network, now=call.now)
    return counted[once] <= limit
