"""Who has been sent how much, and who asks for it? Counts an hour for each mailbox and number, and for client networks.

Users cost nothing where sign-up is open, so counts by user alone would let anybody fill a stranger's mailbox, or guess
at its codes with many users (attacks.md 38, 145). Destinations are rows, under an HMAC of the folded address and the
pool's secret; networks are counted in the memory of each process.
"""

import hashlib
import hmac
import re

from poolkeeper import events
from poolkeeper.call import Call
from poolkeeper.clock import HOUR
from poolkeeper.defences import hourly
from poolkeeper.errors import ServiceError
from poolkeeper.model.event import Kind
from poolkeeper.model.names import fold
from poolkeeper.model.pool import Pool
from poolkeeper.rate import HourlyCounts
from poolkeeper.store import destinations
from poolkeeper.store.db import Transaction

# Messages to addresses that nobody has proved, and messages to proved ones: neither budget uses up the other, or whoever
# signs up with somebody else's address would shut its owner out.
CLAIM, PROVED = "claim", "proved"
NO_LIMIT = 1 << 53
_WRONG_CODES = "wrong"
_DETAIL = re.compile(r"(?<=.)\+[^@]*@")
_NOBODYS = 1_024


def key_of(pool: Pool, address: str) -> str:
    """Return the key of a mailbox or a number in the database, the same for all its spellings.

    A plus sign before the `@` and what follows it make no other mailbox (RFC 5233).
    """
    return _digest(pool, b"destination", _DETAIL.sub("@", address))


def nobodys_key(pool: Pool, address: str) -> str:
    """Return the key of an address that a ghost pretends to have, apart from the key of the address's owner.

    It is one of a thousand, so that made-up names leave a bounded number of rows.
    """
    return f"nobody:{int(_digest(pool, b'nobody', address)[:8], 16) % _NOBODYS}"


def nobodys_number(pool: Pool, number: str) -> str:
    """Return the key of a number that was typed as a name that nobody has; it is refused like a user's."""
    return _digest(pool, b"nobody", number)


async def take(tx: Transaction, call: Call, pool: Pool, key: str, *, budget: str, limit: int) -> bool:
    """Count one message to a destination; False where `limit` have been counted within the hour."""
    return await destinations.take(
        tx,
        pool_id=pool.pool_id,
        destination=key,
        budget=budget,
        limit=limit,
        now=call.now,
        expires_at=call.now + HOUR,
    )


def network_has_room(call: Call, key: str) -> bool:
    """Count that a client network asks for a message to a destination; False where it has caused too many to anybody."""
    limit = call.settings.messages_per_network_per_hour
    if not call.network or not limit:
        return True
    return _count(call, call.house.memory.messages, call.network, once=f"message {key}") <= limit


def is_among_first(call: Call, key: str) -> bool:
    """Count that a client network asks for a message to a destination, and say whether it is among the first few.

    Servers that do not say for whom they ask count as one network.
    """
    requests = _count(call, call.house.memory.sends_to_destination, f"{key} {call.network}", once=f"asked {key}")
    return requests <= call.settings.messages_kept_for_a_network


def require_room_for_codes(call: Call, pool: Pool) -> None:
    """Raise LimitExceededException where a client network has given too many wrong codes, for any users."""
    limit = call.settings.wrong_codes_per_network_per_hour
    network = call.network
    if network and limit and call.house.memory.wrong_codes.counted(network, now=call.now) >= limit:
        raise _too_many(call, pool, budget="network")


def note_wrong_code(call: Call, purpose: str) -> None:
    """Count a wrong code for the client network that gave it."""
    if call.network:
        _count(call, call.house.memory.wrong_codes, call.network, once=f"wrong {purpose}")


async def take_wrong_code(tx: Transaction, call: Call, pool: Pool, key: str) -> None:
    """Count a wrong code for a destination that nobody has proved yet.

    Raises LimitExceededException.
    """
    limit = _wrong_codes(call, key)
    if limit and not await take(tx, call, pool, key, budget=_WRONG_CODES, limit=limit):
        raise _too_many(call, pool, budget=CLAIM)


async def require_room_at(tx: Transaction, call: Call, pool: Pool, key: str) -> None:
    """Raise LimitExceededException, for the right code too, where too many wrong ones were given for a destination."""
    limit = _wrong_codes(call, key)
    budget_key = {"pool_id": pool.pool_id, "destination": key, "budget": _WRONG_CODES}
    if limit and await destinations.counted(tx, **budget_key, now=call.now) >= limit:
        raise _too_many(call, pool, budget=CLAIM)


def _wrong_codes(call: Call, key: str) -> int:
    """Return how many wrong codes a destination takes, 0: any number. Ghosts share destinations, so theirs never refuse."""
    limit = call.settings.wrong_codes_per_claim_per_hour
    return NO_LIMIT if limit and key.startswith("nobody:") else limit


def _too_many(call: Call, pool: Pool, *, budget: str) -> ServiceError:
    events.record(call, Kind.CODES_REFUSED, pool_id=pool.pool_id, budget=budget)
    return hourly.too_many()


def _count(call: Call, counts: HourlyCounts, key: str, *, once: str) -> int:
    """Count an event and return the count; `once` names the event, which counts once in a request.

    The body of a transaction may run several times.
    """
    if once not in call.trace.counted:
        call.trace.counted[once] = counts.count(key, now=call.now)
    return call.trace.counted[once]


def _digest(pool: Pool, purpose: bytes, address: str) -> str:
    folded = fold(address, case_sensitive=False).encode()
    return hmac.digest(pool.secret, purpose + b"\x00" + folded, hashlib.sha256).hex()
