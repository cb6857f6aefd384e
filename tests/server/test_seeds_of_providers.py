"""Are the identity providers there that a seed file asks for? With their secrets from wherever they are, once, without a network."""

from pathlib import Path

import httpx
import pytest

from api.federating import metadata
from poolkeeper.server.seeding.reading import SeedError, read
from server import program
from server.operating import KEY, client_of
from server.program import Place, place, serving

POOL = "us-east-1_Books"
SEED = """
[[user_pools]]
id = "us-east-1_Books"
PoolName = "books"

[[user_pools.clients]]
id = "shop"
ClientName = "shop"
SupportedIdentityProviders = ["COGNITO", "Corporate", "Google", "Office"]

[[user_pools.identity_providers]]
ProviderName = "Corporate"
ProviderType = "OIDC"
AttributeMapping = {email = "email"}
IdpIdentifiers = ["lovelace.example"]

[user_pools.identity_providers.ProviderDetails]
client_id = "books"
client_secret = {file = "secrets/corporate"}
oidc_issuer = "https://nobody.invalid"
authorize_scopes = "openid email"
attributes_request_method = "GET"

[[user_pools.identity_providers]]
ProviderName = "Google"
ProviderType = "Google"
ProviderDetails = {client_id = "g", client_secret = {env = "GOOGLE_SECRET"}, authorize_scopes = "openid email"}

[[user_pools.identity_providers]]
ProviderName = "Office"
ProviderType = "SAML"
ProviderDetails = {MetadataFile = {file = "office.xml"}}
AttributeMapping = {email = "email"}
"""


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    """Write the seed, a secret and metadata in files beside it."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "corporate").write_text("secret-of-corporate\n")
    (tmp_path / "office.xml").write_text(metadata("https://idp.example.com/entity") + "\n")
    file = tmp_path / "books.seed.toml"
    file.write_text(SEED)
    return file


def _details(where: Place, name: str) -> dict[str, str]:
    described = client_of(where).describe_identity_provider(UserPoolId=POOL, ProviderName=name)
    details: dict[str, str] = described["IdentityProvider"]["ProviderDetails"]
    return details


def test_providers_are_made_once_and_clients_name_them(installed: Place, seed: Path) -> None:
    """A second start changes nothing of them; what a provider is, Describe tells."""
    installed.environment["GOOGLE_SECRET"] = "secret-of-google"
    with serving(installed, "--dev", "--seed", str(seed)):
        idp = client_of(installed)
        listed = idp.list_identity_providers(UserPoolId=POOL)["Providers"]
        assert [one["ProviderName"] for one in listed] == ["Corporate", "Google", "Office"]
        corporate = idp.get_identity_provider_by_identifier(UserPoolId=POOL, IdpIdentifier="lovelace.example")
        assert corporate["IdentityProvider"]["AttributeMapping"] == {"email": "email"}
        assert _details(installed, "Corporate")["client_secret"] == "secret-of-corporate"
        assert _details(installed, "Google")["client_secret"] == "secret-of-google"
        assert _details(installed, "Office")["SSORedirectBindingURI"].startswith("https://idp.example.com/")
        shop = idp.describe_user_pool_client(UserPoolId=POOL, ClientId="shop")["UserPoolClient"]
        assert shop["SupportedIdentityProviders"] == ["COGNITO", "Corporate", "Google", "Office"]
        idp.update_identity_provider(UserPoolId=POOL, ProviderName="Corporate", IdpIdentifiers=["hopper.example"])
        idp.delete_identity_provider(UserPoolId=POOL, ProviderName="Google")
    with serving(installed, "--dev", "--seed", str(seed)):
        idp = client_of(installed)
        corporate = idp.describe_identity_provider(UserPoolId=POOL, ProviderName="Corporate")["IdentityProvider"]
        assert corporate["IdpIdentifiers"] == ["hopper.example"]
        assert _details(installed, "Google")["client_secret"] == "secret-of-google"


def test_a_reset_brings_providers_back_with_the_secrets_of_now(tmp_path: Path, seed: Path) -> None:
    """What was changed is as the file has it; a secret that is not there any more is told, and nothing is touched."""
    where = place(tmp_path, **KEY)
    where.environment["GOOGLE_SECRET"] = "secret-of-google"
    secret = seed.parent / "secrets" / "corporate"
    with serving(where, "--dev", "--seed", str(seed)):
        client_of(where).delete_identity_provider(UserPoolId=POOL, ProviderName="Office")
        secret.write_text("another-secret")
        assert httpx.post(f"{where.endpoint}/_dev/reset").status_code == 204
        assert _details(where, "Office")["SSORedirectBindingURI"].startswith("https://idp.example.com/")
        assert _details(where, "Corporate")["client_secret"] == "another-secret"
        secret.unlink()
        told = httpx.post(f"{where.endpoint}/_dev/reset")
        assert told.status_code == 409
        assert f"{seed}:11: ProviderDetails.client_secret: {secret} cannot be read (No such file" in told.text
        assert _details(where, "Corporate")["client_secret"] == "another-secret"


def test_all_that_is_wrong_with_providers_of_a_file_is_told_with_its_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sources that have nothing, types that are none, names that stand twice; no secret is repeated."""
    monkeypatch.delenv("NOBODYS_SECRET", raising=False)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    (tmp_path / "large").write_bytes(b"x" * 1_048_577)
    file = tmp_path / "bad.toml"
    file.write_text(
        '[[user_pools]]\nid = "us-east-1_Books"\nPoolName = "books"\n'
        '[[user_pools.identity_providers]]\nProviderName = "Aaa"\nProviderType = "LDAP"\n'
        'ProviderDetails = {a = {file = "none"}, b = {env = "NOBODYS_SECRET"}, c = {of = "x"}, d = {file = "bytes"}, '
        'e = {file = "large"}, f = {file = ""}, g = {file = "a", env = "b"}, h = {}, i = {file = "\\u0000"}}\n'
        '[[user_pools.identity_providers]]\nProviderName = "Aaa"\nProviderType = "SAML"\nProviderDetails = "hush-hush"\n'
        "Colour = 1\n"
        '[[user_pools.identity_providers]]\nProviderName = "Bbb"\nProviderType = "OIDC"\n'
        'ProviderDetails = {client_secret = ["hush-hush"]}\n'
        '[[user_pools.clients]]\nid = "web"\nClientName = "web"\nClientSecret = {file = "."}\n'
        '[[user_pools.users]]\nUsername = "ada"\npassword = {env = "NOBODYS_SECRET"}\n'
    )
    with pytest.raises(SeedError) as refusal:
        read(file, region="us-east-1")
    faults = [fault.removeprefix(f"{file}:") for fault in refusal.value.faults]
    source = 'is a text, {file = "..."} or {env = "..."}'
    assert faults[:9] == [
        f"4: ProviderDetails.a: {tmp_path / 'none'} cannot be read (No such file or directory)",
        "4: ProviderDetails.b: the environment has no NOBODYS_SECRET",
        f"4: ProviderDetails.c: {source}",
        f"4: ProviderDetails.d: {tmp_path / 'bytes'} is no text in UTF-8",
        f"4: ProviderDetails.e: {tmp_path / 'large'} is larger than 1048576 bytes",
        f"4: ProviderDetails.f: {source}",
        f"4: ProviderDetails.g: {source}",
        f"4: ProviderDetails.h: {source}",
        f"4: ProviderDetails.i: {source}",
    ]
    rest = "\n".join(faults[9:])
    assert "4: 1 validation error detected: Value 'LDAP' at 'providerType'" in rest
    assert "8: user_pools.identity_providers does not take Colour" in rest
    assert "8: user_pools.identity_providers has 'Aaa' already, in line 4" in rest
    assert [fault.partition(":")[0] for fault in faults[9:]].count("13") == 1
    assert f"17: ClientSecret: {tmp_path} cannot be read (Is a directory)" in rest
    assert "21: password: the environment has no NOBODYS_SECRET" in rest
    assert "hush-hush" not in rest


def test_what_a_pool_does_not_take_is_told_at_the_start(tmp_path: Path) -> None:
    """Details that lack, metadata that are none, attributes that it has not, and the client that names what is not there."""
    where = place(tmp_path, **KEY)
    (tmp_path / "office.xml").write_text("<html>")
    file = tmp_path / "bad.toml"
    provider = '[[user_pools.identity_providers]]\nProviderName = "{}"\nProviderType = "{}"\nProviderDetails = {{{}}}\n'
    google = provider.format("Google", "Google", 'client_id = "a", client_secret = "hush-hush", authorize_scopes = "b"')
    file.write_text(
        '[[user_pools]]\nid = "us-east-1_Books"\nPoolName = "books"\n'
        + provider.format("Corporate", "OIDC", 'client_id = "a", client_secret = "hush-hush"')
        + provider.format("Office", "SAML", 'MetadataFile = {file = "office.xml"}')
        + google
        + 'AttributeMapping = {"custom:tier" = "tier"}\n'
        + '[[user_pools.clients]]\nid = "web"\nClientName = "web"\nSupportedIdentityProviders = ["Corporate"]\n'
    )
    told = program.run(where, "serve", "--dev", "--tls-port", str(where.tls_port), "--seed", str(file))
    assert told.returncode == 2
    assert (
        f"{file}:4: clientId, authorizeScopes, oidcIssuer and attributesRequestMethod are all required" in told.stderr
    )
    assert f"{file}:8: " in told.stderr
    assert f"{file}:12: Invalid attribute mapping: custom:tier" in told.stderr
    assert f"{file}:17: The provider Corporate does not exist for User Pool {POOL}." in told.stderr
    assert "hush-hush" not in told.stderr
