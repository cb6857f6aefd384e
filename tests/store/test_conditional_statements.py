"""Do the statements that decide hold to every one of their conditions? What only another process could have changed meanwhile."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from jobs.conftest import Story, told
from jobs.counted import Counted
from jobs.rows import count, fill, schema
from poolkeeper.call import House
from poolkeeper.store import after_restore, codes, conversations, devices, passkeys, sessions, software_tokens
from poolkeeper.store.db import Database, Transaction

__all__ = ["told"]

POOL, OTHER = "us-east-1_decides", "us-east-1_another"
NOW = 1_800_000_000_000
USER = {"user_id": "u", "enabled": 1, "status": "CONFIRMED", "credential_version": 3, "mfa": None}
CLIENT = {"client_id": "c"}
DEVICE = {"user_id": "u", "device_key": "d", "remembered": 1}


async def opened(db: Database, *, by_device: bool = False, past_lock: bool = False) -> bool:
    """Open a session of the user who was judged by what `USER` says."""
    return await sessions.open_if_allowed(
        db,
        pool_id=POOL,
        session_id="s",
        user_id="u",
        client_id="c",
        event_id="e",
        factors="PASSWORD",
        device_key="d" if by_device else None,
        by_device=by_device,
        acr=None,
        scopes="",
        resource="",
        client_url="",
        browser_session_id=None,
        credential_version=3,
        status="CONFIRMED",
        mfa="",
        auth_time=NOW,
        now=NOW,
        expires_at=NOW + 1000,
        seen=None,
        past_lock=past_lock,
    )


@pytest.mark.parametrize(
    ("change", "opens"),
    [
        ("UPDATE users SET version = version", True),
        ("UPDATE users SET enabled = 0", False),
        ("UPDATE users SET status = 'RESET_REQUIRED'", False),
        ("UPDATE users SET status = 'FORCE_CHANGE_PASSWORD'", False),
        ("UPDATE users SET credential_version = 4", False),
        ("UPDATE users SET mfa = '[]'", False),
        ("DELETE FROM users", False),
        ("UPDATE pools SET state = 'DELETED'", False),
        ("DELETE FROM pools", False),
        ("DELETE FROM clients", False),
        ("UPDATE clients SET pool_id = 'us-east-1_another'", False),
        (f"UPDATE lockouts SET locked_until = {NOW + 1} WHERE bucket = ''", False),
        (f"UPDATE lockouts SET locked_until = {NOW} WHERE bucket = ''", True),
    ],
)
def test_a_session_opens_by_what_was_judged_alone(told: Callable[[Story], None], change: str, opens: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """Pool, client and user are as they were when the proofs were judged, and the user is not locked."""

    async def story(house: House, counted: Counted) -> None:
        await _somebody(counted.below)
        await house.db.execute(change)
        assert await opened(house.db) is opens

    told(story)


@pytest.mark.parametrize(
    ("change", "opens"),
    [
        ("UPDATE devices SET remembered = remembered", True),
        (f"UPDATE lockouts SET locked_until = {NOW + 1} WHERE bucket = ''", True),
        (f"UPDATE lockouts SET locked_until = {NOW + 1} WHERE bucket = 'd'", False),
        ("UPDATE devices SET remembered = 0", False),
        ("DELETE FROM devices", False),
    ],
)
def test_a_device_opens_a_session_while_it_is_remembered(
    told: Callable[[Story], None],
    change: str,
    opens: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    """A remembered device has a lock of its own; one that was forgotten opens nothing."""

    async def story(house: House, counted: Counted) -> None:
        await _somebody(counted.below)
        await house.db.execute(change)
        assert await opened(house.db, by_device=True) is opens

    told(story)


async def _somebody(db: Database) -> None:
    tables = await schema(db)
    await fill(db, "pools", tables["pools"], pool_id=POOL, rows=1, state="ACTIVE")
    await fill(db, "users", tables["users"], pool_id=POOL, rows=1, **USER)
    await fill(db, "clients", tables["clients"], pool_id=POOL, rows=1, **CLIENT)
    await fill(db, "devices", tables["devices"], pool_id=POOL, rows=1, **DEVICE)
    for bucket in ("", "d"):
        await fill(
            db, "lockouts", tables["lockouts"], pool_id=POOL, rows=1, subject_id="u", bucket=bucket, locked_until=0
        )


def test_a_providers_word_opens_a_session_past_a_lock(told: Callable[[Story], None]) -> None:
    """Nobody guesses what a provider proves; whoever is disabled stays out all the same."""

    async def story(house: House, counted: Counted) -> None:
        await _somebody(counted.below)
        await house.db.execute(f"UPDATE lockouts SET locked_until = {NOW + 1}")
        assert await opened(house.db, past_lock=True)
        await house.db.execute("UPDATE users SET enabled = 0")
        assert not await opened(house.db, past_lock=True)

    told(story)


def test_a_time_step_is_used_once_and_only_forward(told: Callable[[Story], None]) -> None:
    """A code of a step that was used, of one before it, or of a secret that counts no more opens nothing."""

    async def story(house: House, counted: Counted) -> None:
        tables = await schema(counted.below)
        known = {"user_id": "u", "secret": b"s", "last_step": 10}
        await fill(house.db, "software_tokens", tables["software_tokens"], pool_id=POOL, rows=1, **known)

        async def used(step: int, secret: bytes = b"s") -> int:
            return await _written(
                house.db,
                lambda tx: software_tokens.advance(tx, pool_id=POOL, user_id="u", secret=secret, step=step),
            )

        assert [await used(step) for step in (9, 10, 11, 11, 12)] == [0, 0, 1, 0, 1]
        assert await used(13, b"another") == 0

    told(story)


def test_a_code_is_spent_once_and_in_its_time(told: Callable[[Story], None]) -> None:
    """Two who show it at once look before either has spent it: the statement decides."""

    async def story(house: House, counted: Counted) -> None:
        tables = await schema(counted.below)
        known = {"subject_id": "u", "digest": b"d", "expires_at": NOW + 1}
        for purpose in ("first", "late"):
            await fill(
                house.db, "codes", tables["codes"], pool_id=POOL, rows=1, purpose=purpose, consumed_at=None, **known
            )

        async def spent(purpose: str, *, digest: bytes = b"d", now: int = NOW) -> int:
            place = {"pool_id": POOL, "subject_id": "u", "purpose": purpose}
            return await _written(house.db, lambda tx: codes.consume(tx, **place, digest=digest, now=now))

        assert await spent("first", digest=b"e") == 0
        assert [await spent("first"), await spent("first")] == [1, 0]
        assert await spent("late", now=NOW + 1) == 0

    told(story)


def test_a_device_that_was_forgotten_keeps_no_proof(told: Callable[[Story], None]) -> None:
    """Neither of one that is not remembered, nor of one that is not there."""

    async def story(house: House, counted: Counted) -> None:
        tables = await schema(counted.below)
        await fill(house.db, "devices", tables["devices"], pool_id=POOL, rows=1, **DEVICE)
        known = {**DEVICE, "device_key": "f", "remembered": 0}
        await fill(house.db, "devices", tables["devices"], pool_id=POOL, rows=1, **known)
        about: dict[str, Any] = {"pool_id": POOL, "user_id": "u", "address": "", "user_agent": "", "now": NOW}
        assert [await devices.note_proof(house.db, device_key=key, **about) for key in ("d", "f", "none")] == [1, 0, 0]

    told(story)


def test_a_conversation_is_one_persons(told: Callable[[Story], None]) -> None:
    """Another person's of the same id is neither found nor written over."""

    async def story(house: House, counted: Counted) -> None:
        place = {"pool_id": POOL, "conversation_id": "one"}
        for subject, document in (("ada", b"hers"), ("eve", b"eve's")):
            about: dict[str, Any] = {**place, "subject_id": subject, "document": document, "expires_at": NOW}
            await house.db.write(partial(conversations.put, **about))
        kept = await conversations.find(house.db, **place, subject_id="ada")
        assert kept is not None
        assert bytes(kept.document) == b"hers"
        assert await conversations.find(house.db, **place, subject_id="eve") is None

    told(story)


async def _written(db: Database, body: Callable[[Transaction], Awaitable[object]]) -> int:
    result = await db.write(body)
    return result if isinstance(result, int) else 0


def test_a_passkey_is_found_by_its_own_id(told: Callable[[Story], None]) -> None:
    """Of several in a pool that one, and none of another pool's."""

    async def story(house: House, counted: Counted) -> None:
        columns = (await schema(counted.below))["passkeys"]
        for number, (pool_id, credential_id) in enumerate(((POOL, "a"), (POOL, "b"), (OTHER, "c"))):
            rows = range(number, number + 1)
            await fill(house.db, "passkeys", columns, pool_id=pool_id, rows=rows, credential_id=credential_id)
        found = [await passkeys.find(house.db, pool_id=POOL, credential_id=one) for one in ("a", "b", "c", "d")]
        assert [row and row.credential_id for row in found] == ["a", "b", None, None]

    told(story)


# What a restored database must not keep

ENDED = (
    "sessions",
    "browser_sessions",
    "authorization_codes",
    "codes",
    "passkey_challenges",
    "conversations",
    "device_sessions",
)


@pytest.mark.parametrize("table", ENDED)
def test_after_a_restore_nothing_of_these_is_left(told: Callable[[Story], None], table: str) -> None:
    """More than one batch of each goes, and another pool's rows stay until its turn."""

    async def story(house: House, counted: Counted) -> None:
        columns = (await schema(counted.below))[table]
        await fill(house.db, table, columns, pool_id=POOL, rows=501)
        await fill(house.db, table, columns, pool_id=OTHER, rows=1)

        async def ended(tx: Transaction) -> tuple[int, bool]:
            return await after_restore.end_a_batch(tx, POOL)

        assert [await house.db.write(ended) for _ in range(2)] == [(500, True), (1, False)]
        assert [await count(house.db, table, pool_id) for pool_id in (POOL, OTHER)] == [0, 1]

    told(story)


def test_after_a_restore_messages_are_due_at_once(told: Callable[[Story], None]) -> None:
    """Those that wait for another try and those that somebody had taken; a job that is no message keeps its time."""

    async def story(house: House, counted: Counted) -> None:
        await house.db.execute("DELETE FROM due")
        columns = (await schema(counted.below))["due"]
        for kind, due_at, lease_until in (
            ("message", NOW + 9, 0),
            ("message", NOW - 9, NOW + 9),
            ("message", NOW - 9, 0),
            ("cleaning", NOW + 9, 0),
        ):
            known = {"kind": kind, "due_at": due_at, "lease_until": lease_until}
            number = 100 * int(lease_until > 0) + 10 * int(due_at > NOW) + len(kind)
            await fill(house.db, "due", columns, pool_id=POOL, rows=range(number, number + 1), **known)
        assert await _written(house.db, lambda tx: after_restore.hasten_messages(tx, now=NOW)) == 2
        rows = await house.db.fetch("SELECT kind, due_at, lease_until FROM due ORDER BY kind, due_at, lease_until")
        assert [tuple(row[n] for n in range(3)) for row in rows] == [
            ("cleaning", NOW + 9, 0),
            ("message", NOW - 9, 0),
            ("message", NOW, 0),
            ("message", NOW, 0),
        ]

    told(story)


def test_messages_that_wait_are_read_page_by_page(told: Callable[[Story], None]) -> None:
    """From behind shard and id of the last one; a job of another kind, and a message that is without its text, are none."""

    async def story(house: House, counted: Counted) -> None:
        await house.db.execute("DELETE FROM due")
        columns = (await schema(counted.below))["due"]
        for number, (shard, job_id, kind, payload) in enumerate(
            (
                (1, "b", "message", b"1b"),
                (1, "c", "message", b"1c"),
                (2, "a", "message", b"2a"),
                (1, "d", "cleaning", b"1d"),
                (2, "b", "message", None),
            )
        ):
            known = {"shard": shard, "job_id": job_id, "kind": kind, "payload": payload}
            await fill(house.db, "due", columns, pool_id=POOL, rows=range(number, number + 1), **known)
        for after, limit, expected in (
            ((-1, ""), 2, [b"1b", b"1c"]),
            ((1, "a"), 9, [b"1b", b"1c", b"2a"]),
            ((1, "b"), 9, [b"1c", b"2a"]),
            ((1, "c"), 9, [b"2a"]),
            ((2, "a"), 9, []),
        ):
            found = await after_restore.waiting_messages(house.db, after=after, limit=limit)
            assert [one.payload for one in found] == expected

    told(story)
