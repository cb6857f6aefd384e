"""Users in an administrator's hands: invited, invited again, kept out, let in, and signed up by nobody else."""

from functools import partial
from typing import Any

from api.people import held, listed, seen
from api.world import PASSWORD, World, refused
from poolkeeper.clock import DAY

NOBODY = ("UserNotFoundException", "User does not exist.")
TEMPORARY = "Temporary-password-1"


def test_an_invitation_carries_a_temporary_password(world: World) -> None:
    """It is made by the policy where none is given, mailed with the name, and leads to a password of one's own."""
    pool = world.pool()
    client = pool.client()
    created = pool.admin(
        "admin_create_user",
        "ada",
        UserAttributes=listed({"email": "ada@invited.example", "email_verified": "true"}),
        DesiredDeliveryMediums=["EMAIL"],
    )["User"]
    assert created["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert created["Enabled"] is True
    assert created["UserCreateDate"] == created["UserLastModifiedDate"]

    message = world.outbox("ada@invited.example")[-1]
    assert message["kind"] == "AdminCreateUser"
    assert "Your username is ada and temporary password is " in message["body"]
    challenge = client.sign_in("ada", message["code"])
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    client.respond("NEW_PASSWORD_REQUIRED", challenge["Session"], USERNAME="ada", NEW_PASSWORD=PASSWORD)
    assert pool.admin("admin_get_user", "ada")["UserStatus"] == "CONFIRMED"
    assert client.tokens("ada")["AccessToken"]


def test_invitations_go_by_the_mediums_that_are_wanted(world: World) -> None:
    """SMS unless said otherwise, both where both are wanted, none with SUPPRESS or without an address."""
    pool = world.pool()

    def invite(number: int, **more: Any) -> list[str]:
        mail, phone = f"m{number}@mediums.example", f"+1555000{number:04}"
        attributes = listed({"email": mail, "phone_number": phone})
        pool.admin("admin_create_user", f"user{number}", UserAttributes=attributes, **more)
        return [one["medium"] for to in (mail, phone) for one in world.outbox(to)]

    assert invite(1) == ["SMS"]
    assert invite(2, DesiredDeliveryMediums=["EMAIL"]) == ["EMAIL"]
    assert invite(3, DesiredDeliveryMediums=["EMAIL", "SMS"]) == ["EMAIL", "SMS"]
    assert invite(4, DesiredDeliveryMediums=["EMAIL"], MessageAction="SUPPRESS") == []


def test_an_invitation_that_nobody_would_receive_is_refused(world: World) -> None:
    """Asked for by a medium that the user has no address for: nobody is created, no hash is made, nothing is renewed."""
    pool = world.pool()
    no_mail = ("InvalidParameterException", "No email provided but desired delivery medium was Email")
    no_phone = ("InvalidParameterException", "No phone number provided but desired delivery medium was SMS")
    phone, mail = {"phone_number": "+15550004711"}, {"email": "ada@unreached.example"}
    hashes = world.hashes()
    cases: tuple[tuple[dict[str, str], list[str], tuple[str, str]], ...] = (
        ({}, ["EMAIL"], no_mail),
        (phone, ["EMAIL"], no_mail),
        (phone, ["EMAIL", "SMS"], no_mail),
        (mail, ["SMS"], no_phone),
    )
    for attributes, mediums, refusal in cases:
        more = {"UserAttributes": listed(attributes), "DesiredDeliveryMediums": mediums}
        assert refused(partial(pool.admin, "admin_create_user", "ada", **more)) == refusal
        assert refused(partial(pool.admin, "admin_get_user", "ada")) == NOBODY
    assert world.hashes() == hashes

    pool.admin("admin_create_user", "ada", UserAttributes=listed(phone), MessageAction="SUPPRESS")
    again = partial(pool.admin, "admin_create_user", "ada", MessageAction="RESEND")
    for mediums in (["EMAIL"], ["EMAIL", "SMS"]):
        assert refused(partial(again, DesiredDeliveryMediums=mediums)) == no_mail
    assert world.outbox(phone["phone_number"]) == []
    again(DesiredDeliveryMediums=["SMS"])
    assert len(world.outbox(phone["phone_number"])) == 1

    by_mail = world.pool(UsernameAttributes=["email"])
    by_mail.admin("admin_create_user", "eve@unreached.example", DesiredDeliveryMediums=["EMAIL"])
    assert len(world.outbox("eve@unreached.example")) == 1


def test_an_invitation_can_be_sent_again(world: World) -> None:
    """RESEND renews the temporary password and its days; the one before is worth nothing."""
    pool = world.pool()
    client = pool.client()
    invite = partial(pool.admin, "admin_create_user", "ada", DesiredDeliveryMediums=["EMAIL"])
    invite(UserAttributes=listed({"email": "ada@resend.example"}), TemporaryPassword=TEMPORARY)
    world.clock.advance(7 * DAY + 1000)
    assert refused(lambda: client.sign_in("ada", TEMPORARY)) == (
        "NotAuthorizedException",
        "Temporary password has expired and must be reset by an administrator.",
    )

    again = invite(MessageAction="RESEND")["User"]
    assert again["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    renewed = world.code("ada@resend.example")
    assert renewed != TEMPORARY
    assert client.sign_in("ada", renewed)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    wrong = ("NotAuthorizedException", "Incorrect username or password.")
    assert refused(lambda: client.sign_in("ada", TEMPORARY)) == wrong

    pool.admin("admin_set_user_password", "ada", Password=PASSWORD, Permanent=True)
    assert refused(lambda: invite(MessageAction="RESEND")) == (
        "UnsupportedUserStateException",
        "Resend not possible. User is not in FORCE_CHANGE_PASSWORD state",
    )
    assert refused(lambda: pool.admin("admin_create_user", "eve", MessageAction="RESEND")) == NOBODY


def test_the_days_of_a_temporary_password_are_the_pools(world: World) -> None:
    """TemporaryPasswordValidityDays later it signs nobody in; until then it does, and a permanent one has no end."""
    policy = {"MinimumLength": 8, "TemporaryPasswordValidityDays": 2}
    pool = world.pool(Policies={"PasswordPolicy": policy})
    client = pool.client()
    pool.user("ada", permanent=False)
    pool.user("bob")
    world.clock.advance(2 * DAY)
    assert client.sign_in("ada")["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    session = client.sign_in("ada")["Session"]
    world.clock.advance(1000)
    expired = ("NotAuthorizedException", "Temporary password has expired and must be reset by an administrator.")
    assert refused(lambda: client.sign_in("ada")) == expired
    answer = partial(client.respond, "NEW_PASSWORD_REQUIRED", session, USERNAME="ada")
    assert refused(lambda: answer(NEW_PASSWORD="Another-pass-9")) == expired
    assert client.tokens("bob")["AccessToken"]

    pool.admin("admin_set_user_password", "ada", Password=TEMPORARY, Permanent=False)
    assert client.sign_in("ada", TEMPORARY)["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_a_taken_name_and_a_weak_password_are_refused(world: World) -> None:
    """Nothing is written and nobody is invited."""
    pool = world.pool()
    pool.user("ada")
    create = partial(pool.admin, "admin_create_user", UserAttributes=listed({"email": "eve@refused.example"}))
    assert refused(lambda: create("ada")) == ("UsernameExistsException", "User account already exists")
    assert refused(lambda: create("eve", TemporaryPassword="Ab1!")) == (
        "InvalidPasswordException",
        "Password did not conform with policy: Password not long enough",
    )
    assert refused(lambda: pool.admin("admin_get_user", "eve")) == NOBODY
    assert world.outbox("eve@refused.example") == []


def test_force_takes_a_verified_alias_and_nothing_else(world: World) -> None:
    """ForceAliasCreation moves an alias that is set verified, and the loser's mark is false then (attacks.md 21)."""
    pool = world.pool(AliasAttributes=["email"])
    client = pool.client()
    pool.user("ada", email="team@force.example", email_verified="true")
    create = partial(pool.admin, "admin_create_user", "bob", MessageAction="SUPPRESS", TemporaryPassword=PASSWORD)
    verified = listed({"email": "team@force.example", "email_verified": "true"})

    assert refused(lambda: create(UserAttributes=verified)) == (
        "AliasExistsException",
        "An account with the email already exists.",
    )
    create(UserAttributes=verified, ForceAliasCreation=True)
    assert pool.admin("admin_get_user", "team@force.example")["Username"] == "bob"
    assert held(pool, "ada") == {"email": "team@force.example", "email_verified": "false"}
    assert client.tokens("ada")["AccessToken"]

    by_address = world.pool(UsernameAttributes=["email"])
    first = by_address.user("team@force.example")
    force = partial(by_address.admin, "admin_create_user", "team@force.example", ForceAliasCreation=True)
    assert refused(lambda: force(UserAttributes=listed({"email_verified": "true"}))) == (
        "UsernameExistsException",
        "An account with the given email already exists.",
    )
    assert by_address.admin("admin_get_user", "team@force.example")["Username"] == first


def test_a_disabled_user_is_out_at_once_and_back_when_enabled(world: World) -> None:
    """Every session ends with AdminDisableUser and stays ended; a new sign-in needs AdminEnableUser (attacks.md 32)."""
    pool = world.pool()
    client = pool.client()
    pool.user("ada")
    tokens = client.tokens("ada")

    pool.admin("admin_disable_user", "ada")
    assert pool.admin("admin_get_user", "ada")["Enabled"] is False
    assert refused(lambda: seen(world, tokens["AccessToken"])) == (
        "NotAuthorizedException",
        "Access Token has been revoked",
    )
    refresh = partial(client.initiate, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])
    revoked = ("NotAuthorizedException", "Refresh Token has been revoked")
    assert refused(refresh) == revoked
    assert refused(lambda: client.sign_in("ada")) == ("NotAuthorizedException", "User is disabled.")

    pool.admin("admin_enable_user", "ada")
    assert pool.admin("admin_get_user", "ada")["Enabled"] is True
    assert refused(refresh) == revoked
    assert client.tokens("ada")["AccessToken"]


def test_nobody_is_found_under_an_unknown_name(world: World) -> None:
    """Administrators are told plainly, by every operation on a user."""
    pool = world.pool()
    operations: dict[str, dict[str, Any]] = {
        "admin_get_user": {},
        "admin_update_user_attributes": {"UserAttributes": listed({"nickname": "x"})},
        "admin_delete_user_attributes": {"UserAttributeNames": ["nickname"]},
        "admin_disable_user": {},
        "admin_enable_user": {},
        "admin_reset_user_password": {},
        "admin_set_user_password": {"Password": PASSWORD},
        "admin_delete_user": {},
    }
    for operation, more in operations.items():
        assert refused(partial(pool.admin, operation, "nobody", **more)) == NOBODY
        unknown = partial(getattr(world.signed, operation), UserPoolId="us-east-1_000000000", Username="x", **more)
        assert refused(unknown) == ("ResourceNotFoundException", "User pool us-east-1_000000000 does not exist.")


def test_nobody_signs_up_where_administrators_alone_create_users(world: World) -> None:
    """AllowAdminCreateUserOnly closes SignUp, before a hash is spent or a row written (attacks.md 16)."""
    pool = world.pool(AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    client = pool.client()
    hashes = world.hashes()
    assert refused(lambda: client.sign_up("eve")) == (
        "NotAuthorizedException",
        "SignUp is not permitted for this user pool",
    )
    assert world.hashes() == hashes
    assert world.rows("SELECT user_id FROM users WHERE pool_id = $1", pool.pool_id) == []
    assert pool.user("ada")


def test_a_user_removes_himself_for_good(world: World) -> None:
    """DeleteUser takes the user and all his sessions, and the number of users of the pool goes down."""
    pool = world.pool()
    client = pool.client()
    pool.user("ada")
    token, other = (client.tokens("ada")["AccessToken"] for _ in range(2))
    count = partial(world.signed.describe_user_pool, UserPoolId=pool.pool_id)
    assert count()["UserPool"]["EstimatedNumberOfUsers"] == 1

    world.unsigned.delete_user(AccessToken=token)
    assert count()["UserPool"]["EstimatedNumberOfUsers"] == 0
    for one in (token, other):
        assert refused(partial(world.unsigned.delete_user, AccessToken=one)) == (
            "NotAuthorizedException",
            "Access Token has been revoked",
        )
    assert refused(lambda: pool.admin("admin_get_user", "ada")) == NOBODY


def test_an_invitation_by_mail_needs_an_address(world: World) -> None:
    """Nobody is made whom nobody tells; SMS beside it changes nothing, and sending again is no other."""
    pool = world.pool()
    make = partial(world.signed.admin_create_user, UserPoolId=pool.pool_id)
    no_address = ("InvalidParameterException", "No email provided but desired delivery medium was Email")
    phone = [{"Name": "phone_number", "Value": "+15550107777"}]
    for mediums, given in ((["EMAIL"], []), (["EMAIL", "SMS"], phone)):
        ask = partial(make, Username="ada", DesiredDeliveryMediums=mediums, UserAttributes=given)
        assert refused(ask) == no_address
    assert refused(lambda: pool.admin("admin_get_user", "ada"))[0] == "UserNotFoundException"

    make(Username="ada", UserAttributes=phone)
    again = partial(make, Username="ada", MessageAction="RESEND", DesiredDeliveryMediums=["EMAIL"])
    assert refused(again) == no_address
    assert make(Username="bob", MessageAction="SUPPRESS", DesiredDeliveryMediums=["EMAIL"])


def test_the_answer_to_a_temporary_password_is_refused_in_awss_words(world: World) -> None:
    """Without NEW_PASSWORD, a required attribute that is known, a name that is none; the Session stays good."""
    pool = world.pool(Schema=[{"Name": "email", "Required": True, "AttributeDataType": "String", "Mutable": True}])
    client = pool.client()
    pool.user("ada", permanent=False, email="ada@known.example")
    session = client.sign_in("ada")["Session"]
    answer = partial(client.respond, "NEW_PASSWORD_REQUIRED", session, USERNAME="ada")
    sentence = "Invalid attributes given, new password should be given with key NEW_PASSWORD"
    assert refused(answer) == ("InvalidParameterException", sentence)

    given = partial(answer, NEW_PASSWORD="Dive-in-3-lakes")
    for address in ("ada@known.example", "ada@other.example"):
        known = refused(partial(given, **{"userAttributes.email": address}))
        assert known == ("NotAuthorizedException", "Cannot modify an already provided email")
    sentence = (
        "1 validation error detected: Value 'MapEntry(custom:team: half an engine)' at 'userAttributes.1.member.name' "
        "failed to satisfy constraint: Member must have length less than or equal to 32"
    )
    misnamed = refused(partial(given, **{"userAttributes.MapEntry(custom:team: half an engine)": "x"}))
    assert misnamed == ("InvalidParameterException", sentence)
    unknown = refused(partial(given, **{"userAttributes.custom:team": "engines"}))
    assert unknown[1].endswith("custom:team: Attribute does not exist in the schema.\n")
    assert given()["AuthenticationResult"]


def test_what_is_still_missing_is_collected_with_the_new_password(world: World) -> None:
    """The challenge asks for required attributes; an address given there is a sign-in name, and not verified."""
    pool = world.pool(
        Schema=[{"Name": "name", "Required": True, "AttributeDataType": "String", "Mutable": True}],
        UsernameAttributes=["email", "phone_number"],
    )
    client = pool.client()
    pool.user("ada@missing.example", permanent=False, email_verified="true")
    pool.user("+15550009999")
    challenge = client.sign_in("ada@missing.example")
    assert challenge["ChallengeParameters"]["requiredAttributes"] == '["userAttributes.name"]'
    answer = partial(
        client.respond,
        "NEW_PASSWORD_REQUIRED",
        challenge["Session"],
        USERNAME="ada@missing.example",
        NEW_PASSWORD=PASSWORD,
    )
    assert refused(answer) == (
        "InvalidParameterException",
        "Invalid attributes given, name is missing",
    )
    taken = {"userAttributes.name": "Ada", "userAttributes.phone_number": "+15550009999"}
    assert refused(lambda: answer(**taken))[0] == "AliasExistsException"
    moved = {"userAttributes.name": "Ada", "userAttributes.email": "victim@missing.example"}
    assert refused(lambda: answer(**moved)) == ("NotAuthorizedException", "Cannot modify an already provided email")

    answer(**{"userAttributes.name": "Ada", "userAttributes.phone_number": "+15550008888"})
    assert held(pool, "+15550008888") == {
        "email": "ada@missing.example",
        "email_verified": "true",
        "name": "Ada",
        "phone_number": "+15550008888",
        "phone_number_verified": "false",
    }
    assert client.tokens("+15550008888")["AccessToken"]
