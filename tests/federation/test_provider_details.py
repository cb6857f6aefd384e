"""Which ProviderDetails are taken, and what is added to them? As the model's own examples have it, and in AWS's sentences."""

import json
import re
from typing import Any

import botocore.session
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1

from api.federating import apple_key
from poolkeeper.errors import InvalidParameterException
from poolkeeper.federation import provider_details
from poolkeeper.federation.code_flow import KINDS
from poolkeeper.federation.provider_details import complete, shown, upstream

SOCIAL = {"client_id": "c", "client_secret": "s", "authorize_scopes": "email"}
OIDC = {
    "client_id": "c",
    "authorize_scopes": "openid",
    "oidc_issuer": "https://issuer.example",
    "attributes_request_method": "GET",
}
APPLE = {"client_id": "c", "team_id": "t", "key_id": "k", "private_key": apple_key()[1]}
NO_KEY = "privateKey must be the P-256 key of a .p8 file from Apple, in PKCS #8."


def examples() -> dict[str, list[dict[str, str]]]:
    """Return the requests and answers that the model's page of CreateIdentityProvider shows, by type."""
    service = botocore.session.get_session().get_service_model("cognito-idp")
    page = service.operation_model("CreateIdentityProvider").input_shape.members["ProviderDetails"].documentation
    text = re.sub(r"<[^>]+>", " ", page)
    parts = re.split(
        r"(OpenID Connect \(OIDC\)|SAML {2,}|LoginWithAmazon|Google {2,}|SignInWithApple|Facebook {2,})", text
    )
    found = {}
    for name, part in zip(parts[1::2], parts[2::2], strict=True):
        objects = [json.loads(one) for one in re.findall(r'"ProviderDetails": (\{[^{}]*\})', _closed(part))]
        if objects:
            found[name.strip().partition(" ")[0].replace("OpenID", "OIDC")] = objects
    return found


def _closed(part: str) -> str:
    """Close the one object that the page leaves open."""
    return re.sub(r'(client-secret")\s+(Describe)', r"\1 } \2", part)


EXAMPLES = examples()


def test_the_page_has_an_example_of_every_type() -> None:
    """So that the next test means something."""
    assert EXAMPLES.keys() == KINDS.keys() | {"SAML"}
    assert {len(one) for name, one in EXAMPLES.items() if name != "SAML"} == {2}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_details_are_completed_as_the_model_shows(kind: str) -> None:
    """What Describe answers to what Create was given; Apple's private key is not in it."""
    given, described = EXAMPLES[kind]
    name = kind if kind != "OIDC" else "MyOIDC"
    given = {**given, **({"private_key": APPLE["private_key"]} if "private_key" in given else {})}
    answered = shown(complete(name, kind, given, dev=False))
    # Apple's example gives two ids in other order than it shows them.
    ids = ("key_id", "team_id")
    assert {**answered, **{one: "" for one in ids if one in answered}} == {
        **described,
        **{one: "" for one in ids if one in described},
    }


@pytest.mark.parametrize(
    ("name", "kind", "given", "sentence"),
    [
        ("MyGoogle", "Google", SOCIAL, "Provider MyGoogle cannot be of type Google."),
        ("Google", "OIDC", OIDC, "Provider Google cannot be of type OIDC."),
        ("Facebook", "Google", SOCIAL, "Provider Facebook cannot be of type Google."),
        *(
            (
                kind,
                kind,
                {**SOCIAL, missing: ""},
                "clientId, clientSecret and authorizeScopes are all required idp details.",
            )
            for kind in ("Google", "Facebook", "LoginWithAmazon")
            for missing in SOCIAL
        ),
        *(
            (
                "SignInWithApple",
                "SignInWithApple",
                {name: value for name, value in APPLE.items() if name != missing},
                "clientId, privateKey, teamId, and keyId are all required idp details.",
            )
            for missing in APPLE
        ),
        *(
            ("SignInWithApple", "SignInWithApple", {**APPLE, "private_key": bad}, NO_KEY)
            for bad in ("a key", apple_key(SECP384R1)[1], apple_key()[1][:-60], "-----BEGIN PRIVATE KEY-----")
        ),
        *(
            (
                "Mine",
                "OIDC",
                {name: value for name, value in OIDC.items() if name != missing},
                "clientId, authorizeScopes, oidcIssuer and attributesRequestMethod are all required idp details.",
            )
            for missing in OIDC
        ),
        ("Mine", "OIDC", {**OIDC, "oidc_issuer": "http://issuer.example"}, "OIDC endpoint must start with https://"),
        ("Mine", "OIDC", {**OIDC, "oidc_issuer": "http://localhost:1"}, "OIDC endpoint must start with https://"),
        ("Mine", "OIDC", {**OIDC, "token_url": "http://issuer.example/"}, "OIDC endpoint must start with https://"),
        ("Mine", "OIDC", {**OIDC, "jwks_uri": "file:///etc/passwd"}, "OIDC endpoint must start with https://"),
        ("Mine", "OIDC", {**OIDC, "authorize_url": "javascript:1"}, "OIDC endpoint must start with https://"),
        ("Mine", "OIDC", {**OIDC, "attributes_url": "https://a@b/"}, "OIDC endpoint must start with https://"),
        (
            "Mine",
            "OIDC",
            {**OIDC, "attributes_url": "https://[2001:db8::1].b/"},
            "OIDC endpoint must start with https://",
        ),
        (
            "Mine",
            "OIDC",
            {**OIDC, "attributes_request_method": "PUT"},
            "attributes_request_method must be one of [POST, GET]",
        ),
        ("Facebook", "Facebook", {**SOCIAL, "api_version": "../v17.0"}, "api_version must be of the form v17.0."),
        ("Mine", "SAML", {}, "At least one of the MetadataURL or MetadataFile should be provided."),
        (
            "Mine",
            "SAML",
            {"MetadataURL": "https://idp.example", "MetadataFile": "<x/>"},
            "Only one of the MetadataURL or MetadataFile should be provided.",
        ),
        *(
            ("Mine", "SAML", {"MetadataFile": "<x/>", switch: "yes"}, f"{switch} must be one of [true, false]")
            for switch in ("IDPSignout", "IDPInit", "EncryptedResponses")
        ),
        (
            "Mine",
            "SAML",
            {"MetadataFile": "<x/>", "RequestSigningAlgorithm": "sha256"},
            "RequestSigningAlgorithm must be rsa-sha256",
        ),
    ],
)
def test_what_is_no_provider_is_refused_in_awss_sentence(
    name: str, kind: str, given: dict[str, str], sentence: str
) -> None:
    """measured.md 9, and ours where AWS's is not known."""
    with pytest.raises(InvalidParameterException) as caught:
        complete(name, kind, given, dev=False)
    assert caught.value.message == sentence


def test_switches_of_a_saml_provider_are_taken_as_tools_write_them() -> None:
    """`True` of Python's too, and an empty text as if it were not there."""
    given = {"MetadataFile": "<x/>", "IDPSignout": "True", "IDPInit": "false", "EncryptedResponses": ""}
    assert complete("Mine", "SAML", given, dev=False) == given


def test_on_this_machine_plain_http_is_for_development() -> None:
    """There alone: elsewhere it is refused with `--dev` too."""
    here = {**OIDC, "oidc_issuer": "http://localhost:7665/us-east-1_AbCdEfGhI"}
    assert complete("Mine", "OIDC", here, dev=True)["oidc_issuer"] == here["oidc_issuer"]
    with pytest.raises(InvalidParameterException):
        complete("Mine", "OIDC", {**OIDC, "oidc_issuer": "http://10.0.0.1"}, dev=True)


def test_what_nobody_knows_is_kept() -> None:
    """As tools send it (hashicorp/terraform-provider-aws 34244); and what was given beats what would be filled in."""
    given = {**SOCIAL, "token_url": "https://www.googleapis.com/oauth2/v5/token", "unknown": "x"}
    completed = complete("Google", "Google", given, dev=False)
    assert completed.items() >= given.items()


def test_an_openid_provider_is_its_issuer_to_the_byte() -> None:
    """With what is needed to sign in there, its secrets hidden; nothing is made up where it is to be discovered."""
    made = upstream("OIDC", complete("Mine", "OIDC", {**OIDC, "client_secret": "secret"}, dev=False))
    assert made.issuers == ("https://issuer.example",)
    assert (made.authorize_url, made.token_url, made.attributes_url, made.jwks_uri) == ("", "", "", "")
    assert (made.attributes_by_post, made.client_secret.reveal(), "secret" in repr(made.client_secret)) == (
        False,
        "secret",
        False,
    )
    posting: dict[str, Any] = {**OIDC, "attributes_request_method": "POST", "oidc_issuer": "https://issuer.example/"}
    assert upstream("OIDC", complete("Mine", "OIDC", posting, dev=False)).attributes_by_post
    assert upstream("OIDC", complete("Mine", "OIDC", posting, dev=False)).issuers == ("https://issuer.example/",)


def test_a_social_provider_at_another_issuer_has_its_keys_there() -> None:
    """Who stands in for Google in a test environment is not believed by Google's keys, nor Google by its."""
    given = {**SOCIAL, "oidc_issuer": "https://fake.example"}
    fake = upstream("Google", complete("Google", "Google", given, dev=False))
    assert (fake.issuers, fake.jwks_uri) == (("https://fake.example",), "")
    assert KINDS.keys() - {"OIDC"} == provider_details.SOCIAL_NAMES
