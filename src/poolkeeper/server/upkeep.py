"""How is an installation looked after? A doctor's examination, and a pool's own settings."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec

from poolkeeper.branding import survey
from poolkeeper.broker_settings import EVERY_POOL, broker_of
from poolkeeper.call import House
from poolkeeper.clock import HOUR, MINUTE
from poolkeeper.identities.pools import find_pool as find_identity_pool
from poolkeeper.lookup import find_pool
from poolkeeper.model.address import can_be_reached
from poolkeeper.model.client import CLIENT_ID
from poolkeeper.model.domain import MEMBERS
from poolkeeper.model.identity_pool import IdentityPool
from poolkeeper.model.job import MESSAGE
from poolkeeper.model.pool import ALL_CLIENTS, Pool
from poolkeeper.rights.roles import find_role
from poolkeeper.server import backups, post, provider_survey
from poolkeeper.server.finding import Finding
from poolkeeper.server.health import try_a_change
from poolkeeper.server.resealing import DAMAGED, UpkeepError, census
from poolkeeper.store import clients, due, identity_pools, imported_users, imports, migrate, pools
from poolkeeper.store.db import Conflict, Transaction, Unavailable
from poolkeeper.store.open import is_bare_copy
from poolkeeper.store.sqlite_file import BareCopy
from poolkeeper.triggers.asking import arn_of

_PAGE = 500
_LATE = 10 * MINUTE
_EMPTY_ROLE = "its sessions may only ask who they are"
_LOOK_AT = "look at its sender, or at the function of the pool's custom sender"
_CHOICES: Mapping[str, Mapping[str, object]] = {
    "issuer": {"own": "own", "aws": "aws", "default": None},
    "srp": {"on": True, "off": False},
    "localhost_any_port": {"on": True, "off": False},
    "user_info_booleans": {"on": True, "off": None},
    "pushed_requests_only": {"on": True, "off": None},
    "dpop_nonces": {"on": True, "off": None},
}
_DPOP_CLIENTS = "dpop_required_clients"


async def examine(house: House) -> list[Finding]:
    """Look at the database, all that is sealed, functions, senders, providers, app clients and their rights, domains, styles, messages."""
    return [
        Finding(sound=True, text=f"the database answers and is at version {migrate.LATEST}"),
        await _changes(house),
        Finding(sound=True, text=f"{await pools.count(house.db)} user pools"),
        *await _sealing(house),
        *await _functions(house),
        *await _senders(house),
        *await _identity_providers(house),
        *await _open_clients(house),
        *await _not_shown_yet(house),
        *_places(house),
        *await _domains(house),
        *await _styles(house),
        *await _unknown_roles(house),
        *await _lost_clients(house),
        *await _brokers(house),
        *await _unknown_apps(house),
        await _messages(house),
        *await _copies(house),
    ]


async def set_preferences(house: House, pool_id: str, assignments: Sequence[str]) -> None:
    """Set Poolkeeper's own settings of a pool.

    Raises UpkeepError.
    """
    changes: dict[str, Any] = dict(_preference(assignment) for assignment in assignments)

    async def body(tx: Transaction) -> None:
        row = await pools.find(tx, pool_id)
        if row is None:
            raise UpkeepError(f"There is no user pool {pool_id}.")
        for client_id in changes.get(_DPOP_CLIENTS) or ():
            if client_id != ALL_CLIENTS and await clients.find(tx, pool_id, client_id) is None:
                raise UpkeepError(f"There is no app client {client_id} in {pool_id}.")
        held = msgspec.json.decode(row.preferences) | changes
        preferences = {name: value for name, value in held.items() if value is not None}
        changed = await pools.replace_preferences(
            tx,
            pool_id=pool_id,
            preferences=msgspec.json.encode(preferences).decode(),
            expected_version=row.version,
            now=house.clock.now(),
        )
        if changed != 1:
            raise Conflict

    await house.db.write(body)


def _preference(assignment: str) -> tuple[str, object]:
    name, _, value = assignment.partition("=")
    if name == _DPOP_CLIENTS:
        return name, None if value == "none" else _client_ids(value)
    if name not in _CHOICES:
        raise UpkeepError(f"A pool has no setting {name}; it has {', '.join((*_CHOICES, _DPOP_CLIENTS))}.")
    if value not in _CHOICES[name]:
        raise UpkeepError(f"{name} is one of {', '.join(_CHOICES[name])}.")
    return name, _CHOICES[name][value]


def _client_ids(value: str) -> list[str]:
    ids = sorted(set(value.split(",")))
    if not all(CLIENT_ID.fullmatch(one) for one in ids) or (ALL_CLIENTS in ids and len(ids) > 1):
        raise UpkeepError(f"{_DPOP_CLIENTS} is {ALL_CLIENTS}, none, or ids of app clients with commas between them.")
    return ids


async def _changes(house: House) -> Finding:
    """Try a change: a full disk, a standby and a read-only database all answer readers."""
    try:
        await try_a_change(house)
    except Unavailable as fault:
        return Finding(sound=False, text=f"the database takes no changes: {fault}")
    return Finding(sound=True, text="the database takes changes")


async def _sealing(house: House) -> list[Finding]:
    ring, counts = house.sealer.ring, await census(house)
    findings = []
    for key_id in sorted(counts.keys() | ring.keys.keys()):
        count = counts[key_id]
        if key_id == DAMAGED:
            findings.append(Finding(sound=False, text=f"{count} sealed values are damaged: they cannot be read"))
        elif key_id not in ring.keys:
            text = f"{count} values are sealed under {key_id}, which the ring lacks: they cannot be read"
            findings.append(Finding(sound=False, text=text))
        elif key_id == ring.writing_key_id:
            findings.append(Finding(sound=True, text=f"sealing key {key_id} writes; {count} values are under it"))
        elif count:
            text = f"sealing key {key_id} is old; {count} values are under it still: poolkeeper keys rotate-sealing"
            findings.append(Finding(sound=True, text=text))
        else:
            text = (
                f"sealing key {key_id} is old and nothing in the database is under it: it may go 36 hours after the "
                f"rotation, with poolkeeper keys retire-sealing {key_id}"
            )
            findings.append(Finding(sound=True, text=text))
    return findings


async def _unknown_roles(house: House) -> list[Finding]:
    """Name the roles of identity pools that IAM does not hold: their sessions have no rights here."""
    findings, count = [], 0
    async for pool in _identity_pools(house):
        judged_here = broker_of(house.settings.brokers, pool.identity_pool_id) is None
        for arn in dict.fromkeys((*pool.roles.values(), *pool.rule_roles)) if judged_here else ():
            count += 1
            if await find_role(house, arn) is None:
                text = f"{pool.identity_pool_id} gives the role {arn}, which IAM here does not hold: {_EMPTY_ROLE}"
                findings.append(Finding(sound=True, text=text, note=True))
    return findings or (
        [Finding(sound=True, text=f"{count} roles of identity pools, all held by IAM")] if count else []
    )


async def _lost_clients(house: House) -> list[Finding]:
    """Name the app clients that identity pools take tokens of and that are not there: such as of a pool that was made anew."""
    return [
        Finding(
            sound=True,
            note=True,
            text=(
                f"{pool.identity_pool_id} takes ID tokens of the app client {client.client_id} of {client.name}, which is not "
                "there: nobody comes in by it"
            ),
        )
        async for pool in _identity_pools(house)
        for client in pool.user_pools
        if await clients.find(house.db, client.pool_id, client.client_id) is None
    ]


async def _identity_pools(house: House) -> AsyncIterator[IdentityPool]:
    after = ""
    while page := await identity_pools.every(house.db, after=after, limit=_PAGE):
        after = page[-1].identity_pool_id
        for named in page:
            if (pool := await find_identity_pool(house, named.identity_pool_id)) is not None:
                yield pool


async def _brokers(house: House) -> list[Finding]:
    """Say who makes whose credentials where Poolkeeper does not, and name entries of identity pools that are not there."""
    findings = []
    for broker in house.settings.brokers:
        name = broker.identity_pool_id
        if name != EVERY_POOL and await find_identity_pool(house, name) is None:
            text = f'brokers."{name}": there is no such identity pool'
            findings.append(Finding(sound=False, text=text))
        elif broker.kind != "own":
            whose = "all other identity pools" if name == EVERY_POOL else name
            text = f"credentials of {whose} are made by {broker.endpoint or 'AWS'}"
            findings.append(Finding(sound=True, text=text))
    return findings


async def _unknown_apps(house: House) -> list[Finding]:
    """Name the tables of app clients that are not there: nobody is told of a sign-out by them."""
    return [
        Finding(sound=False, text=f"backchannel_logout.{table.client_id}: there is no such app client")
        for table in house.settings.backchannel_logout
        if await clients.pool_of(house.db, table.client_id) is None
    ]


async def _functions(house: House) -> list[Finding]:
    """Name the triggers of pools that mean nothing here: whatever asks them fails."""
    findings, count = [], 0
    async for pool in _pools(house):
        for name in sorted(pool.triggers.keys() - {"KMSKeyID"}):
            count += 1
            if (fault := house.functions.fault(arn_of(pool, name), pool_id=pool.pool_id)) is not None:
                findings.append(Finding(sound=False, text=f"{name} of {pool.pool_id} fails: {fault}"))
    return findings or [Finding(sound=True, text=f"{count} triggers of pools, none without a function")]


async def _senders(house: House) -> list[Finding]:
    """Open a connection to each sender of messages; in development nothing leaves this machine."""
    if house.settings.dev:
        return []
    answers = await post.ask_all(house)
    return [Finding(sound=answer.sound, text=f"sender {answer.name}: {answer.text}") for answer in answers] or [
        Finding(sound=True, note=True, text="no sender of mail or text messages is set up: smtp_host, or [senders]")
    ]


async def _identity_providers(house: House) -> list[Finding]:
    """Ask identity providers what they say of themselves, and name those by which nobody comes in."""
    findings, count = [], 0
    async for pool in _pools(house):
        of_pool, of_providers = await provider_survey.of_pool(house, pool)
        count += of_pool
        findings += of_providers
    return findings or ([Finding(sound=True, text=f"{count} identity providers, none amiss")] if count else [])


async def _open_clients(house: House) -> list[Finding]:
    """Name the app clients whose users may write custom attributes because no list says which; AWS does the same."""
    if house.settings.implicit_write != "all":
        return []
    findings = []
    async for pool in _pools(house):
        if not any(
            name.startswith("custom:") and attribute.mutable for name, attribute in pool.schema.attributes.items()
        ):
            continue
        after = ""
        while page := await clients.documents(house.db, pool.pool_id, after=after, limit=_PAGE):
            after = page[-1].client_id
            findings += [_left_open(pool, client.client_id) for client in page if not _lists_writes(client)]
    return findings


def _lists_writes(client: clients.Described) -> bool:
    return bool(msgspec.json.decode(client.document).get("WriteAttributes"))


def _left_open(pool: Pool, client_id: str) -> Finding:
    return Finding(
        sound=True,
        note=True,
        text=(
            f"app client {client_id} of {pool.pool_id} has no WriteAttributes: its users write custom attributes (give it a "
            "list, or set implicit_write to standard)"
        ),
    )


async def _not_shown_yet(house: House) -> list[Finding]:
    """Name the pools with users whose hashes were imported and who have not signed in since: SRP cannot succeed for them."""
    text = (
        "{} has users imported with hashes who have not signed in yet: until they have once, by USER_PASSWORD_AUTH or the "
        "pages, SRP is refused as a wrong password"
    )
    waiting = [
        pool.pool_id
        async for pool in _pools(house)
        if await imports.has_hashes(house.db, pool_id=pool.pool_id)
        and await imported_users.any_waits(house.db, pool.pool_id)
    ]
    return [Finding(sound=True, note=True, text=text.format(pool_id)) for pool_id in waiting]


def _places(house: House) -> list[Finding]:
    """Name the files of places that cannot be read: threat protection judges without them."""
    faults = house.watch.places.faults
    return [Finding(sound=False, text=f"place_files: {file} cannot be read: {why}") for file, why in faults.items()]


async def _domains(house: House) -> list[Finding]:
    """Name the domains that nobody reaches: a new public address made their host the server's own."""
    findings, count = [], 0
    async for pool in _pools(house):
        for kind, member in MEMBERS.items():
            if (name := pool.document.get(member)) is None:
                continue
            count += 1
            if not can_be_reached(house.settings, name, kind):
                text = f"the domain {name} of {pool.pool_id} is the server's own host (base_url, domain_base): nobody reaches it"
                findings.append(Finding(sound=False, text=text))
    return findings or [Finding(sound=True, text=f"{count} domains, each at a host of its own")]


async def _styles(house: House) -> list[Finding]:
    """Name the colours of styles that are hard to read: they are shown as they were set."""
    return [
        Finding(sound=True, text=f"branding of {client_id} in {pool.pool_id}: {remark}", note=True)
        async for pool in _pools(house)
        for client_id, remark in await survey.of_pool(house, pool.pool_id)
    ]


async def _pools(house: House) -> AsyncIterator[Pool]:
    after = ""
    while page := await pools.ids(house.db, after=after, limit=_PAGE):
        after = page[-1]
        for pool_id in page:
            if (pool := await find_pool(house, pool_id)) is not None:
                yield pool


async def _messages(house: House) -> Finding:
    waiting = await due.pending(house.db, kind=MESSAGE, limit=1)
    if waiting and waiting[0].created_at < house.clock.now() - _LATE:
        hours = (house.clock.now() - waiting[0].created_at) / HOUR
        return Finding(sound=False, text=f"a message has waited for {hours:.1f} hours: {_LOOK_AT}")
    return Finding(sound=True, text="no message has waited for long")


async def _copies(house: House) -> list[Finding]:
    """Tell of the newest backup, and of a database that is itself an incomplete copy."""
    newest = await backups.newest(house.db)
    if newest is None:
        findings = [Finding(sound=True, note=True, text="no backup was ever made: poolkeeper backup FILE")]
    else:
        hours = (house.clock.now() - newest.at) / HOUR
        # With PostgreSQL our command says how: whether it was done, PostgreSQL alone knows.
        verb = "noted" if house.settings.on_postgres else "made"
        findings = [Finding(sound=True, text=f"the newest backup was {verb} {hours:.1f} hours ago: {newest.file}")]
    if is_bare_copy(house.db):
        text = f"{BareCopy(house.settings.sqlite_file)}: what the server wrote last is not in it"
        findings.append(Finding(sound=False, text=text))
    return findings
