"""Do the JavaScript clients sign in in every way, unmodified? Second factors, choice, devices, and a pool's own challenges."""

from clients.factors import ALWAYS, EMAIL_OTP, ON_PROMPT, SMS_MFA, TOTP, choice_pool, custom_pool, mfa_pool, opened
from clients.serving import ACCESS_KEY_ID, SECRET_ACCESS_KEY, Server, new_user, service, verified_claims
from clients.telling import Tell

PASSWORD = "Every-Way-In-1"
PHONE = "+15550100123"


def test_amplify_signs_in_with_second_factors(server: Server, tell: Tell) -> None:
    """An authenticator app, SMS and e-mail, by preference and by choice; where a pool demands them, set up on the way in."""
    optional = mfa_pool(server, SMS_MFA, EMAIL_OTP, TOTP)
    new_user(server, optional["poolId"], "tilda", PASSWORD)
    new_user(server, optional["poolId"], "mia", PASSWORD, phone_number=PHONE)
    required = mfa_pool(server, TOTP, mode="ON")
    new_user(server, required["poolId"], "rita", PASSWORD)
    mail_only = mfa_pool(server, EMAIL_OTP, mode="ON")
    new_user(server, mail_only["poolId"], "emil", PASSWORD, email="")
    anything = mfa_pool(server, EMAIL_OTP, TOTP, mode="ON")
    for name in ("anna", "otto"):
        new_user(server, anything["poolId"], name, PASSWORD, email="")

    pools = {"optional": optional, "required": required, "mailOnly": mail_only, "anything": anything}
    told = tell("amplify_mfa.mjs", server, password=PASSWORD, **pools)

    for pool, tokens, name in (
        (optional, "app", "tilda"),
        (optional, "preferred", "mia"),
        (required, "requiredApp", "rita"),
        (mail_only, "mail", "emil"),
        (anything, "chosen", "otto"),
    ):
        assert verified_claims(server, pool["poolId"], told[tokens]["AccessToken"])["username"] == name


def test_amplify_lets_people_choose_how_to_sign_in(server: Server, tell: Tell) -> None:
    """Each first factor, selected and preferred, gives tokens; and so does a sign-up without a password."""
    choice = choice_pool(server, "PASSWORD", "EMAIL_OTP", "SMS_OTP")
    new_user(server, choice["poolId"], "carla", PASSWORD, phone_number=PHONE)
    new_user(server, choice["poolId"], "paul", PASSWORD)
    passwordless = choice_pool(server, "PASSWORD", "EMAIL_OTP", UsernameAttributes=["email"])

    told = tell("amplify_choice.mjs", server, password=PASSWORD, choice=choice, passwordless=passwordless)

    assert sorted(told["selected"]) == ["EMAIL_OTP", "PASSWORD", "PASSWORD_SRP", "SMS_OTP"]
    for tokens in told["selected"].values():
        assert verified_claims(server, choice["poolId"], tokens["IdToken"])["cognito:username"] == "carla"
    identity = verified_claims(server, passwordless["poolId"], told["signedUp"]["tokens"]["IdToken"])
    assert (identity["sub"], identity["email_verified"]) == (told["signedUp"]["sub"], True)


def test_amplify_remembers_devices(server: Server, tell: Tell) -> None:
    """A remembered device stands for the second factor; one that was forgotten elsewhere is replaced by a new one."""
    pool = mfa_pool(server, TOTP, DeviceConfiguration=ON_PROMPT)
    pool_id = pool["poolId"]
    new_user(server, pool_id, "dora", PASSWORD)
    at_once = mfa_pool(server, TOTP, DeviceConfiguration=ALWAYS, UsernameAttributes=["email"])
    new_user(server, at_once["poolId"], "dana@example.com", PASSWORD)

    told = tell("amplify_devices.mjs", server, password=PASSWORD, pool=pool, atOnce=at_once)

    both = told["both"]
    assert verified_claims(server, at_once["poolId"], both["tokens"]["AccessToken"])["device_key"] == both["deviceKey"]
    for tokens in (told["recognised"]["signedIn"], told["recognised"]["refreshed"]):
        assert verified_claims(server, pool_id, tokens["AccessToken"])["device_key"] == told["deviceKey"]
    listed = service(server).admin_list_devices(UserPoolId=pool_id, Username="dora")["Devices"]
    assert not {told["deviceKey"], told["second"]} & {one["DeviceKey"] for one in listed}


def test_amplify_goes_through_a_pools_own_challenges(server: Server, tell: Tell) -> None:
    """Handlers for Lambda, run by the server, say who gets tokens: without a password, after one, and with a device."""
    riddle, captcha = custom_pool(server, "riddle"), custom_pool(server, "captcha")
    for pool in (riddle, captcha):
        new_user(server, pool["poolId"], "ruth", PASSWORD)
    devices = custom_pool(server, "riddle", DeviceConfiguration=ALWAYS, UsernameAttributes=["email"])
    new_user(server, devices["poolId"], "ruth@example.com", PASSWORD)

    told = tell("amplify_custom.mjs", server, password=PASSWORD, riddle=riddle, captcha=captcha, devices=devices)

    known = told["onDevice"]
    access = verified_claims(server, devices["poolId"], known["tokens"]["AccessToken"])
    assert access["device_key"] == known["deviceKey"]
    for pool, tokens in ((riddle, told["solved"]), (captcha, told["afterPassword"])):
        assert verified_claims(server, pool["poolId"], tokens["IdToken"])["cognito:username"] == "ruth"


def test_amazon_cognito_identity_js_signs_in_with_second_factors(server: Server, tell: Tell) -> None:
    """An authenticator app and SMS, by preference and by choice; where a pool demands one, set up on the way in."""
    optional, required = mfa_pool(server, SMS_MFA, TOTP), mfa_pool(server, TOTP, mode="ON")
    new_user(server, optional["poolId"], "nils", PASSWORD)
    new_user(server, optional["poolId"], "sara", PASSWORD, phone_number=PHONE)
    new_user(server, required["poolId"], "rolf", PASSWORD)

    told = tell("identity_js_mfa.mjs", server, password=PASSWORD, optional=optional, required=required)

    for pool, tokens, name in (
        (optional, "app", "nils"),
        (optional, "text", "sara"),
        (optional, "chosen", "sara"),
        (required, "requiredApp", "rolf"),
    ):
        assert verified_claims(server, pool["poolId"], told[tokens]["AccessToken"])["username"] == name


def test_amazon_cognito_identity_js_remembers_devices(server: Server, tell: Tell) -> None:
    """Remembered on prompt and at once, recognised, and forgotten by another browser."""
    on_prompt = mfa_pool(server, TOTP, DeviceConfiguration=ON_PROMPT)
    at_once = mfa_pool(server, TOTP, DeviceConfiguration=ALWAYS)
    for pool in (on_prompt, at_once):
        new_user(server, pool["poolId"], "dirk", PASSWORD)
    new_user(server, at_once["poolId"], "dana", PASSWORD)

    told = tell("identity_js_devices.mjs", server, password=PASSWORD, onPrompt=on_prompt, atOnce=at_once)

    for pool, tokens, is_kept in ((on_prompt, told["recognised"], True), (at_once, told["renewed"], False)):
        claims = verified_claims(server, pool["poolId"], tokens["AccessToken"])
        listed = service(server).admin_list_devices(UserPoolId=pool["poolId"], Username="dirk")["Devices"]
        assert (claims["device_key"] in {one["DeviceKey"] for one in listed}) is is_kept
    assert verified_claims(server, at_once["poolId"], told["both"]["AccessToken"])["username"] == "dana"


def test_amazon_cognito_identity_js_goes_through_a_pools_own_challenges(server: Server, tell: Tell) -> None:
    """Handlers for Lambda, run by the server, ask without a password and after one, and say who gets tokens."""
    riddle, captcha = custom_pool(server, "riddle"), custom_pool(server, "captcha")
    for pool in (riddle, captcha):
        new_user(server, pool["poolId"], "ruth", PASSWORD)

    told = tell("identity_js_custom.mjs", server, password=PASSWORD, riddle=riddle, captcha=captcha)

    for pool, tokens in ((riddle, told["solved"]), (captcha, told["afterPassword"])):
        assert verified_claims(server, pool["poolId"], tokens["IdToken"])["cognito:username"] == "ruth"


def test_the_aws_sdk_for_javascript_signs_in_in_every_way(server: Server, tell: Tell) -> None:
    """Every operation of signing in once, by promises and the SDK's own error classes."""
    mfa, required = mfa_pool(server, SMS_MFA, EMAIL_OTP, TOTP), mfa_pool(server, TOTP, mode="ON")
    new_user(server, mfa["poolId"], "tim", PASSWORD)
    new_user(server, mfa["poolId"], "tess", PASSWORD, phone_number=PHONE)
    new_user(server, required["poolId"], "rita", PASSWORD)
    choice = choice_pool(server, "PASSWORD", "EMAIL_OTP", "WEB_AUTHN")
    service(server).set_user_pool_mfa_config(
        UserPoolId=choice["poolId"], WebAuthnConfiguration={"RelyingPartyId": "localhost"}
    )
    new_user(server, choice["poolId"], "carl", PASSWORD)
    devices = opened(server, DeviceConfiguration=ON_PROMPT)
    new_user(server, devices["poolId"], "dora", PASSWORD)
    riddle, nowhere = custom_pool(server, "riddle"), custom_pool(server, "nowhere")
    for pool in (riddle, nowhere):
        new_user(server, pool["poolId"], "ruth", PASSWORD)

    pools = {"mfa": mfa, "required": required, "choice": choice, "devices": devices}
    keys = {"accessKeyId": ACCESS_KEY_ID, "secretAccessKey": SECRET_ACCESS_KEY}
    own = {"riddle": riddle, "nowhere": nowhere}
    told = tell("aws_sdk_sign_in.mjs", server, password=PASSWORD, **pools, **own, **keys)

    for pool, tokens, name in (
        (mfa, told["app"], "tim"),
        (mfa, told["message"], "tess"),
        (required, told["requiredApp"], "rita"),
        (choice, told["chosen"], "carl"),
        (choice, told["passkey"], "carl"),
        (choice, told["signedUp"]["tokens"], "nora"),
        (riddle, told["custom"], "ruth"),
    ):
        assert verified_claims(server, pool["poolId"], tokens["AccessToken"])["username"] == name
    identity = verified_claims(server, choice["poolId"], told["signedUp"]["tokens"]["IdToken"])
    assert (identity["sub"], identity["email_verified"]) == (told["signedUp"]["sub"], True)
