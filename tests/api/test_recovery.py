"""Recovery: where the code goes, in which order, what it is good for, and what an administrator's reset does."""

from functools import partial

import pytest

from api.people import enlist, listed, seen
from api.second_factors import EMAIL_OTP, SMS_MFA, TOTP, enrol, pool_with, prefer
from api.signing_in import put
from api.world import PASSWORD, PoolOfTests, World, refused
from poolkeeper.clock import HOUR

NEW = "Another-pass-9"
EXPIRED = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
NO_CHANNEL = (
    "InvalidParameterException",
    "Cannot reset password for the user as there is no registered/verified email or phone_number",
)
STATE = ("NotAuthorizedException", "User password cannot be reset in the current state.")
RESET = ("PasswordResetRequiredException", "Password reset required for the user")


def recovering_by(*names: str) -> dict[str, object]:
    """Return the setting that recovers by these, best first."""
    mechanisms = [{"Priority": place, "Name": name} for place, name in enumerate(names, 1)]
    return {"AccountRecoverySetting": {"RecoveryMechanisms": mechanisms}}


BOTH = {
    "email": "ada@recovery.example",
    "email_verified": "true",
    "phone_number": "+15550003333",
    "phone_number_verified": "true",
}


@pytest.mark.parametrize(
    ("order", "verified", "attribute"),
    [
        (("verified_email", "verified_phone_number"), "both", "email"),
        (("verified_phone_number", "verified_email"), "both", "phone_number"),
        (("verified_phone_number", "verified_email"), "email", "email"),
        (("verified_phone_number",), "both", "phone_number"),
        ((), "both", "email"),
    ],
)
def test_the_code_goes_by_the_first_verified_way(
    world: World, order: tuple[str, ...], verified: str, attribute: str
) -> None:
    """The pool's order decides among what the user has proved; a new pool begins with the mail (userpools.md 1.4)."""
    pool = world.pool(**(recovering_by(*order) if order else {}))
    attributes = BOTH if verified == "both" else {**BOTH, "phone_number_verified": "false"}
    enlist(pool, "ada", attributes)
    client = pool.client(PreventUserExistenceErrors="LEGACY")
    details = world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")["CodeDeliveryDetails"]
    assert details["AttributeName"] == attribute

    world.unsigned.confirm_forgot_password(
        ClientId=client.client_id, Username="ada", ConfirmationCode=world.code(BOTH[attribute]), Password=NEW
    )
    assert client.tokens("ada", NEW)["AccessToken"]
    world.clock.advance(1000)


@pytest.mark.parametrize(
    ("method", "block", "attribute"),
    [(SMS_MFA, "SMSMfaSettings", "email"), (EMAIL_OTP, "EmailMfaSettings", "phone_number")],
)
@pytest.mark.parametrize("preferred", [True, False])
def test_the_channel_of_the_second_factor_recovers_nothing(
    world: World, method: str, block: str, attribute: str, *, preferred: bool
) -> None:
    """One phone or one mailbox is not both factors: the code goes the other way, or nowhere (userpools.md 5.4)."""
    channel = "phone_number" if attribute == "email" else "email"
    order = recovering_by(f"verified_{channel}", f"verified_{attribute}")
    pool = pool_with(world, method, TOTP, mode="OPTIONAL", **order)
    enlist(pool, "ada", BOTH)
    enlist(pool, "grace", {name: value for name, value in BOTH.items() if name.startswith(channel)})
    client = pool.client(PreventUserExistenceErrors="LEGACY")
    for name in ("ada", "grace"):
        prefer(pool, name, block, preferred=preferred)

    details = world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")["CodeDeliveryDetails"]
    assert details["AttributeName"] == attribute
    assert refused(partial(world.unsigned.forgot_password, ClientId=client.client_id, Username="grace")) == NO_CHANNEL
    assert refused(partial(pool.admin, "admin_reset_user_password", "grace")) == NO_CHANNEL


def test_a_second_channel_that_is_on_recovers_nothing_either(world: World) -> None:
    """With an app preferred and text messages on, the phone stays a second factor and is not the way to the first."""
    order = recovering_by("verified_phone_number", "verified_email")
    pool = pool_with(world, SMS_MFA, TOTP, mode="OPTIONAL", **order)
    pool.user("ada", phone_number=BOTH["phone_number"], phone_number_verified="true")
    client = pool.client(PreventUserExistenceErrors="LEGACY")
    recover = partial(world.unsigned.forgot_password, ClientId=client.client_id, Username="ada")
    enrol(client, "ada")
    assert recover()["CodeDeliveryDetails"]["AttributeName"] == "phone_number"

    prefer(pool, "ada", "SMSMfaSettings", preferred=False)
    assert refused(recover) == NO_CHANNEL


@pytest.mark.parametrize("set_later", [True, False])
def test_by_the_older_rule_the_phone_comes_first_though_it_is_the_second_factor(
    world: World, *, set_later: bool
) -> None:
    """An empty AccountRecoverySetting: text messages before mail, for users whose MFA they are as well (measured.md 12)."""
    older: dict[str, object] = {"AccountRecoverySetting": {}}
    pool = pool_with(world, SMS_MFA, TOTP, mode="OPTIONAL", **({} if set_later else older))
    if set_later:
        world.signed.update_user_pool(UserPoolId=pool.pool_id, **older)
    client = pool.client(PreventUserExistenceErrors="LEGACY")
    for name in ("ada", "grace"):
        enlist(pool, name, BOTH)
    prefer(pool, "grace", "SMSMfaSettings")
    for name in ("ada", "grace"):
        details = world.unsigned.forgot_password(ClientId=client.client_id, Username=name)["CodeDeliveryDetails"]
        assert (details["AttributeName"], details["DeliveryMedium"]) == ("phone_number", "SMS")
        world.clock.advance(1000)


def test_by_the_older_rule_a_phone_is_still_a_second_factor_where_one_is_required(world: World) -> None:
    """Who has nothing but a phone is asked for a text message, and not to set something else up."""
    pool = pool_with(world, SMS_MFA, AccountRecoverySetting={})
    enlist(pool, "ada", BOTH)
    assert pool.client().sign_in("ada")["ChallengeName"] == "SMS_MFA"


def test_administrators_alone_reset_where_the_pool_says_so(world: World) -> None:
    """admin_only: no user recovers by himself, and nobody is told who exists."""
    pool = world.pool(**recovering_by("admin_only"))
    enlist(pool, "ada", BOTH)
    client = pool.client()
    for name in ("ada", "nobody"):
        assert refused(partial(world.unsigned.forgot_password, ClientId=client.client_id, Username=name)) == (
            "NotAuthorizedException",
            "Contact administrator to reset password.",
        )
    pool.admin("admin_set_user_password", "ada", Password=NEW, Permanent=True)
    assert client.tokens("ada", NEW)["AccessToken"]


def test_a_client_that_hides_nobody_says_what_stands_against_recovery(world: World) -> None:
    """No verified address, disabled, invited and not yet here: each has its sentence in LEGACY mode."""
    pool = world.pool()
    client = pool.client(PreventUserExistenceErrors="LEGACY")
    pool.user("unproved", email="unproved@recovery.example")
    pool.user("disabled", email="disabled@recovery.example", email_verified="true")
    pool.admin("admin_disable_user", "disabled")
    pool.user("invited", permanent=False, email="invited@recovery.example", email_verified="true")
    expected = {
        "unproved": NO_CHANNEL,
        "disabled": ("NotAuthorizedException", "User is disabled."),
        "invited": STATE,
        "nobody": ("UserNotFoundException", "Username/client id combination not found."),
    }
    for name, refusal in expected.items():
        assert refused(partial(world.unsigned.forgot_password, ClientId=client.client_id, Username=name)) == refusal
    assert world.outbox("unproved@recovery.example") == []


def test_a_reset_by_an_administrator_ends_sessions_and_asks_for_another_password(world: World) -> None:
    """RESET_REQUIRED: the right password is answered with that, a wrong one as ever, and the code leads out of it."""
    mail = "ada@reset.example"
    pool = world.pool()
    client = pool.client()
    pool.user("ada", email=mail, email_verified="true")
    token = client.tokens("ada")["AccessToken"]

    pool.admin("admin_reset_user_password", "ada")
    assert pool.admin("admin_get_user", "ada")["UserStatus"] == "RESET_REQUIRED"
    assert refused(lambda: seen(world, token)) == ("NotAuthorizedException", "Access Token has been revoked")
    assert refused(lambda: client.sign_in("ada")) == RESET
    assert refused(lambda: client.sign_in("ada", NEW)) == ("NotAuthorizedException", "Incorrect username or password.")
    message = world.outbox(mail)[-1]
    assert message["kind"] == "ForgotPassword"

    confirm = partial(world.unsigned.confirm_forgot_password, ClientId=client.client_id, Username="ada")
    confirm(ConfirmationCode=message["code"], Password=NEW)
    assert pool.admin("admin_get_user", "ada")["UserStatus"] == "CONFIRMED"
    assert client.tokens("ada", NEW)["AccessToken"]
    assert refused(lambda: confirm(ConfirmationCode=message["code"], Password=PASSWORD))[0] in {
        "ExpiredCodeException",
        "CodeMismatchException",
    }


def test_after_a_reset_another_code_may_be_asked(world: World) -> None:
    """When the first code has run out, ForgotPassword and a second reset send further ones."""
    mail = "ada@reset-again.example"
    pool = world.pool()
    client = pool.client()
    pool.user("ada", email=mail, email_verified="true")
    pool.admin("admin_reset_user_password", "ada")
    first = world.code(mail)
    world.clock.advance(HOUR)
    confirm = partial(world.unsigned.confirm_forgot_password, ClientId=client.client_id, Username="ada", Password=NEW)
    assert refused(lambda: confirm(ConfirmationCode=first)) == EXPIRED

    world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    world.clock.advance(1000)
    pool.admin("admin_reset_user_password", "ada")
    confirm(ConfirmationCode=world.code(mail))
    assert client.tokens("ada", NEW)["AccessToken"]


def _unconfirmed(pool: PoolOfTests) -> None:
    pool.client().sign_up("ada", email="ada@unconfirmed.example")
    pool.admin("admin_update_user_attributes", "ada", UserAttributes=listed({"email_verified": "true"}))


def _invited(pool: PoolOfTests) -> None:
    enlist(pool, "ada", BOTH, permanent=False)


def _disabled(pool: PoolOfTests) -> None:
    enlist(pool, "ada", BOTH)
    pool.admin("admin_disable_user", "ada")


def _unproved(pool: PoolOfTests) -> None:
    pool.user("ada", email="ada@unproved.example")


def test_what_cannot_be_reset_is_refused_and_left_as_it_is(world: World) -> None:
    """Not confirmed, invited, disabled, without a verified address: no code, no change of status."""
    cases = {
        _unconfirmed: ("UNCONFIRMED", STATE),
        _invited: ("FORCE_CHANGE_PASSWORD", STATE),
        _disabled: ("CONFIRMED", ("NotAuthorizedException", "User is disabled.")),
        _unproved: ("CONFIRMED", NO_CHANNEL),
    }
    for make, (status, refusal) in cases.items():
        pool = world.pool()
        make(pool)
        before = world.outbox()
        assert refused(partial(pool.admin, "admin_reset_user_password", "ada")) == refusal
        assert pool.admin("admin_get_user", "ada")["UserStatus"] == status
        assert not world.sent_since(before)


def test_a_reset_is_limited_like_any_sending(world: World) -> None:
    """The sixth code of one user within an hour is not sent, whoever asks for it."""
    pool = world.pool()
    pool.user("ada", email="ada@many.example", email_verified="true")
    for _ in range(5):
        pool.admin("admin_reset_user_password", "ada")
    assert refused(lambda: pool.admin("admin_reset_user_password", "ada")) == (
        "LimitExceededException",
        "Attempt limit exceeded, please try after some time.",
    )
    assert len(world.outbox("ada@many.example")) == 5


@pytest.mark.parametrize("status", ["FORCE_CHANGE_PASSWORD", "EXTERNAL_PROVIDER"])
def test_a_code_of_before_resets_nobody_who_has_no_password_of_their_own_by_now(world: World, status: str) -> None:
    """The statement that stores it looks once more; and whoever is disabled hears that first, whatever the status is."""
    client = world.pool().client()
    sub = client.pool.user("ada", email="ada@status.example", email_verified="true")
    world.clock.advance(1_000)
    world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    put(client.pool, sub, status=status)
    given = {"Username": "ada", "ConfirmationCode": world.code("ada@status.example"), "Password": NEW}
    confirm = partial(world.unsigned.confirm_forgot_password, ClientId=client.client_id, **given)
    assert refused(confirm)[0] == "CodeMismatchException"
    reset = partial(client.pool.admin, "admin_reset_user_password", "ada")
    assert refused(reset) == STATE
    put(client.pool, sub, enabled=0)
    assert refused(reset) == ("NotAuthorizedException", "User is disabled.")


def test_an_address_that_is_no_longer_proved_recovers_nothing(world: World) -> None:
    """A user who changes the address cannot be reset through the new one before it is verified (attacks.md 18)."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    client = pool.client(PreventUserExistenceErrors="LEGACY")
    pool.user("ada", email="ada@kept.example", email_verified="true")
    token = client.tokens("ada")["AccessToken"]
    world.unsigned.update_user_attributes(AccessToken=token, UserAttributes=listed({"email": "thief@changed.example"}))
    assert refused(lambda: world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")) == NO_CHANNEL
    assert [one["kind"] for one in world.outbox("thief@changed.example")] == ["UpdateUserAttribute"]


MOVES = {
    "replaced": {"email": "ada@new.example", "email_verified": "true"},
    "no longer proved": {"email_verified": "false"},
    "taken away": {"email": ""},
}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("by_administrator", [False, True], ids=["forgot", "reset by an administrator"])
def test_a_code_is_worth_nothing_once_its_address_is_no_proved_one_of_the_user(
    world: World, move: str, *, by_administrator: bool
) -> None:
    """Who replaces a stolen mailbox shuts out whoever reads it: a code that went there resets nothing (attacks.md 20)."""
    pool = world.pool()
    client = pool.client()
    pool.user("ada", email="ada@stolen.example", email_verified="true")
    if by_administrator:
        pool.admin("admin_reset_user_password", "ada")
    else:
        world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    code = world.code("ada@stolen.example")
    pool.admin("admin_update_user_attributes", "ada", UserAttributes=listed(MOVES[move]))

    confirm = partial(
        world.unsigned.confirm_forgot_password,
        ClientId=client.client_id,
        Username="ada",
        ConfirmationCode=code,
        Password=NEW,
    )
    assert refused(confirm) == EXPIRED
    assert refused(lambda: client.sign_in("ada", NEW))[0] in {
        "NotAuthorizedException",
        "PasswordResetRequiredException",
    }


def test_a_code_of_an_address_that_moved_tells_nothing_of_passwords_of_before(world: World) -> None:
    """Whoever reads the old mailbox would else learn by it which passwords the user has had (PasswordHistorySize)."""
    pool = world.pool(Policies={"PasswordPolicy": {"PasswordHistorySize": 3}}, UserPoolTier="ESSENTIALS")
    client = pool.client()
    pool.admin(
        "admin_create_user",
        "ada",
        TemporaryPassword=f"{PASSWORD}-0",
        MessageAction="SUPPRESS",
        UserAttributes=listed({"email": "ada@stolen.example", "email_verified": "true"}),
    )
    pool.admin("admin_set_user_password", "ada", Password=PASSWORD, Permanent=True)
    world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    code = world.code("ada@stolen.example")
    confirm = partial(
        world.unsigned.confirm_forgot_password,
        ClientId=client.client_id,
        Username="ada",
        ConfirmationCode=code,
        Password=PASSWORD,
    )
    assert refused(confirm)[0] == "PasswordHistoryPolicyViolationException"
    pool.admin("admin_update_user_attributes", "ada", UserAttributes=listed(MOVES["replaced"]))
    assert refused(confirm) == EXPIRED
