"""Identity providers of a pool: made, shown, changed, found by identifier, listed and deleted, of every type."""

import asyncio
import socket
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from cryptography import x509

from api.federating import EMAIL, OIDC, add_oidc, apple_key, metadata, supporting
from api.world import PoolOfTests, World, refused
from functions.receiver import Answer, Received, receiving
from poolkeeper.clock import HOUR, MINUTE
from poolkeeper.jobs.saml_metadata import refresh
from poolkeeper.store.due import Job
from waiting import wait_for

SOCIAL = {"client_id": "app", "client_secret": "a secret", "authorize_scopes": "email"}
APPLE = {
    "client_id": "app",
    "team_id": "T" * 10,
    "key_id": "K" * 10,
    "private_key": apple_key()[1],
    "authorize_scopes": "email",
}
GIVEN: dict[str, dict[str, str]] = {
    "OIDC": OIDC,
    "Google": SOCIAL,
    "Facebook": SOCIAL,
    "LoginWithAmazon": SOCIAL,
    "SignInWithApple": APPLE,
    "SAML": {"MetadataFile": metadata(), "IDPSignout": "true"},
}


@pytest.fixture
def pool(world: World) -> PoolOfTests:
    """Make a pool."""
    return world.pool()


def create(pool: PoolOfTests, name: str, kind: str, details: dict[str, str], **more: Any) -> dict[str, Any]:
    """Create a provider and return it."""
    made: dict[str, Any] = pool.world.signed.create_identity_provider(
        UserPoolId=pool.pool_id, ProviderName=name, ProviderType=kind, ProviderDetails=details, **more
    )["IdentityProvider"]
    return made


def describe(pool: PoolOfTests, name: str) -> dict[str, Any]:
    """Return a provider."""
    found = pool.world.signed.describe_identity_provider(UserPoolId=pool.pool_id, ProviderName=name)
    provider: dict[str, Any] = found["IdentityProvider"]
    return provider


def update(pool: PoolOfTests, name: str, **more: Any) -> dict[str, Any]:
    """Update a provider and return it."""
    changed = pool.world.signed.update_identity_provider(UserPoolId=pool.pool_id, ProviderName=name, **more)
    provider: dict[str, Any] = changed["IdentityProvider"]
    return provider


@dataclass
class Site:
    """An address on this machine that can answer something else later."""

    url: str = ""
    answer: Answer = field(default_factory=lambda: Answer(body=metadata().encode()))
    asked: int = 0


@contextmanager
def site() -> Iterator[Site]:
    """Serve one document on loopback."""
    up, down, made = threading.Event(), asyncio.Event(), Site()
    loops: list[asyncio.AbstractEventLoop] = []

    def answer(_: Received) -> Answer:
        made.asked += 1
        return made.answer

    async def serve() -> None:
        async with receiving(answer) as receiver:
            made.url = f"{receiver.url}/metadata"
            loops.append(asyncio.get_running_loop())
            up.set()
            await down.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert up.wait(30)
    try:
        yield made
    finally:
        loops[0].call_soon_threadsafe(down.set)
        thread.join(30)


@pytest.mark.parametrize("kind", GIVEN)
def test_a_provider_of_every_type_comes_back_as_it_was_made(pool: PoolOfTests, kind: str) -> None:
    """Create, Describe and List know it; a private key is shown to nobody."""
    name = "Corporate" if kind in {"OIDC", "SAML"} else kind
    made = create(pool, name, kind, GIVEN[kind], AttributeMapping={"email": "mail"}, IdpIdentifiers=["example.com"])
    assert made == describe(pool, name)
    assert (made["ProviderName"], made["ProviderType"], made["UserPoolId"]) == (name, kind, pool.pool_id)
    assert (made["AttributeMapping"], made["IdpIdentifiers"]) == ({"email": "mail"}, ["example.com"])
    told = {key: value for key, value in GIVEN[kind].items() if key != "private_key"}
    assert made["ProviderDetails"].items() >= told.items()
    assert "private_key" not in made["ProviderDetails"]
    listed = pool.world.signed.list_identity_providers(UserPoolId=pool.pool_id)["Providers"]
    assert [(one["ProviderName"], one["ProviderType"]) for one in listed] == [(name, kind)]


def test_secrets_lie_sealed_in_the_database(pool: PoolOfTests) -> None:
    """Whoever reads the file reads no client secret (attacks.md 110); nor does whoever reads the log."""
    add_oidc(pool)
    rows = pool.world.rows("SELECT document, secrets FROM identity_providers WHERE pool_id = $1", pool.pool_id)
    assert OIDC["client_secret"] not in rows[0][0]
    assert OIDC["client_secret"].encode() not in bytes(rows[0][1])
    assert OIDC["client_secret"] not in b"".join(pool.world.log).decode()


def test_an_update_replaces_what_is_given(pool: PoolOfTests) -> None:
    """Details, mapping and identifiers each as a whole; what is left out stays, and so does a private key."""
    create(pool, "SignInWithApple", "SignInWithApple", APPLE, AttributeMapping={"email": "email"}, IdpIdentifiers=["a"])
    details = {key: value for key, value in APPLE.items() if key != "private_key"} | {"client_id": "another"}
    changed = update(pool, "SignInWithApple", ProviderDetails=details)
    assert changed["ProviderDetails"]["client_id"] == "another"
    assert (changed["AttributeMapping"], changed["IdpIdentifiers"]) == ({"email": "email"}, ["a"])
    changed = update(pool, "SignInWithApple", AttributeMapping={"name": "name"}, IdpIdentifiers=["b", "c"])
    assert (changed["AttributeMapping"], changed["IdpIdentifiers"]) == ({"name": "name"}, ["b", "c"])
    assert changed["ProviderDetails"]["client_id"] == "another"
    assert changed == describe(pool, "SignInWithApple")


def test_what_describe_says_can_be_sent_back(pool: PoolOfTests) -> None:
    """Terraform's second apply, and a console's: nothing of it is refused, and nothing changes."""
    for name, kind in (("Google", "Google"), ("Corporate", "SAML")):
        before = create(pool, name, kind, GIVEN[kind])
        after = update(pool, name, ProviderDetails=before["ProviderDetails"])
        assert after["ProviderDetails"] == before["ProviderDetails"]


def test_an_identifier_finds_its_provider(pool: PoolOfTests) -> None:
    """It is one provider's alone in a pool, moves with an update, and goes with its provider."""
    signed, place = pool.world.signed, {"UserPoolId": pool.pool_id}
    add_oidc(pool, "One", IdpIdentifiers=["example.com"])
    add_oidc(pool, "Two")
    found = signed.get_identity_provider_by_identifier(**place, IdpIdentifier="example.com")["IdentityProvider"]
    assert found == describe(pool, "One")
    taken = ("InvalidParameterException", f"example.com already exists in user pool {pool.pool_id}")
    assert refused(lambda: update(pool, "Two", IdpIdentifiers=["example.com"])) == taken
    assert refused(lambda: add_oidc(pool, "Three", IdpIdentifiers=["example.com"])) == taken
    update(pool, "One", IdpIdentifiers=[])
    update(pool, "Two", IdpIdentifiers=["example.com"])
    found = signed.get_identity_provider_by_identifier(**place, IdpIdentifier="example.com")["IdentityProvider"]
    assert found["ProviderName"] == "Two"
    signed.delete_identity_provider(**place, ProviderName="Two")
    gone = refused(lambda: signed.get_identity_provider_by_identifier(**place, IdpIdentifier="example.com"))
    assert gone[0] == "ResourceNotFoundException"


def test_a_provider_that_is_deleted_is_gone(pool: PoolOfTests) -> None:
    """For every operation, and another may have its name then."""
    signed, place = pool.world.signed, {"UserPoolId": pool.pool_id, "ProviderName": "Corporate"}
    unknown = ("ResourceNotFoundException", "Identity provider Corporate does not exist.")
    for work in (signed.describe_identity_provider, signed.update_identity_provider, signed.delete_identity_provider):
        assert refused(partial(work, **place)) == unknown
    add_oidc(pool)
    again = refused(lambda: add_oidc(pool))
    assert again == ("DuplicateProviderException", f"Corporate already exists in user pool {pool.pool_id}")
    signed.delete_identity_provider(**place)
    assert refused(lambda: signed.describe_identity_provider(**place)) == unknown
    add_oidc(pool)


def test_lists_come_in_pages(pool: PoolOfTests) -> None:
    """In the order of the names."""
    for name in ("Charlie", "Alpha", "Bravo"):
        add_oidc(pool, name)
    place = {"UserPoolId": pool.pool_id, "MaxResults": 2}
    first = pool.world.signed.list_identity_providers(**place)
    second = pool.world.signed.list_identity_providers(**place, NextToken=first["NextToken"])
    names = [one["ProviderName"] for page in (first, second) for one in page["Providers"]]
    assert names == ["Alpha", "Bravo", "Charlie"]
    assert "NextToken" not in second


@pytest.mark.parametrize(
    ("name", "kind", "details", "sentence"),
    [
        (
            "Google",
            "Google",
            {"client_id": "a"},
            "clientId, clientSecret and authorizeScopes are all required idp details.",
        ),
        ("Other", "Google", SOCIAL, "Provider Other cannot be of type Google."),
        ("Cognito", "OIDC", OIDC, "Provider Cognito cannot be of type OIDC."),
        (
            "Corporate",
            "OIDC",
            OIDC | {"oidc_issuer": "http://idp.example.com"},
            "OIDC endpoint must start with https://",
        ),
        (
            "SignInWithApple",
            "SignInWithApple",
            APPLE | {"private_key": "a key"},
            "privateKey must be the P-256 key of a .p8 file from Apple, in PKCS #8.",
        ),
        ("Corporate", "SAML", {}, "At least one of the MetadataURL or MetadataFile should be provided."),
        ("Corporate", "SAML", {"MetadataFile": "no XML"}, "Unable to unmarshall metadata"),
        ("Corporate", "SAML", {"MetadataFile": f"<!DOCTYPE a>{metadata()}"}, "Unable to unmarshall metadata"),
        (
            "Corporate",
            "SAML",
            {"MetadataFile": metadata().replace("HTTP-Redirect", "SOAP")},
            "No SingleSignOn Http redirect binding location found in metadata.",
        ),
        (
            "Corporate",
            "SAML",
            {"MetadataFile": metadata(at="http://idp.example.com")},
            "Invalid metadata: http://idp.example.com/sso: an address that is not https",
        ),
    ],
)
def test_bad_details_are_refused(
    pool: PoolOfTests, name: str, kind: str, details: dict[str, str], sentence: str
) -> None:
    """With AWS's sentence where one is known, else with the fault itself; nothing is kept."""
    assert refused(lambda: create(pool, name, kind, details)) == ("InvalidParameterException", sentence)
    assert pool.world.signed.list_identity_providers(UserPoolId=pool.pool_id)["Providers"] == []


@pytest.mark.parametrize("target", ["sub", "identities", "custom:nobody", "cognito:user_status"])
def test_a_mapping_names_attributes_of_the_pool(pool: PoolOfTests, target: str) -> None:
    """Never what the house alone sets, and nothing that is not there (attacks.md 109)."""
    name, sentence = refused(lambda: add_oidc(pool, AttributeMapping={target: "claim"}))
    assert (name, target in sentence) == ("InvalidParameterException", True)


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/metadata",
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00::1]/metadata",
        "https://0x7f.1/metadata",
        "http://idp.example.com/metadata",
        "file:///etc/passwd",
        "gopher://localhost/metadata",
    ],
)
def test_metadata_are_not_fetched_from_private_addresses(pool: PoolOfTests, url: str) -> None:
    """One egress, with its guard (attacks.md 107): the answer names the address and nothing that was read there."""
    name, sentence = refused(lambda: create(pool, "Corporate", "SAML", {"MetadataURL": url}))
    assert (name, url in sentence) == ("InvalidParameterException", True)


def test_metadata_are_fetched_when_a_provider_is_made(pool: PoolOfTests) -> None:
    """In development from this machine too, by plain HTTP; the answer shows the addresses that they have."""
    with site() as there:
        made = create(pool, "Corporate", "SAML", {"MetadataURL": there.url})
        details = made["ProviderDetails"]
        assert details["MetadataURL"] == there.url
        assert details["SSORedirectBindingURI"] == "https://idp.example.com/sso"
        assert details["SLORedirectBindingURI"] == "https://idp.example.com/slo"
        there.answer = Answer(status=404)
        sentence = f"Non-ok status code 404 returned from remote metadata source {there.url}"
        assert refused(lambda: update(pool, "Corporate", ProviderDetails={"MetadataURL": there.url})) == (
            "InvalidParameterException",
            sentence,
        )
        assert describe(pool, "Corporate") == made
        there.answer = Answer(status=302, headers={"Location": "http://127.0.0.1/"})
        assert "302" in refused(lambda: create(pool, "Other", "SAML", {"MetadataURL": there.url}))[1]
    sentence = refused(lambda: create(pool, "Other", "SAML", {"MetadataURL": there.url}))[1]
    assert sentence == f"Unable to retrieve metadata from {there.url}"


def test_what_is_at_an_address_is_told_to_the_log_alone(pool: PoolOfTests, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither what another kind of server says first, nor a word of another document, nor what a name stands for inside."""
    world = pool.world

    def refusal(url: str) -> str:
        name, sentence = refused(lambda: create(pool, "Corporate", "SAML", {"MetadataURL": url}))
        assert name == "InvalidParameterException"
        return sentence

    def logged(words: bytes) -> bool:
        return any(words in line for line in world.log)

    with banner(b"220 mail.internal ESMTP of the second floor\r\n\r\n") as url:
        assert refusal(url) == f"Unable to retrieve metadata from {url}"
    assert not logged(b"of the second floor")  # What is no HTTP may be anything, a secret too.
    with site() as there:
        there.answer = Answer(body=b"<plan-of-the-cellar><safe/></plan-of-the-cellar>")
        assert refusal(there.url) == "Invalid metadata: no IDPSSODescriptor for SAML 2.0"
    assert logged(b"plan-of-the-cellar")

    async def inside(_host: str, _port: int) -> list[str]:
        return ["10.1.2.3", "10.1.2.4"]

    monkeypatch.setattr(world.house.egress, "_resolve", inside)
    monkeypatch.setattr(world.house.egress, "_clients", {})
    url = "https://payroll.example.com/metadata"
    assert refusal(url) == f"Unable to retrieve metadata from {url}"
    assert logged(b"10.1.2.4")


@contextmanager
def banner(words: bytes) -> Iterator[str]:
    """Serve words that are no HTTP on loopback; yield an address that leads there."""

    def greet(listening: socket.socket) -> None:
        with suppress(OSError):
            connection, _ = listening.accept()
            with connection:
                connection.sendall(words)
                connection.recv(4_096)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30)
        thread = threading.Thread(target=greet, args=(listening,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/metadata"
        finally:
            listening.close()
            thread.join()


@pytest.mark.parametrize("kind", ["Google", "SAML"])
def test_levels_are_for_openid_providers(pool: PoolOfTests, kind: str) -> None:
    """The model says so; none at all may be given to any."""
    name, levels = "Google" if kind == "Google" else "Corporate", {"Level2": "urn:two"}
    said = ("InvalidParameterException", "AcrMapping is only supported for OIDC identity providers.")
    assert refused(lambda: create(pool, name, kind, GIVEN[kind], AcrMapping=levels)) == said
    assert "AcrMapping" not in create(pool, name, kind, GIVEN[kind], AcrMapping={})
    assert refused(lambda: update(pool, name, AcrMapping=levels)) == said
    update(pool, name, AcrMapping={})


def test_metadata_are_fetched_again_after_six_hours(pool: PoolOfTests) -> None:
    """The old ones stay while none can be had, and while another provider answers there (attacks.md 134)."""
    world = pool.world
    job = Job(shard=0, job_id="", kind="", pool_id="", attempts=0, payload=None, lease_until=0)

    def places() -> str:
        world.run(lambda: refresh(world.house, job))
        found: str = describe(pool, "Corporate")["ProviderDetails"]["SSORedirectBindingURI"]
        return found

    with site() as there:
        create(pool, "Corporate", "SAML", {"MetadataURL": there.url})
        there.answer = Answer(body=metadata(at="https://moved.example.com").encode())
        assert places() == "https://idp.example.com/sso"
        world.clock.advance(6 * HOUR + MINUTE)
        # The server's own worker may be at it as well, and a job takes a few providers of whatever pools at a time.
        wait_for(lambda: places() == "https://moved.example.com/sso")
        for broken in (Answer(status=500), Answer(body=metadata("https://another.example.com").encode())):
            there.answer = broken
            world.clock.advance(6 * HOUR + MINUTE)
            assert places() == "https://moved.example.com/sso"
        there.answer = Answer(body=metadata(at="https://third.example.com").encode())
        world.clock.advance(16 * MINUTE)
        wait_for(lambda: places() == "https://third.example.com/sso")


def test_a_pool_has_a_certificate_of_its_own_to_sign_by(world: World) -> None:
    """The same at every call, another than the one that providers encrypt for, and than another pool's."""
    one, other = world.pool(), world.pool()

    def signing(pool: PoolOfTests) -> str:
        found: str = world.signed.get_signing_certificate(UserPoolId=pool.pool_id)["Certificate"]
        return found

    assert signing(one) == signing(one) != signing(other)
    assert x509.load_der_x509_certificate(b64decode(signing(one))).version is x509.Version.v3
    active = create(one, "Corporate", "SAML", GIVEN["SAML"])["ProviderDetails"]["ActiveEncryptionCertificate"]
    assert active == describe(one, "Corporate")["ProviderDetails"]["ActiveEncryptionCertificate"] != signing(one)
    sealed = world.rows("SELECT private_key FROM saml_keys WHERE pool_id = $1", one.pool_id)
    assert all(b"RSA" not in bytes(row[0]) for row in sealed)


def test_app_clients_name_providers_that_are_there(pool: PoolOfTests) -> None:
    """One that the pool lacks is refused at creation and at an update."""
    missing = ("InvalidParameterException", f"The provider Corporate does not exist for User Pool {pool.pool_id}.")
    assert refused(lambda: supporting(pool, "COGNITO", "Corporate")) == missing
    add_oidc(pool)
    client = supporting(pool, "COGNITO", "Corporate")
    place = {"UserPoolId": pool.pool_id, "ClientId": client.client_id}
    found = pool.world.signed.describe_user_pool_client(**place)["UserPoolClient"]
    assert found["SupportedIdentityProviders"] == ["COGNITO", "Corporate"]
    pool.world.signed.delete_identity_provider(UserPoolId=pool.pool_id, ProviderName="Corporate")
    both = {"SupportedIdentityProviders": ["COGNITO", "Corporate"]}
    assert refused(lambda: pool.world.signed.update_user_pool_client(**place, **both)) == missing


def test_a_provider_is_one_pools_alone(world: World) -> None:
    """Neither its name nor its identifier means anything in another pool."""
    one, other = world.pool(), world.pool()
    add_oidc(one, IdpIdentifiers=["example.com"])
    place = {"UserPoolId": other.pool_id}
    for work in (
        lambda: describe(other, "Corporate"),
        lambda: world.signed.get_identity_provider_by_identifier(**place, IdpIdentifier="example.com"),
    ):
        assert refused(work)[0] == "ResourceNotFoundException"
    assert add_oidc(other, IdpIdentifiers=["example.com"])["AttributeMapping"] == EMAIL
