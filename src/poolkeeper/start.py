"""What must be true before the first request? Tables, sealing keys that fit the database, a first access key."""

import os
from dataclasses import dataclass

from poolkeeper import access_keys
from poolkeeper.call import AccessKey, House
from poolkeeper.clock import Clock
from poolkeeper.crypto.keyring import KeyRing, KeyRingError
from poolkeeper.crypto.password_hash import Argon2
from poolkeeper.crypto.seal import Sealer, SealError, UnknownSealingKey
from poolkeeper.egress import Egress
from poolkeeper.entropy import Entropy
from poolkeeper.functions import Functions
from poolkeeper.heavy import HeavyPool, KeyedLocks
from poolkeeper.rate import RateLimit
from poolkeeper.settings import Settings
from poolkeeper.store import access_keys as key_rows
from poolkeeper.store import dialect, migrate
from poolkeeper.store.db import Database
from poolkeeper.store.open import open_database

_PROBE = "sealing_probe"
_FIRST_START = "first_start"
_LOCK_WAITERS = 256


class CannotStart(Exception):  # noqa: N818 - said to a person
    """There is no start. `remedy` are the lines that say what to do."""

    def __init__(self, what: str, *remedy: str, status: int = 2) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.status = status


@dataclass(frozen=True, slots=True)
class Prepared:
    """What preparing the database came to. `made_key` is shown once and known to nobody afterwards."""

    first: bool
    made_key: AccessKey | None
    migrated_from: int | None


async def prepare(settings: Settings, clock: Clock, entropy: Entropy) -> Prepared:
    """Make the database ready: once, before any process answers; several may do so at the same time.

    Raises CannotStart.
    """
    database = await _open(settings, entropy, exclusive=True)
    try:
        migrated_from = await _bring_up_to_date(settings, database, clock)
        sealer = await _sealer(settings, database, entropy)
        house = _house(settings, database, clock, entropy, sealer)
        try:
            first = await _is_first_start(database)
            return Prepared(first, await _first_key(house, first=first), migrated_from)
        finally:
            house.heavy.close()
    finally:
        await database.close()


async def open_house(settings: Settings, clock: Clock, entropy: Entropy, *, exclusive: bool = True) -> House:
    """Return what the requests of a process share, over a database that was prepared.

    Raises CannotStart where it was not, or where the sealing keys are not its own.
    """
    database = await _open(settings, entropy, exclusive=exclusive)
    try:
        await migrate.require_latest(database)
        sealer = Sealer(_load(settings), entropy)
        await _check_probe(settings, database, sealer)
    except migrate.SchemaError as fault:
        await database.close()
        raise CannotStart(str(fault), status=3) from None
    except BaseException:
        await database.close()
        raise
    return _house(settings, database, clock, entropy, sealer)


def _house(settings: Settings, database: Database, clock: Clock, entropy: Entropy, sealer: Sealer) -> House:
    threads = settings.heavy_threads or max(1, (os.cpu_count() or 1) // settings.workers)
    egress = Egress(settings)
    return House(
        settings=settings,
        db=database,
        clock=clock,
        entropy=entropy,
        sealer=sealer,
        heavy=HeavyPool(threads, settings.heavy_queue),
        hasher=Argon2(settings.password_hash_memory, settings.password_hash_passes),
        locks=KeyedLocks(_LOCK_WAITERS),
        sign_ups=RateLimit(settings.sign_ups_per_minute),
        egress=egress,
        functions=Functions(settings, egress, clock, entropy),
    )


async def _open(settings: Settings, entropy: Entropy, *, exclusive: bool) -> Database:
    if not settings.on_postgres:
        _make_folder(settings)
    try:
        return await open_database(settings, entropy, exclusive=exclusive)
    except Exception as fault:
        raise CannotStart(f"the database cannot be opened: {fault}") from fault


def _make_folder(settings: Settings) -> None:
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise CannotStart(
            f"the data folder {settings.data} cannot be made ({fault.strerror})", "Choose another: --data FOLDER"
        ) from None
    if not os.access(settings.data, os.W_OK):
        raise CannotStart(f"the data folder {settings.data} cannot be written to", "Choose another: --data FOLDER")


async def _bring_up_to_date(settings: Settings, database: Database, clock: Clock) -> int | None:
    """Make the tables of an empty database; migrate an older one only where it is a developer's own file.

    Where several processes start at once on an empty database, one of them may find another's first tables: nothing was
    ever kept in it, so that is no older database. The proof is asked for before the version: once it is there, so is
    every table that the Poolkeeper which wrote it knows.
    """
    used = await _was_used(database)
    found = await migrate.version(database)
    if found == migrate.LATEST:
        return None
    if found > migrate.LATEST:
        raise CannotStart(
            f"the database is at version {found}, this Poolkeeper knows {migrate.LATEST}",
            "Start it with the Poolkeeper that it was last used with, or a newer one.",
            status=3,
        )
    if used and not (settings.dev and not settings.on_postgres):
        raise CannotStart(
            f"the database is at version {found}, this Poolkeeper wants {migrate.LATEST}",
            "Back it up, then: poolkeeper migrate",
            status=3,
        )
    await migrate.migrate(database, clock)
    return found if used else None


async def _was_used(database: Database) -> bool:
    """Tell whether a start was ever completed on a database: its sealing keys have been tried on it."""
    try:
        return await key_rows.fact(database, _PROBE) is not None
    except Exception as fault:
        if dialect.is_missing_table(fault):
            return False
        raise


async def _sealer(settings: Settings, database: Database, entropy: Entropy) -> Sealer:
    """Return the sealer of this database; a new ring is made only where nothing was ever sealed."""
    path = settings.sealing_keys
    if not path.exists() and await key_rows.fact(database, _PROBE) is None:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            KeyRing.create(path, entropy)
        except FileExistsError:
            pass
        except OSError as fault:
            raise CannotStart(f"the sealing keys cannot be written to {path} ({fault.strerror})") from None
    sealer = Sealer(_load(settings), entropy)
    if await key_rows.fact(database, _PROBE) is None:
        await key_rows.put_new_fact(database, _PROBE, sealer.seal_column(b"", **_probe_place()))
    await _check_probe(settings, database, sealer)
    return sealer


def _load(settings: Settings) -> KeyRing:
    path = settings.sealing_keys
    try:
        return KeyRing.load(path)
    except FileNotFoundError:
        raise CannotStart(
            f"the sealing keys of this database are not at {path}",
            "What it holds sealed cannot be read without them, so no new ones are made.",
            "Put the file back, or name it: POOLKEEPER_SEALING_KEY_FILE",
        ) from None
    except (KeyRingError, OSError) as fault:
        raise CannotStart(f"the sealing keys cannot be used: {fault}") from None


async def _check_probe(settings: Settings, database: Database, sealer: Sealer) -> None:
    probe = await key_rows.fact(database, _PROBE)
    try:
        sealer.open_column(probe or b"", **_probe_place())
    except UnknownSealingKey as fault:
        raise CannotStart(
            f"{settings.sealing_keys} does not hold the key {fault.key_id} of this database",
            "Use the file of sealing keys that belongs to it.",
        ) from None
    except SealError:
        raise CannotStart("the database and the sealing keys do not fit each other") from None


def _probe_place() -> dict[str, str]:
    return {"table": "server_facts", "key": _PROBE, "column": "value"}


async def _is_first_start(database: Database) -> bool:
    """Of several processes that start at once on an empty database one is the first."""
    return await key_rows.put_new_fact(database, _FIRST_START, b"1") == 1


async def _first_key(house: House, *, first: bool) -> AccessKey | None:
    """Store the first access key from the settings, or make one at the first start and return it."""
    settings = house.settings
    if settings.root_access_key_id:
        given = AccessKey(settings.root_access_key_id, settings.root_secret_access_key, "", enabled=True)
        if not await access_keys.keep(house, given, name="root", root=True):
            sealed = access_keys.seal(house, given.access_key_id, given.secret)
            await key_rows.set_secret(house.db, given.access_key_id, sealed)
        return None
    if not first:
        return None
    made = access_keys.make(house, name="root", root=True)
    await access_keys.keep(house, made, name="root", root=True)
    return made
