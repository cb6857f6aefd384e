"""SQL of sessions: the rows that every user token belongs to."""

import msgspec

from poolkeeper.clock import DAY
from poolkeeper.model.group import Membership
from poolkeeper.model.session import Sighting
from poolkeeper.store.db import Database, Reader, Transaction
from poolkeeper.store.table import Expiring, Exported, Table, Walk
from poolkeeper.store.user_row import UserRow, memberships_of


class SessionRow(msgspec.Struct, frozen=True, gc=False):
    """A session as it lies there: `factors` and `scopes` are words with blanks between them, times are milliseconds."""

    session_id: str
    user_id: str
    client_id: str
    event_id: str
    auth_time: int
    expires_at: int
    revoked_at: int | None
    generation: int
    rotated_at: int | None
    factors: str | None
    device_key: str | None
    acr: str | None
    scopes: str | None
    opened_at: int
    browser_session_id: str | None
    resource: str
    client_url: str
    jkt: str


class BearerRow(msgspec.Struct, frozen=True, gc=False):
    """A session with all that it leads to: the versions of pool and app client, its user and their groups."""

    pool: int
    client: int
    session: SessionRow
    user: UserRow
    memberships: tuple[Membership, ...]


async def open_if_allowed(
    reader: Database | Transaction,
    *,
    pool_id: str,
    session_id: str,
    user_id: str,
    client_id: str,
    event_id: str,
    factors: str,
    device_key: str | None,
    by_device: bool,
    past_lock: bool,
    acr: str | None,
    scopes: str,
    resource: str,
    client_url: str,
    browser_session_id: str | None,
    credential_version: int,
    status: str,
    mfa: str,
    auth_time: int,
    now: int,
    expires_at: int,
    seen: Sighting | None,
) -> bool:
    """Open a session if, at this very moment, its user may have one: the last check before tokens (attacks.md 25, 32).

    The user must be enabled and not locked (a remembered device has a lock of its own), with the status, the credential and
    the second factors (`mfa`, empty for none) that the proofs were judged by; pool and client must be there, and for a
    sign-in `by_device` the device must be remembered. Whoever is `past_lock` proved nothing that can be guessed, so no lock
    counts for them. `client_url` is the address by which the app names itself, empty for its id. `seen` is kept where the
    pool tracks sessions. `auth_time` is when the proofs were given, `now` when the session opens.

    A change of the user that is not committed yet is waited for, and judged by: it ends the sessions that it finds, and
    this one it could not have found. Such changes write the user's row first.
    """
    opened = await reader.execute(
        """
        INSERT INTO sessions (pool_id, session_id, user_id, client_id, event_id, auth_time, expires_at, generation,
                              factors, device_key, acr, seen_at, address, user_agent, scopes, opened_at,
                              browser_session_id, resource, client_url)
        SELECT u.pool_id, CAST($3 AS text), u.user_id, c.client_id, CAST($5 AS text), CAST($18 AS bigint),
               CAST($7 AS bigint), 0, CAST($9 AS text), CAST($10 AS text), CAST($11 AS text),
               CAST($14 AS bigint), CAST($15 AS text), CAST($16 AS text), CAST($19 AS text), CAST($6 AS bigint),
               CAST($20 AS text), CAST($21 AS text), CAST($23 AS text)
        FROM users u
        JOIN pools p ON p.pool_id = u.pool_id AND p.state = 'ACTIVE'
        JOIN clients c ON c.pool_id = u.pool_id AND c.client_id = $4
        WHERE u.pool_id = $1 AND u.user_id = $2 AND u.enabled = 1 AND u.status = $12
          AND u.credential_version = $8 AND COALESCE(u.mfa, '') = $13
          AND (CAST($22 AS smallint) = 1 OR NOT EXISTS (
              SELECT 1 FROM lockouts l
              WHERE l.pool_id = u.pool_id AND l.subject_id = u.user_id AND l.locked_until > $6
                AND l.bucket = COALESCE((
                    SELECT d.device_key FROM devices d
                    WHERE d.pool_id = u.pool_id AND d.user_id = u.user_id AND d.device_key = CAST($10 AS text)
                      AND d.remembered = 1
                ), '')
          ))
          AND (CAST($17 AS smallint) = 0 OR EXISTS (
              SELECT 1 FROM devices d
              WHERE d.pool_id = u.pool_id AND d.user_id = u.user_id AND d.device_key = CAST($10 AS text)
                AND d.remembered = 1
          ))
        FOR SHARE OF u
        """,
        pool_id,
        user_id,
        session_id,
        client_id,
        event_id,
        now,
        expires_at,
        credential_version,
        factors,
        device_key,
        acr,
        status,
        mfa,
        *_columns(seen),
        int(by_device),
        auth_time,
        scopes,
        browser_session_id,
        resource,
        int(past_lock),
        client_url or None,
    )
    return opened == 1


async def hold_user(tx: Transaction, *, pool_id: str, user_id: str) -> None:
    """Let nobody else open a session of a limited number for this user, or end their sessions, before the transaction ends.

    The row is written as it is: of two transactions that count the sessions of one user, the second one waits for the
    first, or runs again.
    """
    await tx.execute("UPDATE users SET version = version WHERE pool_id = $1 AND user_id = $2", pool_id, user_id)


async def evict(tx: Transaction, *, pool_id: str, user_id: str, but: str, most: int, now: int) -> int:
    """End the least recently used sessions of a user, so that `most` are left, the session `but` one of them."""
    return await tx.execute(
        """
        UPDATE sessions SET revoked_at = $3
        WHERE pool_id = $1 AND user_id = $2 AND session_id <> $4 AND revoked_at IS NULL AND expires_at > $3
          AND session_id NOT IN (
              SELECT s.session_id
              FROM sessions s JOIN clients c ON c.pool_id = s.pool_id AND c.client_id = s.client_id
              WHERE s.pool_id = $1 AND s.user_id = $2 AND s.session_id <> $4 AND s.revoked_at IS NULL
                AND s.expires_at > $3
              ORDER BY COALESCE(s.seen_at, s.rotated_at, s.opened_at, s.auth_time) DESC, s.session_id LIMIT $5
          )
        """,
        pool_id,
        user_id,
        now,
        but,
        most - 1,
    )


async def with_user(reader: Reader, pool_id: str, session_id: str) -> BearerRow | None:
    """Return what a token's bearer is now, in one reading: a row for each group that the user is in, or one alone without any."""
    rows = await reader.fetch(
        """
        SELECT p.version, c.version,
               s.session_id, s.user_id, s.client_id, s.event_id, s.auth_time, s.expires_at, s.revoked_at,
               s.generation, s.rotated_at, s.factors, s.device_key, s.acr, s.scopes, COALESCE(s.opened_at, s.auth_time),
               s.browser_session_id, COALESCE(s.resource, ''), COALESCE(s.client_url, ''),
               COALESCE(s.jkt, ''),
               u.user_id, u.username, u.status, u.enabled, u.attributes, u.password_hash, u.srp_salt, u.srp_verifier,
               u.password_set_at, u.credential_version, u.version, u.created_at, u.updated_at, u.mfa,
               g.group_name, g.precedence, g.role_arn
        FROM sessions s
        JOIN pools p ON p.pool_id = s.pool_id AND p.state = 'ACTIVE'
        JOIN clients c ON c.pool_id = s.pool_id AND c.client_id = s.client_id
        JOIN users u ON u.pool_id = s.pool_id AND u.user_id = s.user_id
        LEFT JOIN memberships m ON m.pool_id = u.pool_id AND m.user_id = u.user_id
        LEFT JOIN groups g ON g.pool_id = m.pool_id AND g.group_id = m.group_id
        WHERE s.pool_id = $1 AND s.session_id = $2
        """,
        pool_id,
        session_id,
    )
    if not rows:
        return None
    first = rows[0]
    session, user = SessionRow(*first[2:20]), UserRow(*first[20:34])
    return BearerRow(first[0], first[1], session, user, memberships_of(rows, 34))


async def held(tx: Transaction, *, pool_id: str, session_id: str) -> UserRow | None:
    """Return the user of a session that is alive, both held as they are until the transaction ends; None where it ended.

    A change of either that is not committed yet is waited for, and judged by; what comes later waits for this one. The
    user's row is held first, then the session's, which is the order of whatever ends sessions.
    """
    row = await tx.fetch_one(
        """
        SELECT u.user_id, u.username, u.status, u.enabled, u.attributes, u.password_hash, u.srp_salt, u.srp_verifier,
               u.password_set_at, u.credential_version, u.version, u.created_at, u.updated_at, u.mfa
        FROM sessions s
        JOIN pools p ON p.pool_id = s.pool_id AND p.state = 'ACTIVE'
        JOIN clients c ON c.pool_id = s.pool_id AND c.client_id = s.client_id
        JOIN users u ON u.pool_id = s.pool_id AND u.user_id = s.user_id
        WHERE s.pool_id = $1 AND s.session_id = $2 AND s.revoked_at IS NULL
        FOR UPDATE OF u, s
        """,
        pool_id,
        session_id,
    )
    return None if row is None else UserRow(*row)


async def revoke(writer: Database | Transaction, *, pool_id: str, session_id: str, now: int) -> int:
    """End one session."""
    return await writer.execute(
        "UPDATE sessions SET revoked_at = $3 WHERE pool_id = $1 AND session_id = $2 AND revoked_at IS NULL",
        pool_id,
        session_id,
        now,
    )


async def revoke_live(writer: Database | Transaction, *, pool_id: str, user_id: str, session_id: str, now: int) -> int:
    """End one session, if it is this user's and can still be refreshed."""
    return await writer.execute(
        """
        UPDATE sessions SET revoked_at = $4
        WHERE pool_id = $1 AND user_id = $2 AND session_id = $3 AND revoked_at IS NULL AND expires_at > $4
        """,
        pool_id,
        user_id,
        session_id,
        now,
    )


async def revoke_those_of_browser(
    writer: Database | Transaction, *, pool_id: str, browser_session_id: str, now: int
) -> int:
    """End every session that came from a browser session."""
    return await writer.execute(
        """
        UPDATE sessions SET revoked_at = $3
        WHERE pool_id = $1 AND browser_session_id = $2 AND revoked_at IS NULL
        """,
        pool_id,
        browser_session_id,
        now,
    )


async def revoke_federated(tx: Transaction, *, pool_id: str, user_id: str, now: int) -> int:
    """End the sessions that a user has by the word of identity providers."""
    return await tx.execute(
        """
        UPDATE sessions SET revoked_at = $3
        WHERE pool_id = $1 AND user_id = $2 AND SUBSTR(factors || ' ', 1, 4) = 'fed ' AND revoked_at IS NULL
        """,
        pool_id,
        user_id,
        now,
    )


async def revoke_all(tx: Transaction, *, pool_id: str, user_id: str, now: int, but: str = "") -> int:
    """End every session of a user whose row this transaction holds, `but` one where it is named."""
    return await tx.execute(
        """
        UPDATE sessions SET revoked_at = $3
        WHERE pool_id = $1 AND user_id = $2 AND session_id <> $4 AND revoked_at IS NULL
        """,
        pool_id,
        user_id,
        now,
        but,
    )


async def rotate(
    writer: Database | Transaction,
    *,
    pool_id: str,
    session_id: str,
    generation: int,
    now: int,
    jkt: str,
    seen: Sighting | None,
) -> int:
    """Move a session on to the next generation of its refresh token, unless somebody else just did.

    `jkt` is the key that this one is bound to, empty for none. `seen` is kept where the pool tracks sessions.
    """
    return await writer.execute(
        """
        UPDATE sessions
        SET generation = generation + 1, rotated_at = $4, seen_at = COALESCE(CAST($5 AS bigint), seen_at),
            address = COALESCE(CAST($6 AS text), address), user_agent = COALESCE(CAST($7 AS text), user_agent),
            jkt = COALESCE(CAST($8 AS text), jkt)
        WHERE pool_id = $1 AND session_id = $2 AND generation = $3 AND revoked_at IS NULL
        """,
        pool_id,
        session_id,
        generation,
        now,
        *_columns(seen),
        jkt or None,
    )


async def note_use(writer: Database, *, pool_id: str, session_id: str, seen: Sighting) -> int:
    """Keep by whom a session was used last, if it has not been ended."""
    return await writer.execute(
        """
        UPDATE sessions SET seen_at = $3, address = $4, user_agent = $5
        WHERE pool_id = $1 AND session_id = $2 AND revoked_at IS NULL
        """,
        pool_id,
        session_id,
        *_columns(seen),
    )


def _columns(seen: Sighting | None) -> tuple[int | None, str | None, str | None]:
    """Return the values of seen_at, address and user_agent."""
    return (None, None, None) if seen is None else (seen.at, seen.address, seen.user_agent)


TABLE = Table(
    name="sessions",
    key=("pool_id", "session_id"),
    owner="user",
    of_a_user="DELETE FROM sessions WHERE pool_id = $1 AND user_id = $2",
    exported=Exported(
        (
            "client_id",
            "auth_time",
            "expires_at",
            "revoked_at",
            "device_key",
            "factors",
            "acr",
            "seen_at",
            "address",
            "user_agent",
            "scopes",
            "opened_at",
            "resource",
            "client_url",
            "rotated_at",
            "jkt",
        ),
        """SELECT client_id, auth_time, expires_at, revoked_at, device_key, factors, acr, seen_at, address, user_agent, scopes, opened_at, resource,
                  client_url, rotated_at, jkt
           FROM sessions WHERE pool_id = $1 AND user_id = $2""",
    ),
    of_a_pool=Walk(
        start=("",),
        keys="SELECT session_id FROM sessions WHERE pool_id = $1 AND session_id > $2 ORDER BY session_id LIMIT 500",
        delete="DELETE FROM sessions WHERE pool_id = $1 AND session_id > $2 AND session_id <= $3",
    ),
    expiring=(
        Expiring(
            kept=DAY,  # an access token, which lives for a day at the most, may outlive its session's refresh token
            delete="""DELETE FROM sessions WHERE pool_id = $1 AND session_id IN (
                          SELECT session_id FROM sessions
                          WHERE pool_id = $1 AND expires_at >= $2 AND expires_at < $3 ORDER BY expires_at LIMIT 100
                      ) RETURNING expires_at""",
        ),
    ),
    after_restore="""DELETE FROM sessions WHERE pool_id = $1 AND session_id IN (
                    SELECT session_id FROM sessions WHERE pool_id = $1 LIMIT 500
                )""",
    at_reset="DELETE FROM sessions WHERE pool_id >= ''",
)
