"""What did users do in pools with threat protection? Events are recorded and listed, and people say whose they were.

In a pool without threat protection nothing is recorded. For a ghost a row is written too, over the former one, so that the
time of an answer does not show who exists. Source: identity-security.md 4.1.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec

from poolkeeper.accounts import event_export
from poolkeeper.call import Call
from poolkeeper.clock import DAY, HOUR
from poolkeeper.defences import ghosts
from poolkeeper.errors import ResourceNotFoundException, ServiceError
from poolkeeper.lookup import Subject
from poolkeeper.model import encoded_data
from poolkeeper.model.auth_event import FAIL, PASS, VALID, Facts, Feedback, Seen, facts_of
from poolkeeper.model.client import Client
from poolkeeper.model.client_context import NO_CONTEXT, ClientContext
from poolkeeper.model.finding import Finding
from poolkeeper.model.pool import Pool
from poolkeeper.model.protection import mode_of
from poolkeeper.model.session import LONGEST_USER_AGENT
from poolkeeper.model.user import User
from poolkeeper.risk import profile as profiles
from poolkeeper.risk.observation import Observation
from poolkeeper.risk.traits import traits_of
from poolkeeper.store import auth_history
from poolkeeper.store.auth_history import EventRow
from poolkeeper.store.db import Conflict, Database, Transaction

# A profile is kept until its user has not signed in for this long.
_PROFILE_DAYS = 400
_OF_NOBODY = HOUR
# One event in sixteen makes the worker check whether its user has too many.
_LOOKS = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was seen of a request. `forged`: its EncodedData is not what it claims to be."""

    seen: Seen
    device: str
    time_zone: str
    forged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """What a sign-in taught: `learn` made `profile` from the stored one, `learnt_from`, which is None where there was none."""

    profile: bytes
    learnt_from: bytes | None
    learn: Callable[[bytes | None], bytes]


def sight(call: Call, pool: Pool, client: Client, subject: Subject, context: ClientContext = NO_CONTEXT) -> Sight:
    """Return what a request reveals about its subject."""
    user = subject.user
    names = {subject.name, subject.folded, *(() if user is None else (user.username, user.sub))}
    device_data = encoded_data.read(context.encoded_data, client_id=client.client_id, pool_id=pool.pool_id, names=names)
    by_header = {name.lower(): value for name, value in context.headers.items()}
    agent = by_header.get("user-agent", "") if call.caller is not None else call.user_agent
    agent = (agent or device_data.user_agent)[:LONGEST_USER_AGENT]
    address = call.address
    place = call.house.watch.places.find(address) if address else None
    seen = Seen(
        address=address,
        user_agent=agent,
        device=device_data.device,
        device_name=device_data.device_name,
        time_zone=device_data.time_zone,
        city="" if place is None else place.city,
        country="" if place is None else place.country,
    )
    return Sight(seen=seen, device=device_data.device, time_zone=device_data.time_zone, forged=device_data.forged)


def row_of(
    call: Call,
    *,
    at: int,
    event_id: str,
    kind: str,
    outcome: str,
    challenges: Sequence[tuple[str, str]] = (),
    facts: Facts | None = None,
) -> EventRow:
    """Return the row of an event; without `facts` the stored ones stay."""
    return EventRow(
        at=at,
        event_id=event_id,
        kind=kind,
        outcome=outcome,
        challenges=msgspec.json.encode(challenges).decode(),
        document=None if facts is None else _with_finding(facts, call.trace.finding).text,
        feedback=None,
        expires_at=call.now + call.settings.auth_event_days * DAY,
    )


def _with_finding(facts: Facts, finding: Finding | None) -> Facts:
    """Return facts with the finding about the password; unchanged where no password was checked."""
    if finding is None or finding is Finding.UNCHECKED:
        return facts
    return msgspec.structs.replace(
        facts, risk=msgspec.structs.replace(facts.risk, compromised=finding is Finding.COMPROMISED)
    )


async def put(writer: Database | Transaction, call: Call, pool: Pool, subject: Subject, row: EventRow) -> None:
    """Write an event of a user; a ghost's overwrites that of some other ghost."""
    if subject.user is None:
        hidden = msgspec.structs.replace(row, at=0, event_id="", kind="nobody", expires_at=call.now + _OF_NOBODY)
        await auth_history.put(
            writer, pool_id=pool.pool_id, user_id=ghosts.shared_place(subject.subject_id), row=hidden
        )
        return
    _have_looked_at(call, pool, subject.user, row)
    await auth_history.put(writer, pool_id=pool.pool_id, user_id=subject.user.sub, row=row)


async def put_taught(tx: Transaction, call: Call, pool: Pool, user: User, row: EventRow, taught: Taught) -> None:
    """Write an event of a user and the profile: in one statement, and two more where the profile has changed meanwhile."""
    _have_looked_at(call, pool, user, row)
    user_key = {"pool_id": pool.pool_id, "user_id": user.sub}
    until = call.now + _PROFILE_DAYS * DAY
    if not await auth_history.put_with_profile(
        tx, **user_key, row=row, profile=taught.profile, learnt_from=taught.learnt_from, profile_expires_at=until
    ):
        await _reteach(tx, call, pool, user, taught.learn)


async def _reteach(tx: Transaction, call: Call, pool: Pool, user: User, learn: Callable[[bytes], bytes]) -> None:
    """Teach the stored profile, if there is one. Raises Conflict where another request was faster."""
    user_key = {"pool_id": pool.pool_id, "user_id": user.sub}
    stored = await auth_history.profile(tx, **user_key)
    if stored is None:
        return
    until = call.now + _PROFILE_DAYS * DAY
    if await auth_history.put_profile(tx, **user_key, profile=learn(stored), learnt_from=stored, expires_at=until) != 1:
        raise Conflict


def _have_looked_at(call: Call, pool: Pool, user: User, row: EventRow) -> None:
    """Have the worker check now and then whether a user has too many events."""
    if row.event_id.startswith(_LOOKS):
        call.house.memory.histories.add((pool.pool_id, user.sub))


async def happened(
    call: Call,
    pool: Pool,
    client: Client,
    subject: Subject,
    *,
    kind: str,
    outcome: str = PASS,
    context: ClientContext = NO_CONTEXT,
    facts: Facts | None = None,
) -> None:
    """Record an event that was no sign-in, if the pool has threat protection."""
    if not mode_of(pool):
        return
    event_facts = facts or Facts()
    seen = sight(call, pool, client, subject, context).seen
    row = row_of(
        call,
        at=call.now,
        event_id=call.entropy.uuid(),
        kind=kind,
        outcome=outcome,
        facts=msgspec.structs.replace(event_facts, seen=seen),
    )
    await put(call.db, call, pool, subject, row)
    event_export.tell(call, pool, subject, row)


@asynccontextmanager
async def noted(
    call: Call, pool: Pool, client: Client, subject: Subject, *, kind: str, context: ClientContext = NO_CONTEXT
) -> AsyncIterator[None]:
    """Record what is done within as an event that is no sign-in, refused or not, if the pool has threat protection."""
    try:
        yield
    except ServiceError:
        await happened(call, pool, client, subject, kind=kind, outcome=FAIL, context=context)
        raise
    await happened(call, pool, client, subject, kind=kind, context=context)


async def say(call: Call, pool: Pool, user: User, *, event_id: str, value: str, provider: str) -> None:
    """Store feedback on a user's event: its traits become habits, or count against the sign-ins that bring them.

    Raises ResourceNotFoundException for an unknown event.
    """
    user_key = {"pool_id": pool.pool_id, "user_id": user.sub}
    row = await auth_history.find(call.db, **user_key, event_id=event_id)
    if row is None:
        # UNVERIFIED: error and words; feedback for an EventId that is not there would settle them.
        raise ResourceNotFoundException("Event not found.")
    feedback = Feedback(value=value, provider=provider, at=call.now)
    text = msgspec.json.encode(feedback).decode()

    async def body(tx: Transaction) -> None:
        await auth_history.say(tx, **user_key, at=row.at, event_id=event_id, feedback=text)
        if row.document is not None:
            await _reteach(
                tx, call, pool, user, lambda stored: _reconsidered(call, stored, user, row, valid=value == VALID)
            )

    await call.db.write(body)


def _reconsidered(call: Call, stored: bytes, user: User, row: EventRow, *, valid: bool) -> bytes:
    """Return the profile after feedback on an event."""
    seen = facts_of(row.document or b"{}").seen
    observation = Observation(
        at_ms=row.at,
        address=seen.address or None,
        user_agent=seen.user_agent,
        device=seen.device,
        time_zone=seen.time_zone,
        account_age_ms=max(0, row.at - user.created_at),
        known_device=False,
        failures=0,
        network_failures=0,
        spray_names=0,
        bad_signature=False,
    )
    place = call.house.watch.places.find(seen.address) if seen.address else None
    profile, traits = profiles.decode(stored), traits_of(observation, place)
    return profiles.encode(profiles.reconsidered(profile, traits, valid=valid, at_ms=call.now))
