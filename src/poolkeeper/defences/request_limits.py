"""Does a request fit into the rate of its category? Token buckets, in the memory of each process (decisions/2026-11-30-a-share-of-the-rate.md)."""

from collections.abc import Mapping

from poolkeeper.call import House
from poolkeeper.clock import SECOND
from poolkeeper.errors import TooManyRequestsException
from poolkeeper.model.request_limits import ANSWERS, ANSWERS_TIMES, CATEGORIES, USER_AUTHENTICATION
from poolkeeper.store import provisioned_limits

REREAD = 5 * SECOND
_RATES = "rates"
# UNVERIFIED: that a category's end is told so and not as "Rate exceeded"; a load test against AWS would settle it.
_MESSAGE = "Too many requests"


async def require_within(house: House, category: str, *, now: int) -> None:
    """Take a request from the bucket of its category, or from that of the answers to challenges.

    Raises TooManyRequestsException.
    """
    rates = await _rates(house, now)
    rate = rates[USER_AUTHENTICATION] * ANSWERS_TIMES if category == ANSWERS else rates[category]
    share = rate / (house.settings.workers * house.settings.request_limit_servers)
    if not house.memory.requests.take(category, rate=share, now=now):
        raise TooManyRequestsException(_MESSAGE, detail=f"category {category}")


async def rates_of(house: House) -> Mapping[str, int]:
    """Return the rate of each category as the database has it."""
    provisioned = {row.category: row.rate for row in await provisioned_limits.every(house.db)}
    return {name: provisioned.get(name, category.free) for name, category in CATEGORIES.items()}


def forget_rates(house: House) -> None:
    """Have this process read the rates anew with its next request."""
    house.memory.request_rates.drop(_RATES)


async def _rates(house: House, now: int) -> Mapping[str, int]:
    """Return the rates as of the last seconds; requests that come while they are read anew use the former ones."""
    memory = house.memory.request_rates
    cached = memory.get(_RATES)
    if cached is not None and abs(now - cached[0]) < REREAD:
        return cached[1]
    if cached is not None:
        memory.put(_RATES, (now, cached[1]))
    rates = await rates_of(house)
    memory.put(_RATES, (now, rates))
    return rates
