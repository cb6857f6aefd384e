"""SQL of who went on from browser sessions that are about to end: app clients, each with the person and the browser session.

An app that names itself by an address borrows the settings of an app client, which is not notified in its place.
"""

import msgspec

from poolkeeper.store.db import Reader


class Party(msgspec.Struct, frozen=True, gc=False):
    """An app client that somebody is signed in to from a browser session."""

    client_id: str
    user_id: str
    browser_session_id: str


async def of_browser(reader: Reader, *, pool_id: str, session_id: str) -> list[Party]:
    """Return those of one browser session that has not ended."""
    rows = await reader.fetch(
        """
        SELECT s.client_id, s.user_id, s.browser_session_id
        FROM browser_sessions b JOIN sessions s ON s.pool_id = b.pool_id AND s.browser_session_id = b.session_id
        WHERE b.pool_id = $1 AND b.session_id = $2 AND b.revoked_at IS NULL AND s.client_url IS NULL
        GROUP BY s.client_id, s.user_id, s.browser_session_id
        """,
        pool_id,
        session_id,
    )
    return [Party(*row) for row in rows]


async def of_token_session(reader: Reader, *, pool_id: str, session_id: str) -> list[Party]:
    """Return those of the browser session that a token session came from, where that has not ended."""
    rows = await reader.fetch(
        """
        SELECT s.client_id, s.user_id, s.browser_session_id
        FROM sessions t
        JOIN browser_sessions b ON b.pool_id = t.pool_id AND b.session_id = t.browser_session_id
        JOIN sessions s ON s.pool_id = b.pool_id AND s.browser_session_id = b.session_id
        WHERE t.pool_id = $1 AND t.session_id = $2 AND b.revoked_at IS NULL AND s.client_url IS NULL
        GROUP BY s.client_id, s.user_id, s.browser_session_id
        """,
        pool_id,
        session_id,
    )
    return [Party(*row) for row in rows]


async def of_user(reader: Reader, *, pool_id: str, user_id: str) -> list[Party]:
    """Return those of all browser sessions of a user that have not ended."""
    rows = await reader.fetch(
        """
        SELECT s.client_id, s.user_id, s.browser_session_id
        FROM browser_sessions b JOIN sessions s ON s.pool_id = b.pool_id AND s.browser_session_id = b.session_id
        WHERE b.pool_id = $1 AND b.user_id = $2 AND b.revoked_at IS NULL AND s.client_url IS NULL
        GROUP BY s.client_id, s.user_id, s.browser_session_id
        """,
        pool_id,
        user_id,
    )
    return [Party(*row) for row in rows]
