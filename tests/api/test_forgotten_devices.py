"""What is a device worth that its user forgot? Nothing, and it costs whoever still names it no code (attacks.md 49)."""

from functools import partial

import pytest

from api.choosing import ALLOWED
from api.devices import INSTEAD_OF_MFA, NO_DEVICE, DeviceOfTests, begun, confirm, helper, new_device, sign_in, tracked
from api.forge import claims_of
from api.pools_code import ASK, TRIGGERS, Code, answer, running_code
from api.second_factors import EMAIL, TOTP, asked, demand, enrol, give, shown
from api.signing_in import INCORRECT, LOCKED, begin, count_of_sessions, guessed_proof, lock
from api.world import ClientOfTests, World, refused
from poolkeeper.clock import HOUR
from poolkeeper.store.cleaning import Expired, delete_expired
from poolkeeper.store.db import Transaction

EXISTS = ("DeviceKeyExistsException", "Device key already exists.")
CHALLENGES = {name: arn for name, arn in TRIGGERS.items() if name != "PreAuthentication"}


def test_a_token_does_not_bring_back_what_was_forgotten(world: World) -> None:
    """Its key was confirmed once: whoever has a token of it gives it no other secret."""
    client = tracked(world).client()
    client.pool.user("ada")
    tokens = client.tokens("ada")
    device = confirm(world, tokens)
    world.unsigned.forget_device(AccessToken=tokens["AccessToken"], DeviceKey=device.key)
    assert refused(partial(confirm, world, tokens)) == EXISTS
    assert refused(partial(sign_in, client, "ada", device)) == NO_DEVICE


def test_nor_does_a_token_of_a_later_sign_in(world: World) -> None:
    """Whose session outlives the one that the device was confirmed in."""
    short = {
        "ExplicitAuthFlows": ALLOWED,
        "RefreshTokenValidity": 60,
        "TokenValidityUnits": {"RefreshToken": "minutes"},
    }
    pool = tracked(world)
    pool.user("ada")
    first, later = pool.client(**short), pool.client(ExplicitAuthFlows=ALLOWED)
    tokens = first.tokens("ada")
    device = confirm(world, tokens)
    again = sign_in(later, "ada", device)
    world.clock.advance(2 * HOUR)

    async def clean(tx: Transaction) -> Expired:
        return await delete_expired(tx, Expired(pool.pool_id), now=world.clock.now())

    world.run(lambda: world.house.db.write(clean))
    given = {"REFRESH_TOKEN": again["RefreshToken"], "DEVICE_KEY": device.key}
    access = later.initiate("REFRESH_TOKEN_AUTH", **given)["AuthenticationResult"]["AccessToken"]
    world.unsigned.forget_device(AccessToken=access, DeviceKey=device.key)
    assert refused(partial(confirm, world, {**tokens, "AccessToken": access})) == EXISTS


def test_a_device_that_is_forgotten_after_its_proof_is_no_second_factor(world: World) -> None:
    """The pool's own challenge comes last; what stood for the second factor before it must still be there then."""
    pool = tracked(world, INSTEAD_OF_MFA, LambdaConfig=CHALLENGES)
    demand(pool, TOTP, mode="OPTIONAL")
    pool.user("ada")
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    secret = enrol(client, "ada")
    session = asked(client, TOTP)["Session"]
    device = confirm(world, give(client, TOTP, session, shown(world, secret))["AuthenticationResult"])
    sessions = count_of_sessions(pool)

    with pytest.MonkeyPatch.context() as patched, running_code(world, patched, Code()):
        session = proved_by_device(client, device)
        pool.admin("admin_forget_device", "ada", DeviceKey=device.key)
        assert refused(lambda: answer(client, session)) == INCORRECT
    assert count_of_sessions(pool) == sessions


def proved_by_device(client: ClientOfTests, device: DeviceOfTests) -> str:
    """Prove the password and the device of CUSTOM_AUTH; return the Session of the challenge that is left."""
    user = helper(client, "ada", device)
    given = user.get_auth_params()
    asked_for = begin(client, "CUSTOM_AUTH", CHALLENGE_NAME="SRP_A", **given)
    proof = {**user.process_challenge(asked_for["ChallengeParameters"], given), "DEVICE_KEY": device.key}
    challenge = client.respond("PASSWORD_VERIFIER", **proof)
    last = client.respond("DEVICE_PASSWORD_VERIFIER", **begun(client, "ada", device, challenge))
    assert last["ChallengeName"] == ASK
    return str(last["Session"])


def test_a_code_is_good_though_its_answer_names_a_forgotten_device(world: World) -> None:
    """Amplify names it with every answer, and begins anew after a password alone: a code would be spent for nothing."""
    factors = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
    client = tracked(world, Policies=factors).client(ExplicitAuthFlows=ALLOWED)
    client.pool.user("ada", email=EMAIL, email_verified="true")
    device = new_device(client, "ada")
    client.pool.admin("admin_forget_device", "ada", DeviceKey=device.key)
    assert refused(lambda: client.sign_in("ada", DEVICE_KEY=device.key)) == NO_DEVICE

    session = client.initiate("USER_AUTH", USERNAME="ada", PREFERRED_CHALLENGE="EMAIL_OTP")["Session"]
    given = {"USERNAME": "ada", "EMAIL_OTP_CODE": world.code(EMAIL), "DEVICE_KEY": device.key}
    assert "NewDeviceMetadata" in client.respond("EMAIL_OTP", session, **given)["AuthenticationResult"]


def test_a_pool_that_stops_to_track_devices_goes_on_without_them(world: World) -> None:
    """Who proved a device a moment before has done no wrong; the lock that holds is the user's own then."""
    pool = tracked(world)
    pool.user("ada")
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    device = new_device(client, "ada")
    proofs = [begun(client, "ada", device, client.sign_in("ada", DEVICE_KEY=device.key)) for _ in range(2)]
    world.signed.update_user_pool(UserPoolId=pool.pool_id)
    tokens = client.respond("DEVICE_PASSWORD_VERIFIER", **proofs[0])["AuthenticationResult"]
    assert "NewDeviceMetadata" not in tokens
    assert "device_key" not in claims_of(tokens["AccessToken"])

    lock(client, "ada")
    assert refused(lambda: client.respond("DEVICE_PASSWORD_VERIFIER", **proofs[1])) == LOCKED


def test_a_wrong_password_counts_for_its_user_where_the_pool_tracks_no_devices(world: World) -> None:
    """Whatever device it names: a step would be taken under one lock, and the next one refused under another."""
    pool = tracked(world)
    pool.user("ada")
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    device = new_device(client, "ada")
    before = client.initiate("USER_SRP_AUTH", **helper(client, "ada", device).get_auth_params())["ChallengeParameters"]
    world.signed.update_user_pool(UserPoolId=pool.pool_id)

    wrong_proof = {**guessed_proof("ada", before["SECRET_BLOCK"]), "DEVICE_KEY": device.key}
    assert refused(lambda: client.respond("PASSWORD_VERIFIER", **wrong_proof)) == INCORRECT
    assert refused(lambda: client.sign_in("ada", "Wrong-password-0", DEVICE_KEY=device.key)) == INCORRECT
    counted = world.rows("SELECT bucket, failures FROM lockouts WHERE pool_id = $1", pool.pool_id)
    assert [tuple(row) for row in counted] == [("", 2)]
