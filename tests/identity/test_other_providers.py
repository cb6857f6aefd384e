"""Logins at other providers: OpenID Connect by IAM's providers and their client ids, Google, Facebook and Amazon."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from api.forge import claims_of
from api.principals import role, trust
from api.world import World, refused
from identity.stage import ACCOUNT, IdentityPoolOfTests, credentials, identity_pool, session_arn, set_roles
from identity.web_identities import ACTION, assume
from poolkeeper.clock import SECOND
from poolkeeper.egress import Response
from poolkeeper.providers import ProviderUnavailable
from tokens.issuer import CLIENT, Issuer, issuing, key

UNSUPPORTED = ("NotAuthorizedException", "Token is not from a supported provider of this identity pool.")


@contextmanager
def an_issuer(world: World) -> Iterator[Issuer]:
    """Run an OpenID provider on loopback, in the server's own loop."""
    running = issuing()
    issuer, _ = world.run(running.__aenter__)
    try:
        yield issuer
    finally:
        asyncio.run_coroutine_threadsafe(running.__aexit__(None, None, None), world.loop).result(30)


def provider(world: World, issuer: Issuer) -> tuple[str, str]:
    """Make an OpenID provider of IAM for an issuer; return its name and its ARN."""
    name = issuer.url.partition("://")[2]
    made = world.client("iam").create_open_id_connect_provider(
        Url=f"https://{name}", ClientIDList=[CLIENT], ThumbprintList=["a" * 40]
    )
    return name, str(made["OpenIDConnectProviderArn"])


def token(world: World, issuer: Issuer, **changes: Any) -> str:
    """Return an ID token of an issuer, of now."""
    now = world.clock.now() // SECOND
    return issuer.token(**{"iat": now, "exp": now + 300, **changes})


def test_a_user_of_another_provider_is_an_identity(world: World) -> None:
    """By issuer and subject; the provider's own clients alone are taken, with five minutes between the clocks."""
    with an_issuer(world) as issuer:
        name, arn = provider(world, issuer)
        pool = identity_pool(world, users=(), OpenIdConnectProviderARNs=[arn])
        identity_id = pool.get_id({name: token(world, issuer)})
        assert pool.get_id({name: token(world, issuer, sub="user-2")}) != identity_id
        assert pool.describe(identity_id)["Logins"] == [name]
        now = world.clock.now() // SECOND
        late = token(world, issuer, exp=now - 299)
        assert pool.get_id({name: late}) == identity_id
        amr = claims_of(pool.token(identity_id, {name: late})["Token"])["amr"]
        assert amr == ["authenticated", name, f"{name}:OIDC:user-1"]
        cases = {
            token(world, issuer, exp=now - 300): f"Token expired: {now - 300} >= {now}",
            token(world, issuer, aud="another"): "Incorrect token audience.",
            token(world, issuer, iss=f"{issuer.url}/"): "Issuer doesn't match providerName",
            token(world, issuer, by=key("stranger")): "Couldn't verify signed token.",
            token(world, issuer, aud=None): "Missing a required claim: aud",
            "no token": "Not a valid OpenId Connect identity token.",
        }
        for wrong, sentence in cases.items():
            assert refused(lambda one=wrong: pool.get_id({name: one})) == (  # type: ignore[misc]
                "NotAuthorizedException",
                f"Invalid login token. {sentence}",
            )


def test_the_pool_and_iam_must_both_name_the_provider(world: World) -> None:
    """A provider that IAM has no more, and one that the pool does not name, let nobody in."""
    with an_issuer(world) as issuer:
        name, arn = provider(world, issuer)
        pool = identity_pool(world, users=(), OpenIdConnectProviderARNs=[arn])
        other = identity_pool(world)
        good = {name: token(world, issuer)}
        assert pool.get_id(good)
        assert refused(lambda: other.get_id(good)) == UNSUPPORTED
        world.client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
        assert refused(lambda: pool.get_id(good)) == UNSUPPORTED


def test_a_provider_that_is_away_is_no_fault_of_the_token(world: World) -> None:
    """ExternalServiceException; sts says IDPCommunicationError, which SDKs try again."""
    with an_issuer(world) as issuer:
        name, arn = provider(world, issuer)
        held = token(world, issuer)
    pool = identity_pool(world, users=(), OpenIdConnectProviderARNs=[arn])
    assert refused(lambda: pool.get_id({name: held}))[0] == "ExternalServiceException"
    trusting = role(world, trust({"Federated": arn}, ACTION))
    assert refused(lambda: assume(world, trusting, held))[0] == "IDPCommunicationError"


def test_a_provider_of_iam_gives_roles_by_sts_and_by_rules(world: World) -> None:
    """The role trusts the provider's ARN and asks for audience and subject."""
    with an_issuer(world) as issuer:
        name, arn = provider(world, issuer)
        wanted = {f"{name}:aud": CLIENT, f"{name}:sub": "user-1"}
        direct = role(world, trust({"Federated": arn}, ACTION, Condition={"StringEquals": wanted}))
        answer = assume(world, direct, token(world, issuer))
        assert (answer["Provider"], answer["SubjectFromWebIdentityToken"]) == (arn, "user-1")
        assert refused(lambda: assume(world, direct, token(world, issuer, sub="user-2")))[0] == "AccessDenied"
        assert refused(lambda: assume(world, direct, token(world, issuer, aud="another"))) == (
            "InvalidIdentityToken",
            "Incorrect token audience.",
        )
        pool = identity_pool(world, users=(), OpenIdConnectProviderARNs=[arn])
        unknown = f"arn:aws:iam::{ACCOUNT}:role/of-rules-{pool.pool_id[-8:]}"
        rules = {"Rules": [{"Claim": "sub", "MatchType": "Equals", "Value": "user-1", "RoleARN": unknown}]}
        mapping = {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": rules}
        set_roles(pool, RoleMappings={arn: mapping})
        good = {name: token(world, issuer)}
        assert credentials(pool, pool.get_id(good), good).arn == session_arn(unknown)


class Graph:
    """Facebook and Amazon, as far as they are asked: whose a token is, and which app's."""

    def __init__(self) -> None:
        self.known = {"good": ("42", "user-1"), "other app": ("43", "user-1")}
        self.away = False

    async def call(self, _method: str, url: str, **_more: Any) -> Response:
        """Answer one request as they do."""
        if self.away:
            raise ProviderUnavailable("away")
        given = url.rpartition("access_token=")[2].replace("%20", " ")
        if given not in self.known:
            return Response(400, {}, b'{"error":{"message":"Invalid OAuth access token."}}')
        app, user = self.known[given]
        if url.startswith("https://api.amazon.com/auth/o2/tokeninfo?"):
            return Response(200, {}, msgspec.json.encode({"aud": app, "user_id": user}))
        assert url.startswith(("https://graph.facebook.com/me?", "https://graph.facebook.com/app?"))
        return Response(200, {}, msgspec.json.encode({"id": user if "/me?" in url else app}))


@pytest.mark.parametrize("name", ["graph.facebook.com", "www.amazon.com"])
def test_an_access_token_is_taken_that_is_our_apps(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Another app's is refused, whoever's it is (attacks.md 137)."""
    graph = Graph()
    monkeypatch.setattr(world.house.providers, "call", graph.call)
    pool = identity_pool(world, users=(), SupportedLoginProviders={name: "42"})
    identity_id = pool.get_id({name: "good"})
    assert pool.describe(identity_id)["Logins"] == [name]
    assert refused(lambda: pool.get_id({name: "other app"})) == UNSUPPORTED
    assert refused(lambda: pool.get_id({name: "forged"}))[0] == "NotAuthorizedException"
    graph.away = True
    assert refused(lambda: pool.get_id({name: "good"}))[0] == "ExternalServiceException"


def test_dead_providers_can_be_configured_and_let_nobody_in(world: World) -> None:
    """Twitter and Digits (identity-security.md 1.3)."""
    dead = {"api.twitter.com": "key;secret", "www.digits.com": "key;secret"}
    pool: IdentityPoolOfTests = identity_pool(world, users=(), SupportedLoginProviders=dead)
    for name in dead:
        assert refused(lambda one=name: pool.get_id({one: "token;secret"})) == UNSUPPORTED  # type: ignore[misc]
