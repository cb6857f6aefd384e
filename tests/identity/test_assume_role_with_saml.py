"""AssumeRoleWithSAML: by responses of SAML providers that IAM knows, with the roles, names and tags that they bring."""

import json
from base64 import b64encode
from functools import partial
from hashlib import sha1
from typing import Any

import pytest

from api.principals import ACCOUNT, allow, role, trust
from api.world import World, refused
from federation.saml import keys
from identity.saml import AWS, ProviderOfTests, attribute, of_aws, saml_provider, sent
from identity.saml_roles import ACTION, assume, trusting
from identity.stage import session_arn
from identity.web_identities import holder
from poolkeeper.clock import HOUR, SECOND

REFUSED = ("AccessDenied", f"Not authorized to perform {ACTION}")
NAME = of_aws("RoleSessionName", "ada@example.com")


def good(provider: ProviderOfTests, arn: str, *attributes: str, **changes: Any) -> str:
    """Return a response that gives a role."""
    return provider.response(of_aws("Role", provider.role(arn)), NAME, *attributes, **changes)


def test_whom_a_response_vouches_for_takes_a_role(world: World) -> None:
    """The answer says who they are; the keys work, and so does the same response once more, as at AWS."""
    provider = saml_provider(world)
    arn = trusting(provider)
    response = good(provider, arn)
    answer = assume(provider, arn, response)
    qualified = f"{provider.entity_id}{ACCOUNT}/{provider.name}"
    assert {key: answer[key] for key in ("Subject", "SubjectType", "Issuer", "Audience", "NameQualifier")} == {
        "Subject": "ada",
        "SubjectType": "persistent",
        "Issuer": provider.entity_id,
        "Audience": AWS,
        "NameQualifier": b64encode(sha1(qualified.encode(), usedforsecurity=False).digest()).decode(),
    }
    assert "PackedPolicySize" not in answer
    assert answer["Credentials"]["Expiration"].timestamp() * SECOND == world.clock.second() + HOUR
    held = holder(world, answer)
    assert held.client("sts").get_caller_identity()["Arn"] == held.arn == session_arn(arn, "ada@example.com")
    held.client().list_user_pools(MaxResults=1)
    assert assume(provider, arn, response)["Subject"] == "ada"


def test_session_policies_narrow_and_are_counted(world: World) -> None:
    """PackedPolicySize says how much of the room they take."""
    provider = saml_provider(world)
    arn = trusting(provider)
    narrow = json.dumps({"Version": "2012-10-17", "Statement": [allow("cognito-idp:DescribeUserPool")]})
    answer = assume(provider, arn, good(provider, arn), Policy=narrow)
    assert 0 < answer["PackedPolicySize"] <= 100
    assert refused(lambda: holder(world, answer).client().list_user_pools(MaxResults=1))[0] == "AccessDeniedException"


def test_the_response_must_give_the_role_and_the_role_trust_the_provider(world: World) -> None:
    """One sentence for a role of nobody, of another provider, and one that the response does not give (attacks.md 136)."""
    provider, other = saml_provider(world), saml_provider(world)
    arn, others = trusting(provider), trusting(other)
    nobodys = f"arn:aws:iam::{ACCOUNT}:role/nobodys"
    abroad = "arn:aws:iam::111122223333:role/abroad"
    for asked in (others, nobodys, abroad):
        assert refused(partial(assume, provider, asked, good(provider, asked))) == REFUSED
    assert refused(lambda: assume(provider, arn, good(provider, others))) == REFUSED
    by_other = provider.response(of_aws("Role", f"{arn},{other.arn}"), NAME)
    assert refused(lambda: assume(provider, arn, by_other)) == REFUSED
    assert refused(lambda: assume(provider, arn, provider.response(NAME))) == REFUSED
    by_web = role(world, trust({"Federated": provider.arn}, "sts:AssumeRoleWithWebIdentity"))
    assert refused(lambda: assume(provider, by_web, good(provider, by_web))) == REFUSED


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"saml:sub": "ada", "saml:sub_type": "persistent"}, ""),
        ({"saml:iss": "ENTITY", "saml:doc": f"{ACCOUNT}/NAME"}, ""),
        ({"saml:eduPersonOrgDN": "o=engines"}, attribute("urn:oid:1.3.6.1.4.1.5923.1.1.1.3", "o=engines")),
        (
            {"saml:mail": "ada@example.com"},
            attribute("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "ada@example.com"),
        ),
        ({"sts:RoleSessionName": "ada@example.com"}, ""),
    ],
)
def test_trust_policies_ask_for_what_the_response_says(world: World, wanted: dict[str, str], told: str) -> None:
    """saml:aud, iss, doc, sub, sub_type, and attributes that AWS knows; any other value is refused."""
    provider = saml_provider(world)
    spelt = {
        key: value.replace("ENTITY", provider.entity_id).replace("NAME", provider.name) for key, value in wanted.items()
    }
    arn = trusting(provider, wanted=spelt)
    assert assume(provider, arn, good(provider, arn, told))
    for key in spelt:
        strict = trusting(provider, wanted={**spelt, key: "another"})
        assert refused(partial(assume, provider, strict, good(provider, strict, told))) == REFUSED, key


def test_permissions_ask_for_the_subject(world: World) -> None:
    """saml:sub, saml:sub_type and saml:namequalifier are the session's for as long as it lives."""
    provider = saml_provider(world)
    mine = allow(
        "cognito-idp:ListUserPools", Condition={"StringEquals": {"saml:sub": "ada", "saml:sub_type": "persistent"}}
    )
    arn = role(world, trust({"Federated": provider.arn}, ACTION), allows=(mine,))
    holder(world, assume(provider, arn, good(provider, arn))).client().list_user_pools(MaxResults=1)
    bob = good(provider, arn, name_id="<saml:NameID>bob</saml:NameID>")
    held = holder(world, assume(provider, arn, bob))
    assert refused(lambda: held.client().list_user_pools(MaxResults=1))[0] == "AccessDeniedException"


def test_a_session_lasts_as_long_as_all_allow(world: World) -> None:
    """What is asked for, within the role's; the provider's own session ends it sooner (attacks.md 139)."""
    provider = saml_provider(world)
    arn = trusting(provider, MaxSessionDuration=7_200)

    def seconds(response: str, **more: Any) -> int:
        ends: float = assume(provider, arn, response, **more)["Credentials"]["Expiration"].timestamp()
        return round(ends - world.clock.now() // SECOND)

    statement = '<saml:AuthnStatement AuthnInstant="{}" SessionNotOnOrAfter="{}"/>'
    short = good(provider, arn, statement=statement.format(provider.instant(), provider.instant(600)))
    assert seconds(good(provider, arn), DurationSeconds=7_200) == 7_200
    assert seconds(short, DurationSeconds=7_200) == seconds(short) == 600
    assert seconds(good(provider, arn, of_aws("SessionDuration", "1800"))) == 1_800
    for wrong in (
        partial(assume, provider, arn, good(provider, arn), DurationSeconds=7_201),
        partial(assume, provider, arn, good(provider, arn, of_aws("SessionDuration", "7201"))),
    ):
        assert refused(wrong)[0] == "ValidationError"
    for spelt in ("1e3", "899", "43201", "-900"):
        wrong = partial(assume, provider, arn, good(provider, arn, of_aws("SessionDuration", spelt)))
        assert refused(wrong)[0] == "InvalidIdentityToken", spelt


def test_the_response_brings_tags_and_a_source_identity(world: World) -> None:
    """Where the role lets them be brought; policies see them (attacks.md 140)."""
    provider = saml_provider(world)
    told = (
        of_aws("PrincipalTag:team", "engines") + of_aws("TransitiveTagKeys", "team") + of_aws("SourceIdentity", "ada")
    )
    bare = trusting(provider)
    assert refused(lambda: assume(provider, bare, good(provider, bare, told))) == REFUSED
    tagging = trust(
        {"Federated": provider.arn},
        ACTION,
        "sts:TagSession",
        "sts:SetSourceIdentity",
        Condition={"StringEquals": {"aws:RequestTag/team": "engines", "sts:SourceIdentity": "ada"}},
    )
    seen = {"aws:PrincipalTag/team": "engines", "aws:SourceIdentity": "ada"}
    arn = role(world, tagging, allows=(allow("cognito-idp:ListUserPools", Condition={"StringEquals": seen}),))
    answer = assume(provider, arn, good(provider, arn, told))
    assert answer["SourceIdentity"] == "ada"
    holder(world, answer).client().list_user_pools(MaxResults=1)
    for wrong in (
        of_aws("PrincipalTag:aws:team", "engines"),
        of_aws("PrincipalTag:team", "engines", "sales"),
        of_aws("PrincipalTag:team", "a*b"),
        of_aws("PrincipalTag:team", "a" * 257),
        of_aws("PrincipalTag:Team", "a") + of_aws("PrincipalTag:team", "a"),
        of_aws("TransitiveTagKeys", "team"),
        of_aws("SourceIdentity", "aws:ada"),
        of_aws("SourceIdentity", "ada", "bob"),
    ):
        assert refused(partial(assume, provider, arn, good(provider, arn, wrong)))[0] == "InvalidIdentityToken", wrong


def test_a_source_identity_is_an_action_of_its_own(world: World) -> None:
    """A response brings none to a role that lets itself be taken and no more: nobody else's name in the log."""
    provider = saml_provider(world)
    told = of_aws("SourceIdentity", "ada")
    bare = trusting(provider)
    assert assume(provider, bare, good(provider, bare))["Subject"] == "ada"
    assert refused(lambda: assume(provider, bare, good(provider, bare, told))) == REFUSED
    named = trusting(provider, ACTION, "sts:SetSourceIdentity")
    assert assume(provider, named, good(provider, named, told))["SourceIdentity"] == "ada"


def test_what_is_wrong_is_told_in_awss_words(world: World) -> None:
    """Those of the User Guide's page on troubleshooting, where it has some."""
    provider = saml_provider(world)
    arn = trusting(provider)
    roles = of_aws("Role", provider.role(arn))
    story = provider.story(roles, NAME)
    cases = {
        provider.response(roles): "RoleSessionName is required in AuthnResponse",
        provider.response(roles, of_aws("RoleSessionName", "a b")): (
            "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"
        ),
        sent(story, key=keys.rsa_key("stranger")): "Response signature invalid",
        b64encode(story.response().encode()).decode(): "Response signature invalid",
        good(provider, arn, issuer="https://elsewhere.example"): "Issuer not present in specified provider",
        good(provider, arn, audience="urn:other"): "Response does not contain the required audience",
        "not-base64": "Invalid base64 SAMLResponse",
    }
    for response, sentence in cases.items():
        assert refused(partial(assume, provider, arn, response)) == ("InvalidIdentityToken", sentence)
    nobodys = ProviderOfTests(world, "no", f"arn:aws:iam::{ACCOUNT}:saml-provider/nobodys", "")
    assert refused(lambda: assume(nobodys, arn, good(provider, arn))) == (
        "InvalidIdentityToken",
        "Specified provider doesn't exist",
    )
    failed = good(provider, arn, status='<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"/>')
    assert refused(lambda: assume(provider, arn, failed))[0] == "IDPRejectedClaim"
    kept = good(provider, arn)
    world.clock.advance(400 * SECOND)
    expired = ("ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance")
    assert refused(lambda: assume(provider, arn, kept)) == expired
