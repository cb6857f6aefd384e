"""Who gets a token for a SAML assertion? An app client of the pool, for a person of that provider who is a user here (RFC 7522, 8693)."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from lxml import etree

from api.forge import claims_of
from api.provider_links import link
from api.world import ClientOfTests, World, refused
from federation.partner import remove_provider
from federation.saml import keys
from federation.saml.identity_provider import Story, message, sign, signed
from federation.saml_partner import NAME, RESPONSE, SamlJourney, add_saml, encrypted, saml_journey
from oauth.exchanging import TYPE, derive, exchange, service_of
from oauth.hosted import Answer
from oauth.machines import CREDENTIALS, READ, WRITE, ask, pool_with_server
from pages.walking import arrived
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.server.upkeep import set_preferences

SAML2 = f"{TYPE}saml2"
USER = f"{NAME}_ada"


@dataclass
class Stage:
    """A pool with a SAML provider at which sign-ins may begin, whose person has come once, and the app client of an API."""

    walk: SamlJourney
    service: ClientOfTests

    @property
    def world(self) -> World:
        return self.service.world

    def story(self, **changes: Any) -> Story:
        """Return what a good assertion for the token endpoint says, with changes."""
        address = f"{self.world.url}/oauth2/token"
        given = {"confirmation": f'Recipient="{address}" NotOnOrAfter="{self.walk.instant(300)}"', **changes}
        return self.walk.story(**given)

    def assertion(self, *, by: Any = None, **changes: Any) -> bytes:
        """Return an assertion that travels alone, signed."""
        how = {} if by is None else {"key": by}
        return etree.tostring(sign(etree.fromstring(self.story(**changes).assertion()), **how))

    def shown(self, assertion: bytes | str, **more: str) -> Answer:
        text = assertion if isinstance(assertion, str) else spelt(assertion)
        return exchange(self.service, text, **{"subject_token_type": SAML2, **more})

    def derived(self, assertion: bytes, **more: Any) -> dict[str, Any]:
        given = {"SubjectTokenType": "SAML2", "SubjectTokenProviderName": NAME, **more}
        return derive(self.service, spelt(assertion), **given)


def spelt(assertion: bytes) -> str:
    """Return an assertion as RFC 7522 2.1 has it."""
    return urlsafe_b64encode(assertion).rstrip(b"=").decode()


@pytest.fixture
def stage(world: World) -> Stage:
    """Make the pool, and have its person sign in once."""
    pool = pool_with_server(world)
    walk = saml_journey(world, pool=pool, IDPInit="true")
    arrived(walk.sign_in())
    return Stage(walk, service_of(pool, SupportedIdentityProviders=["COGNITO", NAME]))


def test_an_assertion_gives_a_token_of_the_pool(stage: Stage) -> None:
    """Of its person, at both doors; in either spelling of base64, alone or in its Response."""
    answer = stage.shown(stage.assertion())
    assert answer.status == 200, answer
    claims = claims_of(answer.body["access_token"])
    assert (claims["username"], claims["scope"]) == (USER, f"openid email {READ}")
    assert claims["auth_time"] == stage.world.clock.now() // SECOND
    derived = stage.derived(stage.assertion(), Scopes=[READ, WRITE])
    assert (derived["Scopes"], claims_of(derived["IssuedToken"])["sub"]) == ([READ], claims["sub"])
    assert stage.shown(b64encode(stage.assertion()).decode()).status == 200
    for how in ({"response": True}, {"response": True, "assertion": False}, {"assertion": True}):
        response = message(signed(stage.walk.story(), **how))
        assert stage.shown(b64encode(response).decode()).status == 200, how
    wanted = {"requested_token_type": f"{TYPE}id_token"}
    told = claims_of(stage.shown(stage.assertion(), **wanted).body["access_token"])
    assert told["identities"][0]["providerName"] == NAME


def test_an_assertion_serves_once(stage: Stage) -> None:
    """At the doors of exchange and of sign-in together, and of four requests at once one."""
    shown = stage.assertion()
    assert stage.shown(shown).status == 200
    assert stage.shown(shown).error == (400, "invalid_grant")
    assert refused(lambda: stage.derived(shown))[0] == "NotAuthorizedException"
    for_both = stage.walk.story()
    asked = stage.walk.leave(prompt="login")
    used = stage.walk.story(asked.id, id=for_both.id)
    arrived(stage.walk.post(message(signed(used, response=True)), asked.relay_state))
    assert stage.shown(message(signed(for_both))).error == (400, "invalid_grant")
    once = stage.assertion()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: stage.shown(once).status, range(4)))
    assert sorted(answers) == [200, 400, 400, 400]


def test_a_request_that_is_refused_for_something_else_spends_none(stage: Stage) -> None:
    """Scopes, audience and actor are judged first: nobody has to sign in again for a mistake of the app's."""
    shown = stage.assertion()
    for more, error in (
        ({"scope": WRITE}, "invalid_scope"),
        ({"scope": READ, "requested_token_type": f"{TYPE}id_token"}, "invalid_scope"),
        ({"resource": "https://nobody.example"}, "invalid_target"),
        ({"actor_token": "a.b.c", "actor_token_type": f"{TYPE}access_token"}, "unauthorized_client"),
    ):
        flows = ["ALLOW_TOKEN_EXCHANGE_IMPERSONATION"]
        service = service_of(stage.service.pool, ExplicitAuthFlows=flows, SupportedIdentityProviders=[NAME])
        assert exchange(service, spelt(shown), subject_token_type=SAML2, **more).error == (400, error)
    world, pool_id = stage.world, stage.service.pool.pool_id
    acting = {"ActorToken": _acted_for(stage), "ActorTokenType": "ACCESS_TOKEN"}
    assert refused(lambda: stage.derived(shown, **acting))[0] == "NotAuthorizedException"
    world.run(lambda: set_preferences(world.house, pool_id, ["dpop_required_clients=all"]))
    assert stage.shown(shown).error == (400, "invalid_dpop_proof")
    world.run(lambda: set_preferences(world.house, pool_id, ["dpop_required_clients=none"]))
    assert stage.shown(shown).status == 200


def _acted_for(stage: Stage) -> str:
    """Return the token of somebody for whom somebody else acts, who may be no actor."""
    program = ask(stage.service.pool.client(**CREDENTIALS)).body["access_token"]
    acting = {"actor_token": program, "actor_token_type": f"{TYPE}access_token"}
    token: str = stage.shown(stage.assertion(), **acting).body["access_token"]
    return token


def _xsw(stage: Stage) -> bytes:
    """Return a signed assertion inside another one that says somebody else."""
    root = etree.fromstring(stage.story(name_id="<saml:NameID>eve</saml:NameID>").assertion())
    root.append(etree.fromstring(stage.assertion()))
    return etree.tostring(root)


def _changed(stage: Stage) -> bytes:
    return stage.assertion().replace(b">ada<", b">eve<")


BAD: dict[str, Callable[[Stage], bytes]] = {
    "no XML": lambda _: b"<nothing",
    "not signed": lambda stage: stage.story().assertion().encode(),
    "signed by a stranger": lambda stage: stage.assertion(by=keys.rsa_key("stranger")),
    "changed": _changed,
    "wrapped": _xsw,
    "of another issuer": lambda stage: stage.assertion(issuer="https://elsewhere.example"),
    "for another audience": lambda stage: stage.assertion(
        audience="<saml:AudienceRestriction><saml:Audience>urn:another</saml:Audience></saml:AudienceRestriction>"
    ),
    "for anybody": lambda stage: stage.assertion(audience=""),
    "for another recipient": lambda stage: stage.assertion(
        confirmation=f'Recipient="https://elsewhere.example/oauth2/token" NotOnOrAfter="{stage.walk.instant(300)}"'
    ),
    "for no recipient": lambda stage: stage.assertion(confirmation=f'NotOnOrAfter="{stage.walk.instant(300)}"'),
    "expired": lambda stage: stage.assertion(conditions=f'NotOnOrAfter="{stage.walk.instant(-60)}"'),
    "not yet": lambda stage: stage.assertion(conditions=f'NotBefore="{stage.walk.instant(120)}"'),
    "issued long ago": lambda stage: stage.assertion(issued=stage.walk.instant(-360)),
    "of a session that has ended": lambda stage: stage.assertion(
        statement=f'<saml:AuthnStatement AuthnInstant="{stage.walk.instant()}" SessionNotOnOrAfter="{stage.walk.instant(-60)}"/>'
    ),
    "not of a bearer": lambda stage: stage.assertion(method="urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"),
    "an answer to a request of ours": lambda stage: stage.assertion(
        confirmation=(
            f'Recipient="{stage.world.url}{RESPONSE}" InResponseTo="{stage.walk.leave(prompt="login").id}" '
            f'NotOnOrAfter="{stage.walk.instant(300)}"'
        )
    ),
    "a response to a request of ours": lambda stage: message(
        signed(stage.walk.story(stage.walk.leave(prompt="login").id), response=True)
    ),
    "a response that says no": lambda stage: message(
        signed(stage.walk.story(status='<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"/>'))
    ),
    "of nobody who was here": lambda stage: stage.assertion(name_id="<saml:NameID>bob</saml:NameID>"),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_what_a_sign_in_would_refuse_gives_nothing(stage: Stage, bad: Callable[[Stage], bytes]) -> None:
    """Signature, issuer, audience, recipient, times, who asked; and nobody is made a user by an assertion."""
    assert stage.shown(bad(stage)).error == (400, "invalid_grant")
    name = refused(lambda: stage.derived(bad(stage)))[0]
    assert name in {"NotAuthorizedException", "UserNotFoundException"}
    people = stage.world.signed.list_users(UserPoolId=stage.service.pool.pool_id)["Users"]
    assert [one["Username"] for one in people] == [USER]


def test_the_provider_must_be_one_that_may_begin(world: World) -> None:
    """IDPInit, as of a sign-in that nobody here has asked for; and an assertion in clear is none where it must not be."""
    pool = pool_with_server(world)
    walk = saml_journey(world, pool=pool, EncryptedResponses="true", IDPInit="true")
    asked = walk.leave()
    arrived(walk.post(encrypted(walk, asked), asked.relay_state))
    service = service_of(pool, SupportedIdentityProviders=[NAME])
    stage = Stage(walk, service)
    assert stage.shown(stage.assertion()).error == (400, "invalid_grant")
    elsewhere = pool_with_server(world)
    walk = saml_journey(world, pool=elsewhere)
    arrived(walk.sign_in())
    stage = Stage(walk, service_of(elsewhere, SupportedIdentityProviders=[NAME]))
    assert stage.shown(stage.assertion()).error == (400, "invalid_grant")
    assert refused(lambda: stage.derived(stage.assertion()))[0] == "NotAuthorizedException"


def test_whose_an_assertion_is_is_not_guessed(stage: Stage) -> None:
    """Two providers of one entity: the token endpoint has no name to go by, the operation has one; of none it is nobody's."""
    pool = stage.service.pool
    add_saml(pool, "Other", entity_id="https://other.example/entity", IDPInit="true")
    assert stage.shown(stage.assertion()).status == 200
    assert refused(lambda: stage.derived(stage.assertion(), SubjectTokenProviderName="Other"))[0] == (
        "NotAuthorizedException"
    )
    oidc = {"SubjectTokenType": "ID_TOKEN"}
    assert refused(lambda: stage.derived(stage.assertion(), **oidc))[0] == "InvalidParameterException"
    alone = service_of(pool)
    assert exchange(alone, spelt(stage.assertion()), subject_token_type=SAML2).error == (400, "invalid_grant")
    add_saml(pool, "Twin", IDPInit="true")
    assert stage.shown(stage.assertion()).error == (400, "invalid_request")
    assert stage.derived(stage.assertion())["TokenType"] == "Bearer"
    remove_provider(pool, "Twin")
    stage.service.pool.admin("admin_disable_user", USER)
    assert stage.shown(stage.assertion()).error == (400, "invalid_grant")


def test_an_assertion_serves_once_for_all_providers_of_its_entity(stage: Stage) -> None:
    """A pool may have one entity under two names, by which a person is two users."""
    pool = stage.service.pool
    add_saml(pool, "Twin", IDPInit="true")
    pool.user("eve")
    link(pool, "ada", to="eve", provider="Twin")
    both = Stage(stage.walk, service_of(pool, SupportedIdentityProviders=[NAME, "Twin"]))
    by_twin = {"SubjectTokenProviderName": "Twin"}
    assert claims_of(both.derived(stage.assertion(), **by_twin)["IssuedToken"])["username"] == "eve"
    shown = stage.assertion()
    assert both.derived(shown)["TokenType"] == "Bearer"
    assert refused(lambda: both.derived(shown, **by_twin))[0] == "NotAuthorizedException"


def test_a_token_for_an_assertion_lasts_as_long_as_that_says(stage: Stage) -> None:
    """Until the session at the provider ends, if it says so; else as long as the assertion itself (RFC 7521 4.1)."""
    said = f'<saml:AuthnStatement AuthnInstant="{stage.walk.instant(-30)}" SessionNotOnOrAfter="{stage.walk.instant(1800)}"/>'
    body = stage.shown(stage.assertion(statement=said)).body
    assert (body["expires_in"], claims_of(body["access_token"])["exp"]) == (
        1800,
        stage.world.clock.now() // SECOND + 1800,
    )
    assert claims_of(body["access_token"])["auth_time"] == stage.world.clock.now() // SECOND - 30
    assert stage.shown(stage.assertion()).body["expires_in"] <= 6 * MINUTE // SECOND
