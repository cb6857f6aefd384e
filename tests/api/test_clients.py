"""App clients: what one is created with, what an update replaces, what is refused, and who may read and write what."""

import base64
import json
from functools import partial
from typing import Any

import pytest

from api.round_trip import CLIENT, POOL_AT_CREATION, sent_back, settled, unnamed_members
from api.world import FLOWS, PASSWORD, PoolOfTests, World, refused
from poolkeeper.call import Call
from poolkeeper.lookup import require_client_of
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.operations.cognito_idp import clients

# What a client with nothing but a name reads back (infrastructure.md 3).
BARE = {
    "RefreshTokenValidity": 30,
    "AuthSessionValidity": 3,
    "AllowedOAuthFlowsUserPoolClient": False,
    "EnableTokenRevocation": True,
    "EnablePropagateAdditionalUserContextData": False,
}
# What stays where an update leaves it out (measured.md 2).
STAYS = {"RefreshTokenValidity", "EnableTokenRevocation", "AuthSessionValidity"}
OF_ITSELF = {"UserPoolId", "ClientId", "ClientName", "ClientSecret", "CreationDate", "LastModifiedDate"}
CODE = {
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid"],
    "CallbackURLs": ["https://app.example/in"],
}
MACHINE = {
    "GenerateSecret": True,
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["client_credentials"],
    "AllowedOAuthScopes": ["openid"],
}
MINUTES = {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "minutes"}


def make(world: World, pool: PoolOfTests, **settings: Any) -> dict[str, Any]:
    made: dict[str, Any] = world.signed.create_user_pool_client(UserPoolId=pool.pool_id, ClientName="made", **settings)[
        "UserPoolClient"
    ]
    return made


def describe(world: World, client: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = world.signed.describe_user_pool_client(
        UserPoolId=client["UserPoolId"], ClientId=client["ClientId"]
    )["UserPoolClient"]
    return described


def update(world: World, client: dict[str, Any], **settings: Any) -> dict[str, Any]:
    updated: dict[str, Any] = world.signed.update_user_pool_client(
        UserPoolId=client["UserPoolId"], ClientId=client["ClientId"], **settings
    )["UserPoolClient"]
    return updated


def settings_of(description: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in description.items() if name not in OF_ITSELF}


def test_a_client_with_nothing_but_a_name_has_the_documented_defaults(world: World) -> None:
    """What is answered is exactly the documented defaults; Create answers as Describe does."""
    made = make(world, world.pool())
    assert settings_of(made) == BARE
    assert "ClientSecret" not in made
    assert describe(world, made) == made


def test_the_values_of_the_round_trips_name_every_member_of_the_model() -> None:
    """A member that a newer model brings cannot be forgotten here."""
    missing = unnamed_members("UpdateUserPoolClientRequest", dict(CLIENT))
    assert missing == {
        "UserPoolId",
        "ClientId",
        "ClientName",
        "AnalyticsConfiguration.ApplicationArn",
        "PublishSecretsInAWSSecretsManager",
    }


def test_every_setting_is_kept_and_answered(world: World) -> None:
    """Each member comes back as it was given, from Create, Update and Describe alike."""
    pool = world.pool(**POOL_AT_CREATION)
    made = make(world, pool, GenerateSecret=True, **CLIENT)
    assert settings_of(made) == CLIENT
    assert describe(world, made) == made

    other = make(world, pool, GenerateSecret=True)
    updated = update(world, other, **CLIENT)
    assert settings_of(updated) == CLIENT
    assert (updated["ClientName"], updated["ClientSecret"]) == ("made", other["ClientSecret"])
    assert describe(world, other) == updated


def test_a_description_sent_back_changes_nothing(world: World) -> None:
    """Describe, then UpdateUserPoolClient with all that it takes of the answer: the client is what it was."""
    pool = world.pool(**POOL_AT_CREATION)
    for made in (make(world, pool), make(world, pool, GenerateSecret=True, **CLIENT)):
        sent = sent_back(made, "UpdateUserPoolClientRequest")
        answer = world.signed.update_user_pool_client(**sent)["UserPoolClient"]
        assert settled(answer) == settled(made)


def test_a_member_that_an_update_leaves_out_goes_back_to_its_default_or_stays(world: World) -> None:
    """One member after the other is left out, together with what cannot stand without it; three stay as they are."""
    made = make(world, world.pool(**POOL_AT_CREATION), GenerateSecret=True, **CLIENT)
    oauth = {"AllowedOAuthFlows", "AllowedOAuthScopes", "AllowedOAuthFlowsUserPoolClient"}
    lives = {"AccessTokenValidity", "IdTokenValidity", "TokenValidityUnits"}
    together = {
        **dict.fromkeys(oauth, oauth),
        **dict.fromkeys(lives, lives),
        "CallbackURLs": {"CallbackURLs", "DefaultRedirectURI", *oauth},
        "ExplicitAuthFlows": {"ExplicitAuthFlows", "RefreshTokenRotation"},
    }
    # Ninety minutes are still minutes when the units are left out, or without its own unit they would be days.
    in_minutes = {"TokenValidityUnits": {"AccessToken": "hours", "IdToken": "hours", "RefreshToken": "minutes"}}
    for name in sorted(set(CLIENT) - STAYS):
        gone = together.get(name, {name})
        left = {member: value for member, value in CLIENT.items() if member not in gone}
        if name in lives:
            left["RefreshTokenValidity"] = 90
        expected = left | {member: BARE[member] for member in gone if member in BARE}
        if name in lives:
            left.pop("RefreshTokenValidity")
            expected |= in_minutes
        updated = update(world, make_full(world, made), **left)
        assert settings_of(updated) == expected, name
    for name in STAYS:
        left = {member: value for member, value in CLIENT.items() if member != name}
        assert settings_of(update(world, make_full(world, made), **left)) == CLIENT, name
    kept = {name: CLIENT[name] for name in STAYS}
    assert settings_of(update(world, made)) == BARE | kept | in_minutes
    explicit = {"RefreshTokenValidity": 0, "EnableTokenRevocation": True, "AuthSessionValidity": 3}
    assert settings_of(update(world, made, **explicit)) == BARE


def test_an_hour_is_an_hour_in_whatever_unit_nothing_is_said(world: World) -> None:
    """Tokens whose validity was never set last an hour, also where the units are minutes."""
    pool = world.pool()
    pool.user("ida")
    client = pool.client(TokenValidityUnits={"AccessToken": "minutes", "IdToken": "seconds", "RefreshToken": "days"})
    tokens = client.tokens("ida")
    lives = [claims(tokens[name])["exp"] - claims(tokens[name])["iat"] for name in ("AccessToken", "IdToken")]
    assert (lives, tokens["ExpiresIn"]) == ([3600, 3600], 3600)


def make_full(world: World, client: dict[str, Any]) -> dict[str, Any]:
    return update(world, client, **CLIENT)


def test_units_are_answered_all_together(world: World) -> None:
    """One unit brings the others' defaults; without a unit none is answered; thirty days is the answer to nothing."""
    pool = world.pool()
    client = make(world, pool, TokenValidityUnits={"IdToken": "minutes"}, IdTokenValidity=30)
    assert client["TokenValidityUnits"] == {"AccessToken": "hours", "IdToken": "minutes", "RefreshToken": "days"}
    assert "TokenValidityUnits" not in update(world, client, AccessTokenValidity=2)
    assert update(world, client, RefreshTokenValidity=0)["RefreshTokenValidity"] == 30
    hours = {"RefreshTokenValidity": 0, "TokenValidityUnits": {"RefreshToken": "hours"}}
    assert update(world, client, **hours)["RefreshTokenValidity"] == 720


@pytest.mark.parametrize(
    ("settings", "name", "sentence"),
    [
        ({"AccessTokenValidity": 25}, "InvalidParameterException", "Invalid range for token validity."),
        ({"TokenValidityUnits": MINUTES, "IdTokenValidity": 4}, "InvalidParameterException", None),
        ({"TokenValidityUnits": MINUTES, "RefreshTokenValidity": 59}, "InvalidParameterException", None),
        ({"RefreshTokenValidity": 3651}, "InvalidParameterException", "Invalid range for token validity."),
        (
            {"TokenValidityUnits": MINUTES, "RefreshTokenValidity": 60, "AccessTokenValidity": 61},
            "InvalidParameterException",
            "Access and Id Token expiration times must be less than or equal to refresh token expiration times.",
        ),
        (
            {"ExplicitAuthFlows": ["USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]},
            "InvalidParameterException",
            "Auth flow name with prefix 'ALLOW' cannot be used with legacy auth flow names.",
        ),
        (
            {"RefreshTokenRotation": {"Feature": "ENABLED"}, "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"]},
            "InvalidParameterException",
            "ALLOW_REFRESH_TOKEN_AUTH cannot be set when refresh token rotation is enabled.",
        ),
        (
            {"EnablePropagateAdditionalUserContextData": True},
            "InvalidParameterException",
            "Client Secret is required to set EnablePropagateAdditionalUserContextData as true",
        ),
        (
            {"SupportedIdentityProviders": ["COGNITO", "Nobody"]},
            "InvalidParameterException",
            "The provider Nobody does not exist for User Pool {pool}.",
        ),
        (
            {"AnalyticsConfiguration": {"ApplicationId": "0123"}},
            "InvalidParameterException",
            (
                "Invalid analytics configuration given, either <application arn> or "
                "<application id, role arn, external id> are valid"
            ),
        ),
        (
            {"DefaultRedirectURI": "https://app.example/else", "CallbackURLs": ["https://app.example/in"]},
            "InvalidParameterException",
            "The default redirect URI https://app.example/else is not in the callback URIs list.",
        ),
        (
            {"AllowedOAuthFlowsUserPoolClient": True},
            "InvalidOAuthFlowException",
            "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.",
        ),
        (
            {**CODE, "CallbackURLs": []},
            "InvalidOAuthFlowException",
            "CallbackUrls can not be empty when code flow or implicit flow is selected",
        ),
        (
            {**CODE, "AllowedOAuthScopes": ["openid", "water/drink"]},
            "ScopeDoesNotExistException",
            "Invalid scope requested: water/drink",
        ),
        (
            {**MACHINE, "AllowedOAuthFlows": ["client_credentials", "code"]},
            "InvalidOAuthFlowException",
            "client_credentials flow can not be selected along with code flow or implicit flow.",
        ),
        (
            {**MACHINE, "GenerateSecret": False},
            "InvalidOAuthFlowException",
            "client_credentials flow can not be selected if client does not have a client secret.",
        ),
        (MACHINE, "InvalidOAuthFlowException", "openid is not supported with client_credentials flow"),
        (
            {"GenerateSecret": True, "ClientSecret": "s" * 24},
            "InvalidParameterException",
            "GenerateSecret and ClientSecret cannot be used together.",
        ),
        (
            {"GenerateSecret": True, "PublishSecretsInAWSSecretsManager": True},
            "InvalidParameterException",
            "PublishSecretsInAWSSecretsManager cannot be true: there is no AWS Secrets Manager here.",
        ),
    ],
)
def test_settings_that_aws_refuses_are_refused(
    world: World, settings: dict[str, Any], name: str, sentence: str | None
) -> None:
    """At creation, and by an update of a client that changes nothing then."""
    pool = world.pool()
    expected = (sentence or "Invalid range for token validity.").replace("{pool}", pool.pool_id)
    assert refused(partial(make, world, pool, **settings)) == (name, expected)

    confidential = bool(settings.get("GenerateSecret"))
    if "ClientSecret" not in settings:
        client = make(world, pool, GenerateSecret=confidential)
        sent = {member: value for member, value in settings.items() if member != "GenerateSecret"}
        assert refused(partial(update, world, client, **sent)) == (name, expected)
        assert describe(world, client) == client


def test_a_secret_that_is_kept_here_is_answered_as_ever(world: World) -> None:
    """PublishSecretsInAWSSecretsManager false asks for what is done anyway: no setting comes of it, and no ARN."""
    pool = world.pool()
    made = make(world, pool, GenerateSecret=True, PublishSecretsInAWSSecretsManager=False)
    assert settings_of(made) == BARE
    assert len(made["ClientSecret"]) == 51
    updated = update(world, made, PublishSecretsInAWSSecretsManager=False)
    assert settled(updated) == settled(made)


def test_only_addresses_that_an_application_can_be_sent_back_to_are_taken(world: World) -> None:
    """Plain http stays on this machine, and nothing that only looks like this machine; no fragments, no scripts."""
    pool = world.pool()
    for url in (
        "http://app.example",
        "http://localhost.app.example/",
        "http://localhost@app.example",
        "HTTP://x.example",
    ):
        for member in ("CallbackURLs", "LogoutURLs"):
            work = partial(make, world, pool, **{member: [url]})
            assert refused(work) == ("InvalidParameterException", f"{url} cannot use the HTTP protocol.")
    for url in (
        *("javascript:alert(1)", "javascript://x/%0aalert(1)", "JavaScript:/*/alert(1)", "java%73cript:/x"),
        *("data:text/html,x", "data:/x", "vbscript:/x", "file:///in", "blob:/x", "about:/blank", "view-source:/x"),
        *("/in", "://in", "myapp", "myapp:", "myapp:in", "myapp://", "1app:/in", "my_app:/in", "\u212aapp:/in"),
        *("http:/localhost/in", "https:/app.example/in", "https:app.example", "https://"),
    ):
        for member in ("CallbackURLs", "LogoutURLs"):
            fault = refused(partial(make, world, pool, **{member: [url]}))
            assert fault[0] == "InvalidParameterException", url
    for url in ("https://app.example/#in", "my.app://in#x", "http://localhost:3000/#"):
        for member in ("CallbackURLs", "LogoutURLs"):
            work = partial(make, world, pool, **{member: [url]})
            assert refused(work) == ("InvalidParameterException", f"{url} cannot use fragment")
    good = ["http://localhost", "http://localhost:3000/in?x=1", "http://127.0.0.1:80", "http://[::1]:1/", "my.app://in"]
    good += ["com.my.app:/in", "com.my.app:/", "com.my.app:///in", "My-App+1:/in?x=1"]  # RFC 8252 section 7.1
    assert make(world, pool, CallbackURLs=good)["CallbackURLs"] == good


def test_attributes_must_exist_and_be_open_to_clients(world: World) -> None:
    """What no client may ever write is refused in a list of what it may; reading it is fine."""
    pool = world.pool(Schema=[{"Name": "note", "AttributeDataType": "String", "DeveloperOnlyAttribute": True}])
    client = make(world, pool, ReadAttributes=["sub", "email_verified", "dev:custom:note"])
    for member, names in {
        "ReadAttributes": ["custom:nothing"],
        "WriteAttributes": ["custom:nothing", "sub", "email_verified", "phone_number_verified", "dev:custom:note"],
    }.items():
        word = member.removesuffix("Attributes").lower()
        for name in names:
            sentence = f"Invalid {word} attributes specified while {{}} a client"
            work = partial(make, world, pool, **{member: [name]})
            assert refused(work) == ("InvalidParameterException", sentence.format("creating"))
            work = partial(update, world, client, **{member: [name]})
            assert refused(work) == ("InvalidParameterException", sentence.format("updating"))


def test_a_client_reads_and_writes_what_its_lists_say(world: World) -> None:
    """At sign-up, in GetUser, in the ID token and when attributes change: one list for reading, one for writing."""
    pool = world.pool(Schema=[{"Name": "plan", "AttributeDataType": "String"}])
    narrow = pool.client(ReadAttributes=["nickname", "custom:plan"], WriteAttributes=["nickname"])
    usual = pool.client()
    closed = ("NotAuthorizedException", "A client attempted to write unauthorized attribute")

    for attributes in ({"name": "x"}, {"custom_plan": "x"}):
        assert refused(partial(narrow.sign_up, "nan", **attributes)) == closed
    pool.user("nan", nickname="n", name="Nan", custom_plan="gold")

    tokens, wide = narrow.tokens("nan"), usual.tokens("nan")
    seen = world.unsigned.get_user(AccessToken=tokens["AccessToken"])["UserAttributes"]
    assert {one["Name"] for one in seen} == {"sub", "nickname", "custom:plan"}
    seen = world.unsigned.get_user(AccessToken=wide["AccessToken"])["UserAttributes"]
    assert {one["Name"] for one in seen} == {"sub", "nickname", "name", "custom:plan"}
    assert {"nickname", "custom:plan"} <= claims(tokens["IdToken"]).keys()
    assert "name" not in claims(tokens["IdToken"])
    assert {"nickname", "name", "custom:plan"} <= claims(wide["IdToken"]).keys()

    change = partial(world.unsigned.update_user_attributes, AccessToken=tokens["AccessToken"])
    remove = partial(world.unsigned.delete_user_attributes, AccessToken=tokens["AccessToken"])
    for name in ("name", "custom:plan", "email_verified"):
        assert refused(partial(change, UserAttributes=[{"Name": name, "Value": "true"}])) == closed
        assert refused(partial(remove, UserAttributeNames=[name])) == closed
    change(UserAttributes=[{"Name": "nickname", "Value": "changed"}])
    held = {one["Name"]: one["Value"] for one in pool.admin("admin_get_user", "nan")["UserAttributes"]}
    assert (held["nickname"], held["name"], held["custom:plan"]) == ("changed", "Nan", "gold")


def test_a_new_password_brings_only_attributes_that_the_client_may_write(world: World) -> None:
    """NEW_PASSWORD_REQUIRED shows what the client may read and takes what it may write, the required ones always."""
    pool = world.pool(Schema=[{"Name": "name", "Required": True}])
    client = pool.client(ReadAttributes=["nickname"], WriteAttributes=["nickname"])
    pool.user("nia", permanent=False, nickname="n", email="nia@pool.example")
    begun = client.sign_in("nia")
    assert json.loads(begun["ChallengeParameters"]["userAttributes"]) == {"nickname": "n"}

    answer = {"USERNAME": "nia", "NEW_PASSWORD": f"{PASSWORD}-2", "userAttributes.name": "Nia"}
    respond = partial(client.respond, "NEW_PASSWORD_REQUIRED", begun["Session"])
    assert refused(partial(respond, **answer, **{"userAttributes.email": "else@pool.example"})) == (
        "NotAuthorizedException",
        "A client attempted to write unauthorized attribute",
    )
    assert respond(**answer)["AuthenticationResult"]["IdToken"]


def test_a_changed_client_is_another_one_at_the_next_call(world: World) -> None:
    """No process acts on the settings of before: flows and lifetimes are the new ones at once."""
    pool = world.pool()
    pool.user("cho")
    client = pool.client()
    assert client.tokens("cho")["ExpiresIn"] == 3600
    described = {"UserPoolId": pool.pool_id, "ClientId": client.client_id}
    update(world, described, AccessTokenValidity=2, ExplicitAuthFlows=FLOWS)
    assert client.tokens("cho")["ExpiresIn"] == 7200
    update(world, described)
    refusal = ("InvalidParameterException", "USER_PASSWORD_AUTH flow not enabled for this client")
    assert refused(lambda: client.sign_in("cho")) == refusal


def test_an_update_that_was_overtaken_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody else stored between the reading and the writing is not lost."""
    made = make(world, world.pool())
    first = partial(update, world, made, ClientName="first")

    async def overtaken(call: Call, pool_id: str, client_id: str) -> tuple[Pool, Client]:
        found = await require_client_of(call, pool_id, client_id)
        sql = "UPDATE clients SET version = version + 1 WHERE pool_id = $1 AND client_id = $2"
        await call.db.execute(sql, pool_id, client_id)
        return found

    first()
    with monkeypatch.context() as patched:
        patched.setattr(clients, "require_client_of", overtaken)
        refusal = refused(partial(update, world, made, ClientName="second"))
    assert refusal == (
        "ConcurrentModificationException",
        "Only one request to update user pool client can be processed at a time.",
    )
    assert describe(world, made)["ClientName"] == "first"


def test_a_client_of_another_pool_is_not_found(world: World) -> None:
    """An update names pool and client, and both must belong together; the pool is missed first."""
    made = make(world, world.pool())
    other = {**made, "UserPoolId": world.pool().pool_id}
    missing = ("ResourceNotFoundException", f"User pool client {made['ClientId']} does not exist.")
    assert refused(partial(update, world, other)) == missing
    nowhere = {**made, "UserPoolId": "us-east-1_000000000"}
    gone = ("ResourceNotFoundException", "User pool us-east-1_000000000 does not exist.")
    assert refused(partial(update, world, nowhere)) == gone


def claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return decoded
