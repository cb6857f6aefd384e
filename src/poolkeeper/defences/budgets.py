"""How many messages may go out? Budgets an hour for each destination and each client network; for text also the pool.

Strangers could have mail sent to anybody, and every text message costs money: fraudsters have a pool send to numbers
whose operators pay them (attacks.md 47, 145). A message is counted in the transaction that queues it: a refused message
is not counted, and a counted one is sent. Text messages of a pool are counted by the minute.
"""

from dataclasses import dataclass

import msgspec

from poolkeeper import events
from poolkeeper.call import Call
from poolkeeper.clock import HOUR, MINUTE
from poolkeeper.defences import destinations, hourly
from poolkeeper.defences.destinations import CLAIM, NO_LIMIT, PROVED
from poolkeeper.errors import ServiceError
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model.event import Kind
from poolkeeper.model.message import Medium, Message
from poolkeeper.model.pool import Pool
from poolkeeper.settings import Settings
from poolkeeper.store import message_budgets
from poolkeeper.store.db import Conflict, Reader, Transaction

_TEXT, _WHOLE_POOL = "text", ""
_NOTICE, _OF_NOBODY, _NOTICES = "notice", "notice to nobody", 5
_SIGNING_IN = "Authentication"
# The kinds whose operations model no LimitExceededException (userpools.md 1.2).
_WITHOUT_LIMIT = frozenset({"AdminCreateUser", "UpdateUserAttribute", _SIGNING_IN})

_Minutes = list[tuple[int, int]]
_decode = msgspec.json.Decoder(_Minutes).decode


@dataclass(frozen=True, slots=True)
class _Bound:
    """How many messages a destination may be sent, 0: any number. `refuses`: whoever asks for more gets an error."""

    limit: int
    refuses: bool

    def limit_for(self, *, kept_for: bool) -> int:
        """Return the limit in the database: twice as high for text messages kept for networks, since those cost money."""
        return self.limit * 2 if kept_for and self.refuses else self.limit


async def spend(tx: Transaction, call: Call, pool: Pool, message: Message, *, proved: bool, asked_for: bool) -> bool:
    """Take one message from the budgets, and say whether it goes out; an event tells the operator of one that does not.

    `proved`: its address was proved to be the user's. `asked_for`: somebody who might be anybody asked for it; mail that
    administrators send is not counted. The caller does not learn that a message is kept back, or strangers would
    learn who was sent how many. Raises LimitExceededException, or TooManyRequestsException where the operation models
    only that, where a budget of text messages is used up.
    """
    settings, text = call.settings, message.medium == "SMS"
    if text and not _may_reach(settings, message.to):
        raise _refused(call, message, budget="prefix")
    if not text and not asked_for:
        return True
    key = destinations.key_of(pool, message.to)
    if asked_for and not destinations.network_has_room(call, key):
        return _kept_back(call, message, budget="network")
    bound, budget = _bound(settings, message.medium, proved=proved), PROVED if proved else CLAIM
    kept_for = asked_for and _is_kept_for(call, key, bound, kind=message.kind, proved=proved)
    limit = bound.limit_for(kept_for=kept_for)
    if limit and not await destinations.take(tx, call, pool, key, budget=budget, limit=limit):
        if bound.refuses:
            raise _refused(call, message, budget="number")
        if not kept_for:
            return _kept_back(call, message, budget=budget)
    if text:
        await _spend_of_pool(tx, call, message)
    return True


async def pretend(
    tx: Transaction,
    call: Call,
    pool: Pool,
    *,
    medium: Medium,
    address: str,
    typed: bool,
    kind: str,
    proved: bool = True,
) -> None:
    """Refuse and count as `spend` would where nobody is sent anything; the pool's budget stays as it is.

    `typed`: the address is the name that was typed, else it is made up (userpools.md 7.4).
    """
    settings, text = call.settings, medium == "SMS"
    if text and typed and not _may_reach(settings, address):
        raise _over(kind)
    known_number = text and typed
    key = destinations.nobodys_number(pool, address) if known_number else destinations.nobodys_key(pool, address)
    if not destinations.network_has_room(call, key):
        return
    bound, budget, limit = _bound(settings, medium, proved=proved), PROVED if proved else CLAIM, NO_LIMIT
    if known_number and bound.refuses:
        limit = bound.limit_for(kept_for=_is_kept_for(call, key, bound, kind=kind, proved=proved))
    if bound.limit and not await destinations.take(tx, call, pool, key, budget=budget, limit=limit):
        raise _over(kind)
    if text and settings.sms_per_pool_per_hour:
        minutes, _ = await _recent(tx, pool.pool_id, _WHOLE_POOL, call.now)
        if _total(minutes) >= settings.sms_per_pool_per_hour:
            raise _over(kind)


async def take_notice(tx: Transaction, *, pool_id: str, user_id: str, now: int, to_nobody: bool = False) -> bool:
    """Count a notice to a user; False where there were enough within the hour. Whoever has a token can cause them.

    A notice `to_nobody` is never sent, and every guess can cause one: they are counted apart and without a limit, or a
    stranger could use up the user's own notices.
    """
    budget = _OF_NOBODY if to_nobody else _NOTICE
    minutes, version = await _recent(tx, pool_id, user_id, now, budget=budget)
    if _total(minutes) >= _NOTICES and not to_nobody:
        return False
    await _put(tx, pool_id, user_id, _with_one_more(minutes, now), version, now, budget=budget)
    return True


def _may_reach(settings: Settings, number: str) -> bool:
    return not settings.sms_prefixes or number.startswith(settings.sms_prefixes)


def _bound(settings: Settings, medium: Medium, *, proved: bool) -> _Bound:
    """Return the bound that a message to a destination meets first; only the one for text messages refuses."""
    silent_limit = settings.messages_per_proved_address_per_hour if proved else settings.messages_per_claim_per_hour
    sms_limit = settings.sms_per_number_per_hour if medium == "SMS" else 0
    if sms_limit and (not silent_limit or sms_limit <= silent_limit):
        return _Bound(sms_limit, refuses=True)
    return _Bound(silent_limit, refuses=False)


def _is_kept_for(call: Call, key: str, bound: _Bound, *, kind: str, proved: bool) -> bool:
    """Say whether a message beyond the bound is kept for the network that asks: to a proved address, and among its first.

    Who signs in by a text message needs no proof of the number: otherwise a user with an unproved number would differ
    visibly from a ghost.
    """
    return (proved or (bound.refuses and kind == _SIGNING_IN)) and destinations.is_among_first(call, key)


async def _spend_of_pool(tx: Transaction, call: Call, message: Message) -> None:
    """Take one text message from the budget of its pool, where the operator has set one."""
    limit = call.settings.sms_per_pool_per_hour
    if not limit:
        return
    minutes, version = await _recent(tx, message.pool_id, _WHOLE_POOL, call.now)
    if _total(minutes) >= limit:
        raise _refused(call, message, budget="pool")
    await _put(tx, message.pool_id, _WHOLE_POOL, _with_one_more(minutes, call.now), version, call.now)


def _kept_back(call: Call, message: Message, *, budget: str) -> bool:
    """Record that a message is not sent, which whoever asked for it does not learn; always False."""
    events.record(call, Kind.MESSAGE_KEPT_BACK, pool_id=message.pool_id, message=message.kind, budget=budget)
    return False


def _refused(call: Call, message: Message, *, budget: str) -> ServiceError:
    events.record(call, Kind.TEXT_MESSAGE_REFUSED, pool_id=message.pool_id, budget=budget)
    return _over(message.kind)


def _over(kind: str) -> ServiceError:
    if kind in _WITHOUT_LIMIT:
        return refused(Reason.TOO_MANY_MESSAGES)
    return hourly.too_many()


def _total(minutes: _Minutes) -> int:
    return sum(count for _, count in minutes)


def _with_one_more(minutes: _Minutes, now: int) -> _Minutes:
    minute = now // MINUTE
    if minutes and minutes[-1][0] >= minute:
        return [*minutes[:-1], (minutes[-1][0], minutes[-1][1] + 1)]
    return [*minutes, (minute, 1)]


async def _recent(reader: Reader, pool_id: str, user_id: str, now: int, *, budget: str = _TEXT) -> tuple[_Minutes, int]:
    """Return (minute, messages) of the last hour, oldest first, and the version of that count."""
    row = await message_budgets.find(reader, pool_id=pool_id, user_id=user_id, budget=budget)
    if row is None:
        return [], 0
    oldest = (now - HOUR) // MINUTE
    return [pair for pair in _decode(row.minutes) if pair[0] > oldest], row.version


async def _put(
    tx: Transaction,
    pool_id: str,
    user_id: str,
    minutes: _Minutes,
    version: int,
    now: int,
    *,
    budget: str = _TEXT,
) -> None:
    """Store a count; concurrent counts are never lost, since the loser of the compare-and-set runs again."""
    stored = await message_budgets.put(
        tx,
        pool_id=pool_id,
        user_id=user_id,
        budget=budget,
        minutes=msgspec.json.encode(minutes).decode(),
        expected_version=version,
        expires_at=now + HOUR,
    )
    if stored != 1:
        raise Conflict
