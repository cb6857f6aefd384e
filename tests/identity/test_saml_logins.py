"""Logins at SAML providers: a response of the provider of IAM that the identity pool names, and the roles that it brings."""

from base64 import b64decode, b64encode
from functools import partial
from threading import current_thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from api.principals import ACCOUNT, role, trust
from api.world import World, refused
from federation.saml import keys, wrapping
from federation.saml.identity_provider import message, signed
from identity.saml import ProviderOfTests, attribute, of_aws, saml_provider, sent
from identity.stage import IdentityPoolOfTests, credentials, identity_pool, session_arn, set_roles, trust_for
from poolkeeper.clock import SECOND
from poolkeeper.federation.saml import responses

REFUSED = ("NotAuthorizedException", "Invalid login token. Not a valid SAML response.")
UNSUPPORTED = ("NotAuthorizedException", "Token is not from a supported provider of this identity pool.")


def pool_for(provider: ProviderOfTests, **settings: Any) -> IdentityPoolOfTests:
    """Make an identity pool that takes a provider's users."""
    return identity_pool(provider.world, users=(), SamlProviderARNs=[provider.arn], **settings)


def trusting(pool: IdentityPoolOfTests) -> str:
    """Make a role that trusts the members of an identity pool."""
    return role(pool.world, trust_for(pool))


def test_a_user_of_a_saml_provider_is_an_identity(world: World) -> None:
    """By provider and NameID; the same response is good for GetId and for GetCredentialsForIdentity."""
    provider = saml_provider(world)
    pool = pool_for(provider)
    arn = trusting(pool)
    set_roles(pool, arn)
    logins = {provider.arn: provider.response()}
    identity_id = pool.get_id(logins)
    assert pool.get_id({provider.arn: provider.response(name_id="<saml:NameID>bob</saml:NameID>")}) != identity_id
    assert pool.describe(identity_id)["Logins"] == [provider.arn]
    assert credentials(pool, identity_id, logins).arn == session_arn(arn)
    assert pool.get_id({provider.arn: provider.response()}) == identity_id


def test_saml_is_for_the_enhanced_flow_alone(world: World) -> None:
    """GetOpenIdToken refuses (identity-security.md 1.3)."""
    provider = saml_provider(world)
    pool = pool_for(provider)
    logins = {provider.arn: provider.response()}
    identity_id = pool.get_id(logins)
    assert refused(lambda: pool.token(identity_id, logins)) == (
        "InvalidParameterException",
        "Basic (classic) flow is not supported with SAML, please use enhanced flow.",
    )


def test_the_response_brings_the_role(world: World) -> None:
    """One is taken; of several CustomRoleArn chooses, or else the pool's own is; none that the response does not give."""
    provider, other = saml_provider(world), saml_provider(world)
    pool = pool_for(provider)
    first, second, third, own = (trusting(pool) for _ in range(4))
    one = {provider.arn: provider.response(of_aws("Role", provider.role(first), f"{third},{other.arn}"))}
    two = {provider.arn: provider.response(of_aws("Role", provider.role(first), f"{provider.arn}, {second}"))}
    identity_id = pool.get_id(one)
    assert credentials(pool, identity_id, one).arn == session_arn(first)
    assert refused(lambda: credentials(pool, identity_id, two))[0] == "InvalidIdentityPoolConfigurationException"
    assert credentials(pool, identity_id, two, CustomRoleArn=second).arn == session_arn(second)
    for asked in (third, own):
        wrong = partial(credentials, pool, identity_id, two, CustomRoleArn=asked)
        assert refused(wrong)[0] == "InvalidParameterException"
    set_roles(pool, own)
    assert credentials(pool, identity_id, two).arn == session_arn(own)


def test_a_role_of_the_response_must_trust_the_pool(world: World) -> None:
    """One that trusts somebody else, and one that IAM does not hold, are nobody's."""
    provider = saml_provider(world)
    pool = pool_for(provider)
    foreign = role(world, trust({"Federated": provider.arn}, "sts:AssumeRoleWithSAML"))
    for arn in (foreign, f"arn:aws:iam::{ACCOUNT}:role/nobodys"):
        logins = {provider.arn: provider.response(of_aws("Role", provider.role(arn)))}
        identity_id = pool.get_id(logins)
        refusal = refused(partial(credentials, pool, identity_id, logins))
        assert refusal[0] == "InvalidIdentityPoolConfigurationException"


def test_rules_look_at_the_attributes(world: World) -> None:
    """Each by its Name; what AWS calls roles cannot be said by an attribute of that name."""
    provider = saml_provider(world)
    pool = pool_for(provider)
    staff, boss = trusting(pool), trusting(pool)
    rules = [
        {"Claim": "groups", "MatchType": "Contains", "Value": "bosses", "RoleARN": boss},
        {"Claim": "department", "MatchType": "Equals", "Value": "engines", "RoleARN": staff},
    ]
    mapping = {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": {"Rules": rules}}
    set_roles(pool, RoleMappings={provider.arn: mapping})
    for told, arn in (
        (attribute("groups", "staff", "bosses"), boss),
        (attribute("groups", "staff") + attribute("department", "engines"), staff),
    ):
        logins = {provider.arn: provider.response(told)}
        assert credentials(pool, pool.get_id(logins), logins).arn == session_arn(arn)
    logins = {provider.arn: provider.response(attribute("cognito:preferred_role", boss))}
    assert refused(lambda: credentials(pool, pool.get_id(logins), logins))[0] == "NotAuthorizedException"
    set_roles(pool, RoleMappings={provider.arn: {"Type": "Token", "AmbiguousRoleResolution": "Deny"}})
    for name in ("cognito:preferred_role", "cognito:roles"):
        logins = {provider.arn: provider.response(attribute(name, boss))}
        wrong = partial(credentials, pool, pool.get_id(logins), logins)
        assert refused(wrong)[0] == "NotAuthorizedException", name


def test_attributes_are_principal_tags_where_they_are_mapped(world: World) -> None:
    """As the text that IAM takes, where the role lets tags be brought (attacks.md 140)."""
    provider = saml_provider(world)
    pool = pool_for(provider)
    arn = role(world, trust_for(pool, "sts:AssumeRoleWithWebIdentity", "sts:TagSession"))
    set_roles(pool, arn)
    pool.signed.set_principal_tag_attribute_map(
        IdentityPoolId=pool.pool_id,
        IdentityProviderName=provider.arn,
        UseDefaults=False,
        PrincipalTags={"team": "department"},
    )
    good = {provider.arn: provider.response(attribute("department", "engines"))}
    assert credentials(pool, pool.get_id(good), good).arn == session_arn(arn)
    bad = {provider.arn: provider.response(attribute("department", "a*b"))}
    assert refused(lambda: credentials(pool, pool.get_id(bad), bad))[0] == "NotAuthorizedException"


def test_the_pool_and_iam_must_both_name_the_provider(world: World) -> None:
    """One that IAM has no more, one that the pool does not name, and one of another account let nobody in."""
    provider = saml_provider(world)
    pool, other = pool_for(provider), identity_pool(world)
    good = {provider.arn: provider.response()}
    assert pool.get_id(good)
    assert refused(lambda: other.get_id(good)) == UNSUPPORTED
    foreign = provider.arn.replace(ACCOUNT, "111122223333")
    elsewhere = identity_pool(world, users=(), SamlProviderARNs=[foreign])
    assert refused(lambda: elsewhere.get_id({foreign: provider.response()})) == UNSUPPORTED
    world.client("iam").delete_saml_provider(SAMLProviderArn=provider.arn)
    assert refused(lambda: pool.get_id(good)) == UNSUPPORTED


WRONG = {
    "another audience": {"audience": "urn:amazon:cognito:sp:us-east-1_Example12"},
    "no audience": {"audience": "<!-- -->"},
    "another recipient": {
        "confirmation": 'Recipient="https://elsewhere.example/saml" NotOnOrAfter="2100-01-01T00:00:00Z"'
    },
    "another destination": {"destination": 'Destination="https://elsewhere.example/saml"'},
    "another issuer": {"issuer": "https://elsewhere.example/entity"},
    "another issuer of the response": {"response_issuer": "<saml:Issuer>https://elsewhere.example</saml:Issuer>"},
    "no bearer": {"method": "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"},
    "a comment": {"name_id": "<saml:NameID>ad<!-- -->a</saml:NameID>"},
    "a long name": {"name_id": f"<saml:NameID>{'a' * 257}</saml:NameID>"},
    "a name with a line break": {"name_id": "<saml:NameID>ada&#10;bob</saml:NameID>"},
    "a failed sign-in": {"status": '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"/>'},
}


@pytest.mark.parametrize("case", WRONG)
def test_one_thing_wrong_lets_nobody_in(world: World, case: str) -> None:
    """Signed all the same, and told in one sentence (attacks.md 128, 137)."""
    provider = saml_provider(world)
    pool = pool_for(provider)
    assert refused(lambda: pool.get_id({provider.arn: provider.response(**WRONG[case])})) == REFUSED


def test_who_did_not_sign_it_for_this_provider_is_nobody(world: World) -> None:
    """Another's key, another provider's response, no signature, HMAC by the public key, and every way of wrapping."""
    provider, other = saml_provider(world), saml_provider(world)
    pool = pool_for(provider)
    story = provider.story()
    public = keys.certificate(keys.rsa_key()).public_bytes
    forged = {
        "a stranger's key": sent(story, key=keys.rsa_key("stranger")),
        "another provider": other.response(),
        "no signature": b64encode(story.response().encode()).decode(),
        "HMAC": sent(story, key=public(Encoding.PEM), method="hmac-sha256"),
        "SHA-1": sent(story, method="rsa-sha1", digest="sha1"),
        "no base64": "not base64!",
        "a document type": b64encode(b"<!DOCTYPE x>" + b64decode(provider.response())).decode(),
    }
    for case, response in forged.items():
        assert refused(partial(pool.get_id, {provider.arn: response})) == REFUSED, case
    whole = signed(story, response=True)
    for one in wrapping.all_ways(whole, "Assertion", new_ids=True):
        response = b64encode(message(one.root)).decode()
        assert refused(partial(pool.get_id, {provider.arn: response})) == REFUSED, one.way
    assert pool.get_id({provider.arn: b64encode(etree.tostring(whole)).decode()})


def test_a_response_is_good_for_five_minutes(world: World) -> None:
    """And for as long as it says itself; a minute is between the clocks."""
    provider = saml_provider(world)
    pool = pool_for(provider)
    long = {
        "confirmation": 'Recipient="https://signin.aws.amazon.com/saml" NotOnOrAfter="2100-01-01T00:00:00Z"',
        "conditions": 'NotOnOrAfter="2100-01-01T00:00:00Z"',
    }
    old, oldest = (provider.response(**long, issued=provider.instant(ago)) for ago in (-359, -360))
    early, earliest = (provider.response(issued=provider.instant(to_come)) for to_come in (60, 61))
    ended = provider.response(conditions=f'NotOnOrAfter="{provider.instant(-60)}"')
    for good in (old, early):
        assert pool.get_id({provider.arn: good})
    for bad in (oldest, earliest, ended):
        assert refused(partial(pool.get_id, {provider.arn: bad})) == REFUSED
    kept = provider.response()
    world.clock.advance(400 * SECOND)
    assert refused(lambda: pool.get_id({provider.arn: kept})) == REFUSED


def test_metadata_that_say_nothing_let_nobody_in(world: World) -> None:
    """Those that are none, and those that have expired (attacks.md 126, 134)."""
    expired = saml_provider(world, end="2020-01-01T00:00:00Z")
    pool = pool_for(expired)
    assert refused(lambda: pool.get_id({expired.arn: expired.response()})) == REFUSED
    world.client("iam").update_saml_provider(SAMLProviderArn=expired.arn, SAMLMetadataDocument="<x/>".ljust(1000))
    assert refused(lambda: pool.get_id({expired.arn: expired.response()})) == REFUSED


@pytest.mark.parametrize("to", ["own", "regional"])
def test_our_own_address_and_a_regions_stand_for_awss(world: World, to: str) -> None:
    """As recipient and as audience."""
    provider = saml_provider(world)
    pool = pool_for(provider)
    address = {"own": f"{world.url}/saml", "regional": "https://us-east-1.signin.aws.amazon.com/saml"}[to]
    assert pool.get_id({provider.arn: provider.response(to=address, audience=address)})


def test_responses_are_read_beside_the_answers_to_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the threads for what costs much: nobody need be known to send one (attacks.md 130)."""
    provider = saml_provider(world)
    pool = pool_for(provider)
    real, names = responses.accept, []

    def noting(*given: Any) -> Any:
        names.append(current_thread().name.partition("_")[0])
        return real(*given)

    monkeypatch.setattr(responses, "accept", noting)
    assert pool.get_id({provider.arn: provider.response()})
    assert names == ["heavy"]
