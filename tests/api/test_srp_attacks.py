"""Can SRP be talked into tokens without the password? Forged proofs, public values that cancel the password, huge ones."""

from base64 import b64encode
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from api.signing_in import (
    INCORRECT,
    SOME_A,
    begin,
    count_of_sessions,
    error_of,
    failures,
    raw,
    respond,
    srp_proof,
    srp_sign_in,
)
from api.world import PASSWORD, ClientOfTests, World, refused
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.crypto import srp
from poolkeeper.store.cleaning import Expired, delete_expired
from poolkeeper.store.db import Transaction

USED = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
NO_PUBLIC_VALUE = ("InvalidParameterException", "SRP_A is not a valid public value")
Tamper = Callable[[dict[str, str], dict[str, str]], dict[str, str]]

# What an attacker changes in a proof that is right, given the proof of another exchange of the same user.
TAMPERED: dict[str, Tamper] = {
    "a random signature": lambda proof, _: {**proof, "PASSWORD_CLAIM_SIGNATURE": b64encode(b"\x5a" * 32).decode()},
    "an empty signature": lambda proof, _: {**proof, "PASSWORD_CLAIM_SIGNATURE": ""},
    "half a signature": lambda proof, _: {**proof, "PASSWORD_CLAIM_SIGNATURE": proof["PASSWORD_CLAIM_SIGNATURE"][:20]},
    "no base64": lambda proof, _: {**proof, "PASSWORD_CLAIM_SIGNATURE": "!" + proof["PASSWORD_CLAIM_SIGNATURE"][1:]},
    "another exchange's block": lambda proof, other: {
        **proof,
        "PASSWORD_CLAIM_SECRET_BLOCK": other["PASSWORD_CLAIM_SECRET_BLOCK"],
    },
    "another exchange's signature": lambda proof, other: {
        **proof,
        "PASSWORD_CLAIM_SIGNATURE": other["PASSWORD_CLAIM_SIGNATURE"],
    },
    "an altered block": lambda proof, _: {
        **proof,
        "PASSWORD_CLAIM_SECRET_BLOCK": _other_character(proof["PASSWORD_CLAIM_SECRET_BLOCK"], 40),
    },
    "no block at all": lambda proof, _: {**proof, "PASSWORD_CLAIM_SECRET_BLOCK": ""},
    "another user": lambda proof, _: {**proof, "USERNAME": "mallory"},
    "another time": lambda proof, _: {**proof, "TIMESTAMP": _other_character(proof["TIMESTAMP"], -1, "1234567890")},
    "a time that cannot be read": lambda proof, _: {**proof, "TIMESTAMP": proof["TIMESTAMP"].replace("UTC", "UTX")},
}


def _other_character(text: str, index: int, alphabet: str = "AB") -> str:
    """Return `text` with one character replaced by another."""
    kept = list(text)
    kept[index] = next(one for one in alphabet if one != kept[index])
    return "".join(kept)


@pytest.mark.parametrize("admin", [False, True], ids=["public", "admin"])
def test_a_proof_that_was_tampered_with_opens_nothing(world: World, *, admin: bool) -> None:
    """Each part of a right proof is bound to the others; the right one signs in once, and only once."""
    client = world.pool().client()
    client.pool.user("ada")
    client.pool.user("mallory")
    proof, other = (srp_proof(client, "ada", admin=admin) for _ in range(2))

    for number, (what, tamper) in enumerate(TAMPERED.items()):
        refusal = refused(partial(_respond, client, tamper(proof, other), admin=admin))
        assert refusal == INCORRECT, what
        world.clock.advance(1000 << max(0, number - 4))  # past the lock that each wrong proof from the fifth on sets
    assert count_of_sessions(client.pool) == 0

    world.clock.advance(15 * 60_000)
    assert "AuthenticationResult" in srp_sign_in(client, "ada", admin=admin)


def _respond(client: ClientOfTests, proof: dict[str, str], *, admin: bool) -> dict[str, Any]:
    return respond(client, "PASSWORD_VERIFIER", admin=admin, **proof)


def test_a_spent_proof_is_remembered_as_long_as_any_clock_takes_it_for_good(world: World) -> None:
    """Part 4, rule 12: a process whose clock is ahead by seconds cleans up, and the proof opens nothing anew."""
    client = world.pool().client()
    client.pool.user("ada")
    proof = srp_proof(client, "ada")
    client.respond("PASSWORD_VERIFIER", **proof)
    world.clock.advance(3 * MINUTE - SECOND)

    async def clean(tx: Transaction) -> Expired:
        return await delete_expired(tx, Expired(client.pool.pool_id), now=world.clock.now() + 6 * SECOND)

    world.run(lambda: world.house.db.write(clean))
    assert refused(lambda: client.respond("PASSWORD_VERIFIER", **proof)) == USED


def test_a_proof_opens_one_session(world: World) -> None:
    """Whoever overhears a right proof cannot use it again."""
    client = world.pool().client()
    client.pool.user("ada")
    proof = srp_proof(client, "ada")

    assert "AuthenticationResult" in client.respond("PASSWORD_VERIFIER", **proof)
    assert refused(lambda: client.respond("PASSWORD_VERIFIER", **proof)) == USED
    assert count_of_sessions(client.pool) == 1


@pytest.mark.parametrize("name", ["bob", "nobody"])
def test_a_block_of_somebody_elses_counts_for_nobody(world: World, name: str) -> None:
    """It is no proof that was given of whom it was begun for: nobody is locked by it."""
    client = world.pool().client()
    client.pool.user("ada")
    client.pool.user("bob")
    proof = srp_proof(client, "ada")
    assert refused(lambda: client.respond("PASSWORD_VERIFIER", **{**proof, "USERNAME": name})) == INCORRECT
    assert failures(client.pool) == []
    assert client.respond("PASSWORD_VERIFIER", **proof)["AuthenticationResult"]


def test_a_wrong_password_by_srp_is_refused_and_counted(world: World) -> None:
    """An honest exchange by pycognito with another password: the wrong proof, one failure."""
    client = world.pool().client()
    client.pool.user("ada")

    assert refused(lambda: srp_sign_in(client, "ada", "Not-the-password-1")) == INCORRECT
    assert failures(client.pool) == [(1, 0)]


def test_a_temporary_password_by_srp_leads_to_the_challenge(world: World) -> None:
    """SRP is no way around the first change of the password."""
    client = world.pool().client()
    client.pool.user("ada", permanent=False)

    answer = srp_sign_in(client, "ada")
    assert answer["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert "AuthenticationResult" not in answer
    assert count_of_sessions(client.pool) == 0


@pytest.mark.parametrize("name", ["ada", "nobody"])
@pytest.mark.parametrize(
    "public",
    ["0", "00", "", "-1", "0x2", " 2", "2 ", "+2", "1_0", "٢", f"{srp.N:x}", f"{2 * srp.N:x}", f"0{srp.N:x}"],
    ids=["0", "00", "empty", "-1", "0x2", "blank", "blank-after", "+2", "1_0", "arabic", "N", "2N", "0N"],
)
def test_a_public_value_that_cancels_the_password_begins_nothing(world: World, name: str, public: str) -> None:
    """A = 0 mod N would make every password right (RFC 5054 section 2.5.4); what is no number is not guessed at."""
    client = world.pool().client()
    client.pool.user("ada")

    assert refused(lambda: client.initiate("USER_SRP_AUTH", USERNAME=name, SRP_A=public)) == NO_PUBLIC_VALUE


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_a_huge_public_value_costs_no_arithmetic(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """As much hex as a body holds is refused by its length: it is not made a number, and no exchange is computed."""
    client = world.pool().client()
    client.pool.user("ada")
    work: list[str] = []

    def noted(*_: object, **__: object) -> int:
        work.append("work")
        return 1

    with monkeypatch.context() as spied:
        spied.setattr(srp, "int", noted, raising=False)
        spied.setattr(srp, "server_public", noted)
        for length, refusal in ((1_000_000, 413), (130_000, NO_PUBLIC_VALUE), (2 * 3072 // 4 + 1, NO_PUBLIC_VALUE)):
            given = {"USERNAME": name, "SRP_A": "A" * length}
            body = {"ClientId": client.client_id, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": given}
            answer = raw(world, "InitiateAuth", body)
            assert refusal == (answer[0] if answer[0] != 400 else error_of(answer))
    assert work == []

    longest = "0" * (2 * 3072 // 4 - len(SOME_A)) + SOME_A
    assert begin(client, "USER_SRP_AUTH", USERNAME=name, SRP_A=longest)["ChallengeName"] == "PASSWORD_VERIFIER"


def test_a_wrong_proof_leaves_the_exchange_to_the_right_one(world: World) -> None:
    """A wrong signature is counted and spends nothing: the block still serves the user who began with it."""
    client = world.pool().client()
    client.pool.user("ada")
    proof = srp_proof(client, "ada", PASSWORD)

    wrong = {**proof, "PASSWORD_CLAIM_SIGNATURE": b64encode(bytes(32)).decode()}
    assert refused(lambda: client.respond("PASSWORD_VERIFIER", **wrong)) == INCORRECT
    assert "AuthenticationResult" in client.respond("PASSWORD_VERIFIER", **proof)


def test_who_has_no_verifier_gets_one_with_the_first_plain_sign_in(world: World) -> None:
    """A user of before the pool took SRP, or of an import (userpools.md 3.3): a wrong password makes none."""
    client = world.pool().client()
    client.pool.user("ada")
    drop = "UPDATE users SET srp_salt = NULL, srp_verifier = NULL WHERE pool_id = $1"
    world.run(lambda: world.house.db.execute(drop, client.pool.pool_id))
    assert refused(partial(srp_sign_in, client, "ada")) == INCORRECT

    assert refused(partial(client.sign_in, "ada", "Wrong-password-0")) == INCORRECT
    kept = "SELECT COUNT(srp_verifier) FROM users WHERE pool_id = $1"
    assert world.rows(kept, client.pool.pool_id) == [(0,)]
    assert client.tokens("ada")
    assert srp_sign_in(client, "ada")["AuthenticationResult"]
