"""MFA settings of a pool: what SetUserPoolMfaConfig replaces, how it meets UpdateUserPool, and what is refused."""

from functools import partial
from typing import Any

import pytest

from api.round_trip import sent_back, settled
from api.world import World, refused

SMS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "ours"}
TOTP = {"Enabled": True}
PASSKEYS = {"RelyingPartyId": "pool.example", "UserVerification": "required"}
OFF_WITH_FACTOR = "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
NO_FACTOR = "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled."
ALL_DISABLED = "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration."
ONE_MAILBOX = (
    "Cannot set EmailMfaConfiguration when user pool AccountRecoverySetting is not set or contains only verified_email in "
    "RecoveryMechanisms."
)
ONE_PHONE = (
    "Invalid account recovery setting parameter. Account Recovery Setting cannot use verified_phone_number as a recovery "
    "mechanism when SMS MFA is configured."
)
SMS_STAYS = "Can't turn off SMS_MFA when SMS configuration is set for the user pool"
NOT_LATER = "Cannot turn MFA functionality ON, once the user pool has been created."
PASSKEYS_NOT_FOR_MFA = "WEB_AUTHN cannot be used as an auth factor when MFA is enabled if not configured for MFA."
NEEDS_SMS = "SMS configuration and Auto verification for phone_number are required when MFA is required/optional"
ONE_TIME_CODES = "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled"
SINGLE_FACTOR = (
    "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and WebAuthn is an allowed first auth "
    "factor"
)


def configure(world: World, pool_id: str, **settings: Any) -> dict[str, Any]:
    answer = world.signed.set_user_pool_mfa_config(UserPoolId=pool_id, **settings)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def configured(world: World, pool_id: str) -> dict[str, Any]:
    answer = world.signed.get_user_pool_mfa_config(UserPoolId=pool_id)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def described(world: World, pool_id: str) -> dict[str, Any]:
    pool: dict[str, Any] = world.signed.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    return pool


def test_a_new_pool_asks_for_no_second_factor(world: World) -> None:
    """Only MfaConfiguration is answered: no factor has been configured (infrastructure.md 2)."""
    assert configured(world, world.pool().pool_id) == {"MfaConfiguration": "OFF"}


def test_what_is_set_is_answered_by_set_get_and_describe(world: World) -> None:
    """All blocks at once; the SMS settings are the pool's own, which Describe shows too."""
    pool_id = world.pool().pool_id
    blocks = {
        "SmsMfaConfiguration": {"SmsAuthenticationMessage": "It is {####}", "SmsConfiguration": SMS},
        "SoftwareTokenMfaConfiguration": TOTP,
        "EmailMfaConfiguration": {"Message": "It is {####}", "Subject": "A code"},
        "MfaConfiguration": "OPTIONAL",
        "WebAuthnConfiguration": {**PASSKEYS, "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"},
    }
    assert configure(world, pool_id, **blocks) == blocks
    assert configured(world, pool_id) == blocks
    pool = described(world, pool_id)
    assert (pool["MfaConfiguration"], pool["SmsConfiguration"]) == ("OPTIONAL", SMS)
    assert pool["SmsAuthenticationMessage"] == "It is {####}"

    assert configure(world, pool_id, **configured(world, pool_id)) == blocks


def test_each_call_replaces_all_blocks(world: World) -> None:
    """Factors that a later call leaves out are gone; an omitted MfaConfiguration is OFF; messages can still be sent."""
    pool_id = world.pool(SmsConfiguration=SMS).pool_id
    configure(world, pool_id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration=TOTP, WebAuthnConfiguration=PASSKEYS)

    email = {"MfaConfiguration": "ON", "EmailMfaConfiguration": {"Message": "It is {####}"}}
    assert configure(world, pool_id, **email) == email
    assert configure(world, pool_id) == {"MfaConfiguration": "OFF"}
    assert configured(world, pool_id) == {"MfaConfiguration": "OFF"}
    assert described(world, pool_id)["SmsConfiguration"] == SMS


def test_sms_is_the_factor_of_a_pool_that_names_none(world: World) -> None:
    """CreateUserPool takes the SMS settings that it brings; SetUserPoolMfaConfig wants a factor (measured.md 3)."""
    expected = {"MfaConfiguration": "ON", "SmsMfaConfiguration": {"SmsConfiguration": SMS}}
    created = world.pool(MfaConfiguration="ON", SmsConfiguration=SMS).pool_id
    assert configured(world, created) == expected

    later = world.pool(SmsConfiguration=SMS).pool_id
    for mode in ("ON", "OPTIONAL"):
        assert refused(partial(configure, world, later, MfaConfiguration=mode)) == (
            "InvalidParameterException",
            "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled.",
        )
    assert configured(world, later) == {"MfaConfiguration": "OFF"}


def test_an_update_of_the_pool_leaves_its_factors_alone(world: World) -> None:
    """A description sent back changes nothing, with TOTP alone and no SMS settings too."""
    passkeys = {**PASSKEYS, "FactorConfiguration": "SINGLE_FACTOR"}
    totp = {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": TOTP, "WebAuthnConfiguration": passkeys}
    pool_id = world.pool().pool_id
    configure(world, pool_id, **totp)
    before = described(world, pool_id)
    world.signed.update_user_pool(UserPoolId=pool_id, **sent_back(before, "UpdateUserPoolRequest"))
    assert settled(described(world, pool_id)) == settled(before)
    assert configured(world, pool_id) == totp

    world.signed.update_user_pool(UserPoolId=pool_id, SmsConfiguration=SMS, MfaConfiguration="OPTIONAL")
    assert configured(world, pool_id) == {**totp, "MfaConfiguration": "OPTIONAL"}


def test_an_update_without_a_word_on_mfa_leaves_it_on(world: World) -> None:
    """Only an explicit OFF turns it off, and takes the factors with it; passkeys, which are no second factor, stay."""
    pool_id = world.pool().pool_id
    passkeys = {"WebAuthnConfiguration": {**PASSKEYS, "FactorConfiguration": "SINGLE_FACTOR"}}
    settings = {"SoftwareTokenMfaConfiguration": TOTP, "EmailMfaConfiguration": {}, **passkeys}
    held = configure(world, pool_id, MfaConfiguration="ON", **settings)
    world.signed.update_user_pool(UserPoolId=pool_id)
    assert configured(world, pool_id) == held == {"MfaConfiguration": "ON", **settings}
    assert described(world, pool_id)["MfaConfiguration"] == "ON"
    world.signed.update_user_pool(UserPoolId=pool_id, MfaConfiguration="OFF")
    assert configured(world, pool_id) == {"MfaConfiguration": "OFF", **passkeys}


def test_an_update_cannot_take_the_last_factor_away(world: World) -> None:
    """SMS settings stay where an update leaves them out, and SMS with them."""
    pool_id = world.pool(MfaConfiguration="ON", SmsConfiguration=SMS).pool_id
    world.signed.update_user_pool(UserPoolId=pool_id, MfaConfiguration="ON")
    assert configured(world, pool_id) == {"MfaConfiguration": "ON", "SmsMfaConfiguration": {"SmsConfiguration": SMS}}


def test_an_update_does_not_turn_mfa_on_where_there_is_no_factor(world: World) -> None:
    """SetUserPoolMfaConfig does; the whole update is refused, and with SMS settings it is taken."""
    pool_id = world.pool().pool_id
    before = described(world, pool_id)
    for mode in ("ON", "OPTIONAL"):
        update = partial(world.signed.update_user_pool, UserPoolId=pool_id, MfaConfiguration=mode)
        assert refused(partial(update, PoolName="half")) == ("InvalidParameterException", NOT_LATER)
        assert described(world, pool_id) == before
    update(SmsConfiguration=SMS)
    assert described(world, pool_id)["MfaConfiguration"] == "OPTIONAL"


@pytest.mark.parametrize("verified", [[], ["phone_number"]])
def test_sms_stays_where_phone_numbers_are_verified_or_an_app_stood_beside_it(
    world: World, verified: list[str]
) -> None:
    """Other factors come and go beside it; SMS goes only when all of MFA does."""
    pool_id = world.pool(SmsConfiguration=SMS, AutoVerifiedAttributes=verified).pool_id
    both = {
        "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": {"SmsConfiguration": SMS},
        "SoftwareTokenMfaConfiguration": TOTP,
    }
    assert configure(world, pool_id, **both) == both
    alone = partial(configure, world, pool_id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration=TOTP)
    assert refused(alone) == ("InvalidParameterException", SMS_STAYS)
    assert configured(world, pool_id) == both

    assert configure(world, pool_id) == {"MfaConfiguration": "OFF"}
    assert alone() == {"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": TOTP}


@pytest.mark.parametrize("mode", ["ON", "OPTIONAL"])
def test_an_app_takes_the_place_of_sms(world: World, mode: str) -> None:
    """A pool that was made with SMS as its factor, as CreateUserPool alone can, and whose phone numbers nobody verifies."""
    pool_id = world.pool(SmsConfiguration=SMS, MfaConfiguration=mode).pool_id
    assert configured(world, pool_id)["SmsMfaConfiguration"] == {"SmsConfiguration": SMS}
    told = configure(world, pool_id, MfaConfiguration=mode, SoftwareTokenMfaConfiguration=TOTP)
    assert told == configured(world, pool_id) == {"MfaConfiguration": mode, "SoftwareTokenMfaConfiguration": TOTP}
    assert world.signed.describe_user_pool(UserPoolId=pool_id)["UserPool"]["SmsConfiguration"] == SMS


def test_one_phone_is_not_both_proofs(world: World) -> None:
    """SMS MFA and the phone as the only recovery, whichever is set last; mail beside it makes it two (attacks.md 50)."""
    by_phone = {"RecoveryMechanisms": [{"Name": "verified_phone_number", "Priority": 1}]}
    both = {"RecoveryMechanisms": [*by_phone["RecoveryMechanisms"], {"Name": "verified_email", "Priority": 2}]}
    sms = {"MfaConfiguration": "ON", "SmsConfiguration": SMS}
    create = partial(world.pool, AutoVerifiedAttributes=["phone_number"], **sms)
    assert refused(partial(create, AccountRecoverySetting=by_phone)) == ("InvalidParameterException", ONE_PHONE)
    update = partial(world.signed.update_user_pool, UserPoolId=create(AccountRecoverySetting=both).pool_id)
    assert refused(partial(update, AccountRecoverySetting=by_phone)) == ("InvalidParameterException", ONE_PHONE)

    pool_id = world.pool(AccountRecoverySetting=by_phone).pool_id
    work = partial(configure, world, pool_id, MfaConfiguration="ON", SmsMfaConfiguration={"SmsConfiguration": SMS})
    assert refused(work) == ("InvalidParameterException", ONE_PHONE)
    assert configured(world, pool_id) == {"MfaConfiguration": "OFF"}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"SoftwareTokenMfaConfiguration": TOTP}, OFF_WITH_FACTOR),
        ({"MfaConfiguration": "OFF", "SoftwareTokenMfaConfiguration": {"Enabled": False}}, OFF_WITH_FACTOR),
        ({"MfaConfiguration": "OFF", "SmsMfaConfiguration": {"SmsConfiguration": SMS}}, OFF_WITH_FACTOR),
        ({"MfaConfiguration": "OFF", "EmailMfaConfiguration": {}}, OFF_WITH_FACTOR),
        ({"MfaConfiguration": "ON"}, NO_FACTOR),
        ({"MfaConfiguration": "OPTIONAL", "WebAuthnConfiguration": PASSKEYS}, NO_FACTOR),
        ({"MfaConfiguration": "ON", "SmsMfaConfiguration": {"SmsAuthenticationMessage": "{####}!"}}, NEEDS_SMS),
    ],
)
def test_mfa_goes_with_a_factor_and_a_factor_with_mfa(world: World, settings: dict[str, Any], sentence: str) -> None:
    """Refused in AWS's words, and the pool asks for no second factor as before."""
    pool_id = world.pool().pool_id
    assert refused(partial(configure, world, pool_id, **settings)) == ("InvalidParameterException", sentence)
    assert configured(world, pool_id) == {"MfaConfiguration": "OFF"}


@pytest.mark.parametrize("mode", ["ON", "OPTIONAL"])
def test_a_factor_that_is_disabled_is_none(world: World, mode: str) -> None:
    """A pool that demanded it would let nobody in; beside another factor it may be there."""
    pool_id = world.pool().pool_id
    disabled = partial(
        configure, world, pool_id, MfaConfiguration=mode, SoftwareTokenMfaConfiguration={"Enabled": False}
    )
    assert refused(disabled) == ("InvalidParameterException", ALL_DISABLED)
    assert disabled(EmailMfaConfiguration={})["SoftwareTokenMfaConfiguration"] == {"Enabled": False}


def test_one_mailbox_is_not_both_proofs(world: World) -> None:
    """attacks.md 50: e-mail MFA and e-mail as the only recovery, whichever is set last; a phone beside it makes it two."""
    by_mail = {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]}
    older = world.pool(AccountRecoverySetting={}).pool_id
    pool_id = world.pool(AccountRecoverySetting=by_mail).pool_id
    mail = {"MfaConfiguration": "OPTIONAL", "EmailMfaConfiguration": {}}
    assert refused(partial(configure, world, older, **mail)) == ("InvalidParameterException", ONE_MAILBOX)
    assert refused(partial(configure, world, pool_id, **mail)) == ("InvalidParameterException", ONE_MAILBOX)
    assert configured(world, pool_id) == {"MfaConfiguration": "OFF"}

    update = partial(world.signed.update_user_pool, UserPoolId=pool_id)
    both = [{"Name": "verified_email", "Priority": 1}, {"Name": "verified_phone_number", "Priority": 2}]
    update(AccountRecoverySetting={"RecoveryMechanisms": both})
    assert configure(world, pool_id, **mail) == mail
    for recovery in (by_mail, {}):
        work = partial(update, AccountRecoverySetting=recovery)
        assert refused(work) == ("InvalidParameterException", ONE_MAILBOX)


def test_the_subject_of_a_code_is_one_line(world: World) -> None:
    """attacks.md 97: a line break in it would be a line of its own in the head of a mail."""
    work = partial(configure, world, world.pool().pool_id, MfaConfiguration="ON")
    for subject in ("A code\r\nBcc: eve@evil.example", "A code\n"):
        mail = {"Message": "It is {####}", "Subject": subject}
        assert refused(partial(work, EmailMfaConfiguration=mail))[0] == "InvalidParameterException"


@pytest.mark.parametrize("factor", ["EMAIL_OTP", "SMS_OTP"])
def test_required_mfa_excludes_one_time_codes_as_first_factor(world: World, factor: str) -> None:
    """Whichever of the two is set last is refused; optional MFA goes with them."""
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", factor]}}
    pool_id = world.pool(Policies=policies, SmsConfiguration=SMS).pool_id
    required = partial(configure, world, pool_id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration=TOTP)
    assert refused(required) == ("InvalidParameterException", ONE_TIME_CODES)
    configure(world, pool_id, MfaConfiguration="OPTIONAL", SoftwareTokenMfaConfiguration=TOTP)

    bare = world.pool().pool_id
    held = configure(world, bare, MfaConfiguration="ON", SoftwareTokenMfaConfiguration=TOTP)
    before = described(world, bare)
    for more in ({}, {"MfaConfiguration": "ON"}):
        update = partial(world.signed.update_user_pool, UserPoolId=bare, Policies=policies, PoolName="half", **more)
        assert refused(update) == ("InvalidParameterException", ONE_TIME_CODES)
        assert (described(world, bare), configured(world, bare)) == (before, held)


def test_required_mfa_wants_passkeys_that_are_two_factors(world: World) -> None:
    """Where a passkey may come first, it must satisfy MFA by itself."""
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    pool_id = world.pool(Policies=policies).pool_id
    required = partial(configure, world, pool_id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration=TOTP)
    for settings in ({}, {"WebAuthnConfiguration": {"FactorConfiguration": "SINGLE_FACTOR"}}):
        assert refused(partial(required, **settings)) == ("InvalidParameterException", SINGLE_FACTOR)
    both = {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}
    assert required(WebAuthnConfiguration=both)["WebAuthnConfiguration"] == both
    # A block that is left out counts as one factor, in a pool whose passkeys were two as well.
    assert refused(required) == ("InvalidParameterException", SINGLE_FACTOR)


def test_an_update_adds_passkeys_to_required_mfa_only_where_they_are_two_factors(world: World) -> None:
    """The words are others than those of SetUserPoolMfaConfig; nothing of the update is written."""
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    pool_id = world.pool().pool_id
    held = configure(world, pool_id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration=TOTP)
    before = described(world, pool_id)
    for more in ({}, {"MfaConfiguration": "ON"}):
        update = partial(world.signed.update_user_pool, UserPoolId=pool_id, Policies=policies, PoolName="x", **more)
        assert refused(update) == ("InvalidParameterException", PASSKEYS_NOT_FOR_MFA)
        assert (described(world, pool_id), configured(world, pool_id)) == (before, held)

    both = {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}
    configure(world, pool_id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration=TOTP, WebAuthnConfiguration=both)
    world.signed.update_user_pool(UserPoolId=pool_id, Policies=policies)
    assert described(world, pool_id)["Policies"]["SignInPolicy"] == policies["SignInPolicy"]


def test_a_relying_party_is_a_domain_of_somebodys_own(world: World) -> None:
    """Addresses, ports, schemes and names that many share are refused; passkeys need no MFA."""
    pool_id = world.pool().pool_id
    for name in ("com", "https://pool.example", "pool.example:443", "127.0.0.1", "pool..example", "-pool.example"):
        work = partial(configure, world, pool_id, WebAuthnConfiguration={"RelyingPartyId": name})
        sentence = f"Invalid RelyingPartyId: {name} is not a domain, or is a public suffix."
        assert refused(work) == ("InvalidParameterException", sentence)
    for name in ("localhost", "auth.pool.example"):
        answer = configure(world, pool_id, WebAuthnConfiguration={"RelyingPartyId": name})
        assert answer == {
            "MfaConfiguration": "OFF",
            "WebAuthnConfiguration": {"RelyingPartyId": name, "FactorConfiguration": "SINGLE_FACTOR"},
        }


def test_optional_mfa_lets_a_user_without_a_factor_in(world: World) -> None:
    """Nobody has set up a factor, so nobody is asked for one."""
    pool = world.pool()
    pool.user("olga")
    configure(world, pool.pool_id, MfaConfiguration="OPTIONAL", SoftwareTokenMfaConfiguration=TOTP)
    assert pool.client().tokens("olga")["AccessToken"]
