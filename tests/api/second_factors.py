"""How do tests have second factors? Pools that ask for them, an authenticator app, and codes that went out."""

from typing import Any

import pyotp

from api.signing_in import begin, respond
from api.world import PASSWORD, ClientOfTests, PoolOfTests, World
from poolkeeper.clock import SECOND

EMAIL, PHONE = "ada@lovelace.example", "+15550100123"
STEP = 30 * SECOND
SMS_MFA, EMAIL_OTP, TOTP = "SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA"
_BLOCKS: dict[str, dict[str, Any]] = {
    SMS_MFA: {"SmsMfaConfiguration": {"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"}}},
    EMAIL_OTP: {"EmailMfaConfiguration": {}},
    TOTP: {"SoftwareTokenMfaConfiguration": {"Enabled": True}},
}
BY_ADMINISTRATOR = [{"Name": "admin_only", "Priority": 1}]


def pool_with(world: World, *methods: str, mode: str = "ON", **settings: Any) -> PoolOfTests:
    """Make a pool that asks for one of some methods; accounts are recovered by an administrator, unless it is said."""
    known = {"AccountRecoverySetting": {"RecoveryMechanisms": BY_ADMINISTRATOR}, **settings}
    pool = world.pool(**known)
    demand(pool, *methods, mode=mode)
    return pool


def demand(pool: PoolOfTests, *methods: str, mode: str = "ON", **more: Any) -> None:
    """Set the methods that a pool asks for; `more` are other members of the same call."""
    blocks = {name: value for method in methods for name, value in _BLOCKS[method].items()}
    pool.world.signed.set_user_pool_mfa_config(UserPoolId=pool.pool_id, MfaConfiguration=mode, **blocks, **more)


def shown(world: World, secret: str, *, later: int = 0) -> str:
    """Return what an authenticator app shows, now or some steps later."""
    return pyotp.TOTP(secret).at(world.clock.now() // SECOND + 30 * later)


def wrong(code: str) -> str:
    """Return a code that is another one."""
    return str((int(code) + 1) % 10 ** len(code)).zfill(len(code))


def enrol(client: ClientOfTests, name: str, *, preferred: bool = True) -> str:
    """Have a user of a pool with optional MFA set up an app by access token, turned on; return its secret.

    Time passes to the beginning of a step of the app's, so that it shows another code than the one that was used.
    """
    world, token = client.world, client.tokens(name)["AccessToken"]
    secret = str(world.unsigned.associate_software_token(AccessToken=token)["SecretCode"])
    world.unsigned.verify_software_token(AccessToken=token, UserCode=shown(world, secret))
    prefer(client.pool, name, "SoftwareTokenMfaSettings", preferred=preferred)
    next_codes(world)
    return secret


def next_codes(world: World) -> None:
    """Let time pass to the beginning of a step, two or three steps later: no code that was shown is accepted any more."""
    world.clock.advance(3 * STEP - world.clock.now() % STEP)


def prefer(pool: PoolOfTests, name: str, block: str, *, preferred: bool = True) -> None:
    """Turn a method on by an administrator's hand."""
    pool.admin("admin_set_user_mfa_preference", name, **{block: {"Enabled": True, "PreferredMfa": preferred}})


def asked(client: ClientOfTests, challenge: str, name: str = "ada", *, admin: bool = False) -> dict[str, Any]:
    """Give the password and return the challenge that comes next, which must be this one.

    A second passes before, so that a message that goes out with it is the newest.
    """
    client.world.clock.advance(SECOND)
    flow = "ADMIN_USER_PASSWORD_AUTH" if admin else "USER_PASSWORD_AUTH"
    answer = begin(client, flow, admin=admin, USERNAME=name, PASSWORD=PASSWORD)
    assert answer.get("ChallengeName") == challenge
    assert "AuthenticationResult" not in answer
    return answer


def give(
    client: ClientOfTests, challenge: str, session: str, code: str, *, name: str = "ada", admin: bool = False
) -> dict[str, Any]:
    """Answer a challenge by its code."""
    return respond(client, challenge, session, admin=admin, USERNAME=name, **{f"{challenge}_CODE": code})


def half_way(client: ClientOfTests, name: str, challenge: str) -> tuple[str, str]:
    """Bring a user to a challenge of the second factor; return its Session and the code that answers it, if one does."""
    pool, world = client.pool, client.world
    if challenge == "MFA_SETUP":
        demand(pool, TOTP)
        begun = world.unsigned.associate_software_token(Session=asked(client, challenge, name)["Session"])
        code = shown(world, begun["SecretCode"])
        return world.unsigned.verify_software_token(Session=begun["Session"], UserCode=code)["Session"], ""
    demand(pool, SMS_MFA, EMAIL_OTP, TOTP, mode="OPTIONAL")
    if challenge == TOTP:
        secret = enrol(client, name)
        return asked(client, challenge, name)["Session"], shown(world, secret)
    addresses = [{"Name": "email", "Value": EMAIL}, {"Name": "phone_number", "Value": PHONE}]
    pool.admin("admin_update_user_attributes", name, UserAttributes=addresses)
    for method, block in ((SMS_MFA, "SMSMfaSettings"), (EMAIL_OTP, "EmailMfaSettings")):
        if challenge in {method, "SELECT_MFA_TYPE"}:
            prefer(pool, name, block, preferred=challenge == method)
    session = asked(client, challenge, name)["Session"]
    return session, "" if challenge == "SELECT_MFA_TYPE" else world.outbox()[-1]["code"]
