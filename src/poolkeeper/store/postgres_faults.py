"""What does a fault of PostgreSQL mean for what was asked? Run it again, tell that the database is away, or pass it on."""

import re
from enum import Enum

import asyncpg

from poolkeeper.store import retry
from poolkeeper.store.db import Refused, Unavailable, Unwritable


class Meaning(Enum):
    """What a fault says of the change that met it, and of the connection."""

    UNDONE = "nothing stands, and another try may succeed"
    ELSEWHERE = "nothing stands, and this connection leads to a server that takes no changes"
    NO_ROOM = "nothing stands, and another try at once would not help"
    FULL = "nothing stands, and the server has no room for more"
    LOST = "the connection is gone, and with it the answer"
    SILENT = "there was no answer in time"
    FORBIDDEN = "our role lacks a right, and another try would not help"
    OTHER = "it is about the statement itself"


# By the beginning of an SQLSTATE, the longest first (PostgreSQL's appendix A; OC: Aurora DSQL; 40003: CockroachDB).
_STATES = (
    ("40003", Meaning.LOST),  # statement_completion_unknown
    ("40001", Meaning.UNDONE),
    ("40P01", Meaning.UNDONE),
    ("OC000", Meaning.UNDONE),
    ("OC001", Meaning.UNDONE),
    ("53300", Meaning.UNDONE),  # too_many_connections: it has not even let us in
    ("42501", Meaning.FORBIDDEN),  # insufficient_privilege
    ("3F000", Meaning.FORBIDDEN),  # invalid_schema_name: of those in search_path we may use none
    ("25006", Meaning.ELSEWHERE),  # read_only_sql_transaction
    ("25P03", Meaning.LOST),  # idle_in_transaction_session_timeout
    ("25P04", Meaning.LOST),  # transaction_timeout
    ("55P03", Meaning.NO_ROOM),  # lock_not_available: a lock_timeout of the operator's
    ("57014", Meaning.NO_ROOM),  # query_canceled: a statement_timeout of the operator's, or their hand
    ("57P", Meaning.LOST),  # the server ends the session, or does not begin one yet
    ("08", Meaning.LOST),  # connection exceptions
    ("53", Meaning.FULL),  # a full disk, no memory, a limit that is reached
    ("58", Meaning.FULL),  # the operating system failed it
)


# What gives a role the right that PostgreSQL says it lacks. Source: PostgreSQL 5.8, "Privileges".
_REMEDIES = (
    (r"no schema has been selected", "its owner says: GRANT USAGE, CREATE ON SCHEMA public TO (our role)"),
    (r"for schema (\S+)", "its owner says: GRANT USAGE, CREATE ON SCHEMA {} TO (our role)"),
    (
        r"for (?:table|relation) ",
        "their owner says: GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO (our role)",
    ),
    (r"must be owner of ", "let the role migrate that owns the tables"),
    (r"for database (\S+)", "its owner says: GRANT CONNECT ON DATABASE {} TO (our role)"),
)


def meaning(fault: BaseException, *, closed: bool) -> Meaning:
    """Return what a fault means; `closed`: the connection that met it cannot be used any more."""
    if isinstance(fault, TimeoutError):
        return Meaning.SILENT
    if isinstance(fault, OSError):
        return Meaning.LOST
    if isinstance(fault, asyncpg.InterfaceError):
        return Meaning.LOST if closed else Meaning.OTHER
    if isinstance(fault, asyncpg.InternalClientError):
        # What the driver did not expect comes of a session that ended between two statements; a schema that changed does not.
        return Meaning.OTHER if isinstance(fault, asyncpg.OutdatedSchemaCacheError) else Meaning.LOST
    state = getattr(fault, "sqlstate", None) or ""
    return next((meant for beginning, meant in _STATES if state.startswith(beginning)), Meaning.OTHER)


def for_caller(fault: Exception, meaning_of_fault: Meaning, *, stands: bool) -> Exception:
    """Return what a caller is told: run again, the database is away, or the fault itself.

    `stands`: the server may have committed before the connection was lost, so it must not be run again.
    """
    if meaning_of_fault is Meaning.OTHER:
        return fault
    if meaning_of_fault is Meaning.FORBIDDEN:
        return Refused(f"PostgreSQL refuses: {fault}; {_remedy(str(fault))}")
    if meaning_of_fault in (Meaning.UNDONE, Meaning.ELSEWHERE):
        return (retry.Again if meaning_of_fault is Meaning.UNDONE else retry.NotHere)(str(fault))
    if meaning_of_fault is Meaning.LOST:
        reason = f"the connection to PostgreSQL was lost: {fault!r}"
        return Unavailable(reason) if stands else retry.Again(reason)
    if meaning_of_fault is Meaning.SILENT:
        return Unavailable("PostgreSQL did not answer in time")
    kind = Unwritable if meaning_of_fault is Meaning.FULL else Unavailable
    return kind(f"PostgreSQL cannot do it now: {fault}")


def not_connected(fault: Exception) -> Exception:
    """Return what is told of a connection that could not be made: nothing was asked of it yet."""
    meaning_of_fault = meaning(fault, closed=False)
    if meaning_of_fault is Meaning.OTHER:
        return Refused(f"PostgreSQL refuses: {fault}")
    if meaning_of_fault in (Meaning.NO_ROOM, Meaning.FULL, Meaning.FORBIDDEN):
        return for_caller(fault, meaning_of_fault, stands=False)
    return retry.Again(f"there is no connection to PostgreSQL: {fault}")


def _remedy(complaint: str) -> str:
    """Return what to say to PostgreSQL; its words may be in another language, and then what the role needs."""
    for pattern, remedy in _REMEDIES:
        if match := re.search(pattern, complaint):
            return remedy.format(*match.groups())
    return "our role needs USAGE and CREATE on the schema, and its tables should be its own"
