"""Identity providers that the account trusts, as an unmodified boto3 keeps them."""

from functools import partial

import pytest

from api.iam import ACCOUNT, client, unique
from api.principals import allow, deny, person
from api.world import World, refused

THUMBPRINT = "9e99a48a9960b14926bb7f3b02e22da2b0ab7280"
METADATA = "<EntityDescriptor>" + "é" * 1000 + "</EntityDescriptor>"


def test_the_life_of_an_openid_connect_provider(world: World) -> None:
    """Create, read, change its applications and thumbprints, tag, list, delete."""
    iam, host = client(world), f"{unique('idp')}.example/path"
    created = iam.create_open_id_connect_provider(
        Url=f"https://{host}/",
        ClientIDList=["one", "two", "one"],
        ThumbprintList=[THUMBPRINT],
        Tags=[{"Key": "k", "Value": "v"}],
    )
    arn = created["OpenIDConnectProviderArn"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"
    got = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert (got["Url"], got["ClientIDList"], got["ThumbprintList"]) == (host, ["one", "two"], [THUMBPRINT])
    assert got["Tags"] == [{"Key": "k", "Value": "v"}]
    again = refused(lambda: iam.create_open_id_connect_provider(Url=f"https://{host}"))
    assert again == ("EntityAlreadyExists", f"Provider with url https://{host} already exists.")

    named = {"OpenIDConnectProviderArn": arn}
    iam.add_client_id_to_open_id_connect_provider(**named, ClientID="three")
    iam.add_client_id_to_open_id_connect_provider(**named, ClientID="three")
    iam.remove_client_id_from_open_id_connect_provider(**named, ClientID="one")
    iam.remove_client_id_from_open_id_connect_provider(**named, ClientID="none")
    iam.update_open_id_connect_provider_thumbprint(**named, ThumbprintList=["a" * 40])
    iam.tag_open_id_connect_provider(**named, Tags=[{"Key": "K", "Value": "w"}])
    got = iam.get_open_id_connect_provider(**named)
    assert (got["ClientIDList"], got["ThumbprintList"], got["Tags"]) == (
        ["two", "three"],
        ["a" * 40],
        [{"Key": "K", "Value": "w"}],
    )
    iam.untag_open_id_connect_provider(**named, TagKeys=["k"])
    assert iam.list_open_id_connect_provider_tags(**named)["Tags"] == []
    assert {"Arn": arn} in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    iam.delete_open_id_connect_provider(**named)
    gone = ("NoSuchEntity", f"OpenIDConnect Provider not found for arn {arn}")
    for call in (
        partial(iam.get_open_id_connect_provider, **named),
        partial(iam.delete_open_id_connect_provider, **named),
        partial(iam.add_client_id_to_open_id_connect_provider, **named, ClientID="x"),
        partial(iam.list_open_id_connect_provider_tags, **named),
    ):
        assert refused(call) == gone


@pytest.mark.parametrize(
    "wrong",
    [
        {"Url": "http://idp.example"},
        {"Url": "https://idp.example?x=1"},
        {"Url": "https://u@idp.example"},
        {"Url": "https://idp.example?"},
        {"Url": "https://idp.example#"},
        {"Url": "https://idp.exa\tmple"},
        {"Url": " https://idp.example"},
        {"Url": "https://idp.example\n"},
        {"Url": "https://[idp.example"},
        {"Url": "https://idp\u2100.example"},
        {"Url": "https://"},
        {"Url": "https://idp.example", "ThumbprintList": ["g" * 40]},
        {"Url": "https://idp.example", "ThumbprintList": [THUMBPRINT] * 6},
    ],
)
def test_what_is_no_issuer_or_thumbprint_is_refused(world: World, wrong: dict[str, object]) -> None:
    """InvalidInput."""
    assert refused(lambda: client(world).create_open_id_connect_provider(**wrong))[0] == "InvalidInput"


def test_a_provider_is_judged_by_the_name_that_it_gets(world: World) -> None:
    """However its issuer is written."""
    host, other = f"{unique('idp')}.example", f"{unique('idp')}.example"
    arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"
    making = "iam:CreateOpenIDConnectProvider"
    iam = person(world, allow(making), deny("iam:*", resource=arn)).client("iam")
    for url in (f"https://{host}", f"https://{host}/", f"https://{host}//", f"HTTPS://{host}"):
        code, told = refused(partial(iam.create_open_id_connect_provider, Url=url))
        assert (code, f"on resource: {arn} with" in told) == ("AccessDenied", True), url
    for url in (f"https://{host}#", f"https://{host}?", f"https://{host[:3]}\t{host[3:]}"):
        assert refused(partial(iam.create_open_id_connect_provider, Url=url))[0] == "InvalidInput", url
    iam.create_open_id_connect_provider(Url=f"https://{other}/")


def test_a_provider_has_a_hundred_applications_at_the_most(world: World) -> None:
    """LimitExceeded for one more."""
    iam = client(world)
    url = f"https://{unique('idp')}.example"
    clients = [f"client-{number}" for number in range(100)]
    arn = iam.create_open_id_connect_provider(Url=url, ClientIDList=clients)["OpenIDConnectProviderArn"]
    named = {"OpenIDConnectProviderArn": arn}
    full = refused(lambda: iam.add_client_id_to_open_id_connect_provider(**named, ClientID="one-more"))
    assert full[0] == "LimitExceeded"


def test_the_life_of_a_saml_provider(world: World) -> None:
    """The metadata come back as they were given."""
    iam, name = client(world), unique("saml")
    created = iam.create_saml_provider(Name=name, SAMLMetadataDocument=METADATA, Tags=[{"Key": "k", "Value": "v"}])
    arn = created["SAMLProviderArn"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:saml-provider/{name}"
    got = iam.get_saml_provider(SAMLProviderArn=arn)
    assert (got["SAMLMetadataDocument"], got["Tags"]) == (METADATA, [{"Key": "k", "Value": "v"}])
    assert got["ValidUntil"].year == got["CreateDate"].year + 100
    assert (
        refused(lambda: iam.create_saml_provider(Name=name, SAMLMetadataDocument=METADATA))[0] == "EntityAlreadyExists"
    )
    other = METADATA.replace("é", "ü")
    assert iam.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=other)["SAMLProviderArn"] == arn
    iam.untag_saml_provider(SAMLProviderArn=arn, TagKeys=["k"])
    iam.tag_saml_provider(SAMLProviderArn=arn, Tags=[{"Key": "a", "Value": "b"}])
    assert iam.list_saml_provider_tags(SAMLProviderArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    assert iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"] == other
    listed = {one["Arn"]: one for one in iam.list_saml_providers()["SAMLProviderList"]}
    assert listed[arn]["CreateDate"] == got["CreateDate"]
    iam.delete_saml_provider(SAMLProviderArn=arn)
    gone = ("NoSuchEntity", f"SAML Provider not found for arn {arn}")
    assert refused(lambda: iam.get_saml_provider(SAMLProviderArn=arn)) == gone
    assert refused(lambda: iam.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=METADATA)) == gone


def test_what_saml_and_openid_connect_do_not_have_yet(world: World) -> None:
    """Encrypted assertions and IAM Identity Center are refused, and nothing is stored."""
    iam, name = client(world), unique("saml")
    work = partial(
        iam.create_saml_provider, Name=name, SAMLMetadataDocument=METADATA, AssertionEncryptionMode="Required"
    )
    assert refused(work)[0] == "NotImplemented"
    assert refused(lambda: iam.get_saml_provider(SAMLProviderArn=f"arn:aws:iam::{ACCOUNT}:saml-provider/{name}"))[
        0
    ] == ("NoSuchEntity")


def test_a_provider_is_named_by_its_own_arn(world: World) -> None:
    """A denial on a provider is not passed by the ARN of another account's provider of that name."""
    arn = client(world).create_open_id_connect_provider(Url=f"https://{unique('idp')}.example")[
        "OpenIDConnectProviderArn"
    ]
    theirs = person(world, allow("iam:*"), deny("iam:*", resource=arn)).client("iam")
    other = arn.replace(ACCOUNT, "999999999999")
    assert refused(partial(theirs.delete_open_id_connect_provider, OpenIDConnectProviderArn=arn))[0] == "AccessDenied"
    assert refused(partial(theirs.delete_open_id_connect_provider, OpenIDConnectProviderArn=other))[0] == "NoSuchEntity"
