"""SQL of the lists of a user's sessions: those of app clients and those of browsers."""

from collections.abc import Sequence

import msgspec

from poolkeeper.store.db import Reader


class ListedSession(msgspec.Struct, frozen=True, gc=False):
    """A session as lists have it: a token session of an app client, or a browser's, which has none.

    `origin` is the browser session that a token session came from; times are milliseconds.
    """

    session_id: str
    client_id: str | None
    opened_at: int
    seen_at: int
    address: str | None
    user_agent: str | None
    origin: str | None


async def live(
    reader: Reader, *, pool_id: str, user_id: str, now: int, behind: tuple[int, str], limit: int
) -> Sequence[ListedSession]:
    """Return up to `limit` sessions of a user that can still be gone on from, the newest first.

    The page begins behind (opened_at, session_id) of the last one on the page before.
    """
    rows = await reader.fetch(
        """
        SELECT l.session_id, l.client_id, l.opened_at, l.seen_at, l.address, l.user_agent, l.origin
        FROM (
            SELECT s.session_id AS session_id, s.client_id AS client_id,
                   COALESCE(s.opened_at, s.auth_time) AS opened_at,
                   COALESCE(s.seen_at, s.rotated_at, s.opened_at, s.auth_time) AS seen_at, s.address AS address,
                   s.user_agent AS user_agent, s.browser_session_id AS origin
            FROM sessions s JOIN clients c ON c.pool_id = s.pool_id AND c.client_id = s.client_id
            WHERE s.pool_id = $1 AND s.user_id = $2 AND s.revoked_at IS NULL AND s.expires_at > $3
            UNION ALL
            SELECT b.session_id, NULL, b.opened_at, b.seen_at, b.address, b.user_agent, NULL
            FROM browser_sessions b JOIN users u ON u.pool_id = b.pool_id AND u.user_id = b.user_id
                AND u.credential_version = b.credential_version
            WHERE b.pool_id = $1 AND b.user_id = $2 AND b.revoked_at IS NULL AND b.expires_at > $3
        ) l
        WHERE l.opened_at < $4 OR (l.opened_at = $4 AND l.session_id > $5)
        ORDER BY l.opened_at DESC, l.session_id LIMIT $6
        """,
        pool_id,
        user_id,
        now,
        *behind,
        limit,
    )
    return [ListedSession(row[0], row[1], row[2], row[3], row[4], row[5], row[6]) for row in rows]
