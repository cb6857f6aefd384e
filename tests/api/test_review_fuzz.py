"""Fuzz."""
import json
import pytest
from api.choosing import ALLOWED, opened
from api.devices import new_device, tracked, asked as dasked, ALWAYS, helper
from api.second_factors import TOTP, demand, half_way
from api.world import World, PASSWORD
from poolkeeper.auth.flow import ANSWERS, STARTS
from api.signing_in import SOME_A, srp_proof
from api.pools_code import Code, TRIGGERS, running_code, ask

ODD = ['""', '"\\ud800"', '"a\\u0000b"', '"%s"' % ("é" * 60000), '"%s"' % ("9" * 131072), '"%s"' % ("[" * 100000), 'null', '1', '[]', '{}', 'true', '1e400', '"\\u202e"', '"٣٣٣٣٣٣"', '"²²²²²²"', '"{}"', '"[]"', '"AAAA"', '"====" ', '"-1"', '"9999999999999999999999999999"', '"true"', '"\\uDBFF\\uDFFF"']
KEYS = ["USERNAME","PASSWORD","SRP_A","ANSWER","CREDENTIAL","SMS_MFA_CODE","SMS_OTP_CODE","EMAIL_OTP_CODE","SOFTWARE_TOKEN_MFA_CODE","NEW_PASSWORD","DEVICE_KEY","PASSWORD_CLAIM_SECRET_BLOCK","PASSWORD_CLAIM_SIGNATURE","TIMESTAMP","userAttributes.email","userAttributes.","userAttributes.updated_at","EMAIL","PHONE_NUMBER","SECRET_HASH","TARGET_ACR_VALUES","ACCESS_TOKEN","MAX_AGE","PREFERRED_CHALLENGE","CHALLENGE_NAME"]

def go(world, op, base, place, key, text):
    d = dict(base); d[place] = dict(d[place])
    d[place][key] = "@@X@@"
    body = json.dumps(d).replace('"@@X@@"', text).encode()
    status, told = world.call(op, body)
    if status >= 500 and told.get("__type") not in ("NotImplementedException",):
        return (op, d.get("ChallengeName") or d.get("AuthFlow"), key, text[:30], status, told)
    return None

def test_fuzz(world: World, monkeypatch) -> None:
    bad = []
    pool = tracked(world)
    client = opened(pool.client())
    from api.choosing import _POLICY
    world.signed.update_user_pool(UserPoolId=pool.pool_id, Policies=_POLICY, LambdaConfig=TRIGGERS, DeviceConfiguration=ALWAYS)
    pool.user("ada", email="a@x.example")
    with running_code(world, monkeypatch, Code()):
        device = new_device(client, "ada")
    conf = pool.client(GenerateSecret=True, ExplicitAuthFlows=[*ALLOWED])
    with running_code(world, monkeypatch, Code()):
        proof = srp_proof(client, "ada")
        dsession = dasked(client, "ada", device)["Session"]
        u = helper(client, "ada", device)
        b = client.respond("DEVICE_SRP_AUTH", dsession, USERNAME="ada", DEVICE_KEY=device.key, SRP_A=f"{u.large_a_value:x}")
        dproof = u.process_device_challenge(b["ChallengeParameters"])
        pool.user("new", permanent=False)
        sessions = {
          "SELECT_CHALLENGE": client.initiate("USER_AUTH", USERNAME="ada")["Session"],
          "EMAIL_OTP": client.initiate("USER_AUTH", USERNAME="ada", PREFERRED_CHALLENGE="EMAIL_OTP")["Session"],
          "PASSWORD": client.initiate("USER_AUTH", USERNAME="ada", PREFERRED_CHALLENGE="PASSWORD")["Session"],
          "PASSWORD_SRP": client.initiate("USER_AUTH", USERNAME="ada", PREFERRED_CHALLENGE="PASSWORD_SRP")["Session"],
          "DEVICE_SRP_AUTH": dsession,
          "NEW_PASSWORD_REQUIRED": client.sign_in("new")["Session"],
          "CUSTOM_CHALLENGE": ask(client),
        }
        demand(pool, TOTP)
        sessions["MFA_SETUP"] = client.sign_in("ada")["Session"]
        for challenge, row in ANSWERS.items():
            given = {k: {"USERNAME": "new" if challenge == "NEW_PASSWORD_REQUIRED" else "ada", "SRP_A": SOME_A, "DEVICE_KEY": device.key, "PASSWORD": "Wrong-pass-1"}.get(k, "123456") for k in row.needs}
            given.update({k: v for k, v in (dproof if "DEVICE" in challenge else proof).items() if k in row.needs and k.startswith(("PASSWORD_C","TIME"))})
            for c in (client, conf):
                base = {"ClientId": c.client_id, "ChallengeName": challenge, "ChallengeResponses": given, "Session": sessions.get(challenge, "x" * 30)}
                for key in (KEYS if c is client else ["SECRET_HASH"]):
                    for text in ODD:
                        r = go(world, "RespondToAuthChallenge", base, "ChallengeResponses", key, text)
                        if r: bad.append(r)
        for flow in [*STARTS, "REFRESH_TOKEN_AUTH"]:
            given = {"USERNAME": "ada", "SRP_A": SOME_A, "PASSWORD": "Wrong-pass-1", "REFRESH_TOKEN": "x", "CHALLENGE_NAME": "SRP_A", "TARGET_ACR_VALUES": "urn:cognito:loa:1"}
            for c in (client, conf):
                base = {"ClientId": c.client_id, "AuthFlow": flow, "AuthParameters": given}
                for key in (["USERNAME","SRP_A","PASSWORD","DEVICE_KEY","REFRESH_TOKEN","CHALLENGE_NAME","PREFERRED_CHALLENGE","TARGET_ACR_VALUES","ACCESS_TOKEN","MAX_AGE"] if c is client else ["SECRET_HASH"]):
                    for text in ODD:
                        r = go(world, "InitiateAuth", base, "AuthParameters", key, text)
                        if r: bad.append(r)
        # sessions of each kind in each step
        others = [*sessions.values(), "A"*40, "é"*30, proof["PASSWORD_CLAIM_SECRET_BLOCK"][:4096], dproof["PASSWORD_CLAIM_SECRET_BLOCK"][:4096]]
        for challenge, row in ANSWERS.items():
            for s in others:
                status, told = world.call("RespondToAuthChallenge", {"ClientId": client.client_id, "ChallengeName": challenge, "ChallengeResponses": {**{k: "ada" for k in row.needs}, "USERNAME": "ada", "SRP_A": SOME_A, "DEVICE_KEY": device.key, **proof}, "Session": s})
                if status >= 500 and told.get("__type") != "NotImplementedException": bad.append((challenge, s[:10], status, told))
                if "AuthenticationResult" in told and challenge != "PASSWORD_VERIFIER": bad.append(("TOKENS", challenge, s[:10]))
            for op in ("AssociateSoftwareToken", "VerifySoftwareToken"):
                for s in others:
                    status, told = world.call(op, {"Session": s, **({"UserCode": "123456"} if op[0] == "V" else {})})
                    if status >= 500: bad.append((op, s[:10], status, told))
    for one in bad: print(one)
    log = [l for l in world.log if b"Traceback" in l or b'"level":"error"' in l]
    for l in log[:5]: print(l[-1500:])
    assert not bad
