"""What do the tests of cognito-local, MiniStack and floci ask that moto's do not, and is it answered so here? Most of it.

Sources: jagregory/cognito-local (commit 2709131), ministackorg/ministack and floci-io/floci (December 2026). Where AWS's contract
says otherwise this server keeps to the contract, and the case says what is answered instead (emulators.md 2 and 3).
"""

from functools import partial
from typing import Any

import pytest

from api.people import held, listed, update, verify
from api.second_factors import BY_ADMINISTRATOR, TOTP, asked, demand, enrol, pool_with
from api.signing_in import SOME_A
from api.world import PASSWORD, PoolOfTests, World, refused

EMAIL, OTHER = "f@example.com", "new@example.com"
NO_USER = ("UserNotFoundException", "User does not exist.")
NOT_FOUND = "ResourceNotFoundException"


@pytest.fixture
def pool(world: World) -> PoolOfTests:
    """Make a pool with somebody who has a password."""
    made = world.pool()
    made.user("ada")
    return made


def test_an_app_is_bound_to_a_person(world: World) -> None:
    """cognito-local: associateSoftwareToken with neither token nor session; verifySoftwareToken without a secret.

    Otherwise: VerifySoftwareToken has an exception of its own for that, where cognito-local says InvalidParameter.
    """
    pool = pool_with(world, TOTP, mode="OPTIONAL")
    pool.user("ada")
    assert refused(world.unsigned.associate_software_token)[0] == "InvalidParameterException"
    token = {"AccessToken": pool.client().tokens("ada")["AccessToken"]}
    verifying = partial(world.unsigned.verify_software_token, **token, UserCode="123456")
    assert refused(verifying)[0] == "EnableSoftwareTokenMFAException"
    app = world.unsigned.associate_software_token(**token)["SecretCode"]
    assert set(app) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def test_a_pool_that_asks_for_nothing_asks_for_no_app(world: World) -> None:
    """cognito-local: an enrolled user of a pool whose MfaConfiguration is unset.

    Otherwise: OFF asks nobody; ON asks for the setting up (MFA_SETUP), where cognito-local refuses whoever has no factor.
    """
    pool = pool_with(world, TOTP, mode="OPTIONAL", AccountRecoverySetting={"RecoveryMechanisms": BY_ADMINISTRATOR})
    pool.user("ada")
    client = pool.client()
    enrol(client, "ada")
    asked(client, TOTP)
    demand(pool, mode="OFF")
    assert client.tokens("ada")["AccessToken"]
    demand(pool, TOTP)
    pool.user("eve")
    asked(client, "MFA_SETUP", "eve")


def test_what_an_answer_lacks_is_said(pool: PoolOfTests) -> None:
    """cognito-local: InitiateAuth without parameters, answers without a member, SELECT_MFA_TYPE with an unknown ANSWER.

    Otherwise: a Session that is none is refused before the answer is looked at.
    """
    client, world = pool.client(), pool.world
    begin = partial(world.unsigned.initiate_auth, ClientId=client.client_id, AuthFlow="USER_PASSWORD_AUTH")
    assert refused(begin)[0] == "InvalidParameterException"
    assert refused(partial(client.respond, "NEW_PASSWORD_REQUIRED", NEW_PASSWORD="x"))[0] == "InvalidParameterException"
    pool.user("eve", permanent=False)
    session = client.sign_in("eve")["Session"]
    for given in ({"NEW_PASSWORD": "P2$Sword2"}, {"USERNAME": "eve"}):
        assert (
            refused(partial(client.respond, "NEW_PASSWORD_REQUIRED", session, **given))[0]
            == "InvalidParameterException"
        )
    bogus = partial(client.respond, "SELECT_MFA_TYPE", "any-session-that-is-none", USERNAME="ada", ANSWER="BOGUS")
    assert refused(bogus) == ("NotAuthorizedException", "Invalid session for the user.")


def test_an_address_waits_for_its_code(world: World) -> None:
    """cognito-local: updateUserAttributes with AttributesRequireVerificationBeforeUpdate; verifyUserAttribute."""
    waits = {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    pool = world.pool(AutoVerifiedAttributes=["email"], UsernameAttributes=["email"], UserAttributeUpdateSettings=waits)
    own = pool.pool_id[-9:].lower()
    before, after = f"before-{own}@example.com", f"after-{own}@example.com"
    pool.user(before, email=before, email_verified="true")
    client = pool.client()
    token = client.tokens(before)["AccessToken"]
    update(world, token, {"email": after})
    assert held(pool, before)["email"] == before
    assert client.tokens(before)
    assert refused(partial(client.tokens, after))[0] == "NotAuthorizedException"
    verify(world, token, "email", world.code(after))
    assert (held(pool, after)["email"], held(pool, after)["email_verified"]) == (after, "true")
    assert client.tokens(after)


def test_an_address_is_there_before_it_is_verified(pool: PoolOfTests) -> None:
    """cognito-local: a mark without its address, a code for another attribute, one for nobody's address.

    Otherwise: AWS refuses the other attribute by a sentence (measured.md 12), where cognito-local does nothing.
    """
    change = partial(pool.admin, "admin_update_user_attributes", "ada")
    for name, sentence in (
        ("email_verified", "Email is required to verify/un-verify an email"),
        ("phone_number_verified", "Phone Number is required to verify/un-verify a phone number"),
    ):
        asked_for = partial(change, UserAttributes=listed({name: "true"}))
        assert refused(asked_for) == ("InvalidParameterException", sentence)
    token = {"AccessToken": pool.client().tokens("ada")["AccessToken"]}
    ask = partial(pool.world.unsigned.get_user_attribute_verification_code, **token)
    assert refused(partial(ask, AttributeName="email"))[0] == "InvalidParameterException"
    other = partial(pool.world.unsigned.verify_user_attribute, **token, AttributeName="nickname", Code="123456")
    sentence = "Invalid attribute name. Only phone_number and email can be verified."
    assert refused(other) == ("InvalidParameterException", sentence)


def test_a_password_for_now_and_a_password_that_is_wrong(pool: PoolOfTests) -> None:
    """cognito-local: adminSetUserPassword by default, changePassword with another one; MiniStack: by the sub."""
    sub = pool.user("eve")
    pool.admin("admin_set_user_password", "eve", Password="P2$Sword2")
    assert pool.admin("admin_get_user", "eve")["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    pool.admin("admin_set_user_password", sub, Password="P2$Sword2", Permanent=True)
    assert pool.admin("admin_get_user", "eve")["UserStatus"] == "CONFIRMED"
    token = {"AccessToken": pool.client().tokens("ada")["AccessToken"]}
    change = partial(pool.world.unsigned.change_password, **token, ProposedPassword="P2$Sword2")
    assert refused(partial(change, PreviousPassword="not-mine"))[0] == "NotAuthorizedException"


def test_a_user_takes_away_what_is_theirs(pool: PoolOfTests) -> None:
    """cognito-local: deleteUserAttributes, deleteUser, getUser of nobody. Otherwise: a token goes with its user, and is none then."""
    pool.admin("admin_update_user_attributes", "ada", UserAttributes=listed({"nickname": "a"}))
    token = {"AccessToken": pool.client().tokens("ada")["AccessToken"]}
    pool.world.unsigned.delete_user_attributes(**token, UserAttributeNames=["nickname"])
    assert held(pool, "ada") == {}
    pool.world.unsigned.delete_user(**token)
    assert refused(partial(pool.admin, "admin_get_user", "ada")) == NO_USER
    assert refused(partial(pool.world.unsigned.get_user, **token))[0] == "NotAuthorizedException"


def test_a_client_is_its_pools(world: World, pool: PoolOfTests) -> None:
    """cognito-local: deleteUserPoolClient in another pool; updateGroup in part; listUsersInGroup of none."""
    client, other = pool.client(), world.pool()
    named = {"UserPoolId": other.pool_id, "ClientId": client.client_id}
    assert refused(partial(world.signed.delete_user_pool_client, **named))[0] == NOT_FOUND
    group = {"UserPoolId": pool.pool_id, "GroupName": "swimmers"}
    world.signed.create_group(**group, Description="all wet", Precedence=1)
    changed = world.signed.update_group(**group, Precedence=2)["Group"]
    assert (changed["Description"], changed["Precedence"]) == ("all wet", 2)
    assert refused(partial(world.signed.list_users_in_group, UserPoolId=pool.pool_id, GroupName="none"))[0] == NOT_FOUND


def test_an_invitation_needs_an_address(world: World) -> None:
    """cognito-local: adminCreateUser by a medium that the user does not have; addCustomAttributes without a name.

    Otherwise: AWS's sentence names the medium (measured.md 12), and an attribute without a name is refused.
    """
    pool = world.pool()
    create = partial(pool.admin, "admin_create_user", "eve", DesiredDeliveryMediums=["EMAIL"])
    assert refused(create) == (
        "InvalidParameterException",
        "No email provided but desired delivery medium was Email",
    )
    nameless = [{"AttributeDataType": "String"}]
    adding = partial(world.signed.add_custom_attributes, UserPoolId=pool.pool_id, CustomAttributes=nameless)
    assert refused(adding)[0] == "InvalidParameterException"


def names(pool: PoolOfTests, filtered: str) -> list[str]:
    """Return whom a filter finds."""
    answer = pool.world.signed.list_users(UserPoolId=pool.pool_id, Filter=filtered)
    return sorted(one["Username"] for one in answer["Users"])


def test_a_filter_minds_case_where_the_reference_says_so(world: World) -> None:
    """MiniStack: ListUsers by a quoted name, by case, by status."""
    pool = world.pool()
    pool.user("Alpha", email="Alpha@Example.com", family_name="Reddy")
    pool.user("beta", email="beta@example.com")
    expected = {
        '"email" = "beta@example.com"': ["beta"],
        'username = "alpha"': [],
        'username = "Alpha"': ["Alpha"],
        '"email" = "alpha@example.com"': ["Alpha"],
        'family_name ^= "redd"': ["Alpha"],
        'status = "enabled"': [],
        'status = "Enabled"': ["Alpha", "beta"],
    }
    assert {filtered: names(pool, filtered) for filtered in expected} == expected


@pytest.mark.parametrize("mark", [{}, {"email_verified": "false"}])
def test_an_alias_that_nobody_verified_is_none(world: World, mark: dict[str, str]) -> None:
    """MiniStack: AliasAttributes with an address that is not verified, or not marked."""
    pool = world.pool(AliasAttributes=["email"])
    pool.admin("admin_create_user", "bob", UserAttributes=listed({"email": EMAIL, **mark}), MessageAction="SUPPRESS")
    assert refused(partial(pool.admin, "admin_get_user", EMAIL)) == NO_USER


def test_tags_go_by_an_arn_of_ours(pool: PoolOfTests) -> None:
    """MiniStack: TagResource by what is no ARN, one of another service, region and account."""
    arn = f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{pool.pool_id}"
    wrong = {
        "not-an-arn-but-long-enough": "InvalidParameterException",
        "arn:aws:cognito-idp:us-east-1": "InvalidParameterException",
        arn.replace("cognito-idp", "cognito-identity"): "InvalidParameterException",
        arn.replace("userpool", "identitypool"): "InvalidParameterException",
        arn.replace("us-east-1:", "us-west-2:"): NOT_FOUND,
        arn.replace("000000000000", "111111111111"): NOT_FOUND,
    }
    tag = partial(pool.world.signed.tag_resource, Tags={"bad": "value"})
    assert {one: refused(partial(tag, ResourceArn=one))[0] for one in wrong} == wrong
    assert pool.world.signed.list_tags_for_resource(ResourceArn=arn)["Tags"] == {}


def test_a_refresh_token_is_its_clients_until_it_is_revoked(pool: PoolOfTests) -> None:
    """MiniStack: GetTokensFromRefreshToken and RevokeToken; floci: a refresh token that is none."""
    client, world = pool.client(), pool.world
    renew = world.unsigned.get_tokens_from_refresh_token
    assert refused(partial(renew, ClientId="nonexistent", RefreshToken="dummy"))[0] == NOT_FOUND
    token = client.tokens("ada")["RefreshToken"]
    assert renew(ClientId=client.client_id, RefreshToken=token)["AuthenticationResult"]["AccessToken"]
    world.unsigned.revoke_token(ClientId=client.client_id, Token=token)
    assert refused(partial(renew, ClientId=client.client_id, RefreshToken=token))[0] == "NotAuthorizedException"
    invalid = ("NotAuthorizedException", "Invalid Refresh Token.")
    assert refused(partial(client.initiate, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN="not-a-token")) == invalid


def test_two_domains_are_two(pool: PoolOfTests) -> None:
    """MiniStack: a prefix and a host's name in one pool; the one goes, the other stays."""
    client, prefix = pool.world.signed, f"both-{pool.pool_id[-9:].lower()}"
    named: dict[str, Any] = {"UserPoolId": pool.pool_id}
    host = {**named, "Domain": f"login.{prefix}.example"}
    certificate = {
        "CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/4c6f7665-6c61-4365-8000-000000000000"
    }
    client.create_user_pool_domain(**named, Domain=prefix)
    client.create_user_pool_domain(**host, CustomDomainConfig=certificate)
    client.delete_user_pool_domain(**host)
    told = client.describe_user_pool(**named)["UserPool"]
    assert ("CustomDomain" in told, told["Domain"]) == (False, prefix)


def test_what_was_recorded_on_aws(world: World) -> None:
    """Floci's fixtures of May 2026: sign-up, twice; a wrong code; resent, and again; a name that nobody has."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    client = pool.client(PreventUserExistenceErrors="LEGACY")
    email = f"f{pool.pool_id[-9:].lower()}@example.com"
    given = {"email": email, "phone_number": "+5215555555555", "given_name": "Fixture", "family_name": "User"}
    sent = {"Destination": "f***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    answer = client.sign_up("fixture", **given)
    assert (answer["UserConfirmed"], answer["CodeDeliveryDetails"]) == (False, sent)
    assert refused(partial(client.sign_up, "fixture", **given)) == ("UsernameExistsException", "User already exists")
    about = {"ClientId": client.client_id, "Username": "fixture"}
    wrong = "000000" if world.code(email) != "000000" else "111111"
    assert refused(partial(world.unsigned.confirm_sign_up, **about, ConfirmationCode=wrong)) == (
        "CodeMismatchException",
        "Invalid verification code provided, please try again.",
    )
    for _ in range(2):
        assert world.unsigned.resend_confirmation_code(**about)["CodeDeliveryDetails"] == sent
    forgetting = partial(world.unsigned.forgot_password, ClientId=client.client_id, Username="nobody")
    assert refused(forgetting) == ("UserNotFoundException", "Username/client id combination not found.")
    assert refused(partial(client.initiate, "USER_SRP_AUTH", USERNAME="nobody", SRP_A=SOME_A)) == NO_USER


def test_a_clients_secrets_are_two_at_the_most(pool: PoolOfTests) -> None:
    """floci: secrets of a client: none, one more, too many, one that is none, the last one; a list tells names and ids alone."""
    client, named = pool.world.signed, {"UserPoolId": pool.pool_id}
    plain = client.create_user_pool_client(**named, ClientName="plain")["UserPoolClient"]
    rows = client.list_user_pool_clients(**named, MaxResults=10)["UserPoolClients"]
    assert [set(one) for one in rows] == [{"ClientId", "UserPoolId", "ClientName"}]
    assert client.list_user_pool_client_secrets(**named, ClientId=plain["ClientId"])["ClientSecrets"] == []
    made = client.create_user_pool_client(**named, ClientName="secret", GenerateSecret=True)["UserPoolClient"]
    about = {**named, "ClientId": made["ClientId"]}
    added = client.add_user_pool_client_secret(**about)["ClientSecretDescriptor"]
    assert refused(partial(client.add_user_pool_client_secret, **about))[0] == "LimitExceededException"
    remove = partial(client.delete_user_pool_client_secret, **about)
    assert refused(partial(remove, ClientSecretId="made-up"))[0] == NOT_FOUND
    remove(ClientSecretId=added["ClientSecretId"])
    (left,) = client.list_user_pool_client_secrets(**about)["ClientSecrets"]
    assert refused(partial(remove, ClientSecretId=left["ClientSecretId"]))[0] == "InvalidParameterException"
    assert PASSWORD not in str(left)
