"""Whom does a Session serve? Its own client, user, pool, step and moment, once; a SECRET_BLOCK likewise."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from functools import partial

import pytest

from api.signing_in import INCORRECT, INVALID_SESSION, LOCKED, count_of_sessions, lock, put, srp_proof
from api.world import PASSWORD, ClientOfTests, World, refused
from poolkeeper.clock import MINUTE
from poolkeeper.crypto import base64url

NEW_PASSWORD = "Dive-in-3-lakes"
EXPIRED = ("NotAuthorizedException", "Invalid session for the user, session is expired.")
USED = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")


def _session(client: ClientOfTests, name: str = "ada") -> str:
    """Return a Session of NEW_PASSWORD_REQUIRED."""
    return str(client.sign_in(name)["Session"])


def _answer(client: ClientOfTests, session: str, name: str = "ada", password: str = NEW_PASSWORD) -> object:
    return client.respond("NEW_PASSWORD_REQUIRED", session, USERNAME=name, NEW_PASSWORD=password)


def test_a_session_begun_elsewhere_is_refused(world: World) -> None:
    """Begun with another client, of another pool, by another user, or by nobody: the new password is not taken."""
    pool, other_pool = world.pool(), world.pool()
    client, other_client, foreign = pool.client(), pool.client(), other_pool.client()
    for one in (pool, other_pool):
        one.user("ada", permanent=False)
        one.user("bob", permanent=False)
    session = _session(client)

    for where, answer in {
        "another client of the pool": partial(_answer, other_client, session),
        "a client of another pool": partial(_answer, foreign, session),
        "another user": partial(_answer, client, session, "bob"),
        "nobody": partial(_answer, client, session, "nobody"),
        "another user's": partial(_answer, client, _session(client, "bob")),
        "altered": partial(_answer, client, session[:60] + ("A" if session[60] != "A" else "B") + session[61:]),
        "invented": partial(_answer, client, "A" * 200),
    }.items():
        assert refused(answer) == INVALID_SESSION, where
    assert pool.admin("admin_get_user", "ada")["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert count_of_sessions(pool) == 0

    assert _answer(client, session)


def test_the_state_of_another_step_is_refused(world: World) -> None:
    """SRP's SECRET_BLOCK is no Session, a Session is no SECRET_BLOCK."""
    client = world.pool().client()
    client.pool.user("ada", permanent=False)
    proof = srp_proof(client, "ada")
    block, session = proof["PASSWORD_CLAIM_SECRET_BLOCK"], _session(client)

    assert refused(lambda: _answer(client, block)) == INVALID_SESSION
    standard = session.replace("-", "+").replace("_", "/") + "=" * (-len(session) % 4)
    as_block = {**proof, "PASSWORD_CLAIM_SECRET_BLOCK": standard}
    assert refused(lambda: client.respond("PASSWORD_VERIFIER", **as_block)) == INCORRECT


def test_an_exchange_begun_with_another_client_is_refused(world: World) -> None:
    """A SECRET_BLOCK serves the client that it was made for."""
    pool = world.pool()
    client, other = pool.client(), pool.client()
    pool.user("ada")

    proof = srp_proof(client, "ada")
    assert refused(lambda: other.respond("PASSWORD_VERIFIER", **proof)) == INCORRECT
    assert count_of_sessions(pool) == 0


def test_a_session_is_spent_by_its_success_and_by_nothing_else(world: World) -> None:
    """A password that the policy refuses leaves the Session as it was; the step before is over once it succeeded."""
    client = world.pool().client()
    client.pool.user("ada", permanent=False)
    session = _session(client)

    assert refused(lambda: _answer(client, session, password="short"))[0] == "InvalidPasswordException"
    assert _answer(client, session)
    # The same Session again, and a Session of the password before it.
    assert refused(lambda: _answer(client, session, password="Another-1-lake")) == USED
    assert client.tokens("ada", NEW_PASSWORD)


def test_a_session_of_a_password_that_was_replaced_is_refused(world: World) -> None:
    """An administrator who sets another temporary password ends what was begun with the one before."""
    client = world.pool().client()
    client.pool.user("ada", permanent=False)
    session, proof = _session(client), srp_proof(client, "ada")
    client.pool.admin("admin_set_user_password", "ada", Password="Other-water-9", Permanent=False)

    assert refused(lambda: _answer(client, session)) == INVALID_SESSION
    assert refused(lambda: client.respond("PASSWORD_VERIFIER", **proof)) == INCORRECT


def test_a_session_ends_after_its_minutes(world: World) -> None:
    """AuthSessionValidity is the life of each step: at its end Session and SECRET_BLOCK are refused."""
    client = world.pool().client(AuthSessionValidity=5)
    client.pool.user("ada", permanent=False)
    session, proof = _session(client), srp_proof(client, "ada")
    world.clock.advance(5 * MINUTE)

    assert refused(lambda: _answer(client, session)) == EXPIRED
    assert refused(lambda: client.respond("PASSWORD_VERIFIER", **proof)) == EXPIRED


def test_what_an_older_poolkeeper_sealed_has_expired(world: World) -> None:
    """Whoever is in the middle of a sign-in at an upgrade begins anew: the layout of before is refused, and no accident."""
    client = world.pool().client()
    client.pool.user("ada", permanent=False)
    block = srp_proof(client, "ada")["PASSWORD_CLAIM_SECRET_BLOCK"]
    older: dict[str, tuple[str, Callable[[str], bytes], Callable[[bytes], str]]] = {
        "session": (_session(client), base64url.decode, base64url.encode),
        "srp": (block, b64decode, lambda sealed: b64encode(sealed).decode()),
    }
    sealer, now = world.house.sealer, world.clock.now()
    texts = {}
    for purpose, (text, decode, encode) in older.items():
        layout_and_state = sealer.open_blob(decode(text), purpose=purpose)
        texts[purpose] = encode(sealer.seal_blob(layout_and_state[1:], purpose=purpose, now=now))

    assert refused(lambda: _answer(client, texts["session"])) == EXPIRED
    proof = {**srp_proof(client, "ada"), "PASSWORD_CLAIM_SECRET_BLOCK": texts["srp"]}
    assert refused(lambda: client.respond("PASSWORD_VERIFIER", **proof)) == EXPIRED


@pytest.mark.parametrize("challenge", ["PASSWORD_VERIFIER", "NEW_PASSWORD_REQUIRED"])
def test_whoever_is_locked_between_challenge_and_answer_is_refused(world: World, challenge: str) -> None:
    """The lock is looked at when the answer comes, and the password stays what it was."""
    client = world.pool().client()
    client.pool.user("ada", permanent=challenge == "PASSWORD_VERIFIER")
    session = _session(client) if challenge == "NEW_PASSWORD_REQUIRED" else None
    given = srp_proof(client, "ada") if session is None else {"USERNAME": "ada", "NEW_PASSWORD": NEW_PASSWORD}
    lock(client, "ada")

    assert refused(lambda: client.respond(challenge, session, **given)) == LOCKED
    assert count_of_sessions(client.pool) == 0
    world.clock.advance(1000)
    assert "AuthenticationResult" in client.respond(challenge, session, **given)


@pytest.mark.parametrize("challenge", ["PASSWORD_VERIFIER", "NEW_PASSWORD_REQUIRED"])
def test_whoever_is_disabled_between_challenge_and_answer_is_refused(world: World, challenge: str) -> None:
    """So is the mark of a disabled user, and the answer does not change the password."""
    client = world.pool().client()
    sub = client.pool.user("ada", permanent=challenge == "PASSWORD_VERIFIER")
    session = _session(client) if challenge == "NEW_PASSWORD_REQUIRED" else None
    given = srp_proof(client, "ada") if session is None else {"USERNAME": "ada", "NEW_PASSWORD": NEW_PASSWORD}
    put(client.pool, sub, enabled=0)

    refusal = refused(lambda: client.respond(challenge, session, **given))
    assert refusal == ("NotAuthorizedException", "User is disabled.")
    put(client.pool, sub, enabled=1)
    assert client.sign_in("ada", PASSWORD)
