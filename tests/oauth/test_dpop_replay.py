"""Is a proof or a nonce of any use when its time is over? Once used, from before a restore, too old (RFC 9449 8, 11.1)."""

from dataclasses import replace
from functools import partial

import pytest

from api.signing_in import at_once
from api.world import ClientOfTests, World
from oauth.hosted import code_client, code_for
from oauth.proving import Holder, ada, ask, client, exchange_with, holder, machine, refresh_with, user_info_with
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.lookup import find_pool
from poolkeeper.server.upkeep import set_preferences
from poolkeeper.tokens import dpop

__all__ = ["ada", "client", "machine"]

INVALID = (400, "invalid_dpop_proof")


def test_a_proof_serves_once(world: World, machine: ClientOfTests, ada: Holder) -> None:
    """RFC 9449 11.1: also a moment before it is too old; of many at once one gets a token. Another's `jti` is another one."""
    proof = ada.proof(jti="the same")
    assert ask(machine, proof).status == 200
    assert ask(machine, proof).error == INVALID
    assert ask(machine, ada.proof(jti="the same")).error == INVALID
    assert ask(machine, holder(world).proof(jti="the same")).status == 200
    world.clock.advance(5 * MINUTE - SECOND)
    assert ask(machine, proof).error == INVALID
    proof = ada.proof()
    statuses = at_once([lambda: ask(machine, proof).status] * 12)
    assert sorted(statuses) == [200, *[400] * 11]


def test_a_proof_from_before_a_restore_serves_no_more(
    world: World, machine: ClientOfTests, ada: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """attacks.md 159: the rows that say which proofs were spent are those of the copy."""
    proof = ada.proof()
    monkeypatch.setattr(world.app, "house", replace(world.house, restored_at=world.clock.now()))
    assert ask(machine, proof).error == INVALID
    world.clock.advance(SECOND)
    assert ask(machine, ada.proof()).status == 200


def test_a_stolen_request_gives_nothing(client: ClientOfTests, ada: Holder) -> None:
    """A refresh token with the proof that went beside it, a code with its own."""
    code, proof = code_for(client), ada.header()
    token = exchange_with(client, code, proof).body["refresh_token"]
    used = ada.header()
    assert refresh_with(client, token, used).status == 200
    assert refresh_with(client, token, used).error == INVALID
    assert refresh_with(client, token, ada.header()).status == 200
    assert exchange_with(client, code, proof).status == 400


def test_a_proof_that_was_used_changes_nothing(world: World, client: ClientOfTests, ada: Holder) -> None:
    """It is spent before all else: no code, no session, no generation of a refresh token goes with it."""
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}
    rotating = code_client(client.pool, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"], RefreshTokenRotation=rotation)
    used = ada.header()
    code = code_for(rotating)
    token = exchange_with(rotating, code, used).body["refresh_token"]
    code, sessions = code_for(rotating), "SELECT session_id, generation FROM sessions WHERE pool_id = $1"
    before = world.rows(sessions, client.pool.pool_id)
    assert exchange_with(rotating, code, used).error == INVALID
    assert refresh_with(rotating, token, used).error == INVALID
    assert world.rows(sessions, client.pool.pool_id) == before
    assert exchange_with(rotating, code, ada.header()).status == 200
    assert refresh_with(rotating, token, ada.header()).status == 200


@pytest.mark.parametrize("what", ["code", "refresh token"])
def test_of_many_requests_with_one_proof_one_is_answered(client: ClientOfTests, ada: Holder, what: str) -> None:
    """Each with a code or a session of its own, at the same moment."""
    proof = ada.header()
    codes = [code_for(client) for _ in range(6)]
    if what == "code":
        calls = [partial(exchange_with, client, code, proof) for code in codes]
    else:
        held = [exchange_with(client, code, ada.header()).body["refresh_token"] for code in codes]
        calls = [partial(refresh_with, client, token, proof) for token in held]
    answers = at_once(calls)
    assert sorted(one.status for one in answers) == [200, *[400] * 5]
    assert {one.error for one in answers if one.status == 400} == {INVALID}


def test_who_has_neither_code_nor_token_fills_no_table(world: World, client: ClientOfTests, ada: Holder) -> None:
    """A key costs nothing, so a proof is written down only if the request earns an answer."""
    count = "SELECT COUNT(*) FROM nonces WHERE pool_id = $1"
    before = world.rows(count, client.pool.pool_id)
    assert exchange_with(client, "no code", ada.header()).error == (400, "invalid_grant")
    assert refresh_with(client, "no token", ada.header()).error == (400, "invalid_grant")
    assert user_info_with(ada, "no.access.token").status == 401
    assert world.rows(count, client.pool.pool_id) == before


def test_a_nonce_is_of_one_pool_and_of_now(world: World, machine: ClientOfTests, ada: Holder) -> None:
    """RFC 9449 8: a nonce that is given is looked at also where none is demanded."""
    pool, other = machine.pool, world.pool()
    world.run(lambda: set_preferences(world.house, pool.pool_id, ["dpop_nonces=on"]))
    world.signed.describe_user_pool(UserPoolId=pool.pool_id)
    wanted = (400, "use_dpop_nonce")
    nonce = ask(machine, ada.proof()).headers["dpop-nonce"]
    assert ask(machine, ada.proof(nonce=nonce)).status == 200
    for wrong in (nonce[:-1] + ("A" if nonce[-1] != "A" else "B"), nonce_of(world, other.pool_id), "A" * 28, "\xe9"):
        assert ask(machine, ada.proof(nonce=wrong)).error == wanted
    for unreadable in ("", "n" * 257, 5):
        assert ask(machine, ada.proof(nonce=unreadable)).error == INVALID
    world.clock.advance(2 * MINUTE)
    assert ask(machine, ada.proof(nonce=nonce)).status == 200
    world.clock.advance(2 * MINUTE)
    refused = ask(machine, ada.proof(nonce=nonce))
    assert refused.error == wanted
    assert refused.headers["dpop-nonce"] != nonce
    world.run(lambda: set_preferences(world.house, pool.pool_id, ["dpop_nonces=off"]))
    world.signed.describe_user_pool(UserPoolId=pool.pool_id)
    assert ask(machine, ada.proof(nonce=nonce)).error == wanted
    assert "dpop-nonce" not in ask(machine, ada.proof()).headers


def nonce_of(world: World, pool_id: str) -> str:
    """Return the nonce that another pool gives now."""

    async def find() -> str:
        pool = await find_pool(world.house, pool_id)
        assert pool is not None
        return dpop.nonce_of(pool, world.clock.now())

    return world.run(find)
