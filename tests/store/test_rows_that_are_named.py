"""Does a statement that changes or removes what it is told of touch that alone? Each of its conditions decides.

What the row looks like that it is to touch, and one by one the values in which another row differs that it must leave.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from jobs.conftest import Story, told
from jobs.counted import Counted
from jobs.rows import fill, schema
from poolkeeper.call import House
from poolkeeper.model.session import Sighting
from poolkeeper.store import (
    aliases,
    authorization_codes,
    browser_sessions,
    codes,
    devices,
    hourly,
    lockouts,
    message_budgets,
    passkey_challenges,
    passkeys,
    password_history,
    sessions,
    software_tokens,
    users,
)
from poolkeeper.store.db import Transaction

__all__ = ["told"]

POOL, OTHER = "us-east-1_named", "us-east-1_another"
NOW = 1_800_000_000_000
Statement = Callable[..., Awaitable[int]]
SEEN = Sighting(at=NOW, address="", user_agent="")


@dataclass(frozen=True)
class Case:
    """One statement: the row that it touches, of a table, and the values that make it another one."""

    table: str
    row: Mapping[str, object]
    statement: Statement
    others: Mapping[str, object] = field(default_factory=dict)


def _session(statement: Statement, **others: object) -> Case:
    row = {"session_id": "s", "user_id": "u", "revoked_at": None, "expires_at": NOW + 1, "generation": 2}
    origin = {"browser_session_id": "b", "factors": "fed pwd"}
    return Case("sessions", {**row, **origin}, statement, {"revoked_at": NOW, **others})


def _browser(statement: Statement, **others: object) -> Case:
    row = {"session_id": "s", "user_id": "u", "revoked_at": None, "expires_at": NOW + 1, "factors": "fed"}
    return Case("browser_sessions", row, statement, {"revoked_at": NOW, **others})


def _user(statement: Statement, **others: object) -> Case:
    row = {"user_id": "u", "attributes": "{}", "status": "CONFIRMED", "version": 3, "credential_version": 2}
    return Case("users", {**row, "srp_verifier": None}, statement, {"user_id": "v", **others})


def _code(statement: Statement, **others: object) -> Case:
    row = {"subject_id": "u", "purpose": "p", "digest": b"d", "consumed_at": None, "expires_at": NOW + 1}
    return Case("codes", row, statement, {"subject_id": "v", **others})


def _device(statement: Statement) -> Case:
    others = {"user_id": "v", "device_key": "e"}
    return Case("devices", {"user_id": "u", "device_key": "d", "remembered": 0}, statement, others)


def _passkey(statement: Statement, **others: object) -> Case:
    row = {"credential_id": "c", "user_id": "u", "sign_count": 4}
    return Case("passkeys", row, statement, {"credential_id": "d", "user_id": "v", **others})


_credential: dict[str, Any] = {"password_hash": "h", "srp_salt": None, "srp_verifier": None}
_written: dict[str, Any] = {"user_id": "u", "attributes": "{}", "version": 3, "now": NOW}
_version: dict[str, Any] = {"user_id": "u", "version": 3, "now": NOW}
_moved: dict[str, Any] = {**_written, "expected": "CONFIRMED", "status": "RESET_REQUIRED", "credentials": 1}

# fmt: off
CASES: Mapping[str, Case] = {
    "a session is ended": _session(partial(sessions.revoke, session_id="s", now=NOW), session_id="t"),
    "a live session of a user is ended": _session(
        partial(sessions.revoke_live, user_id="u", session_id="s", now=NOW), session_id="t", user_id="v", expires_at=NOW
    ),
    "those of a browser are ended": _session(
        partial(sessions.revoke_those_of_browser, browser_session_id="b", now=NOW), browser_session_id="c"
    ),
    "those by providers are ended": _session(
        partial(sessions.revoke_federated, user_id="u", now=NOW), user_id="v", factors="federal"
    ),
    "all but one are ended": _session(
        partial(sessions.revoke_all, user_id="u", now=NOW, but="t"), user_id="v", session_id="t"
    ),
    "a session is moved on": _session(
        partial(sessions.rotate, session_id="s", generation=2, now=NOW, jkt="", seen=None), session_id="t", generation=3
    ),
    "the use of a session is noted": _session(partial(sessions.note_use, session_id="s", seen=SEEN), session_id="t"),
    "all but the last one are evicted": _session(
        partial(sessions.evict, user_id="u", but="t", most=1, now=NOW), user_id="v", session_id="t", expires_at=NOW
    ),
    "a browser's session is ended": _browser(partial(browser_sessions.end, session_id="s", now=NOW), session_id="t"),
    "a live one of a user is ended": _browser(
        partial(browser_sessions.end_live, user_id="u", session_id="s", now=NOW),
        session_id="t", user_id="v", expires_at=NOW,
    ),
    "all of a user are ended": _browser(partial(browser_sessions.end_all, user_id="u", now=NOW), user_id="v"),
    "browsers by providers are ended": _browser(
        partial(browser_sessions.end_federated, user_id="u", now=NOW), user_id="v", factors="federal"
    ),
    "a password is stored": _user(
        partial(users.set_credential, **_written, **_credential, status="CONFIRMED"), version=4
    ),
    "a credential is dropped": _user(partial(users.drop_credential, **_version), version=4),
    "a user is left to providers": _user(partial(users.leave_to_providers, **_version), version=4),
    "attributes are stored": _user(partial(users.set_attributes, **_written), version=4),
    "second factors are stored": _user(partial(users.set_mfa, **_version, mfa=None), version=4),
    "a status is left": _user(partial(users.set_status, **_moved), version=4, status="UNCONFIRMED"),
    "a user is disabled": _user(partial(users.set_enabled, user_id="u", enabled=False, now=NOW)),
    "an own word is stored": _user(partial(users.set_own_word, user_id="u", own_word=None)),
    "a verifier is stored": _user(
        partial(users.set_verifier, user_id="u", srp_salt=b"s", srp_verifier=b"v", credential_version=2),
        credential_version=3, srp_verifier=b"another",
    ),
    "a name is given up": Case(
        "aliases", {"folded_value": "n", "user_id": "u", "kind": "email"},
        partial(aliases.release, user_id="u", folded="n", kind="email"),
        {"folded_value": "m", "user_id": "v", "kind": "username"},
    ),
    "a code is spent": _code(
        partial(codes.consume, subject_id="u", purpose="p", digest=b"d", now=NOW),
        purpose="q", digest=b"e", consumed_at=NOW, expires_at=NOW,
    ),
    "a code is dropped": _code(partial(codes.drop, subject_id="u", purpose="p"), purpose="q"),
    "all codes are dropped": _code(partial(codes.drop_all, subject_id="u")),
    "a count is stored": Case(
        "hourly", {"subject_id": "u", "purpose": "p", "version": 3},
        partial(
            hourly.put, subject_id="u", purpose="p", times="[]", expected_version=3, expires_at=NOW
        ),
        {"subject_id": "v", "purpose": "q", "version": 4},
    ),
    "a budget is taken from": Case(
        "message_budgets", {"user_id": "u", "budget": "p", "version": 3},
        partial(
            message_budgets.put, user_id="u", budget="p", minutes="[]", expected_version=3, expires_at=NOW
        ),
        {"user_id": "v", "budget": "q", "version": 4},
    ),
    "a challenge is spent": Case(
        "passkey_challenges", {"user_id": "u", "digest": b"d", "credential_version": 3, "expires_at": NOW + 1},
        partial(passkey_challenges.spend, user_id="u", digest=b"d", credential_version=3, now=NOW),
        {"user_id": "v", "digest": b"e", "credential_version": 4, "expires_at": NOW},
    ),
    "failures are forgotten": Case(
        "lockouts", {"subject_id": "u", "bucket": "b"}, partial(lockouts.clear, subject_id="u", bucket="b"),
        {"subject_id": "v", "bucket": ""},
    ),
    "open codes are dropped": Case(
        "authorization_codes", {"user_id": "u", "spent_at": None}, partial(authorization_codes.drop_open, user_id="u"),
        {"user_id": "v", "spent_at": NOW},
    ),
    "an authorization code is spent": Case(
        "authorization_codes", {"code": "c", "spent_at": None, "expires_at": NOW + 1, "browser_session_id": "b"},
        partial(authorization_codes.spend, code="c", session_id="s", now=NOW),
        {"code": "d", "spent_at": NOW, "expires_at": NOW},
    ),
    "a pending token is adopted": Case(
        "software_tokens", {"user_id": "u", "pending": b"p"},
        partial(software_tokens.adopt, user_id="u", pending=b"p", secret=b"s", step=1, friendly_name=None),
        {"user_id": "v", "pending": b"another"},
    ),
    "a token is forgotten": Case(
        "software_tokens", {"user_id": "u"}, partial(software_tokens.delete, user_id="u"), {"user_id": "v"}
    ),
    "a use of a passkey is kept": _passkey(
        partial(passkeys.use, credential_id="c", user_id="u", sign_count=5), sign_count=5
    ),
    "a passkey that never counts is used": Case(
        "passkeys", {"credential_id": "c", "user_id": "u", "sign_count": 0},
        partial(passkeys.use, credential_id="c", user_id="u", sign_count=0), {"sign_count": 1},
    ),
    "a passkey is removed": _passkey(partial(passkeys.delete, credential_id="c", user_id="u")),
    "a device is remembered": _device(
        partial(devices.set_remembered, user_id="u", device_key="d", remembered=True, now=NOW)
    ),
    "a device is forgotten": _device(partial(devices.delete, user_id="u", device_key="d")),
    "old passwords are dropped": Case(
        "password_history", {"user_id": "u", "credential_version": 4},
        partial(password_history.forget, user_id="u", up_to=4), {"user_id": "v", "credential_version": 5},
    ),
}
# fmt: on


def test_a_statement_touches_the_row_that_it_names_alone(told: Callable[[Story], None]) -> None:
    """A row that differs in one value, or stands in another pool, stays as it is."""

    async def story(house: House, counted: Counted) -> None:
        tables = await schema(counted.below)
        wrong: list[str] = []
        for name, case in CASES.items():
            for column, value in (("", None), ("pool_id", OTHER), *case.others.items()):
                known: dict[str, Any] = {"pool_id": POOL, **case.row, column: value}
                await house.db.execute(f"DELETE FROM {case.table}")
                await fill(house.db, case.table, tables[case.table], rows=1, **known)
                if await house.db.write(partial(case.statement, pool_id=POOL)) != (0 if column else 1):
                    wrong.append(f"{name}: {column or 'the row itself'}")
        assert wrong == []

    told(story)


@pytest.mark.parametrize("ended", [False, True])
def test_what_came_from_a_browser_that_was_ended_is_worth_nothing(
    told: Callable[[Story], None],
    ended: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    """A code that it gave is not exchanged; and of a password's change the one browser lives on that it was made from."""

    async def story(house: House, counted: Counted) -> None:
        tables = await schema(counted.below)
        code: dict[str, Any] = {"code": "c", "spent_at": None, "expires_at": NOW + 1, "browser_session_id": "b"}
        await fill(house.db, "authorization_codes", tables["authorization_codes"], pool_id=POOL, rows=1, **code)
        browsers = tables["browser_sessions"]
        for number, (session_id, user_id) in enumerate((("b", "u"), ("c", "u"), ("d", "v"))):
            about: dict[str, Any] = {"session_id": session_id, "user_id": user_id, "credential_version": 1}
            revoked_at = NOW if ended and session_id == "b" else None
            rows = range(number, number + 1)
            await fill(house.db, "browser_sessions", browsers, pool_id=POOL, rows=rows, revoked_at=revoked_at, **about)
        for number, (session_id, browser) in enumerate((("s", "b"), ("t", "d"))):
            origin = {"session_id": session_id, "browser_session_id": browser}
            rows = range(number, number + 1)
            await fill(house.db, "sessions", tables["sessions"], pool_id=POOL, rows=rows, **origin)

        async def spent(tx: Transaction) -> bool:
            return await authorization_codes.spend(tx, pool_id=POOL, code="c", session_id="s", now=NOW)

        assert await house.db.write(spent) is not ended

        for token_session_id, moved in (("s", 1), ("t", 0)):
            place: dict[str, Any] = {"pool_id": POOL, "user_id": "u", "token_session_id": token_session_id}
            assert await house.db.write(partial(browser_sessions.carry_over, **place)) == moved
        ends: dict[str, Any] = {"pool_id": POOL, "token_session_id": "s", "now": NOW}
        assert await house.db.write(partial(browser_sessions.end_origin, **ends)) == (0 if ended else 1)

    told(story)
