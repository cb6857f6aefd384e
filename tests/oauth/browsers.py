"""How does a test get a browser session of a server in another process? A row by hand, and the cookie that names it."""

import asyncio
import hashlib
import time
import uuid

from poolkeeper.clock import MINUTE
from poolkeeper.entropy import Entropy
from poolkeeper.model.browser_session import BY_PASSWORD
from poolkeeper.model.factors import PASSWORD
from poolkeeper.settings import Settings
from poolkeeper.store import browser_sessions
from poolkeeper.store.browser_sessions import BrowserSessionRow
from poolkeeper.store.db import Transaction
from poolkeeper.store.open import open_database


def signed_in(settings: Settings, pool_id: str, user_id: str) -> str:
    """Keep that a user has signed in by password, in the database of `settings`; return the cookie on the bare host."""
    return asyncio.run(_signed_in(settings, pool_id, user_id))


async def _signed_in(settings: Settings, pool_id: str, user_id: str) -> str:
    secret, now = "secret-of-a-browser", time.time_ns() // 1_000_000
    database = await open_database(settings, Entropy(), exclusive=False)
    try:
        user = await database.fetch_one(
            "SELECT credential_version FROM users WHERE pool_id = $1 AND user_id = $2", pool_id, user_id
        )
        assert user is not None
        row = BrowserSessionRow(
            session_id=str(uuid.uuid4()),
            digest=hashlib.sha256(secret.encode()).hexdigest(),
            user_id=user_id,
            factors=PASSWORD,
            began=BY_PASSWORD,
            auth_time=now,
            credential_version=user[0],
            opened_at=now,
            expires_at=now + 60 * MINUTE,
        )

        async def keep(tx: Transaction) -> None:
            await browser_sessions.insert(tx, pool_id=pool_id, row=row, address="127.0.0.1", user_agent="tests")

        await database.write(keep)
    finally:
        await database.close()
    return f"session-{pool_id}={row.session_id}.{secret}"
