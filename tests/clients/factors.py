"""How does a client test have more than passwords? Pools with second factors, first factors, devices, and code of their own."""

import time
from typing import Any

import pyotp

from clients.serving import REGION, USER_FLOWS, Server, new_client, new_pool, service

SMS_MFA, EMAIL_OTP, TOTP = "SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"
_BLOCKS: dict[str, dict[str, Any]] = {
    SMS_MFA: {"SmsMfaConfiguration": {"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"}}},
    EMAIL_OTP: {"EmailMfaConfiguration": {}},
    TOTP: {"SoftwareTokenMfaConfiguration": {"Enabled": True}},
}
# How a pool tracks devices: in place of a second factor once the user says so; beside it, and without asking.
ON_PROMPT = {"ChallengeRequiredOnNewDevice": True, "DeviceOnlyRememberedOnUserPrompt": True}
ALWAYS = {"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": False}


def mfa_pool(server: Server, *methods: str, mode: str = "OPTIONAL", **settings: Any) -> dict[str, str]:
    """Make a pool that asks for one of some methods, and a client of it; accounts are recovered by administrators.

    Return their ids as a story knows them.
    """
    by_administrator = {"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]}
    facts = opened(server, AccountRecoverySetting=by_administrator, **settings)
    blocks = {name: value for method in methods for name, value in _BLOCKS[method].items()}
    service(server).set_user_pool_mfa_config(UserPoolId=facts["poolId"], MfaConfiguration=mode, **blocks)
    return facts


def custom_pool(server: Server, functions: str, **settings: Any) -> dict[str, str]:
    """Make a pool whose own challenges are the handlers in a folder of `handlers`, and a client of it."""
    triggers = {
        "DefineAuthChallenge": _arn(f"{functions}-define"),
        "CreateAuthChallenge": _arn(f"{functions}-create"),
        "VerifyAuthChallengeResponse": _arn(f"{functions}-verify"),
    }
    return opened(server, LambdaConfig=triggers, **settings)


def choice_pool(server: Server, *first_factors: str, **settings: Any) -> dict[str, str]:
    """Make a pool with some first factors to choose from, and a client of it."""
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": list(first_factors)}}
    return opened(server, Policies=policies, **_BLOCKS[SMS_MFA]["SmsMfaConfiguration"], **settings)


def opened(server: Server, **settings: Any) -> dict[str, str]:
    """Make a pool and a client that allows every flow; return their ids as a story knows them."""
    pool_id = new_pool(server, **settings)
    flows = [*USER_FLOWS, "ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    options = {"ExplicitAuthFlows": flows, "PreventUserExistenceErrors": "ENABLED"}
    return {"poolId": pool_id, "clientId": new_client(server, pool_id, **options)["ClientId"]}


def shown(secret: str, *, later: int = 0) -> str:
    """Return what an authenticator app shows, now or some steps of 30 seconds later."""
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * later)


def _arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:000000000000:function:{name}"
