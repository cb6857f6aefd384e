"""What does the doctor say of identity providers? Those by which nobody comes in are named with the reason, the others counted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.federating import OIDC, apple_key, metadata, supporting
from api.world import PoolOfTests, World
from federation.partner import add_provider, details_of
from federation.provider import Provider
from functions.receiver import Answer
from poolkeeper.clock import HOUR, MINUTE
from poolkeeper.federation.saml import metadata as saml
from poolkeeper.lookup import find_pool
from poolkeeper.server.finding import Finding
from poolkeeper.server.provider_survey import of_pool
from tokens.issuer import DISCOVERY

METADATA = "/metadata"


def said(pool: PoolOfTests, **settings: Any) -> list[tuple[str, str]]:
    """Return what the doctor says of a pool's providers: BAD or note, and the text."""

    async def work() -> list[Finding]:
        house = pool.world.house
        found = await find_pool(house, pool.pool_id)
        assert found is not None
        return (await of_pool(replace(house, settings=replace(house.settings, **settings)), found))[1]

    return [_plain(one) for one in pool.world.run(work)]


def _plain(one: Finding) -> tuple[str, str]:
    assert one.sound is one.note, one
    return ("note" if one.note else "BAD"), one.text


def named(pool: PoolOfTests, name: str = "Partner") -> str:
    return f"the identity provider {name} of {pool.pool_id}"


def test_sound_providers_are_counted(world: World, provider: Provider) -> None:
    """Asked for discovery and keys, and named by an app client: nothing to say."""
    pool = world.pool()
    add_provider(pool, "Partner", "OIDC", details_of(provider))
    supporting(pool, "COGNITO", "Partner")
    assert said(pool) == []


Change = Callable[[Provider], None]


def _answering(path: str, answer: Answer) -> Change:
    def change(provider: Provider) -> None:
        provider.issuer.faults[path] = answer

    return change


def _saying(**members: str) -> Change:
    def change(provider: Provider) -> None:
        provider.issuer.said |= members

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_answering(DISCOVERY, Answer(status=503)), "HTTP 503"),
        (_answering(DISCOVERY, Answer(body=b"<html>")), "not a discovery document"),
        (_saying(issuer="https://issuer.example"), "the document is that of 'https://issuer.example'"),
        (_answering("/keys", Answer(status=404)), "HTTP 404"),
        (_answering("/keys", Answer(body=b'{"keys": []}')), "has no key that verifies signatures"),
    ],
    ids=["unreachable", "no document", "of another issuer", "no keys", "keys of nothing"],
)
def test_an_openid_provider_that_cannot_be_asked_is_named(
    world: World, provider: Provider, change: Change, words: str
) -> None:
    """Before anybody tries to sign in there: what is unreachable, of another issuer, or has no keys."""
    pool = world.pool()
    add_provider(pool, "Partner", "OIDC", details_of(provider))
    supporting(pool, "Partner")
    change(provider)
    ((word, text),) = said(pool)
    assert (word, text.startswith(f"nobody comes in by {named(pool)}: "), words in text) == ("BAD", True, True), text


def test_what_people_cannot_come_in_by_is_named(world: World, provider: Provider) -> None:
    """A provider that no app client names, one without a secret, and an app client whose provider is gone."""
    pool = world.pool()
    bare = {name: value for name, value in details_of(provider).items() if name != "client_secret"}
    add_provider(pool, "Partner", "OIDC", bare)
    add_provider(pool, "Gone", "OIDC", details_of(provider))
    client = supporting(pool, "COGNITO", "Gone")
    world.signed.delete_identity_provider(UserPoolId=pool.pool_id, ProviderName="Gone")
    assert said(pool) == [
        ("note", f"{named(pool)} has no client_secret: only where it takes a public client does anybody come in"),
        ("note", f"no app client names {named(pool)}: nobody comes in by it"),
        (
            "note",
            f"app client {client.client_id} of {pool.pool_id} names the identity provider Gone, which is not there",
        ),
    ]


def test_secrets_that_are_none_are_named(world: World, provider: Provider) -> None:
    """A key of Apple's that was kept before keys were looked at, and secrets under a key that the ring lacks."""
    pool = world.pool()
    given = {"client_id": "c", "team_id": "T", "key_id": "K", "private_key": apple_key()[1]}
    given |= {"jwks_uri": f"{provider.issuer.url}/keys"}
    add_provider(pool, "SignInWithApple", "SignInWithApple", given)
    add_provider(pool, "Partner", "OIDC", details_of(provider))
    supporting(pool, "SignInWithApple", "Partner")
    place = {"table": "identity_providers", "key": f"{pool.pool_id}/SignInWithApple", "column": "secrets"}
    _put(pool, "SignInWithApple", world.house.sealer.seal_column(b'{"private_key":"a key"}', **place))
    _put(pool, "Partner", b"nothing that anybody sealed")
    first, second = said(pool)
    assert first[0] == second[0] == "BAD"
    assert first[1].startswith(f"the secrets of {named(pool)} cannot be read: ")
    assert second[1] == (
        f"nobody comes in by {named(pool, 'SignInWithApple')}: its private_key is no P-256 key in PKCS #8"
    )


def _put(pool: PoolOfTests, name: str, secrets: bytes) -> None:
    """Put other secrets into a provider's row."""
    world = pool.world
    statement = "UPDATE identity_providers SET secrets = $3 WHERE pool_id = $1 AND name = $2"
    world.run(lambda: world.house.db.write(lambda tx: tx.execute(statement, pool.pool_id, name, secrets)))


def test_metadata_of_a_saml_provider_are_looked_at(world: World, provider: Provider) -> None:
    """Which cannot be had, which nobody has fetched for long, and which have expired."""
    pool, issuer = world.pool(), provider.issuer
    document = metadata()
    issuer.more[METADATA] = lambda _: Answer(body=document.encode())
    add_provider(pool, "Office", "SAML", {"MetadataURL": f"{issuer.url}{METADATA}"}, {})
    supporting(pool, "Office")
    assert said(pool) == []

    issuer.faults[METADATA] = Answer(status=500)
    ((word, text),) = said(pool)
    issuer.faults.clear()
    assert word == "BAD"
    assert text.startswith("Non-ok status code 500 returned from remote metadata source ")
    assert text.endswith(f"{named(pool, 'Office')} is held to the metadata of 0.0 hours ago")

    world.clock.advance(7 * HOUR)
    assert said(pool) == []
    world.clock.advance(MINUTE)
    late = f"the metadata of {named(pool, 'Office')} are 7.0 hours old: no server has fetched them since"
    assert said(pool) == [("note", late)]


def test_metadata_past_their_end_let_nobody_in(world: World) -> None:
    """Handed in as a file, they wait for the administrator."""
    pool = world.pool()
    end = datetime.fromtimestamp(world.clock.now() // 1000, UTC) + timedelta(hours=1)
    document = metadata().replace("entityID=", f'validUntil="{end:%Y-%m-%dT%H:%M:%SZ}" entityID=')
    add_provider(pool, "Office", "SAML", {"MetadataFile": document}, {})
    supporting(pool, "Office")
    assert said(pool) == []
    world.clock.advance(HOUR)
    ((word, text),) = said(pool)
    assert (word, text.startswith(f"nobody comes in by {named(pool, 'Office')}: ")) == ("BAD", True)
    assert "expired" in text


def test_certificates_past_their_date_are_named(world: World) -> None:
    """They are believed all the same, and yet the provider may be about to sign by another."""
    pool = world.pool()
    document = metadata()
    add_provider(pool, "Office", "SAML", {"MetadataFile": document}, {})
    supporting(pool, "Office")
    (certificate,) = saml.read(document.encode(), now=0).certificates
    before = world.clock.time
    world.clock.time = int(certificate.not_valid_after_utc.timestamp() + 1) * 1000
    try:
        ((word, text),) = said(pool)
    finally:
        world.clock.time = before
    assert (word, f"1 of 1 certificates of {named(pool, 'Office')} are past their date" in text) == ("note", True)
    assert f"{certificate.not_valid_after_utc:%Y-%m-%d}" in text


def test_what_development_alone_asks_is_not_asked_elsewhere(world: World) -> None:
    """The doctor of an installation does not know how its server was started; in development it asks this machine alone."""
    here, there = world.pool(), world.pool()
    add_provider(here, "Partner", "OIDC", OIDC | {"oidc_issuer": "http://localhost:1"})
    supporting(here, "Partner")
    add_provider(there, "Partner", "OIDC", OIDC)
    supporting(there, "Partner")
    ((word, text),) = said(here)
    assert (word, text.startswith(f"nobody comes in by {named(here)}: ")) == ("BAD", True)
    assert said(there) == []
    plain = f"{named(here)} is asked by plain http, which serve --dev alone does"
    assert said(here, dev=False) == [("note", plain)]
