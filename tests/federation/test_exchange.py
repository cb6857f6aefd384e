"""Who gets a token for one of an OpenID provider's? An app client of the pool, for a person of that provider who is a user here (RFC 8693)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.forge import claims_of, jwt
from api.own_code import own_code
from api.provider_links import disable, link, sub_of
from api.world import ClientOfTests, World, refused
from federation.partner import NAME, Journey, add_provider, details_of, journey, remove_provider
from federation.provider import Provider
from functions.receiver import Answer as Answered
from oauth.exchanging import BOTH, GRANT, TYPE, derive, exchange, service_of
from oauth.hosted import Answer, of_client, post, user_info
from oauth.introspecting import INACTIVE, introspect
from oauth.machines import CREDENTIALS, READ, WRITE, ask, pool_with_server
from oauth.proving import holder
from pages.walking import arrived
from poolkeeper.clock import HOUR, SECOND
from tokens.issuer import JWKS, key

ID, ACCESS, JWT = f"{TYPE}id_token", f"{TYPE}access_token", f"{TYPE}jwt"
USER = f"{NAME}_user-1"


@dataclass
class Stage:
    """A pool with a provider, an app at which people sign in, and the app client of an API, which is shown tokens of the provider."""

    walk: Journey
    service: ClientOfTests

    @property
    def world(self) -> World:
        return self.service.world

    def token(self, **changes: Any) -> str:
        """Return an ID token that an app got of the provider itself."""
        now = self.world.clock.now() // SECOND
        return self.walk.provider.issuer.token(**{"iat": now, "exp": now + 300, **changes})

    def access(self, **changes: Any) -> str:
        """Return an access token of the provider's, a JWT for our client."""
        return self.token(**{"scope": f"openid {READ}", "header": {"typ": "at+jwt"}, **changes})

    def shown(self, token: str, **more: str) -> Answer:
        return exchange(self.service, token, **{"subject_token_type": ID, **more})

    def derived(self, token: str, **more: Any) -> dict[str, Any]:
        return derive(self.service, token, **{"SubjectTokenType": "ID_TOKEN", "SubjectTokenProviderName": NAME, **more})

    def require_refused(self, token: str, kind: str = ID, error: str = "invalid_grant") -> None:
        """Expect that a token gives nothing at either door."""
        assert self.shown(token, subject_token_type=kind).error == (400, error), token
        by_name = {ID: "ID_TOKEN", ACCESS: "ACCESS_TOKEN"}[kind]
        name = refused(lambda: self.derived(token, SubjectTokenType=by_name))[0]
        assert name in {"NotAuthorizedException", "UserNotFoundException"}, name


@pytest.fixture
def stage(world: World, provider: Provider) -> Stage:
    """Make the pool; the person of the provider has not come yet."""
    pool = pool_with_server(world)
    walk = journey(world, provider, pool=pool)
    walk.now()
    return Stage(walk, service_of(pool, SupportedIdentityProviders=["COGNITO", NAME]))


@pytest.fixture
def known(stage: Stage) -> Stage:
    """Have the person of the provider sign in once."""
    stage.walk.said = {"name": "Una User"}
    arrived(stage.walk.sign_in())
    return stage


def test_an_id_token_of_a_provider_gives_a_token_of_the_pool(known: Stage) -> None:
    """Of its person, who is a user here: with what the client may do, of a session of its own, at both doors."""
    now = known.world.clock.now() // SECOND
    answer = known.shown(known.token(auth_time=now - 60))
    assert answer.status == 200, answer
    assert (answer.body["issued_token_type"], answer.body["token_type"]) == (ACCESS, "Bearer")
    claims = claims_of(answer.body["access_token"])
    assert (claims["username"], claims["client_id"]) == (USER, known.service.client_id)
    assert claims["sub"] == sub_of(known.service.pool, USER)
    assert claims["scope"] == answer.body["scope"] == f"openid email {READ}"
    assert claims["auth_time"] == now - 60
    assert not {"act", "aud"} & set(claims)
    assert user_info(known.world, answer.body["access_token"]).body["email"] == "user@example.com"
    assert introspect(known.service, answer.body["access_token"]).body["active"]
    derived = known.derived(known.token(), Scopes=[READ, WRITE], Audiences=["orders"])
    assert (derived["IssuedTokenType"], derived["Scopes"]) == ("ACCESS_TOKEN", [READ])
    told = claims_of(derived["IssuedToken"])
    assert (told["sub"], told["aud"]) == (claims["sub"], "orders")
    assert told["origin_jti"] != claims["origin_jti"]
    signed = known.world.signed.get_derived_token(
        ClientId=known.service.client_id,
        SubjectToken=known.token(),
        SubjectTokenType="ID_TOKEN",
        SubjectTokenProviderName=NAME,
    )
    assert claims_of(signed["IssuedToken"])["sub"] == claims["sub"]
    assert known.shown(known.token(), subject_token_type=JWT).status == 200


def test_an_id_token_of_the_pool_can_be_had_for_it(known: Stage) -> None:
    """It tells what its scopes tell, and needs openid; who acts is named."""
    wanted = {"requested_token_type": ID}
    answer = known.shown(known.token(), scope=f"openid {READ}", **wanted)
    claims = claims_of(answer.body["access_token"])
    assert (claims["token_use"], claims["cognito:username"]) == ("id", USER)
    assert claims["identities"][0]["providerName"] == NAME
    assert claims["name"] == "Una User"
    assert claims["email"] == "user@example.com"
    some = claims_of(known.shown(known.token(), scope=f"openid email {READ}", **wanted).body["access_token"])
    assert (some["email"], "name" in some) == ("user@example.com", False)
    assert known.shown(known.token(), scope=READ, **wanted).error == (400, "invalid_scope")
    actor = ask(known.service.pool.client(**CREDENTIALS)).body["access_token"]
    acting = known.shown(known.token(), actor_token=actor, actor_token_type=ACCESS)
    assert claims_of(acting.body["access_token"])["act"]["sub"] == claims_of(actor)["sub"]


def test_a_token_that_came_of_one_tells_no_more_the_second_time(known: Stage) -> None:
    """Whoever is shown a token without openid gets no ID token by it, nor one whose scopes choose no attribute any more."""
    wanted = {"requested_token_type": ID}
    for scope in (READ, f"email {READ}"):
        given = known.shown(known.token(), scope=scope).body["access_token"]
        assert exchange(known.service, given, **wanted).error == (400, "invalid_scope")
    some = known.shown(known.token(), scope=f"openid email {READ}").body["access_token"]
    for scope in (READ, "email", "openid"):
        assert exchange(known.service, some, scope=scope, **wanted).error == (400, "invalid_scope")
    told = claims_of(exchange(known.service, some, **wanted).body["access_token"])
    assert (told["email"], "name" in told) == ("user@example.com", False)


def test_an_access_token_of_a_provider_gives_what_it_names(known: Stage) -> None:
    """Its scopes bound the new token, by the same names; one without any gives none (GetDerivedToken: Scopes)."""
    answer = known.shown(known.access(), subject_token_type=ACCESS)
    assert answer.status == 200, answer
    assert answer.body["scope"] == f"openid {READ}"
    assert known.shown(known.access(), subject_token_type=JWT).body["scope"] == f"openid {READ}"
    assert known.shown(known.access(), subject_token_type=ACCESS, scope="email").error == (400, "invalid_scope")
    listed = known.access(scope=None, scp=[READ])
    assert known.derived(listed, SubjectTokenType="ACCESS_TOKEN")["Scopes"] == [READ]
    assert known.shown(known.access(scope=""), subject_token_type=ACCESS).body["scope"] == ""


def test_one_kind_of_token_is_not_taken_for_the_other(known: Stage) -> None:
    """An access token by any mark of one may do less than an ID token stands for."""
    marks: list[dict[str, Any]] = [
        {"header": {"typ": "at+jwt"}},
        {"scope": READ},
        {"scp": READ},
        {"token_use": "access"},
        {"typ": "Bearer"},
    ]
    for mark in marks:
        known.require_refused(known.token(**mark))
    known.require_refused(known.token(), kind=ACCESS)


BAD: dict[str, Callable[[Stage], str]] = {
    "garbage": lambda _: "a.b.c",
    "of another issuer": lambda stage: stage.token(iss="https://elsewhere.example"),
    "for another client": lambda stage: stage.token(aud="another-client"),
    "for us and another, made for that one": lambda stage: stage.token(
        aud=["our-client", "another-client"], azp="another-client"
    ),
    "for us and another, made for nobody named": lambda stage: stage.token(aud=["our-client", "another-client"]),
    "made for another party": lambda stage: stage.token(azp="another-client"),
    "of another client": lambda stage: stage.token(client_id="another-client"),
    "of a client that is no name": lambda stage: stage.token(client_id=["our-client"]),
    "of an issuer that is no name": lambda stage: stage.token(iss=["https://elsewhere.example"]),
    "expired": lambda stage: stage.token(exp=stage.world.clock.now() // SECOND - 60),
    "of the future": lambda stage: stage.token(iat=stage.world.clock.now() // SECOND + 120),
    "not yet": lambda stage: stage.token(nbf=stage.world.clock.now() // SECOND + 120),
    "without an end": lambda stage: stage.token(exp=None),
    "without a subject": lambda stage: stage.token(sub=None),
    "without an audience": lambda stage: stage.token(aud=None),
    "signed by a stranger": lambda stage: stage.token(by=key("a stranger")),
    "signed by a stranger under a known name": lambda stage: stage.token(by=key("a stranger"), header={"kid": "one"}),
    "changed": lambda stage: _changed(stage.token()),
    "not signed": lambda stage: jwt({"alg": "none", "kid": "one"}, claims_of(stage.token()), lambda _: b""),
    "a logout token": lambda stage: stage.token(events={"http://schemas.openid.net/event/backchannel-logout": {}}),
    "of somebody for whom another acts": lambda stage: stage.token(act={"sub": "somebody"}),
    "of nobody who was here": lambda stage: stage.token(sub="user-2"),
}


def _changed(token: str) -> str:
    head, claims, signature = token.split(".")
    return f"{head}.{claims[:-2]}{'A' if claims[-2] != 'A' else 'B'}{claims[-1]}.{signature}"


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_what_a_sign_in_would_refuse_gives_nothing(known: Stage, bad: Callable[[Stage], str]) -> None:
    """Issuer, audience, party, times, signature, subject; and nobody is made a user by a token."""
    known.require_refused(bad(known))
    people = known.world.signed.list_users(UserPoolId=known.service.pool.pool_id)["Users"]
    assert [one["Username"] for one in people] == [USER]


def test_nobody_is_made_by_a_token(stage: Stage) -> None:
    """Who never signed in is told apart by the operation, as its model has it; at the other door it is a bad grant."""
    assert stage.shown(stage.token()).error == (400, "invalid_grant")
    assert refused(lambda: stage.derived(stage.token())) == ("UserNotFoundException", "User does not exist.")
    assert not stage.world.signed.list_users(UserPoolId=stage.service.pool.pool_id)["Users"]


def test_a_linked_person_is_the_user_whom_they_are_linked_to(stage: Stage) -> None:
    """By their id there, and by an attribute that an administrator named: then they have come, as by a sign-in."""
    pool = stage.service.pool
    for name, value, by in (("ada", "user-1", "Cognito_Subject"), ("bob", "bob@example.com", "email")):
        pool.user(name)
        link(pool, value, to=name, provider=NAME, by=by)
    answer = stage.shown(stage.token())
    assert claims_of(answer.body["access_token"])["username"] == "ada"
    unproved = stage.token(sub="user-2", email="bob@example.com", email_verified=False)
    told = {"email": "email", "email_verified": "email_verified"}
    stage.world.signed.update_identity_provider(UserPoolId=pool.pool_id, ProviderName=NAME, AttributeMapping=told)
    stage.require_refused(unproved)
    stage.require_refused(
        stage.token(sub="user-2", email="bob@example.com", email_verified=None)
    )  # userInfo may say no
    bob = stage.token(sub="user-2", email="bob@example.com", email_verified=True)
    assert claims_of(stage.shown(bob).body["access_token"])["username"] == "bob"
    assert claims_of(stage.shown(stage.token(sub="user-2")).body["access_token"])["username"] == "bob"
    stage.require_refused(stage.token(sub="user-3", email="bob@example.com", email_verified=True))


def test_nothing_of_a_user_changes_by_an_old_token(known: Stage) -> None:
    """What the provider says of somebody in a token may be long over."""
    assert known.shown(known.token(email="old@example.com", name="")).status == 200
    attributes = known.service.pool.admin("admin_get_user", USER)["UserAttributes"]
    held = {one["Name"]: one["Value"] for one in attributes}
    assert (held["email"], held["name"]) == ("user@example.com", "Una User")


def test_who_may_not_come_in_gets_no_token(known: Stage) -> None:
    """A disabled user, one whose link was taken away, one who is gone; what was given before is dead."""
    pool = known.service.pool
    derived = known.shown(known.token()).body["access_token"]
    pool.admin("admin_disable_user", USER)
    known.require_refused(known.token())
    assert introspect(known.service, derived).body == INACTIVE
    pool.admin("admin_enable_user", USER)
    derived = known.shown(known.token()).body["access_token"]
    assert introspect(known.service, derived).body["active"]
    pool.admin("admin_user_global_sign_out", USER)
    assert introspect(known.service, derived).body == INACTIVE
    pool.user("ada")
    link(pool, "user-2", to="ada", provider=NAME)
    assert known.shown(known.token(sub="user-2")).status == 200
    disable(pool, NAME, "user-2")
    known.require_refused(known.token(sub="user-2"))
    pool.admin("admin_delete_user", USER)
    known.require_refused(known.token())


def test_the_client_and_the_provider_decide(known: Stage, world: World, provider: Provider) -> None:
    """Flow, secret, the providers that the client serves, and the pool: none of another pool's is known."""
    pool = known.service.pool
    without_flow = service_of(pool, ExplicitAuthFlows=[BOTH[1]], SupportedIdentityProviders=["COGNITO", NAME])
    assert exchange(without_flow, known.token(), subject_token_type=ID).error == (400, "unauthorized_client")
    not_served = service_of(pool)
    assert exchange(not_served, known.token(), subject_token_type=ID).error == (400, "invalid_grant")
    named = {"SubjectTokenType": "ID_TOKEN", "SubjectTokenProviderName": NAME}
    assert refused(lambda: derive(not_served, known.token(), **named))[0] == "NotAuthorizedException"
    elsewhere = service_of(world.pool(), AllowedOAuthScopes=["openid"])
    assert exchange(elsewhere, known.token(), subject_token_type=ID).error == (400, "invalid_grant")
    assert refused(lambda: derive(elsewhere, known.token(), **named))[0] == "InvalidParameterException"
    unnamed = {"SubjectTokenType": "ID_TOKEN"}
    assert refused(lambda: derive(known.service, known.token(), **unnamed))[0] == "NotAuthorizedException"
    assert known.shown(known.token(), client_secret="wrong").error == (400, "invalid_client")
    remove_provider(pool, NAME)
    assert known.shown(known.token()).error == (400, "invalid_grant")


def test_what_names_no_provider_of_these_is_refused(known: Stage, provider: Provider) -> None:
    """A social provider, one of another protocol, and a token that may be of two; an actor's token is the pool's."""
    pool = known.service.pool
    google = {"client_id": "g", "client_secret": "g" * 24, "authorize_scopes": "openid"}
    add_provider(pool, "Google", "Google", google, {})
    for given in (
        {"SubjectTokenProviderName": "Google"},
        {"SubjectTokenType": "SAML2"},
        {"ActorToken": known.token(), "ActorTokenType": "ID_TOKEN", "ActorTokenProviderName": NAME},
    ):
        assert refused(partial(known.derived, known.token(), **given))[0] == "InvalidParameterException"
    add_provider(pool, "Twin", "OIDC", details_of(provider))
    assert known.shown(known.token()).error == (400, "invalid_request")
    assert known.derived(known.token())["TokenType"] == "Bearer"


def test_a_derived_token_does_not_outlast_the_providers(known: Stage) -> None:
    """Nor does it last longer than the client's own."""
    now = known.world.clock.now() // SECOND
    for seconds, most in ((300, 300), (24 * HOUR // SECOND, HOUR // SECOND)):
        derived = known.shown(known.token(exp=now + seconds)).body
        assert derived["expires_in"] == most
        assert claims_of(derived["access_token"])["exp"] == now + most
    known.require_refused(known.token(iat=now - 600, exp=now - 30))  # within what clocks may differ by
    assert known.shown(known.token(iat=now + 30, exp=now + 60)).body["expires_in"] == 60


def test_functions_may_say_no(
    world: World, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They hear of it what they hear of a sign-in, and PreTokenGeneration what it hears of an exchange."""
    names = ["PreAuthentication", "PostAuthentication", "PreTokenGeneration"]
    with own_code(world, tmp_path, monkeypatch) as code:
        pool = pool_with_server(world, LambdaConfig={name: code.function(name, "pass") for name in names})
        walk = journey(world, provider, pool=pool)
        arrived(walk.sign_in())
        before = len(code.sources(*names))
        stage = Stage(walk, service_of(pool, SupportedIdentityProviders=[NAME]))
        assert stage.shown(stage.token()).status == 200
        assert sorted(code.sources(*names)) == [
            "PostAuthentication_Authentication",
            "PreAuthentication_Authentication",
            "TokenGeneration_Authentication",
            "TokenGeneration_HostedAuth",
        ]
        assert before == 1
        code.function("PreAuthentication", 'raise ValueError("Not today")')
        answer = stage.shown(stage.token())
        assert answer.error == (400, "invalid_request")
        assert refused(lambda: stage.derived(stage.token()))[0] == "UserLambdaValidationException"


def test_the_keys_are_the_providers_of_now(known: Stage) -> None:
    """A new key is fetched, one that was taken back opens nothing; a provider that is away is no fault of the token."""
    issuer = known.walk.provider.issuer
    assert known.shown(known.token()).status == 200
    issuer.published = [key("two")]
    known.world.clock.advance(HOUR)
    assert known.shown(known.token()).status == 200
    known.world.clock.advance(HOUR)
    known.require_refused(known.token(by=key("one")))
    issuer.faults[JWKS] = Answered(status=500)
    known.world.clock.advance(48 * HOUR)
    answer = known.shown(known.token())
    assert answer.error == (429, "temporarily_unavailable")
    assert refused(lambda: known.derived(known.token()))[0] == "TooManyRequestsException"


def test_a_token_that_is_bound_to_a_key_is_for_who_proves_something(known: Stage) -> None:
    """A client without a secret, whose id everybody knows, does not make a token of everybody's of it."""
    pool = known.service.pool
    public = pool.client(ExplicitAuthFlows=BOTH, SupportedIdentityProviders=[NAME])
    bound = known.token(cnf={"jkt": holder(known.world).jkt})
    given = {"SubjectTokenType": "ID_TOKEN", "SubjectTokenProviderName": NAME, "ClientId": public.client_id}
    ask_signed = known.world.signed.get_derived_token
    assert ask_signed(**given, SubjectToken=known.token())["TokenType"] == "Bearer"
    assert refused(lambda: ask_signed(**given, SubjectToken=bound))[0] == "NotAuthorizedException"
    assert known.shown(bound).status == 200
    ours = holder(known.world)
    by_key = exchange_with_key(known, ours.header())
    assert by_key.body["token_type"] == "DPoP"
    assert claims_of(by_key.body["access_token"])["cnf"] == {"jkt": ours.jkt}


def exchange_with_key(stage: Stage, headers: dict[str, str]) -> Answer:
    """Exchange an ID token with a DPoP proof."""
    fields = {"grant_type": GRANT, **of_client(stage.service), "subject_token": stage.token(), "subject_token_type": ID}
    return post(stage.world, "/oauth2/token", fields, headers)
