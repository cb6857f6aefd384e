"""What is an operator told after a backup or a restore? Recipes to be typed as they stand, and what a restore does not recover."""

import shlex
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from poolkeeper.server.backups import Backup, Made, Restored
from poolkeeper.settings import Settings

# What PostgreSQL's own programs read in an address; asyncpg takes settings of a session as well.
_THEIRS = frozenset({"host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "target_session_attrs"})


def after_backup(settings: Settings, outcome: Made) -> list[str]:
    """Return what to say when a backup was made, and what else is to be done and kept."""
    ring, backup = settings.sealing_keys.absolute(), outcome.backup
    lines = [f"{backup.file}: made at {moment(backup.at)} by Poolkeeper {backup.version}."]
    if outcome.unnoted:
        lines.append(f"Warning: the database takes no changes, so it does not know of this backup: {outcome.unnoted}")
    lines += _postgres(settings, backup) if settings.on_postgres else _sqlite(backup)
    return [
        *lines,
        "",
        f"Keep {ring} too, in another place: without the ring of sealing keys no backup can be opened.",
    ]


def after_restore(restored: Restored) -> list[str]:
    """Return what to say when a restore is done: from when the data are, what was ended, and what is not recovered."""
    backup, ended = restored.backup, restored.ended
    since = moment(backup.at) if backup is not None and restored.own else "the copy was made"
    lines = [] if backup is None else [_age(backup, own=restored.own)]
    if restored.migrated:
        lines.append("They were brought to the version of this Poolkeeper.")
    if restored.aside is not None:
        lines += ["The database of before is kept until you remove it:", f"  {restored.aside}"]
    if ended is None:
        return [
            *lines,
            "All sessions and codes go on as they were. If servers ran after the copy was made, say it without --as-moved.",
        ]
    return [
        *lines,
        f"Ended: {ended.rows} sessions, codes and sign-ins under way, {ended.messages} messages that told a code.",
        f"Not recovered is what came after {since}, so look through it before you start a server:",
        "  passwords that were changed and users who were disabled or deleted are as they were then;",
        "  so are second factors, passkeys, devices, groups, app clients and their secrets, and access keys.",
        "Access and ID tokens that were given out are valid for whoever checks their signature alone, until they expire.",
    ]


def moment(at: int) -> str:
    """Return a time for people: UTC, to the second."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _age(backup: Backup, *, own: bool) -> str:
    """Say how old the data are: what a server wrote after its newest backup is in every copy but the backup itself."""
    at, by = moment(backup.at), f"Poolkeeper {backup.version}"
    if own:
        return f"The data are those of {at}, written by {by}."
    return f"The newest backup noted in it was made at {at} by {by}; what the copy holds may be newer."


def _sqlite(backup: Backup) -> list[str]:
    return [
        "To go back to it, with the server stopped:",
        "",
        f"  poolkeeper restore {shlex.quote(backup.file)}",
    ]


def _postgres(settings: Settings, backup: Backup) -> list[str]:
    dump = shlex.quote(str(Path(f"{backup.file}.dump")))
    name = urlsplit(settings.database).path.lstrip("/") or "poolkeeper"
    role = unquote(urlsplit(settings.database).netloc.rpartition("@")[0].partition(":")[0])
    owner = f" --owner={shlex.quote(role)}" if role else ""
    old, new = _address(settings.database), shlex.quote(_with_name(settings.database, f"{name}_restored"))
    return [
        "It holds the configuration alone. The database is copied by PostgreSQL, beside running servers:",
        "",
        f"  pg_dump --format=custom --file={dump} {shlex.quote(old)}",
        "",
        "To go back to it, with every server stopped, into a database of its own. Where the servers' role may make none (CREATEDB),",
        "an administrator says the first line, with their own name in the address:",
        "",
        f"  createdb{owner} --maintenance-db={shlex.quote(old)} {shlex.quote(f'{name}_restored')}",
        f"  pg_restore --no-owner --exit-on-error --dbname={new} {dump}",
        f"  poolkeeper migrate --database {new}",
        f"  poolkeeper after-restore --database {new}",
        "",
        "Then give that address to the servers. The password comes from PGPASSWORD or ~/.pgpass.",
    ]


def _with_name(database: str, name: str) -> str:
    return urlunsplit(urlsplit(_address(database))._replace(path=f"/{name}"))


def _address(database: str) -> str:
    """Return the address of a database without a password, as PostgreSQL's own programs read it."""
    parts = urlsplit(database)
    user, at, hosts = parts.netloc.rpartition("@")
    query = [(name, value) for name, value in parse_qsl(parts.query) if name in _THEIRS]
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}{at}{hosts}", query=urlencode(query)))
