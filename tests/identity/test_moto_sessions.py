"""What do moto's own tests ask of STS, and is it answered so here? Each of its cases once, by boto3.

Source: getmoto/moto, tests/test_sts (commit 0af643a, August 2026). Where AWS's contract says otherwise this server keeps to the
contract, and the case says what is answered instead (identity-security.md 2.6).
"""

import json
import re
from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest

from api.principals import ACCOUNT, allow, document, person, role, trust
from api.world import KEY_ID, World, refused
from identity.saml import attribute, of_aws, saml_provider
from identity.saml_roles import assume as assume_by_saml
from identity.saml_roles import trusting
from identity.stage import identity_pool, session_arn, trust_for
from identity.web_identities import assume, open_id_token
from poolkeeper.clock import HOUR, SECOND

# Without a Version, as moto's cases give it: IAM then reads it as the oldest one, 2008-10-17.
NARROW = json.dumps(
    {"Statement": [allow("S3:ListBucket", resource="arn:aws:s3:::foobar-tester", Sid="Stmt13690092345534")]}
)
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
REGIONS = ["us-east-1", "cn-north-1", "us-isob-east-1"]


def require_form(made: dict[str, Any], ends_at: int) -> None:
    """Require the form of temporary keys: AWS's letters before the id, twenty and forty signs, an end in whole seconds."""
    assert re.fullmatch("ASIA[A-Z2-7]{16}", made["AccessKeyId"])
    assert len(made["SecretAccessKey"]) == 40
    assert made["SessionToken"]
    assert made["Expiration"].timestamp() * SECOND == ends_at


def test_keys_for_oneself_end_when_they_were_asked_to(world: World) -> None:
    """get_session_token. Otherwise: moto answers one key to everybody, the AKIA... of AWS's examples."""
    made = world.client("sts").get_session_token(DurationSeconds=903)["Credentials"]
    require_form(made, world.clock.second() + 903 * SECOND)
    assert made != world.client("sts").get_session_token(DurationSeconds=903)["Credentials"]


def test_keys_for_somebody_else_carry_their_name(world: World) -> None:
    """get_federation_token: ARN and id; otherwise as above."""
    made = world.client("sts").get_federation_token(Name="Bob", DurationSeconds=903)
    require_form(made["Credentials"], world.clock.second() + 903 * SECOND)
    assert made["FederatedUser"] == {
        "Arn": f"arn:aws:sts::{ACCOUNT}:federated-user/Bob",
        "FederatedUserId": f"{ACCOUNT}:Bob",
    }


@pytest.mark.parametrize("region", REGIONS)
def test_a_role_is_taken_in_every_region(world: World, region: str) -> None:
    """assume_role. Otherwise: moto makes an account of each partition; this one is of `aws`, wherever it is called from."""
    ada = person(world, allow("sts:AssumeRole"))
    arn = role(world, trust(ROOT))
    role_id = world.client("iam").get_role(RoleName=arn.rpartition("/")[2])["Role"]["RoleId"]
    sts = ada.client("sts", region=region)
    made = sts.assume_role(RoleArn=arn, RoleSessionName="session-name", Policy=NARROW, DurationSeconds=900)
    require_form(made["Credentials"], world.clock.second() + 900 * SECOND)
    assert made["AssumedRoleUser"] == {
        "Arn": session_arn(arn, "session-name"),
        "AssumedRoleId": f"{role_id}:session-name",
    }
    assert re.fullmatch("AROA[A-Z2-7]{17}", role_id)


def test_a_session_is_not_named_by_sixty_five_signs(world: World) -> None:
    """assume_role_with_too_long_role_session_name: the sentence names the value and the bound, with one blank before it."""
    sts, name = world.client("sts"), "s" * 65
    arn = role(world, trust(ROOT))
    assert refused(partial(sts.assume_role, RoleArn=arn, RoleSessionName=name, DurationSeconds=900)) == (
        "ValidationError",
        (
            f"1 validation error detected: Value '{name}' at 'roleSessionName' failed to satisfy constraint: "
            "Member must have length less than or equal to 64"
        ),
    )


TYPED = (
    '<saml:Attribute Name="https://aws.amazon.com/SAML/Attributes/{name}"><saml:AttributeValue '
    'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:type="xs:string">{value}</saml:AttributeValue></saml:Attribute>'
)


@pytest.mark.parametrize("order", ["as moto has it", "the name last", "typed", "no duration"])
def test_a_response_is_read_however_it_is_written(world: World, order: str) -> None:
    """assume_role_with_saml and its four variants: attributes in any order, typed values, an hour without SessionDuration.

    Otherwise: moto looks at no signature, takes a provider's ARN that is none, and a response of 2012.
    """
    provider = saml_provider(world)
    arn = trusting(provider)
    told = [("RoleSessionName", "testuser"), ("Role", provider.role(arn)), ("SessionDuration", "900")]
    if order == "the name last":
        told = [*told[1:], told[0]]
    if order == "no duration":
        told = told[:2]
    written = [
        TYPED.format(name=name, value=value) if order == "typed" else of_aws(name, value) for name, value in told
    ]
    answer = assume_by_saml(provider, arn, provider.response(*written))
    lasts = HOUR if order == "no duration" else 900 * SECOND
    require_form(answer["Credentials"], world.clock.second() + lasts)
    assert answer["AssumedRoleUser"]["Arn"] == session_arn(arn, "testuser")
    assert answer["AssumedRoleUser"]["AssumedRoleId"].endswith(":testuser")

    other = f"arn:aws:iam:{ACCOUNT}:saml-provider/TestProvFed"
    asked = partial(assume_by_saml, provider, arn, provider.response(*written), PrincipalArn=other)
    assert refused(asked)[0] in {"ValidationError", "InvalidIdentityToken"}


def test_a_response_of_names_without_a_prefix_is_read(world: World) -> None:
    """assume_role_with_saml_should_respect_xml_namespaces: SAML is its namespace, however that is abbreviated."""
    provider = saml_provider(world)
    arn = trusting(provider)
    plain = (
        '<Attribute xmlns="urn:oasis:names:tc:SAML:2.0:assertion" Name="https://aws.amazon.com/SAML/Attributes/Role">'
        f"<AttributeValue>{provider.role(arn)}</AttributeValue></Attribute>"
    )
    # An attribute of the same name in another namespace is none of SAML's.
    strange = (
        '<Attribute xmlns="urn:strange" Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName">'
        "<AttributeValue>eve</AttributeValue></Attribute>"
    )
    response = provider.response(
        strange, plain, of_aws("RoleSessionName", "testuser"), attribute("mail", "a@b.example")
    )
    assert assume_by_saml(provider, arn, response)["AssumedRoleUser"]["Arn"] == session_arn(arn, "testuser")


@pytest.mark.parametrize("region", REGIONS[:2])
def test_a_web_identity_takes_a_role(world: World, region: str) -> None:
    """assume_role_with_web_identity. Otherwise: moto takes `????` for a token, and a role that is not there."""
    pool = identity_pool(world)
    arn = role(world, trust_for(pool))
    _, token = open_id_token(pool)
    made = assume(world, arn, token, RoleSessionName="session-name", Policy=NARROW, DurationSeconds=903)
    require_form(made["Credentials"], world.clock.second() + 903 * SECOND)
    assert made["AssumedRoleUser"]["Arn"] == session_arn(arn, "session-name")
    assert made["AssumedRoleUser"]["AssumedRoleId"].endswith(":session-name")
    there = world.client("sts", region=region, signed=False)
    asked = partial(there.assume_role_with_web_identity, RoleArn=arn, RoleSessionName="session-name")
    assert asked(WebIdentityToken=token)["AssumedRoleUser"]["Arn"] == session_arn(arn, "session-name")
    assert refused(partial(asked, WebIdentityToken="????"))[0] == "InvalidIdentityToken"
    nobodys = f"arn:aws:iam::{ACCOUNT}:role/test-role"
    assert refused(partial(asked, RoleArn=nobodys, WebIdentityToken=token))[0] == "AccessDenied"


@pytest.mark.parametrize("region", REGIONS)
def test_root_is_root_in_every_region(world: World, region: str) -> None:
    """get_caller_identity_with_default_credentials, sts_regions. Otherwise: moto calls everybody `user/moto`."""
    told = world.client("sts", region=region).get_caller_identity()
    assert (told["Arn"], told["UserId"], told["Account"]) == (f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, ACCOUNT)
    stranger = world.client("sts", region=region, signed=False)
    assert refused(stranger.get_caller_identity)[0] == "MissingAuthenticationToken"


@pytest.mark.parametrize("region", REGIONS[:2])
def test_whoever_asks_who_they_are_is_told(world: World, region: str) -> None:
    """get_caller_identity with the keys of a user, and of a role that they took: what iam and AssumeRole said."""
    ada = person(world, allow("sts:AssumeRole"))
    user = world.client("iam").get_user(UserName=ada.name)["User"]
    told = ada.client("sts", region=region).get_caller_identity()
    assert (told["Arn"], told["UserId"], told["Account"]) == (user["Arn"], user["UserId"], ACCOUNT)
    arn = role(world, trust(ROOT))
    made = ada.client("sts", region=region).assume_role(RoleArn=arn, RoleSessionName="new-session")["AssumedRoleUser"]
    told = ada.assume(arn, "new-session").client("sts", region=region).get_caller_identity()
    assert (told["Arn"], told["UserId"], told["Account"]) == (made["Arn"], made["AssumedRoleId"], ACCOUNT)


def test_a_policy_of_a_federated_user_has_2048_signs(world: World) -> None:
    """federation_token_with_too_long_policy: the sentence names the bound."""
    folders = [f"arn:aws:s3:::yyyy-xxxxx-cloud-default/my_default_folder/folder-name-{n}/*" for n in range(30)]
    long = document(*(allow("s3:*", resource=folder) for folder in folders))
    assert len(long) > 2_048
    code, told = refused(
        partial(world.client("sts").get_federation_token, Name="foo", DurationSeconds=3600, Policy=long)
    )
    assert (
        code,
        told.endswith("at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048"),
    ) == (
        "ValidationError",
        True,
    )


def test_of_every_key_the_account_is_told(world: World) -> None:
    """get_access_key_info_default, get_access_key_info_with_iam_user."""
    sts = world.client("sts")
    for key in ("AKIAIOSFODNN7EXAMPLE", person(world).access_key_id):
        assert sts.get_access_key_info(AccessKeyId=key)["Account"] == ACCOUNT


@pytest.mark.parametrize("action", ["GetSessionToken", "GetFederationToken", "GetCallerIdentity"])
def test_nobody_has_keys_who_signed_nothing(world: World, action: str) -> None:
    """The cases of test_server, otherwise: moto gives keys to whoever asks by GET, signed or not."""
    asked = {"Action": action, "Version": "2011-06-15", "Name": "Bob"}
    status, _, body = world.http("GET", f"/?{urlencode(asked)}")
    assert (status == 200 and b"AccessKeyId" in body, b"SecretAccessKey" in body, KEY_ID.encode() in body) == (
        False,
    ) * 3
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    status, headers, body = world.http("POST", "/", body=urlencode(asked).encode(), headers=form)
    assert (status, headers["content-type"]) == (403, "text/xml")
    assert b"<Code>MissingAuthenticationToken</Code>" in body
    assert b"\n" not in body


def test_another_account_is_another_servers(world: World) -> None:
    """The cases of test_sts_integration, otherwise: moto makes an account of whatever number an ARN has."""
    ada = person(world, allow("sts:AssumeRole"))
    abroad = "arn:aws:iam::111111111111:role/my-role"
    asked = partial(ada.client("sts").assume_role, RoleArn=abroad, RoleSessionName="test-session-name")
    assert refused(partial(asked, ExternalId="test-external-id"))[0] == "AccessDenied"
    provider = saml_provider(world)
    response = provider.response(of_aws("Role", provider.role(abroad)), of_aws("RoleSessionName", "testuser"))
    assert refused(partial(assume_by_saml, provider, abroad, response))[0] == "AccessDenied"
