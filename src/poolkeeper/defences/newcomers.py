"""About how many names may a client network be the first to try something? So many in an hour, whoever has the names.

What is tried is counted by name in rows, of which a pool keeps so many for names that nobody has (`ghosts_per_pool`). Whoever
could fill that alone would see nobody's counts forgotten and somebody's not (attacks.md 9). Beyond the bound nothing is
written, and a name of which nothing is counted yet is answered like one whose attempts are used up, a user's or nobody's:
answered on without a count, nobody would never come to an end of them. Who gives a right password needs no count.
Networks are counted in the memory of each process.
"""

from poolkeeper.call import Call


def has_room(call: Call, subject_id: str) -> bool:
    """Count that a network tries something with a user or ghost of whom nothing is counted; False beyond the bound.

    Once in a request, however many rows it begins. Whoever has shown to be a user is no stranger, and back ends that do not
    say for whom they ask are no network.
    """
    limit, network, counted = call.settings.names_per_network_per_hour, call.network, call.trace.counted
    if not limit or not network or call.trace.known_user:
        return True
    once = f"newcomer {subject_id}"
    if once not in counted:
        counted[once] = call.house.memory.newcomers.count(network, now=call.now)
    return counted[once] <= limit
