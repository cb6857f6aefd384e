"""Can a device be talked into tokens, or its challenge be had for less than its proofs? attacks.md 1, 7, 8, 23 and 49."""

import dataclasses
import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from pycognito.aws_srp import AWSSRP, calculate_u, compute_hkdf, hash_sha256, hex_hash, pad_hex

from api.devices import (
    ALWAYS,
    INSTEAD_OF_MFA,
    NO_DEVICE,
    DeviceOfTests,
    asked,
    begun,
    confirm,
    helper,
    new_device,
    sign_in,
    tracked,
)
from api.forge import claims_of
from api.second_factors import TOTP, demand, enrol, give, next_codes, prefer, shown
from api.signing_in import (
    INCORRECT,
    INVALID_SESSION,
    LOCKED,
    SOME_A,
    at_once,
    count_of_sessions,
    error_of,
    lock,
    put,
    raw,
)
from api.world import PASSWORD, ClientOfTests, World, refused
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.crypto import srp

USED = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
EXPIRED = ("NotAuthorizedException", "Invalid session for the user, session is expired.")
NO_SESSION = ("InvalidParameterException", "Missing required parameter Session")
NO_PUBLIC_VALUE = ("InvalidParameterException", "SRP_A is not a valid public value")
WRONG, SOME_TIME = "Wrong-password-0", "Mon Nov 2 08:42:08 UTC 2026"
Tamper = Callable[[dict[str, str], dict[str, str]], dict[str, str]]

# What an attacker changes in a proof that is right, given the proof of another exchange of the same device.
TAMPERED: dict[str, Tamper] = {
    "a random signature": lambda proof, _: {**proof, "PASSWORD_CLAIM_SIGNATURE": b64encode(b"\x5a" * 32).decode()},
    "an empty signature": lambda proof, _: {**proof, "PASSWORD_CLAIM_SIGNATURE": ""},
    "another exchange's block": lambda proof, other: {
        **proof,
        "PASSWORD_CLAIM_SECRET_BLOCK": other["PASSWORD_CLAIM_SECRET_BLOCK"],
    },
    "no block at all": lambda proof, _: {**proof, "PASSWORD_CLAIM_SECRET_BLOCK": ""},
    "another user": lambda proof, _: {**proof, "USERNAME": "mallory"},
    "nobody": lambda proof, _: {**proof, "USERNAME": "nobody"},
    "another device": lambda proof, _: {**proof, "DEVICE_KEY": "us-east-1_0a"},
    "another time": lambda proof, _: {**proof, "TIMESTAMP": SOME_TIME},
    "a time that cannot be read": lambda proof, _: {**proof, "TIMESTAMP": proof["TIMESTAMP"].replace("UTC", "UTX")},
}


def known(world: World, **settings: Any) -> tuple[ClientOfTests, DeviceOfTests]:
    """Make a user with a remembered device, in a pool with somebody else who has one too."""
    client = tracked(world, **settings).client()
    for name in ("ada", "mallory"):
        client.pool.user(name)
    new_device(client, "mallory")
    return client, new_device(client, "ada")


def test_a_proof_that_was_tampered_with_opens_nothing(world: World) -> None:
    """Each part of a device's proof is bound to the others; the right one signs in."""
    client, device = known(world)
    proof, other = (begun(client, "ada", device, asked(client, "ada", device)) for _ in range(2))
    sessions = count_of_sessions(client.pool)

    for number, (what, tamper) in enumerate(TAMPERED.items()):
        refusal = refused(partial(client.respond, "DEVICE_PASSWORD_VERIFIER", **tamper(proof, other)))
        assert refusal == INCORRECT, what
        world.clock.advance(SECOND << max(0, number - 4))  # past the lock that wrong proofs set
    assert count_of_sessions(client.pool) == sessions
    assert "AuthenticationResult" in client.respond("DEVICE_PASSWORD_VERIFIER", **proof)


def test_a_proof_opens_one_session(world: World) -> None:
    """Whoever overhears a device's proof cannot use it again, nor the Session that led to it, even at the same moment."""
    client, device = known(world)
    challenge = asked(client, "ada", device)
    proof = begun(client, "ada", device, challenge)
    sessions = count_of_sessions(client.pool)

    body = {
        "ClientId": client.client_id,
        "ChallengeName": "DEVICE_PASSWORD_VERIFIER",
        "ChallengeResponses": proof,
    }
    answers = at_once([partial(raw, world, "RespondToAuthChallenge", body)] * 8)
    assert sorted(answer[0] for answer in answers) == [200, *[400] * 7]
    assert {error_of(answer) for answer in answers if answer[0] != 200} == {USED}
    assert refused(lambda: begun(client, "ada", device, challenge)) == USED
    assert count_of_sessions(client.pool) == sessions + 1


def test_a_session_begins_one_exchange(world: World) -> None:
    """One proof of the password is no licence to guess at the device from several sides."""
    client, device = known(world)
    challenge = asked(client, "ada", device)
    assert begun(client, "ada", device, challenge)
    assert refused(lambda: begun(client, "ada", device, challenge)) == USED


def test_a_device_is_no_first_factor(world: World) -> None:
    """Whoever has the device and its secret gets nowhere without the password: there is nothing to take up."""
    client, device = known(world)
    user = helper(client, "ada", device)
    given = {"USERNAME": "ada", "DEVICE_KEY": device.key, "SRP_A": f"{user.large_a_value:x}"}
    assert refused(lambda: client.respond("DEVICE_SRP_AUTH", **given)) == NO_SESSION
    assert refused(lambda: client.respond("DEVICE_SRP_AUTH", "A" * 40, **given)) == INVALID_SESSION
    assert refused(lambda: client.respond("DEVICE_SRP_AUTH", **{**given, "USERNAME": "nobody"})) == NO_SESSION

    newcomer = client.pool.user("newcomer", permanent=False)
    assert newcomer
    session = client.sign_in("newcomer")["Session"]
    assert refused(lambda: client.respond("DEVICE_SRP_AUTH", session, **given)) == INVALID_SESSION


def test_a_password_that_somebody_else_proves_is_not_taken_up(world: World) -> None:
    """Without a Session the device goes on from the exchange of its own public value, of its own client, user and key."""
    client, device = known(world)
    owner, thief = helper(client, "ada", device), helper(client, "ada", device)
    first = client.initiate("USER_SRP_AUTH", **owner.get_auth_params())
    proof = owner.process_challenge(first["ChallengeParameters"], owner.get_auth_params())
    assert client.respond("PASSWORD_VERIFIER", **proof)["ChallengeName"] == "DEVICE_SRP_AUTH"

    own = {"USERNAME": "ada", "DEVICE_KEY": device.key, "SRP_A": f"{owner.large_a_value:x}"}
    other_client = client.pool.client()
    for where, given in (
        (client, {**own, "SRP_A": f"{thief.large_a_value:x}"}),
        (client, {**own, "SRP_A": SOME_A}),
        (client, {**own, "USERNAME": "mallory"}),
        (client, {**own, "DEVICE_KEY": "us-east-1_0a"}),
        (other_client, own),
    ):
        assert refused(partial(where.respond, "DEVICE_SRP_AUTH", **given)) == NO_SESSION
    assert client.respond("DEVICE_SRP_AUTH", **own)["ChallengeName"] == "DEVICE_PASSWORD_VERIFIER"
    assert refused(lambda: client.respond("DEVICE_SRP_AUTH", **own)) == USED


def test_what_was_proved_is_kept_no_longer_than_a_session(world: World) -> None:
    """The public value takes it up within the life of the challenge and not after it."""
    client, device = known(world)
    user = helper(client, "ada", device)
    first = client.initiate("USER_SRP_AUTH", **user.get_auth_params())
    client.respond("PASSWORD_VERIFIER", **user.process_challenge(first["ChallengeParameters"], user.get_auth_params()))
    world.clock.advance(3 * MINUTE)

    given = {"USERNAME": "ada", "DEVICE_KEY": device.key, "SRP_A": f"{user.large_a_value:x}"}
    assert refused(lambda: client.respond("DEVICE_SRP_AUTH", **given)) == EXPIRED


def test_the_block_of_a_device_proves_no_password(world: World) -> None:
    """Not even for somebody who knows both secrets, and so can answer an exchange of one with the other."""
    client, device = known(world)
    user = helper(client, "ada", device)
    salt = client.initiate("USER_SRP_AUTH", **user.get_auth_params())["ChallengeParameters"]["SALT"]
    given = {"USERNAME": "ada", "DEVICE_KEY": device.key, "SRP_A": f"{user.large_a_value:x}"}
    block = client.respond("DEVICE_SRP_AUTH", asked(client, "ada", device)["Session"], **given)["ChallengeParameters"]

    group = client.pool.pool_id.partition("_")[2]
    password = exponent(group, "ada", PASSWORD, salt)
    secret = exponent(device.group, device.key, device.password, block["SALT"])
    proof = crossed(user, block, f"{group}{device.key}", made_for=secret, answered_by=password)
    assert refused(lambda: client.respond("PASSWORD_VERIFIER", **proof, USERNAME="ada")) == INCORRECT
    assert count_of_sessions(client.pool) == 2


def test_the_block_of_a_password_proves_no_device(world: World) -> None:
    """Nor for somebody who is called by the key of his device besides: the device is asked when the password is proved."""
    client, device = known(world)
    (row,) = world.rows("SELECT user_id FROM users WHERE pool_id = $1 AND username = $2", client.pool.pool_id, "ada")
    put(client.pool, row[0], username=device.key)
    user = helper(client, "ada", device)
    block = client.initiate("USER_SRP_AUTH", **user.get_auth_params())["ChallengeParameters"]
    given = {"USERNAME": "ada", "DEVICE_KEY": device.key, "SRP_A": f"{user.large_a_value:x}"}
    salt = client.respond("DEVICE_SRP_AUTH", asked(client, "ada", device)["Session"], **given)["ChallengeParameters"]

    password = exponent(client.pool.pool_id.partition("_")[2], "ada", PASSWORD, block["SALT"])
    secret = exponent(device.group, device.key, device.password, salt["SALT"])
    proof = crossed(user, block, f"{device.group}{device.key}", made_for=password, answered_by=secret)
    named = {"USERNAME": "ada", "DEVICE_KEY": device.key}
    assert refused(lambda: client.respond("DEVICE_PASSWORD_VERIFIER", **proof, **named)) == INCORRECT
    assert count_of_sessions(client.pool) == 2


def crossed(user: AWSSRP, challenge: dict[str, str], names: str, *, made_for: int, answered_by: int) -> dict[str, str]:
    """Answer an exchange that was made for one x by another: who knows both can take g^b out of B."""
    server_public = int(challenge["SRP_B"], 16)
    bare = server_public - user.val_k * pow(user.val_g, made_for, user.big_n)
    mixer = calculate_u(user.large_a_value, server_public)
    shared = pow(bare, user.small_a_value + mixer * answered_by, user.big_n)
    key = compute_hkdf(bytes.fromhex(pad_hex(shared)), bytes.fromhex(pad_hex(mixer)))
    message = names.encode() + b64decode(challenge["SECRET_BLOCK"]) + SOME_TIME.encode()
    return {
        "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
        "PASSWORD_CLAIM_SIGNATURE": b64encode(hmac.digest(key, message, "sha256")).decode(),
        "TIMESTAMP": SOME_TIME,
    }


def exponent(group: str, name: str, secret: str, salt: str) -> int:
    """Return the x of a secret, as pycognito computes it."""
    identity = hash_sha256(f"{group}{name}:{secret}".encode())
    return int(hex_hash(pad_hex(salt) + identity), 16)


@pytest.mark.parametrize(
    "public", ["0", "", "-1", f"{srp.N:x}", f"{2 * srp.N:x}", "A" * 1537], ids=["0", "empty", "-1", "N", "2N", "long"]
)
def test_a_public_value_that_cancels_the_secret_begins_nothing(world: World, public: str) -> None:
    """A = 0 mod N would make every secret right, and a huge one costs arithmetic: neither spends the Session."""
    client, device = known(world)
    challenge = asked(client, "ada", device)
    given = {"USERNAME": "ada", "DEVICE_KEY": device.key, "SRP_A": public}
    assert refused(lambda: client.respond("DEVICE_SRP_AUTH", challenge["Session"], **given)) == NO_PUBLIC_VALUE
    assert begun(client, "ada", device, challenge)


def test_the_device_of_somebody_else_proves_nothing(world: World) -> None:
    """A right secret of another user's device, with one's own password: it does not exist for this user."""
    client, device = known(world)
    assert refused(lambda: client.sign_in("mallory", DEVICE_KEY=device.key)) == NO_DEVICE

    own = new_device(client, "mallory")
    session = asked(client, "mallory", own)["Session"]
    given = {"USERNAME": "mallory", "DEVICE_KEY": device.key, "SRP_A": SOME_A}
    assert refused(lambda: client.respond("DEVICE_SRP_AUTH", session, **given)) == INVALID_SESSION
    given = {"USERNAME": "ada", "DEVICE_KEY": own.key, "SRP_A": SOME_A}
    assert refused(lambda: client.respond("DEVICE_SRP_AUTH", session, **given)) == INVALID_SESSION


@pytest.mark.parametrize("how", ["admin_forget_device", "admin_update_device_status"])
def test_a_device_that_is_forgotten_on_the_way_proves_nothing(world: World, how: str) -> None:
    """Neither between password and challenge nor between challenge and proof."""
    client, device = known(world)
    challenge = asked(client, "ada", device)
    proof = begun(client, "ada", device, asked(client, "ada", device))
    more = {"DeviceRememberedStatus": "not_remembered"} if how == "admin_update_device_status" else {}
    client.pool.admin(how, "ada", DeviceKey=device.key, **more)

    assert refused(lambda: begun(client, "ada", device, challenge)) == NO_DEVICE
    assert refused(lambda: client.respond("DEVICE_PASSWORD_VERIFIER", **proof)) == NO_DEVICE
    assert count_of_sessions(client.pool) == 2


def test_a_password_that_is_changed_on_the_way_ends_the_exchange(world: World) -> None:
    """What was proved before it is not true any more."""
    client, device = known(world)
    challenge = asked(client, "ada", device)
    proof = begun(client, "ada", device, asked(client, "ada", device))
    client.pool.admin("admin_set_user_password", "ada", Password="Dive-in-3-lakes", Permanent=True)

    assert refused(lambda: begun(client, "ada", device, challenge)) == INVALID_SESSION
    assert refused(lambda: client.respond("DEVICE_PASSWORD_VERIFIER", **proof)) == INCORRECT


def test_wrong_proofs_of_a_device_lock_that_device(world: World) -> None:
    """The fifth one locks, for its owner too; the password without the device still signs in."""
    client, device = known(world)
    thief = dataclasses.replace(device, password="a guess")
    proof = begun(client, "ada", device, asked(client, "ada", device))
    guess = begun(client, "ada", thief, asked(client, "ada", device))
    for _ in range(5):
        assert refused(lambda: client.respond("DEVICE_PASSWORD_VERIFIER", **guess)) == INCORRECT

    assert refused(lambda: client.respond("DEVICE_PASSWORD_VERIFIER", **proof)) == LOCKED
    assert refused(lambda: client.sign_in("ada", DEVICE_KEY=device.key)) == LOCKED
    assert client.tokens("ada")
    world.clock.advance(SECOND)
    assert "AuthenticationResult" in client.respond("DEVICE_PASSWORD_VERIFIER", **proof)
    for _ in range(4):
        assert refused(lambda: client.sign_in("ada", WRONG, DEVICE_KEY=device.key)) == INCORRECT
    assert sign_in(client, "ada", device)


def test_a_lock_that_strangers_set_does_not_shut_out_a_remembered_device(world: World) -> None:
    """By password, by SRP with the device named at once, only at once, or only with the proof, and by pycognito."""
    client, device = known(world)
    lock(client, "ada")
    assert refused(lambda: client.sign_in("ada")) == LOCKED
    assert refused(lambda: client.sign_in("ada", DEVICE_KEY="us-east-1_0a")) == LOCKED

    assert sign_in(client, "ada", device)
    assert helper(client, "ada", device).authenticate_user()["AuthenticationResult"]
    user = helper(client, "ada", device)
    given = {name: value for name, value in user.get_auth_params().items() if name != "DEVICE_KEY"}
    proof = user.process_challenge(client.initiate("USER_SRP_AUTH", **given)["ChallengeParameters"], given)
    assert client.respond("PASSWORD_VERIFIER", **proof)["ChallengeName"] == "DEVICE_SRP_AUTH"
    given = user.get_auth_params()
    proof = user.process_challenge(client.initiate("USER_SRP_AUTH", **given)["ChallengeParameters"], given)
    assert client.respond("PASSWORD_VERIFIER", **_without_device(proof))["ChallengeName"] == "DEVICE_SRP_AUTH"
    assert refused(lambda: client.sign_in("ada")) == LOCKED


def _without_device(proof: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in proof.items() if name != "DEVICE_KEY"}


def test_a_device_has_as_many_attempts_as_everybody(world: World) -> None:
    """Wrong passwords that name a remembered device lock it along the same curve, and nobody else."""
    client, device = known(world)
    for _ in range(5):
        assert refused(lambda: client.sign_in("ada", WRONG, DEVICE_KEY=device.key)) == INCORRECT
    assert refused(lambda: client.sign_in("ada", DEVICE_KEY=device.key)) == LOCKED
    assert client.tokens("ada")
    world.clock.advance(SECOND)
    assert refused(lambda: client.sign_in("ada", WRONG, DEVICE_KEY=device.key)) == INCORRECT
    world.clock.advance(2 * SECOND - 1)
    assert refused(lambda: client.sign_in("ada", DEVICE_KEY=device.key)) == LOCKED


def test_keys_that_are_made_up_give_no_further_attempts(world: World) -> None:
    """Unknown keys, another user's and those of devices that are not remembered count where everybody counts."""
    client, device = known(world)
    client.pool.admin(
        "admin_update_device_status", "ada", DeviceKey=device.key, DeviceRememberedStatus="not_remembered"
    )
    other = new_device(client, "mallory")
    for key in (device.key, other.key, "us-east-1_0a", "us-east-1_0b", "é"):
        assert refused(partial(client.sign_in, "ada", WRONG, DEVICE_KEY=key)) == INCORRECT
    assert refused(lambda: client.sign_in("ada")) == LOCKED


def test_a_locked_name_answers_alike_whether_anybody_has_it(world: World) -> None:
    """Where devices are tracked the exchange begins though the lock holds: for a ghost as for a user."""
    client, _ = known(world)
    for name in ("ada", "nobody"):
        lock(client, name)
        first = client.initiate("USER_SRP_AUTH", USERNAME=name, SRP_A=SOME_A)
        given = {
            "USERNAME": name,
            "PASSWORD_CLAIM_SECRET_BLOCK": first["ChallengeParameters"]["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": b64encode(bytes(32)).decode(),
            "TIMESTAMP": SOME_TIME,
        }
        assert refused(partial(client.respond, "PASSWORD_VERIFIER", **given)) == LOCKED


def with_app(world: World, configuration: dict[str, bool]) -> tuple[ClientOfTests, DeviceOfTests, str]:
    """Make a user with an app and a device, in a pool that asks for the app; return the app's secret too."""
    client = tracked(world, configuration).client()
    demand(client.pool, TOTP, mode="OPTIONAL")
    client.pool.user("ada")
    secret = enrol(client, "ada")
    challenge = client.sign_in("ada")
    tokens = give(client, TOTP, challenge["Session"], shown(world, secret))["AuthenticationResult"]
    world.clock.advance(MINUTE)
    return client, confirm(world, tokens), secret


def test_a_remembered_device_stands_for_the_second_factor(world: World) -> None:
    """Where the pool says so, and with its proof: the app is not asked for, and nothing less gives tokens."""
    client, device, _ = with_app(world, INSTEAD_OF_MFA)
    assert client.sign_in("ada")["ChallengeName"] == TOTP
    assert refused(lambda: client.sign_in("ada", DEVICE_KEY="us-east-1_0a")) == NO_DEVICE

    sessions = count_of_sessions(client.pool)
    proof = begun(client, "ada", dataclasses.replace(device, password="a guess"), asked(client, "ada", device))
    assert refused(lambda: client.respond("DEVICE_PASSWORD_VERIFIER", **proof)) == INCORRECT
    assert count_of_sessions(client.pool) == sessions
    assert claims_of(sign_in(client, "ada", device)["AccessToken"])["device_key"] == device.key


def test_a_device_that_is_not_remembered_stands_for_nothing(world: World) -> None:
    """Its user is asked for the app, and the token has the key that was named."""
    client, device, secret = with_app(world, INSTEAD_OF_MFA)
    client.pool.admin(
        "admin_update_device_status", "ada", DeviceKey=device.key, DeviceRememberedStatus="not_remembered"
    )
    challenge = client.sign_in("ada", DEVICE_KEY=device.key)
    assert challenge["ChallengeName"] == TOTP
    tokens = give(client, TOTP, challenge["Session"], shown(world, secret))["AuthenticationResult"]
    assert claims_of(tokens["AccessToken"])["device_key"] == device.key


def test_a_device_comes_after_the_second_factor_elsewhere(world: World) -> None:
    """Where it does not stand for it: password, app and device, and none of them can be left out."""
    client, device, secret = with_app(world, ALWAYS)
    challenge = client.sign_in("ada", DEVICE_KEY=device.key)
    assert challenge["ChallengeName"] == TOTP
    last = give(client, TOTP, challenge["Session"], shown(world, secret))
    assert last["ChallengeName"] == "DEVICE_SRP_AUTH"
    proof = begun(client, "ada", device, last)
    assert "AuthenticationResult" in client.respond("DEVICE_PASSWORD_VERIFIER", **proof)


def test_a_pool_that_stops_taking_the_device_asks_for_the_factor(world: World) -> None:
    """The gate judges by what the pool says at that moment, not when the device was asked."""
    client, device, _ = with_app(world, INSTEAD_OF_MFA)
    proof = begun(client, "ada", device, asked(client, "ada", device))
    document = world.signed.describe_user_pool(UserPoolId=client.pool.pool_id)["UserPool"]
    assert document["DeviceConfiguration"] == INSTEAD_OF_MFA
    world.signed.update_user_pool(
        UserPoolId=client.pool.pool_id, DeviceConfiguration=ALWAYS, MfaConfiguration="OPTIONAL"
    )
    demand(client.pool, TOTP, mode="OPTIONAL")
    assert client.respond("DEVICE_PASSWORD_VERIFIER", **proof)["ChallengeName"] == TOTP


def test_an_unknown_device_is_told_about_before_the_second_factor(world: World) -> None:
    """While the client can still begin anew with the same proof: after a code was used it could not."""
    client, device, _ = with_app(world, ALWAYS)
    client.pool.admin("admin_forget_device", "ada", DeviceKey=device.key)
    assert refused(lambda: client.sign_in("ada", DEVICE_KEY=device.key)) == NO_DEVICE
    assert client.sign_in("ada", PASSWORD)["ChallengeName"] == TOTP


def test_a_lock_that_strangers_set_does_not_shut_the_device_out_between_its_answers(world: World) -> None:
    """The code of the second factor names no device, and counts where the password did that named one."""
    client, device = known(world)
    demand(client.pool, TOTP, mode="OPTIONAL")
    secret = app_of_a_device(client, device)
    challenge = client.sign_in("ada", DEVICE_KEY=device.key)
    assert challenge["ChallengeName"] == TOTP
    lock(client, "ada")

    answer = give(client, TOTP, challenge["Session"], shown(world, secret))
    assert answer["ChallengeName"] == "DEVICE_SRP_AUTH"
    assert refused(lambda: client.sign_in("ada")) == LOCKED


def test_a_device_keeps_its_own_lock_over_several_answers(world: World) -> None:
    """A password of one's own and the code after it: neither answer names the device, and it is the device's lock still."""
    client, device = known(world)
    demand(client.pool, TOTP, mode="OPTIONAL")
    secret = app_of_a_device(client, device)
    client.pool.admin("admin_set_user_password", "ada", Password=PASSWORD, Permanent=False)
    asked = client.sign_in("ada", DEVICE_KEY=device.key)
    given = {"USERNAME": "ada", "NEW_PASSWORD": f"{PASSWORD}-2"}
    challenge = client.respond("NEW_PASSWORD_REQUIRED", asked["Session"], **given)
    assert challenge["ChallengeName"] == TOTP
    lock(client, "ada")

    answer = give(client, TOTP, challenge["Session"], shown(world, secret))
    assert answer["ChallengeName"] == "DEVICE_SRP_AUTH"
    assert refused(lambda: client.sign_in("ada", f"{PASSWORD}-2")) == LOCKED


def test_the_session_of_the_code_before_it_answers_for_a_device_and_alone(world: World) -> None:
    """amazon-cognito-identity-js sends the Session that it answered the code with: good once, and not before the code."""
    client, device = known(world)
    demand(client.pool, TOTP, mode="OPTIONAL")
    secret = app_of_a_device(client, device)
    before = client.sign_in("ada", DEVICE_KEY=device.key)
    other = client.sign_in("ada", DEVICE_KEY=device.key)
    assert refused(lambda: begun(client, "ada", device, before)) == INVALID_SESSION

    give(client, TOTP, before["Session"], shown(world, secret))
    assert refused(lambda: begun(client, "ada", device, other)) == INVALID_SESSION
    assert refused(lambda: begun(client.pool.client(), "ada", device, before)) == INVALID_SESSION
    proof = begun(client, "ada", device, before)
    assert refused(lambda: begun(client, "ada", device, before)) == USED
    assert "AuthenticationResult" in client.respond("DEVICE_PASSWORD_VERIFIER", **proof)


def app_of_a_device(client: ClientOfTests, device: DeviceOfTests) -> str:
    """Set up an authenticator app by a sign-in on a device, for optional MFA; return its secret."""
    world, token = client.world, sign_in(client, "ada", device)["AccessToken"]
    secret = str(world.unsigned.associate_software_token(AccessToken=token)["SecretCode"])
    world.unsigned.verify_software_token(AccessToken=token, UserCode=shown(world, secret))
    prefer(client.pool, "ada", "SoftwareTokenMfaSettings")
    next_codes(world)
    return secret
