"""Review."""

import json
from typing import Any

import pytest

from api.choosing import ALLOWED, WAYS, opened
from api.devices import INSTEAD_OF_MFA, begun, confirm, new_device, sign_in, tracked
from api.devices import asked as device_asked
from api.pools_code import ASK, SRP, TOKENS, Code, TRIGGERS, prove_password, running_code
from api.second_factors import EMAIL, EMAIL_OTP, PHONE, SMS_MFA, TOTP, demand, enrol, give, half_way, prefer, shown, next_codes
from api.signing_in import INCORRECT, INVALID_SESSION, respond
from api.world import FLOWS, PASSWORD, ClientOfTests, PoolOfTests, World, refused
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.crypto import jws


def _claims(answer: dict[str, Any], token: str = "AccessToken") -> dict[str, Any]:
    return jws.peek(answer["AuthenticationResult"][token])[1]


def test_credit_of_a_device(world: World) -> None:
    pool = tracked(world)
    demand(pool, TOTP, mode="OPTIONAL")
    pool.user("ada")
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    device = new_device(client, "ada")
    token = sign_in(client, "ada", device)["AccessToken"]
    secret = str(world.unsigned.associate_software_token(AccessToken=token)["SecretCode"])
    world.unsigned.verify_software_token(AccessToken=token, UserCode=shown(world, secret))
    next_codes(world)
    asked = client.initiate("USER_AUTH", USERNAME="ada", TARGET_ACR_VALUES="urn:cognito:loa:4", ACCESS_TOKEN=token, DEVICE_KEY="us-east-1_made-up")
    print(asked)
    done = give(client, TOTP, asked["Session"], shown(world, secret))
    print(done)
    assert _claims(done)["device_key"] != "us-east-1_made-up"


def test_custom_names_another_device(world: World, monkeypatch) -> None:
    pool = tracked(world, INSTEAD_OF_MFA, LambdaConfig=TRIGGERS)
    demand(pool, TOTP, mode="OPTIONAL", )
    pool.user("ada")
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    code = Code()
    with running_code(world, monkeypatch, code):
        tokens = client.tokens("ada")
        device = confirm(world, tokens)
        secret = str(world.unsigned.associate_software_token(AccessToken=tokens["AccessToken"])["SecretCode"])
        world.unsigned.verify_software_token(AccessToken=tokens["AccessToken"], UserCode=shown(world, secret))
        prefer(pool, "ada", "SoftwareTokenMfaSettings")
        from api.devices import helper
        user = helper(client, "ada", device)
        given = user.get_auth_params()
        b = client.initiate("CUSTOM_AUTH", CHALLENGE_NAME="SRP_A", **given)
        proof = user.process_challenge(b["ChallengeParameters"], given)
        a = client.respond(SRP, **{**proof, "DEVICE_KEY": device.key})
        assert a["ChallengeName"] == "DEVICE_SRP_AUTH", a
        p = begun(client, "ada", device, a)
        a = client.respond("DEVICE_PASSWORD_VERIFIER", **p)
        assert a["ChallengeName"] == ASK
        from api.pools_code import RIGHT
        a = client.respond(ASK, a["Session"], USERNAME="ada", ANSWER=RIGHT, DEVICE_KEY="us-east-1_made-up")
    assert _claims(a)["device_key"] == device.key


@pytest.mark.parametrize("value", ["9" * 30, "9" * 400, "²", "٣"])
def test_updated_at(world: World, value: str) -> None:
    pool = world.pool()
    pool.user("ada")
    client = pool.client()
    token = client.tokens("ada")["AccessToken"]
    try:
        world.unsigned.update_user_attributes(AccessToken=token, UserAttributes=[{"Name": "updated_at", "Value": value}])
    except Exception as e:
        print(e)
    print(_claims(client.sign_in("ada"), "IdToken"))


@pytest.mark.parametrize("length", [129, 5000, 131072])
@pytest.mark.parametrize("what", ["USERNAME", "DEVICE_KEY", "PREFERRED_CHALLENGE", "TARGET_ACR_VALUES", "ACCESS_TOKEN", "MAX_AGE"])
def test_long(world: World, length: int, what: str) -> None:
    pool = tracked(world)
    client = opened(pool.client())
    pool.user("ada")
    for flow in ("USER_AUTH", "USER_SRP_AUTH", "USER_PASSWORD_AUTH"):
        given = {"USERNAME": "ada", "SRP_A": f"{2**3070:x}", "PASSWORD": "Wrong-password-1", what: "a" * length}
        status, body = world.call("InitiateAuth", {"ClientId": client.client_id, "AuthFlow": flow, "AuthParameters": given})
        print(flow, what, length, status, str(body)[:200], len(json.dumps(body)))
        assert status < 500


def test_flow_taken_away(world: World) -> None:
    pool = world.pool()
    demand(pool, TOTP, mode="OPTIONAL")
    pool.user("ada")
    client = pool.client()
    session, code = half_way(client, "ada", TOTP)
    world.signed.update_user_pool_client(UserPoolId=pool.pool_id, ClientId=client.client_id, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"])
    print(refused(lambda: give(client, TOTP, session, code)))
