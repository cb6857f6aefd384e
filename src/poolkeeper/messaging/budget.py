"""How many text messages may go out? Budgets an hour for each number and each pool, since every message costs money.

Fraudsters let a pool send to numbers whose operators pay them (attacks.md 47). What is sent within an hour is counted by
the minute, in the transaction that queues the message: what was refused was not counted, and what was counted is sent.
"""

import hashlib
from dataclasses import dataclass

import msgspec

from poolkeeper import events
from poolkeeper.call import Call
from poolkeeper.clock import HOUR, MINUTE
from poolkeeper.errors import LimitExceededException, ServiceError, TooManyRequestsException
from poolkeeper.model.event import Kind
from poolkeeper.model.message import Message
from poolkeeper.settings import Settings
from poolkeeper.store import attempts
from poolkeeper.store.db import Conflict, Reader, Transaction

_PURPOSE = "sms"
_WHOLE_POOL = "sms"
_NOTICE, _NOTICES = "notice", 5
# The kinds whose operations model no LimitExceededException (contract, user pools 1.2).
_WITHOUT_LIMIT = frozenset({"AdminCreateUser", "UpdateUserAttribute", "Authentication"})

_Minutes = list[tuple[int, int]]
_decode = msgspec.json.Decoder(_Minutes).decode


@dataclass(frozen=True, slots=True)
class _Budget:
    """How many messages an hour whom `subject_id` stands for may be sent."""

    name: str
    subject_id: str
    limit: int


async def spend(tx: Transaction, call: Call, message: Message) -> None:
    """Take one text message from the budgets of its number and its pool; mail is free.

    Raises LimitExceededException, or TooManyRequestsException where that is all the operation models; the operator is
    told of it by an event.
    """
    settings, now = call.settings, call.now
    if message.medium != "SMS":
        return
    if not _may_reach(settings, message.to):
        raise _refused(call, message, budget="prefix")
    for budget in _budgets(settings, message.to):
        minutes, version = await _recent(tx, message.pool_id, budget.subject_id, now)
        if _total(minutes) >= budget.limit:
            raise _refused(call, message, budget=budget.name)
        await _put(tx, message.pool_id, budget.subject_id, _with_one_more(minutes, now), version, now)


async def require_room(
    reader: Reader, settings: Settings, *, pool_id: str, number: str | None, kind: str, now: int
) -> None:
    """Raise what `spend` would, where nobody is sent anything but must not be told so: a ghost (contract 7.4).

    `number` is None where it is made up.
    """
    if number is not None and not _may_reach(settings, number):
        raise _over(kind)
    for budget in _budgets(settings, number):
        minutes, _ = await _recent(reader, pool_id, budget.subject_id, now)
        if _total(minutes) >= budget.limit:
            raise _over(kind)


async def pretend(
    tx: Transaction, settings: Settings, *, pool_id: str, number: str | None, kind: str, now: int
) -> None:
    """Refuse and count as `spend` would, where nobody is sent anything: of the pool's budget nothing is taken.

    `number` is None where it is made up.
    """
    await require_room(tx, settings, pool_id=pool_id, number=number, kind=kind, now=now)
    if number is None or not settings.sms_per_number_per_hour:
        return
    subject_id = _number_id(number)
    minutes, version = await _recent(tx, pool_id, subject_id, now)
    await _put(tx, pool_id, subject_id, _with_one_more(minutes, now), version, now)


async def take_notice(tx: Transaction, *, pool_id: str, user_id: str, now: int) -> bool:
    """Count a notice to a user; False where there were enough within the hour. Whoever has a token can cause them."""
    minutes, version = await _recent(tx, pool_id, user_id, now, purpose=_NOTICE)
    if _total(minutes) >= _NOTICES:
        return False
    await _put(tx, pool_id, user_id, _with_one_more(minutes, now), version, now, purpose=_NOTICE)
    return True


def _number_id(number: str) -> str:
    return hashlib.sha256(number.encode()).hexdigest()


def _may_reach(settings: Settings, number: str) -> bool:
    return not settings.sms_prefixes or number.startswith(settings.sms_prefixes)


def _budgets(settings: Settings, number: str | None) -> list[_Budget]:
    """Return the budgets that a message to `number` is taken from, the number's own first: nobody else waits for it."""
    known = (
        _Budget("number", _number_id(number or ""), settings.sms_per_number_per_hour if number is not None else 0),
        _Budget("pool", _WHOLE_POOL, settings.sms_per_pool_per_hour),
    )
    return [budget for budget in known if budget.limit]


def _refused(call: Call, message: Message, *, budget: str) -> ServiceError:
    events.record(call, Kind.TEXT_MESSAGE_REFUSED, pool_id=message.pool_id, budget=budget)
    return _over(message.kind)


def _over(kind: str) -> ServiceError:
    if kind in _WITHOUT_LIMIT:
        return TooManyRequestsException("Too many requests")
    return LimitExceededException("Attempt limit exceeded, please try after some time.")


def _total(minutes: _Minutes) -> int:
    return sum(count for _, count in minutes)


def _with_one_more(minutes: _Minutes, now: int) -> _Minutes:
    minute = now // MINUTE
    if minutes and minutes[-1][0] >= minute:
        return [*minutes[:-1], (minutes[-1][0], minutes[-1][1] + 1)]
    return [*minutes, (minute, 1)]


async def _recent(
    reader: Reader, pool_id: str, subject_id: str, now: int, *, purpose: str = _PURPOSE
) -> tuple[_Minutes, int]:
    """Return (minute, messages) of the last hour, oldest first, and the version of that count."""
    row = await attempts.hourly(reader, pool_id=pool_id, subject_id=subject_id, purpose=purpose)
    if row is None:
        return [], 0
    oldest = (now - HOUR) // MINUTE
    return [pair for pair in _decode(row[0]) if pair[0] > oldest], row[1]


async def _put(
    tx: Transaction,
    pool_id: str,
    subject_id: str,
    minutes: _Minutes,
    version: int,
    now: int,
    *,
    purpose: str = _PURPOSE,
) -> None:
    """Store a count; of several at once none is lost, since the loser of the compare-and-set runs again."""
    stored = await attempts.put_hourly(
        tx,
        pool_id=pool_id,
        subject_id=subject_id,
        purpose=purpose,
        times=msgspec.json.encode(minutes).decode(),
        expected_version=version,
        expires_at=now + HOUR,
    )
    if stored != 1:
        raise Conflict
