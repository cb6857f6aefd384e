"""What Terraform's AWS provider sends for a pool's pages: domain, resource server, classic customisation, style of managed login.

Source of the sequences: hashicorp/terraform-provider-aws, internal/service/cognitoidp (infrastructure.md 4).
"""

from typing import Any

import pytest

from api.world import ClientOfTests, PoolOfTests, World, refused
from pages.pictures import SVG, png
from poolkeeper.branding.defaults import DEFAULTS
from poolkeeper.branding.documents import merged

CSS = ".label-customizable {font-weight: 400;}"
SCOPES = [
    {"ScopeName": "write", "ScopeDescription": "Change"},
    {"ScopeName": "read", "ScopeDescription": "Look"},
]


@pytest.fixture
def pool(world: World) -> PoolOfTests:
    """Make a pool, as another resource does before these."""
    return world.pool()


def domain_of(pool: PoolOfTests) -> str:
    """Give a pool its domain as the provider does, and wait for it."""
    name = f"tf-{pool.pool_id[-9:].lower()}"
    pool.world.signed.create_user_pool_domain(UserPoolId=pool.pool_id, Domain=name)
    assert pool.world.signed.describe_user_pool_domain(Domain=name)["DomainDescription"]["Status"] == "ACTIVE"
    return name


def test_the_life_of_a_domain(pool: PoolOfTests) -> None:
    """Create, poll, read twice, another look, import by the name alone, destroy, poll until it is empty."""
    signed, name = pool.world.signed, domain_of(pool)

    def read() -> dict[str, Any]:
        description: dict[str, Any] = signed.describe_user_pool_domain(Domain=name)["DomainDescription"]
        assert {"AWSAccountId", "CloudFrontDistribution", "Version", "UserPoolId", "Status"} <= description.keys()
        return description

    first = read()
    assert first == read()
    assert (first["UserPoolId"], first["ManagedLoginVersion"]) == (pool.pool_id, 1)
    signed.update_user_pool_domain(UserPoolId=pool.pool_id, Domain=name, ManagedLoginVersion=2)
    assert read()["ManagedLoginVersion"] == 2
    signed.delete_user_pool_domain(UserPoolId=pool.pool_id, Domain=name)
    assert signed.describe_user_pool_domain(Domain=name)["DomainDescription"] == {}


def test_the_life_of_a_resource_server(pool: PoolOfTests) -> None:
    """Create, read, an empty plan, other scopes, import, destroy; destroyed twice is destroyed."""
    signed = pool.world.signed
    named = {"UserPoolId": pool.pool_id, "Identifier": "https://api.example"}

    def read() -> dict[str, Any]:
        server: dict[str, Any] = signed.describe_resource_server(**named)["ResourceServer"]
        return {**server, "Scopes": sorted(server["Scopes"], key=lambda scope: str(scope["ScopeName"]))}

    signed.create_resource_server(**named, Name="api", Scopes=SCOPES)
    configured = {**named, "Name": "api", "Scopes": SCOPES[::-1]}
    assert read() == read() == configured
    signed.update_resource_server(**named, Name="api", Scopes=SCOPES[:1])
    assert read()["Scopes"] == SCOPES[:1]
    signed.delete_resource_server(**named)
    assert refused(read)[0] == "ResourceNotFoundException"
    assert refused(lambda: signed.delete_resource_server(**named))[0] == "ResourceNotFoundException"


@pytest.mark.parametrize("for_all", [True, False])
def test_the_life_of_a_classic_customisation(pool: PoolOfTests, *, for_all: bool) -> None:
    """Put, read, an empty plan, CSS alone in place of CSS and logo, import, and a put of nothing that destroys."""
    signed = pool.world.signed
    domain_of(pool)
    meant = {"UserPoolId": pool.pool_id, "ClientId": "ALL" if for_all else pool.client().client_id}

    def read() -> dict[str, Any]:
        found: dict[str, Any] = signed.get_ui_customization(**meant)["UICustomization"]
        return found

    signed.set_ui_customization(**meant, CSS=CSS, ImageFile=png())
    first = read()
    assert first == read()
    assert {**meant, "CSS": CSS}.items() <= first.items()
    assert {"CSSVersion", "ImageUrl", "CreationDate", "LastModifiedDate"} <= first.keys()
    signed.set_ui_customization(**meant, CSS=CSS)
    assert read()["CSS"] == CSS
    assert "ImageUrl" not in read()
    signed.set_ui_customization(**meant)
    assert read() == {}
    signed.set_ui_customization(**meant)


def test_a_customisation_of_all_and_one_of_a_client(pool: PoolOfTests) -> None:
    """Two resources side by side: each reads back its own."""
    signed, client = pool.world.signed, pool.client()
    domain_of(pool)
    for client_id, weight in (("ALL", 400), (client.client_id, 100)):
        css = f".label-customizable {{font-weight: {weight};}}"
        signed.set_ui_customization(UserPoolId=pool.pool_id, ClientId=client_id, CSS=css)
        found = signed.get_ui_customization(UserPoolId=pool.pool_id, ClientId=client_id)["UICustomization"]
        assert (found["ClientId"], found["CSS"]) == (client_id, css)


class Style:
    """The resource of a style, as the provider holds it."""

    def __init__(self, pool: PoolOfTests, client: ClientOfTests, **configured: Any) -> None:
        self.pool, self.client = pool, client
        made = pool.world.signed.create_managed_login_branding(
            UserPoolId=pool.pool_id, ClientId=client.client_id, **configured
        )["ManagedLoginBranding"]
        self.named = {"UserPoolId": pool.pool_id, "ManagedLoginBrandingId": made["ManagedLoginBrandingId"]}
        self.described(whole=True)

    def described(self, *, whole: bool) -> dict[str, Any]:
        """Describe the style."""
        found: dict[str, Any] = self.pool.world.signed.describe_managed_login_branding(
            **self.named, ReturnMergedResources=whole
        )["ManagedLoginBranding"]
        return found

    def read(self) -> dict[str, Any]:
        """Refresh: what is configured, all of it, and whose it is, by asking each client of the pool."""
        signed = self.pool.world.signed
        own, whole = self.described(whole=False), self.described(whole=True)
        found = []
        for page in signed.get_paginator("list_user_pool_clients").paginate(UserPoolId=self.pool.pool_id):
            for client in page["UserPoolClients"]:
                asked = {"UserPoolId": self.pool.pool_id, "ClientId": client["ClientId"]}
                try:
                    style = signed.describe_managed_login_branding_by_client(**asked)["ManagedLoginBranding"]
                except signed.exceptions.ResourceNotFoundException:
                    continue
                if style["ManagedLoginBrandingId"] == self.named["ManagedLoginBrandingId"]:
                    found.append(client["ClientId"])
        assert found == [self.client.client_id]
        return {
            "settings": own.get("Settings"),
            "settings_all": whole["Settings"],
            "assets": own["Assets"],
            "use_cognito_provided_values": own["UseCognitoProvidedValues"],
        }


def test_the_life_of_a_style_of_cognitos_values(pool: PoolOfTests) -> None:
    """With pictures, as the provider's acceptance test has it; import by both ids reads the same; destroyed twice."""
    pool.client(), pool.client()
    asset = {"Category": "PAGE_FOOTER_BACKGROUND", "ColorMode": "DARK", "Extension": "SVG", "Bytes": SVG}
    style = Style(pool, pool.client(), UseCognitoProvidedValues=True, Assets=[asset])
    first = style.read()
    assert first == style.read()
    assert first == {
        "settings": None,
        "settings_all": DEFAULTS,
        "assets": [asset],
        "use_cognito_provided_values": True,
    }
    signed = pool.world.signed
    signed.delete_managed_login_branding(**style.named)
    assert refused(lambda: style.described(whole=False))[0] == "ResourceNotFoundException"
    assert refused(lambda: signed.delete_managed_login_branding(**style.named))[0] == "ResourceNotFoundException"


def test_the_life_of_a_style_with_settings(pool: PoolOfTests) -> None:
    """The whole document, a member of it changed in place, then Cognito's values: each plan after it is empty."""
    form = {"components": {"form": {"backgroundImage": {"enabled": True}}}}
    configured = merged(DEFAULTS, form)
    style = Style(pool, pool.client(), Settings=configured)
    first = style.read()
    assert first == style.read()
    assert (first["settings"], first["settings_all"]) == (configured, configured)
    assert first["use_cognito_provided_values"] is False

    signed = pool.world.signed
    signed.update_managed_login_branding(**style.named, Settings=DEFAULTS)
    second = style.read()
    assert (second["settings"], second["settings_all"]) == (DEFAULTS, DEFAULTS)

    signed.update_managed_login_branding(**style.named, UseCognitoProvidedValues=True)
    third = style.read()
    assert (third["settings"], third["use_cognito_provided_values"]) == (None, True)
