"""How is a database backed up and brought back? A whole copy beside a running server, and an end of what it had begun.

A backup is older than the database that is lost: what was ended, used or sent since then would look unused in it. So a
restore ends all sessions, drops codes and whatever waits for one, and writes the moment among the server's facts: sealed
state of before is refused by every process that starts from then on (attacks.md 159).
"""

import io
import os
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from poolkeeper import __version__
from poolkeeper.call import House
from poolkeeper.clock import Clock
from poolkeeper.crypto.seal import SealError
from poolkeeper.entropy import Entropy
from poolkeeper.messaging.templates import INVITATION
from poolkeeper.model.imports import RESTORED
from poolkeeper.model.message import Message
from poolkeeper.server.start import (
    CannotStart,
    bare_copy_remedy,
    house_over,
    make_folder,
    note_restore,
    open_house,
    reach,
    require_database,
    require_ring,
)
from poolkeeper.settings import Settings
from poolkeeper.store import after_restore, due, facts, import_parts, imports, migrate, pools, sqlite_copy, sqlite_file
from poolkeeper.store.db import Database, Reader, Transaction, Unavailable
from poolkeeper.store.open import is_bare_copy, other_connections
from poolkeeper.store.sqlite import SqliteDatabase

_FACT = "newest_backup"
_PAGE = 500


class Backup(msgspec.Struct, frozen=True):
    """A backup, as its database and the one that it was made of keep it: when, by which version, to which file."""

    at: int
    version: str
    file: str


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made; `unnoted` says why the database could not keep that it was, and is empty where it could."""

    backup: Backup
    unnoted: str


@dataclass(frozen=True, slots=True)
class Ended:
    """What a restore did away with: rows of sessions, codes and conversations, and messages whose code is gone."""

    rows: int
    messages: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to. `ended` is None where all was left as it is, `aside` where there was no database before.

    `backup` is the newest that is noted in what was restored; `own`: that is it.
    """

    backup: Backup | None
    own: bool
    ended: Ended | None
    aside: Path | None
    migrated: bool


async def back_up(settings: Settings, clock: Clock, entropy: Entropy, file: Path) -> Made:
    """Back a database up to a new file, an absolute path, and keep in it that this was done.

    With SQLite the file is the whole database. With PostgreSQL, which copies itself (server/recipes.py), it holds what
    else there is: the configuration file. Raises CannotStart.
    """
    _make_way(file)
    database = await reach(settings, entropy, exclusive=False)
    try:
        if is_bare_copy(database):
            path = settings.sqlite_file.absolute()
            raise CannotStart(str(sqlite_file.BareCopy(path)), *bare_copy_remedy(path))
        if await migrate.version(database) == 0:
            raise CannotStart("there is nothing to back up: no server was ever started on this database", status=3)
        backup = Backup(clock.now(), __version__, str(file))
        if settings.on_postgres:
            _write_ours(settings, backup, file)
        else:
            await _copy(settings, backup, file, entropy)
        return Made(backup, await _note(database, backup))
    finally:
        await database.close()


async def _note(database: Database, backup: Backup) -> str:
    """Keep in a database that it was backed up; return why not. What takes no changes is worth a backup all the more."""
    try:
        await facts.put(database, _FACT, msgspec.json.encode(backup))
    except Unavailable as fault:
        return str(fault)
    return ""


async def newest(reader: Reader) -> Backup | None:
    """Return the newest backup that a database knows of."""
    fact = await facts.find(reader, _FACT)
    return None if fact is None else msgspec.json.decode(fact, type=Backup)


async def restore(settings: Settings, clock: Clock, entropy: Entropy, file: Path, *, as_moved: bool) -> Restored:
    """Put a backup in the place of the SQLite database, which is kept beside it, and end what was begun in it.

    `file` is an absolute path. `as_moved`: it was taken after the server had stopped, and all goes on as it was. Until the
    backup was found to be whole and ours nothing is touched. Raises CannotStart.
    """
    if settings.on_postgres:
        raise CannotStart("PostgreSQL restores itself", "`poolkeeper backup FILE` prints how.")
    require_ring(settings)
    make_folder(settings)
    path = settings.sqlite_file.absolute()
    draft = path.with_name(f"{path.name}.restoring")
    try:
        lock = sqlite_file.lock(path)
    except Unavailable as fault:
        raise CannotStart(str(fault), "Stop it first.") from None
    try:
        sqlite_copy.remove(draft)
        sqlite_copy.copy(file, draft, for_place=path)
        restored = await _made_ours(settings, clock, entropy, draft, as_moved=as_moved)
        sqlite_copy.close_up(draft)
        aside = path.with_name(f"{path.name}.before-{clock.now()}")
        there = sqlite_copy.put_in_place(draft, path, aside=aside)
        sqlite_file.forget(lock, path)
    except sqlite_file.BareCopy as fault:
        raise CannotStart(
            str(fault),
            "`poolkeeper backup FILE` makes a whole one. If SQLite's own backup made it, it is whole as well: put it at",
            f"{path} yourself, and say poolkeeper after-restore.",
        ) from None
    except sqlite_copy.CopyError as fault:
        raise CannotStart(str(fault)) from None
    except CannotStart as fault:
        raise CannotStart(f"{file}: {fault.what}", *fault.remedy, status=fault.status) from None
    except migrate.SchemaError as fault:
        raise CannotStart(f"{file}: {fault}", status=3) from None
    except Unavailable as fault:
        raise CannotStart(f"the restore failed: {draft} cannot be written: {fault}") from fault
    finally:
        os.close(lock)
        sqlite_copy.remove(draft)
    own = restored.backup is not None and _is_own(restored.backup, file, path)
    return replace(restored, own=own, aside=aside if there else None)


async def end_after_restore(settings: Settings, clock: Clock, entropy: Entropy, *, as_moved: bool) -> Restored:
    """End what was begun in a database that was restored by other means; with `as_moved` take it as it is.

    Raises CannotStart, also where a server runs on it.
    """
    require_database(settings)
    house = await open_house(settings, clock, entropy, as_found=True)
    try:
        if (count := await other_connections(house.db)) > 0:
            raise CannotStart(
                f"{count} connections of Poolkeeper are open on the database",
                "Stop every server first. Behind PgBouncer: name the database itself.",
            )
        ended = None if as_moved else await _end(house)
        return Restored(await newest(house.db), own=False, ended=ended, aside=None, migrated=False)
    finally:
        house.heavy.close()
        await house.db.close()


def _is_own(backup: Backup, file: Path, database: Path) -> bool:
    """Say whether a file is the backup that is noted in it, here or carried elsewhere, and no copy of the database itself."""
    noted = Path(backup.file)
    return noted == file or (noted.name == file.name != database.name)


def _make_way(file: Path) -> None:
    if file.exists():
        raise CannotStart(f"{file} is there already", "A backup is never overwritten: name a new file.")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise CannotStart(f"the folder {file.parent} cannot be made ({fault.strerror})") from None


async def _copy(settings: Settings, backup: Backup, file: Path, entropy: Entropy) -> None:
    draft = file.with_name(f"{file.name}.{os.getpid()}.part")  # Two backups to one name do not meet before the end.
    try:
        sqlite_copy.copy(settings.sqlite_file, draft)
        database = SqliteDatabase(draft, entropy=entropy, exclusive=False)
        try:
            await facts.put(database, _FACT, msgspec.json.encode(backup))
        finally:
            await database.close()
        sqlite_copy.close_up(draft)
        os.link(draft, file)
    except (sqlite_copy.CopyError, OSError) as fault:
        raise CannotStart(f"the backup failed: {str(fault).replace(str(draft), str(file))}") from fault
    except Unavailable as fault:
        raise CannotStart(f"the backup failed: {file} cannot be written: {fault}") from fault
    finally:
        sqlite_copy.remove(draft)
    sqlite_copy.sync(file.parent)


def _write_ours(settings: Settings, backup: Backup, file: Path) -> None:
    """Write what PostgreSQL does not hold: the configuration file, and what the backup is of."""
    parts = {"backup.json": msgspec.json.encode(backup)}
    configured = settings.config or settings.data / "poolkeeper.toml"
    try:
        if configured.is_file():
            parts["poolkeeper.toml"] = configured.read_bytes()
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as fault:
        raise CannotStart(f"{fault.filename or file} cannot be used ({fault.strerror})") from None
    try:
        with os.fdopen(descriptor, "wb") as stream, tarfile.open(fileobj=stream, mode="w") as archive:
            for name, content in parts.items():
                member = tarfile.TarInfo(name)
                member.size, member.mode, member.mtime = len(content), 0o600, backup.at // 1000
                archive.addfile(member, io.BytesIO(content))
        sqlite_copy.sync(file)
    except OSError as fault:
        file.unlink()
        raise CannotStart(f"the backup failed: {file} cannot be written: {fault.strerror}") from None


async def _made_ours(settings: Settings, clock: Clock, entropy: Entropy, draft: Path, *, as_moved: bool) -> Restored:
    """Bring a copy to the version of this Poolkeeper, try the sealing keys on it, and end what was begun in it."""
    database = SqliteDatabase(draft, entropy=entropy, exclusive=False)
    try:
        await _require_ours(database)
        migrated = await migrate.migrate(database, clock)
    except BaseException:
        await database.close()
        raise
    house = await house_over(settings, database, clock, entropy)
    try:
        ended = None if as_moved else await _end(house)
        return Restored(await newest(database), own=False, ended=ended, aside=None, migrated=bool(migrated))
    finally:
        house.heavy.close()
        await database.close()


async def _require_ours(database: Database) -> None:
    if await migrate.version(database) == 0:
        raise CannotStart("this is no database of Poolkeeper's")


async def _end(house: House) -> Ended:
    """End sessions, drop codes, conversations and messages that tell a code; let the other messages go at once."""
    rows, after = 0, ""
    while page := await pools.ids(house.db, after=after, limit=_PAGE):
        for pool_id in page:
            rows += await _end_in(house, pool_id)
        after = page[-1]
    messages = await _drop_messages(house)
    await house.db.write(lambda tx: after_restore.hasten_messages(tx, now=house.clock.now()))
    await note_restore(house)
    return Ended(rows, messages)


async def _end_in(house: House, pool_id: str) -> int:
    async def body(tx: Transaction) -> tuple[int, bool]:
        return await after_restore.end_a_batch(tx, pool_id)

    total, more = 0, True
    while more:
        removed, more = await house.db.write(body)
        total += removed
    await _end_imports(house, pool_id)
    return total


async def _end_imports(house: House, pool_id: str) -> None:
    """Stop imports that were under way, and drop the files of all: what they made since the backup may not be in it."""

    async def body(tx: Transaction) -> int:
        return await imports.end_all(tx, pool_id, message=RESTORED, now=house.clock.now())

    await house.db.write(body)
    while await house.db.write(lambda tx: import_parts.drop_of_pool(tx, pool_id)):
        pass


async def _drop_messages(house: House) -> int:
    dropped, after = 0, (-1, "")
    while page := await after_restore.waiting_messages(house.db, after=after, limit=_PAGE):
        for message in page:
            if _tells_a_code(house, message):
                dropped += await due.finish(house.db, shard=message.shard, job_id=message.job_id)
        after = (page[-1].shard, page[-1].job_id)
    return dropped


def _tells_a_code(house: House, waiting: after_restore.WaitingMessage) -> bool:
    try:
        opened = house.sealer.open_column(waiting.payload, table="due", key=waiting.job_id, column="payload")
        message = msgspec.json.decode(opened, type=Message)
    except (SealError, msgspec.MsgspecError):  # It will not be sent either; the doctor tells of its key.
        return False
    # What an invitation holds is a password, which the user's row knows; every other code lies in a row of its own.
    return message.code is not None and message.kind != INVITATION
