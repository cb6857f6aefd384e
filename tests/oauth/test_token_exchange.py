"""Who gets a token for a token? At /oauth2/token and by GetDerivedToken (RFC 8693; attacks.md 59, 66, 68)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

from api.forge import claims_of, forger
from api.world import ClientOfTests, World, refused
from oauth import documents
from oauth.browsing import Browser
from oauth.documents import Host, host, policy, url_of
from oauth.exchanging import BOTH, TYPE, derive, exchange, service_of
from oauth.hosted import ADMIN, CODE_CLIENT, NAME, code_client, of_client, post, refresh, tokens_for, user_info
from oauth.introspecting import INACTIVE, introspect
from oauth.machines import CREDENTIALS, READ, SERVER, WRITE, ask, pool_with_server
from poolkeeper.clock import MINUTE, SECOND

__all__ = ["host"]


@pytest.fixture
def app(world: World) -> ClientOfTests:
    """Make an app client, whose tokens are exchanged, and `ada`."""
    pool = pool_with_server(world)
    pool.user(NAME, email="ada@example.com")
    return code_client(pool, AllowedOAuthScopes=["openid", "email", "profile", ADMIN, READ, WRITE])


@pytest.fixture
def service(app: ClientOfTests) -> ClientOfTests:
    """Make the app client of an API, which exchanges what it is shown."""
    return service_of(app.pool)


def actor_of(service: ClientOfTests) -> str:
    """Return the token of a program that acts for somebody."""
    token: str = ask(service.pool.client(**CREDENTIALS)).body["access_token"]
    return token


def test_an_api_gets_a_token_for_the_one_behind_it(app: ClientOfTests, service: ClientOfTests) -> None:
    """RFC 8693 2.2.1: of the same person and session, for another client, with the scopes that both have."""
    held = tokens_for(app, scope=f"openid email profile {READ} {WRITE}")
    answer = exchange(service, held["access_token"])
    assert answer.status == 200, answer
    assert (answer.body["issued_token_type"], answer.body["token_type"]) == (f"{TYPE}access_token", "Bearer")
    assert answer.headers["cache-control"] == "no-store"
    subject, claims = claims_of(held["access_token"]), claims_of(answer.body["access_token"])
    for same in ("sub", "username", "origin_jti", "auth_time", "iss"):
        assert claims[same] == subject[same]
    assert claims["client_id"] == service.client_id
    assert claims["scope"] == answer.body["scope"] == f"openid email {READ}"
    assert claims["jti"] != subject["jti"]
    assert not {"act", "aud"} & set(claims)
    assert user_info(app.world, answer.body["access_token"]).body["email"] == "ada@example.com"
    assert introspect(service, answer.body["access_token"]).body["client_id"] == service.client_id


def test_the_operation_does_the_same(app: ClientOfTests, service: ClientOfTests) -> None:
    """GetDerivedToken: by the client's secret, or signed; a scope that cannot be given is left out."""
    held = tokens_for(app, scope=f"openid email {READ}")
    answer = derive(service, held["access_token"], Scopes=[READ, WRITE], Resources=[SERVER])
    assert (answer["IssuedTokenType"], answer["TokenType"], answer["Scopes"]) == ("ACCESS_TOKEN", "Bearer", [READ])
    assert claims_of(answer["IssuedToken"])["aud"] == SERVER
    assert 0 < answer["ExpiresIn"] <= 3600
    signed = app.world.signed.get_derived_token(
        ClientId=service.client_id, SubjectToken=held["id_token"], SubjectTokenType="ID_TOKEN", Audiences=["orders"]
    )
    assert claims_of(signed["IssuedToken"])["aud"] == "orders"
    assert signed["Scopes"] == ["openid", "email", READ]


def test_a_token_may_be_called_a_jwt(app: ClientOfTests, service: ClientOfTests) -> None:
    """RFC 8693 3: an access or ID token of the pool, taken as the kind that it is; an actor's too."""
    held = tokens_for(app, scope=f"openid {READ}")
    kind = f"{TYPE}jwt"
    for token in (held["access_token"], held["id_token"]):
        acting = {"actor_token": actor_of(service), "actor_token_type": kind}
        answer = exchange(service, token, subject_token_type=kind, **acting)
        assert answer.status == 200, answer
        assert answer.body["scope"] == f"openid {READ}"


def test_an_id_token_can_be_had(app: ClientOfTests, service: ClientOfTests) -> None:
    """It has the claims of its scopes, for its audience, which is never another app client of the pool."""
    held = tokens_for(app, scope="openid email")
    answer = exchange(service, held["access_token"], requested_token_type=f"{TYPE}id_token", audience="orders")
    assert (answer.body["issued_token_type"], answer.body["token_type"]) == (f"{TYPE}id_token", "N_A")
    claims = claims_of(answer.body["access_token"])
    assert (claims["token_use"], claims["aud"], claims["azp"]) == ("id", "orders", service.client_id)
    assert claims["email"] == "ada@example.com"
    assert introspect(service, answer.body["access_token"]).body["active"]
    wanted = {"requested_token_type": f"{TYPE}id_token"}
    assert exchange(service, held["access_token"], audience=app.client_id, **wanted).error == (400, "invalid_request")
    assert exchange(service, held["access_token"], scope=READ, **wanted).error == (400, "invalid_scope")


def test_who_acts_is_named(app: ClientOfTests, service: ClientOfTests) -> None:
    """RFC 8693 4.1: `act` contains those who acted before; it stays when the token is exchanged again."""
    held = tokens_for(app, scope=f"openid {READ}")
    first = actor_of(service)
    acting = {"actor_token": first, "actor_token_type": f"{TYPE}access_token"}
    derived = exchange(service, held["access_token"], **acting).body["access_token"]
    act = claims_of(derived)["act"]
    assert act == {"sub": claims_of(first)["sub"], "client_id": claims_of(first)["client_id"]}
    assert introspect(service, derived).body["act"] == act
    second = actor_of(service)
    twice = derive(service, derived, ActorToken=second, ActorTokenType="ACCESS_TOKEN")["IssuedToken"]
    assert claims_of(twice)["act"] == {
        "sub": claims_of(second)["sub"],
        "client_id": claims_of(second)["client_id"],
        "act": act,
    }
    assert claims_of(exchange(service, derived).body["access_token"])["act"] == act
    chained = derived
    for _ in range(7):
        chained = exchange(service, chained, **acting).body["access_token"]
    assert exchange(service, chained, **acting).error == (400, "invalid_grant")


def test_who_may_act_is_heeded(app: ClientOfTests, service: ClientOfTests) -> None:
    """RFC 8693 4.4, where a function has written `may_act` into the subject's token."""
    held = tokens_for(app, scope=f"openid {READ}")["access_token"]
    actor, other = actor_of(service), actor_of(service)
    sign = forger(app.world, app.pool.pool_id).sign
    subject = sign({**claims_of(held), "may_act": {"sub": claims_of(actor)["sub"]}})
    kind = {"actor_token_type": f"{TYPE}access_token"}
    assert exchange(service, subject, actor_token=actor, **kind).status == 200
    assert exchange(service, subject, actor_token=other, **kind).error == (400, "invalid_grant")
    odd = sign({**claims_of(held), "may_act": "anybody"})
    assert exchange(service, odd, actor_token=actor, **kind).error == (400, "invalid_grant")


def test_scopes_become_fewer_and_never_more(app: ClientOfTests, service: ClientOfTests) -> None:
    """Those of the request that both the subject's token and the client have; never the scope of one's own profile."""
    held = tokens_for(app, scope=f"openid email {READ} {WRITE} {ADMIN}")["access_token"]
    for more in (WRITE, ADMIN, "profile", f"{READ} {WRITE}", "made-up", "openid"):
        assert exchange(service, held, scope=more).error == (400, "invalid_scope"), more
    assert ADMIN not in exchange(service, held).body["scope"]
    narrow = exchange(service, held, scope=READ).body["access_token"]
    assert exchange(service, narrow, scope="openid email").error == (400, "invalid_scope")
    assert refused(lambda: derive(service, held, Scopes=[WRITE]))[0] == "InvalidParameterException"
    assert refused(lambda: app.world.unsigned.get_user(AccessToken=narrow))[0] == "NotAuthorizedException"
    app.world.signed.delete_resource_server(UserPoolId=app.pool.pool_id, Identifier=SERVER)
    assert exchange(service, held).body["scope"] == "openid email"


def test_the_client_has_the_flow_or_none(app: ClientOfTests) -> None:
    """Without an actor it needs one of the two flows, with an actor the other."""
    held = tokens_for(app, scope="openid")["access_token"]
    for flows, alone, acting in (([BOTH[0]], True, False), ([BOTH[1]], False, True), ([], False, False)):
        client = app.pool.client(ExplicitAuthFlows=flows or ["ALLOW_USER_SRP_AUTH"], GenerateSecret=True)
        actor = actor_of(client)
        by_actor = {"actor_token": actor, "actor_token_type": f"{TYPE}access_token"}
        for more, allowed in (({}, alone), (by_actor, acting)):
            answer = exchange(client, held, **more)
            assert answer.status == 200 if allowed else answer.error == (400, "unauthorized_client"), (flows, more)
        if not alone:
            assert refused(partial(derive, client, held))[0] == "OperationNotEnabledException"


def test_who_asks_proves_it(world: World, app: ClientOfTests, service: ClientOfTests) -> None:
    """By a secret; a signature stands for it at the operation, also of a client that has none. Another pool's client is nobody."""
    held = tokens_for(app, scope="openid")["access_token"]
    assert exchange(service, held, client_secret="wrong").error == (400, "invalid_client")
    ids = {"ClientId": service.client_id, "SubjectToken": held, "SubjectTokenType": "ACCESS_TOKEN"}
    wrong = "w" * 30
    for asked in (
        lambda: world.unsigned.get_derived_token(**ids),
        lambda: world.unsigned.get_derived_token(**ids, ClientSecret=wrong),
        lambda: world.signed.get_derived_token(**ids, ClientSecret=wrong),
    ):
        assert refused(asked)[0] == "NotAuthorizedException"
    public = app.pool.client(ExplicitAuthFlows=BOTH)
    assert refused(lambda: derive(public, held))[0] == "NotAuthorizedException"
    assert exchange(public, held).error == (400, "unauthorized_client")
    by_signature = world.signed.get_derived_token(**{**ids, "ClientId": public.client_id})
    assert by_signature["TokenType"] == "Bearer"
    nobody = {**ids, "ClientId": "nobody"}
    assert refused(lambda: world.unsigned.get_derived_token(**nobody))[0] == "ResourceNotFoundException"
    elsewhere = world.pool().client(ExplicitAuthFlows=BOTH, GenerateSecret=True)
    assert refused(lambda: derive(elsewhere, held))[0] == "NotAuthorizedException"
    assert exchange(elsewhere, held).error == (400, "invalid_grant")


def _disabled(app: ClientOfTests) -> None:
    app.pool.admin("admin_disable_user", NAME)


def _deleted(app: ClientOfTests) -> None:
    app.pool.admin("admin_delete_user", NAME)


def _signed_out(app: ClientOfTests) -> None:
    app.pool.admin("admin_user_global_sign_out", NAME)


@pytest.mark.parametrize("end", [_disabled, _deleted, _signed_out])
def test_what_ends_the_session_ends_what_came_of_it(
    app: ClientOfTests, service: ClientOfTests, end: Callable[[ClientOfTests], None]
) -> None:
    """Nothing more is derived, and what was derived is dead."""
    held = tokens_for(app, scope="openid email")["access_token"]
    derived = exchange(service, held).body["access_token"]
    end(app)
    assert exchange(service, held).error == (400, "invalid_grant")
    assert refused(lambda: derive(service, held))[0] == "NotAuthorizedException"
    assert introspect(service, derived).body == INACTIVE
    assert user_info(app.world, derived).status == 401


def test_a_client_that_may_not_exchange_any_more_has_no_such_tokens(app: ClientOfTests, service: ClientOfTests) -> None:
    """What it got goes with the flows, and with the client."""
    held = tokens_for(app, scope="openid email")["access_token"]
    derived = exchange(service, held).body["access_token"]
    assert introspect(service, derived).body["active"]
    app.world.signed.update_user_pool_client(
        UserPoolId=app.pool.pool_id, ClientId=service.client_id, ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH"]
    )
    assert introspect(service, derived).body == INACTIVE
    assert user_info(app.world, derived).status == 401
    assert user_info(app.world, held).status == 200


def test_a_derived_token_does_not_outlast_its_subject(app: ClientOfTests, service: ClientOfTests) -> None:
    """However often it is exchanged: otherwise whoever found an access token had tokens as long as the session lasts."""
    held = tokens_for(app, scope="openid email")["access_token"]
    app.world.clock.advance(50 * MINUTE)
    derived = exchange(service, held).body
    assert claims_of(derived["access_token"])["exp"] == claims_of(held)["exp"]
    assert 0 < derived["expires_in"] <= 10 * MINUTE // SECOND
    app.world.clock.advance(10 * MINUTE)
    assert exchange(service, derived["access_token"]).error == (400, "invalid_grant")


def test_what_is_no_token_here_gives_none(world: World, app: ClientOfTests, service: ClientOfTests) -> None:
    """Garbage, forgeries, refresh tokens, another pool's, those of another type than is said, and of no user."""
    held = tokens_for(app, scope="openid email")
    other = world.pool()
    other.user(NAME)
    foreign = tokens_for(code_client(other), scope="openid")
    claims = claims_of(held["access_token"])
    strangers = [
        "abc",
        "a.b.c",
        held["access_token"][:-4] + "AAAA",
        forger(world, other.pool_id).sign(claims),
        held["refresh_token"],
        held["id_token"],
        foreign["access_token"],
        actor_of(service),
    ]
    for token in strangers:
        assert exchange(service, token).error == (400, "invalid_grant"), token
        assert refused(partial(derive, service, token))[0] == "NotAuthorizedException"
        acting = {"actor_token": token, "actor_token_type": f"{TYPE}access_token"}
        if token != strangers[-1]:
            assert exchange(service, held["access_token"], **acting).error == (400, "invalid_grant")


def test_a_request_that_cannot_be_meant_is_refused(app: ClientOfTests, service: ClientOfTests) -> None:
    """Something is missing or of an unknown type, there are two targets or an unknown one, or a type and a provider do not fit."""
    held = tokens_for(app, scope="openid")["access_token"]
    for more, error in (
        ({"subject_token": ""}, "invalid_request"),
        ({"subject_token_type": ""}, "invalid_request"),
        ({"subject_token_type": f"{TYPE}saml1"}, "invalid_request"),
        ({"subject_token_type": f"{TYPE}saml2"}, "invalid_grant"),
        ({"requested_token_type": f"{TYPE}jwt"}, "invalid_request"),
        ({"requested_token_type": f"{TYPE}refresh_token"}, "invalid_request"),
        ({"requested_token_type": f"{TYPE}saml2"}, "invalid_request"),
        ({"actor_token": held}, "invalid_request"),
        ({"actor_token_type": f"{TYPE}access_token"}, "invalid_request"),
        ({"audience": "orders", "resource": SERVER}, "invalid_target"),
        ({"resource": "https://nobody.example"}, "invalid_target"),
        ({"audience": "x" * 300}, "invalid_target"),
    ):
        assert exchange(service, held, **more).error == (400, error), more
    two = {"Audiences": ["orders"], "Resources": [SERVER]}
    rows: tuple[tuple[Mapping[str, Any], str], ...] = (
        (two, "InvalidParameterException"),
        ({"Resources": ["https://nobody.example"]}, "ResourceNotFoundException"),
        ({"SubjectTokenProviderName": "Corporate"}, "InvalidParameterException"),
        ({"SubjectTokenType": "SAML2"}, "InvalidParameterException"),
        ({"ActorToken": held}, "InvalidParameterException"),
        ({"ActorTokenType": "ACCESS_TOKEN"}, "InvalidParameterException"),
        ({"ActorToken": held, "ActorTokenType": "SAML2"}, "InvalidParameterException"),
    )
    for given, name in rows:
        assert refused(partial(derive, service, held, **given))[0] == name, given


def test_to_give_back_a_derived_token_ends_nobody_s_session(app: ClientOfTests, service: ClientOfTests) -> None:
    """It belongs to the session of another client: an API must not sign out the person whose token it was shown."""
    held = tokens_for(app, scope="openid")
    for wanted in ("access_token", "id_token"):
        derived = exchange(service, held["access_token"], requested_token_type=TYPE + wanted).body["access_token"]
        gone = post(app.world, "/oauth2/revoke", {**of_client(service), "token": derived})
        assert gone.error == (400, "unsupported_token_type")
    assert Browser(app.pool).get("/logout", {"id_token_hint": derived}).location.startswith("/logout/confirm?")
    assert refresh(app, held["refresh_token"]).status == 200
    assert post(app.world, "/oauth2/revoke", {**of_client(app), "token": held["access_token"]}).status == 200
    assert introspect(service, derived).body == INACTIVE


def test_an_id_token_widens_nothing(app: ClientOfTests, service: ClientOfTests) -> None:
    """An ID token that was exchanged for few scopes gives no token with more; the app's own stands for its session."""
    scopes = f"openid email {READ} {WRITE}"
    place = {"UserPoolId": app.pool.pool_id, "ClientId": service.client_id}
    settings = {**CODE_CLIENT, "ExplicitAuthFlows": BOTH, "AllowedOAuthScopes": scopes.split()}
    app.world.signed.update_user_pool_client(**place, **settings)
    held = tokens_for(app, scope=scopes)
    narrow = refresh(app, held["refresh_token"], scope=f"openid {READ}").body["access_token"]
    wanted = {"requested_token_type": f"{TYPE}id_token"}
    shown = {"subject_token_type": f"{TYPE}id_token"}
    identity = exchange(service, narrow, **wanted).body["access_token"]
    assert exchange(service, identity, **shown).body["scope"] == f"openid {READ}"
    assert exchange(service, identity, **shown, scope=WRITE).error == (400, "invalid_scope")
    again = exchange(service, identity, **shown, **wanted, audience="orders").body["access_token"]
    assert exchange(service, again, **shown).body["scope"] == f"openid {READ}"
    assert exchange(service, held["id_token"], **shown).body["scope"] == scopes


def test_a_token_that_may_do_nothing_tells_nobody_who_its_user_is(app: ClientOfTests, service: ClientOfTests) -> None:
    """A derived token without any scope gives no ID token; the API's own token gives one, also to a client without its scope."""
    held = app.pool.client().tokens(NAME)
    wanted = {"requested_token_type": f"{TYPE}id_token"}
    told = claims_of(exchange(service, held["AccessToken"], **wanted).body["access_token"])
    assert told["email"] == "ada@example.com"
    bare = exchange(service, held["AccessToken"]).body
    assert bare["scope"] == ""
    another = service_of(app.pool)
    assert exchange(another, bare["access_token"]).status == 200
    assert exchange(another, bare["access_token"], **wanted).error == (400, "invalid_scope")
    by_operation = {"RequestedTokenType": "ID_TOKEN"}
    assert refused(lambda: derive(another, bare["access_token"], **by_operation))[0] == "InvalidParameterException"


def test_no_id_token_is_made_for_an_app_that_names_itself_by_an_address(
    app: ClientOfTests, service: ClientOfTests
) -> None:
    """Neither as the audience nor as a resource server of that name; an access token says who it was made for."""
    url = url_of(app)
    policy(app)
    app.world.signed.create_resource_server(UserPoolId=app.pool.pool_id, Identifier=url, Name="odd", Scopes=[])
    held = tokens_for(app, scope="openid email")["access_token"]
    for target in ("audience", "resource"):
        wanted = {"requested_token_type": f"{TYPE}id_token", target: url}
        assert exchange(service, held, **wanted).error == (400, "invalid_request"), target
        assert exchange(service, held, **{target: url}).status == 200
    elsewhere = {"requested_token_type": f"{TYPE}id_token", "audience": "https://orders.example/api"}
    assert exchange(service, held, **elsewhere).status == 200


def test_nobody_hides_behind_an_actor(app: ClientOfTests, service: ClientOfTests) -> None:
    """A token of somebody for whom another one acts is no actor's: `act` would name them and forget who acts."""
    app.pool.user("bob")
    held, other = (tokens_for(app, name, scope=f"openid {READ}")["access_token"] for name in (NAME, "bob"))
    kind = {"actor_token_type": f"{TYPE}access_token"}
    acted = exchange(service, other, actor_token=actor_of(service), **kind).body["access_token"]
    assert exchange(service, held, actor_token=other, **kind).status == 200
    assert exchange(service, held, actor_token=acted, **kind).error == (400, "invalid_grant")
    given = {"ActorToken": acted, "ActorTokenType": "ACCESS_TOKEN"}
    assert refused(lambda: derive(service, held, **given))[0] == "NotAuthorizedException"


def test_an_app_that_names_itself_by_an_address_acts_as_that(
    app: ClientOfTests, service: ClientOfTests, host: Host
) -> None:
    """`act` names the address that an actor's token was made for, and not the app client whose settings it borrows."""
    url = url_of(app)
    host.put(url)
    policy(app)
    actor = documents.exchange(app.world, documents.code_of(documents.walk(app, url, scope="openid")), url)
    acting = {"actor_token": actor.body["access_token"], "actor_token_type": f"{TYPE}access_token"}
    derived = exchange(service, tokens_for(app, scope="openid")["access_token"], **acting).body["access_token"]
    assert claims_of(derived)["act"]["client_id"] == url
