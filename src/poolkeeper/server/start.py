"""What must be true before the first request? Tables, sealing keys that fit the database, a first access key."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from poolkeeper import access_keys, owners
from poolkeeper.call import AccessKey, House
from poolkeeper.clock import Clock
from poolkeeper.crypto.keyring import KeyRing, KeyRingError
from poolkeeper.crypto.seal import Sealer, SealError, UnknownSealingKey
from poolkeeper.entropy import Entropy
from poolkeeper.rights import guest_scope
from poolkeeper.risk.compromised.known_passwords import require_usable
from poolkeeper.server import first_key
from poolkeeper.server.database_name import database_name, without_secret
from poolkeeper.server.house import make_house
from poolkeeper.settings import Settings, SettingsError
from poolkeeper.store import access_keys as key_rows
from poolkeeper.store import dialect, facts, migrate
from poolkeeper.store.db import Database, Refused, Unavailable
from poolkeeper.store.open import open_database
from poolkeeper.store.sqlite_file import BareCopy

T = TypeVar("T")
_PROBE = "sealing_probe"
_RESTORED_AT = "restored_at"
_FIRST_START = "first_start"


class CannotStart(Exception):  # noqa: N818 - said to a person
    """There is no start. `remedy` are the lines that say what to do."""

    def __init__(self, what: str, *remedy: str, status: int = 2) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy
        self.status = status


class DatabaseAway(CannotStart):
    """The database does not answer; it may in a moment."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What preparing the database came to. `made_key` is shown once and known to nobody afterwards.

    `made_ring` is where sealing keys were made, `new_root` the id of the settings' key where it was not stored yet;
    `unused`: nothing was ever kept in the database before.
    """

    first: bool
    made_key: AccessKey | None
    migrated_from: int | None
    made_ring: Path | None = None
    new_root: str = ""
    unused: bool = False


async def prepare(settings: Settings, clock: Clock, entropy: Entropy) -> Prepared:
    """Make the database ready: once, before any process answers; several may do so at the same time.

    Raises CannotStart.
    """
    _require_audit_log(settings)
    _loaded(require_usable, settings)
    _loaded(guest_scope.load, settings)
    database = await reach(settings, entropy, exclusive=True)
    try:
        used = await _was_used(database)
        migrated_from = await _bring_up_to_date(settings, database, clock, used=used)
        made_ring = await _make_ring(settings, database, entropy)
        sealer = await _sealer(settings, database, entropy)
        house = make_house(settings, database, clock, entropy, sealer)
        try:
            first = await _is_first_start(database)
            if settings.root_access_key_id:
                new_root = await _keep_given_key(house)
                return Prepared(first, None, migrated_from, made_ring, new_root, unused=not used)
            made_key = await _make_first_key(house) if first else None
            return Prepared(first, made_key, migrated_from, made_ring, unused=not used)
        finally:
            house.heavy.close()
    finally:
        await database.close()


async def open_house(
    settings: Settings, clock: Clock, entropy: Entropy, *, exclusive: bool = True, as_found: bool = False
) -> House:
    """Return what the requests of a process share, over a database that was prepared.

    `as_found`: take a copy of a running server's file without its WAL for what it holds. Raises CannotStart where it was
    not prepared, or where the sealing keys are not its own.
    """
    database = await reach(settings, entropy, exclusive=exclusive, as_found=as_found)
    return await house_over(settings, database, clock, entropy)


async def house_over(settings: Settings, database: Database, clock: Clock, entropy: Entropy) -> House:
    """Return a house over an open database, which is closed where no house can be made.

    A command may come before the first server: its ring is the database's from then on. Raises CannotStart.
    """
    try:
        await migrate.require_latest(database)
        await _require_made_ring(settings, database)
        sealer = await _sealer(settings, database, entropy)
        restored_at = int(await facts.find(database, _RESTORED_AT) or b"0")
    except migrate.SchemaError as fault:
        await database.close()
        raise CannotStart(str(fault), status=3) from None
    except BaseException:
        await database.close()
        raise
    guest_policy = _loaded(guest_scope.load, settings)
    return make_house(settings, database, clock, entropy, sealer, restored_at=restored_at, guest_policy=guest_policy)


async def note_restore(house: House) -> None:
    """Keep among the server's facts that the database was restored now: what was sealed before is refused from now on.

    Each process reads it at its start, so no server may run. What a server with a fast clock sealed is accepted for as
    long as that clock was ahead; the servers' clocks agree to 5 s (attacks.md part 4, rule 12), and a restore takes
    about as long.
    """
    await facts.put(house.db, _RESTORED_AT, str(house.clock.now()).encode())


def _loaded(load: Callable[[Settings], T], settings: Settings) -> T:
    """Return what a file of the settings holds, such as the policy of guests; raises CannotStart."""
    try:
        return load(settings)
    except SettingsError as fault:
        raise CannotStart(str(fault)) from None


async def reach(settings: Settings, entropy: Entropy, *, exclusive: bool, as_found: bool = False) -> Database:
    """Open the database that the settings name; a command beside the server, which is not `exclusive`, makes nothing.

    Raises CannotStart.
    """
    if not settings.on_postgres:
        if not exclusive:
            require_database(settings)
        make_folder(settings)
    try:
        return await open_database(settings, entropy, exclusive=exclusive, as_found=as_found)
    except BareCopy as fault:
        raise CannotStart(str(fault), *bare_copy_remedy(fault.path)) from None
    except Exception as fault:
        away = settings.on_postgres and isinstance(fault, Unavailable) and not isinstance(fault, Refused)
        kind = DatabaseAway if away else CannotStart
        reason = without_secret(str(fault), settings.database)
        raise kind(f"the database {database_name(settings)} cannot be opened: {reason}") from fault


def require_database(settings: Settings) -> None:
    """Raise CannotStart where there is no SQLite file: a command that only looks makes none."""
    if not settings.on_postgres and not settings.sqlite_file.exists():
        raise CannotStart(
            f"there is no database at {settings.sqlite_file.absolute()}",
            "Name the folder of the server: --data FOLDER. poolkeeper serve makes a new one.",
            status=3,
        )


def bare_copy_remedy(path: Path) -> tuple[str, ...]:
    """Return what to do with a copy of a running server's file without its WAL."""
    return (
        "What the server wrote last is not in it. `poolkeeper backup FILE` makes a whole copy beside a running server.",
        f"If the server had been killed and {path}-wal is gone for good, or SQLite's own backup made the file:",
        "take it as it is with poolkeeper after-restore, which ends all sessions and codes.",
    )


def make_folder(settings: Settings) -> None:
    """Make the data folder where it is not there.

    Raises CannotStart.
    """
    try:
        owners.make_folder(settings.data)
    except OSError as fault:
        raise CannotStart(
            f"the data folder {settings.data} cannot be made ({fault.strerror})", "Choose another: --data FOLDER"
        ) from None
    if not os.access(settings.data, os.W_OK):
        raise CannotStart(f"the data folder {settings.data} cannot be written to", "Choose another: --data FOLDER")


def _require_audit_log(settings: Settings) -> None:
    """Raise CannotStart where the audit log cannot be written: else nobody would miss it until they need it."""
    if settings.audit_log is None:
        return
    try:
        os.close(os.open(settings.audit_log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as fault:
        raise CannotStart(
            f"the audit log {settings.audit_log.absolute()} cannot be written ({fault.strerror})",
            "Make its folder, or choose another file: POOLKEEPER_AUDIT_LOG",
        ) from None


async def _bring_up_to_date(settings: Settings, database: Database, clock: Clock, *, used: bool) -> int | None:
    """Make the tables of an empty database; migrate an older one only where it is a developer's own file.

    Where several processes start at once on an empty database, one of them may find another's first tables: nothing was
    ever kept in it, so that is no older database. The proof was asked for before the version: once it is there, so is
    every table that the Poolkeeper which wrote it knows.
    """
    version = await migrate.version(database)
    if version == migrate.LATEST:
        return None
    if version > migrate.LATEST:
        raise CannotStart(
            f"the database is at version {version}, this Poolkeeper knows {migrate.LATEST}",
            "Start it with the Poolkeeper that it was last used with, or a newer one.",
            status=3,
        )
    if used and not (settings.dev and not settings.on_postgres):
        raise CannotStart(
            f"the database is at version {version}, this Poolkeeper wants {migrate.LATEST}",
            "Back it up, then: poolkeeper migrate",
            status=3,
        )
    await migrate.migrate(database, clock)
    return version if used else None


async def _was_used(database: Database) -> bool:
    """Tell whether a start or a command was ever completed on a database: its sealing keys have been tried on it."""
    try:
        return await facts.find(database, _PROBE) is not None
    except Exception as fault:
        if dialect.is_missing_table(fault):
            return False
        raise


async def _make_ring(settings: Settings, database: Database, entropy: Entropy) -> Path | None:
    """Make a ring where there is none and nothing was ever sealed; return where.

    Several servers on one PostgreSQL need one ring, so outside of development an operator makes it, and hands it out.
    """
    if settings.on_postgres and not settings.dev:
        await _require_made_ring(settings, database)
    path = settings.sealing_keys
    if path.exists() or await facts.find(database, _PROBE) is not None:
        return None
    return path if create_ring(path, entropy) else None


async def _require_made_ring(settings: Settings, database: Database) -> None:
    """Raise CannotStart where there is no ring and nothing was ever sealed: none is missed, one is to be made."""
    path = settings.sealing_keys
    if not path.exists() and await facts.find(database, _PROBE) is None:
        raise CannotStart(
            f"there are no sealing keys at {path.absolute()}",
            "Make them once, keep a copy in another place, and give every server the same file:",
            f"poolkeeper keys create-sealing {path.absolute()}",
        )


def create_ring(path: Path, entropy: Entropy) -> bool:
    """Make a ring of one new sealing key, and its folder; False where there is a file already.

    Raises CannotStart.
    """
    try:
        owners.make_folder(path.parent)
        KeyRing.create(path, entropy)
    except FileExistsError:
        return False
    except OSError as fault:
        raise CannotStart(f"the sealing keys cannot be written to {path.absolute()} ({fault.strerror})") from None
    return True


async def _sealer(settings: Settings, database: Database, entropy: Entropy) -> Sealer:
    """Return the sealer of this database, with a proof in it that the ring is its own."""
    sealer = Sealer(_load(settings), entropy)
    if await facts.find(database, _PROBE) is None:
        await facts.put_new(database, _PROBE, sealer.seal_column(b"", **_probe_place()))
    await _check_probe(settings, database, sealer)
    return sealer


def require_ring(settings: Settings) -> None:
    """Raise CannotStart where there are no sealing keys, or none that can be used."""
    _load(settings)


def _load(settings: Settings) -> KeyRing:
    path = settings.sealing_keys
    try:
        return KeyRing.load(path)
    except FileNotFoundError:
        raise CannotStart(
            f"the sealing keys of this database are not at {path.absolute()}",
            "What it holds sealed cannot be read without them, so no new ones are made.",
            "Put the file back, or name it: POOLKEEPER_SEALING_KEY_FILE",
        ) from None
    except (KeyRingError, OSError) as fault:
        why = str(fault) if isinstance(fault, KeyRingError) else f"{path} cannot be read: {fault.strerror}"
        raise CannotStart(f"the sealing keys cannot be used: {why}") from None


async def _check_probe(settings: Settings, database: Database, sealer: Sealer) -> None:
    probe = await facts.find(database, _PROBE)
    try:
        sealer.open_column(probe or b"", **_probe_place())
    except UnknownSealingKey as fault:
        raise CannotStart(
            f"{settings.sealing_keys.absolute()} does not hold the key {fault.key_id} of this database",
            "Use the file of sealing keys that belongs to it.",
        ) from None
    except SealError:
        raise CannotStart("the database and the sealing keys do not fit each other") from None


def _probe_place() -> dict[str, str]:
    return {"table": "server_facts", "key": _PROBE, "column": "value"}


async def _is_first_start(database: Database) -> bool:
    """Say whether this is the first start: of several processes that start at once on an empty database one is the first."""
    return await facts.put_new(database, _FIRST_START, b"1") == 1


async def _keep_given_key(house: House) -> str:
    """Store the first access key from the settings, or its secret alone; return its id if it was not stored before.

    Raises CannotStart for the id of a user's key, whose secret it would replace.
    """
    given = AccessKey(house.settings.root_access_key_id, house.settings.root_secret_access_key, "", enabled=True)
    if await access_keys.keep_root(house, given):
        return given.access_key_id
    stored = await key_rows.every(house.db)
    if not all(key.root for key in stored if key.access_key_id == given.access_key_id):
        raise CannotStart(
            f"{given.access_key_id} of POOLKEEPER_ROOT_ACCESS_KEY_ID is the access key of a user",
            "The key of the account's root needs an id of its own: choose another.",
        )
    sealed = access_keys.seal(house, given.access_key_id, given.secret)
    await key_rows.set_secret(house.db, given.access_key_id, sealed)
    return ""


async def _make_first_key(house: House) -> AccessKey:
    """Make an access key of root's, at the first start."""
    key = access_keys.make_root(house)
    if not house.settings.dev:  # What is printed is in a log, and logs are read by many.
        _write_first_key(house.settings, key)
    await access_keys.keep_root(house, key)
    return key


def _write_first_key(settings: Settings, key: AccessKey) -> None:
    try:
        first_key.write(settings, key)
    except OSError as fault:
        raise CannotStart(
            f"the first access key cannot be written to {first_key.file_of(settings).absolute()} ({fault.strerror})",
            "Give it instead: POOLKEEPER_ROOT_ACCESS_KEY_ID, POOLKEEPER_ROOT_SECRET_ACCESS_KEY",
        ) from None
