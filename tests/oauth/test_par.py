"""What is a pushed authorization request good for? Once, by its own client, soon, and as it was pushed (RFC 9126)."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from api.signing_in import at_once
from api.world import World
from oauth.hosted import post
from oauth.relying_party import RelyingParty, another, pkce, relying_party
from poolkeeper.clock import HOUR, SECOND
from poolkeeper.server.upkeep import set_preferences

PREFIX = "urn:ietf:params:oauth:request_uri:"
VERIFIER = "v" * 43


@pytest.fixture
def party(world: World) -> RelyingParty:
    """Make a relying party whose client has a secret."""
    return relying_party(world)


def test_a_request_is_pushed_and_a_person_signs_in_by_it(party: RelyingParty) -> None:
    """201, a name for ninety seconds, and through the pages to the app with what was pushed."""
    request = party.request(**pkce(VERIFIER), ui_locales="de", login_hint="ada")
    answer = party.push(request)
    assert answer.status == 201
    assert answer.body.keys() == {"request_uri", "expires_in"}
    assert answer.body["request_uri"].startswith(PREFIX)
    assert answer.body["expires_in"] == 90
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    page = party.ask({"client_id": party.client.client_id, "request_uri": answer.body["request_uri"]})
    shown = party.shown(page)
    assert shown.language == "de"
    assert shown.form("/login").fields["username"] == "ada"
    held = party.tokens(party.sign_in(page), request, code_verifier=VERIFIER)
    assert party.user_info(held["access_token"])["sub"]
    # Who is signed in goes straight through, as with any request.
    again = party.request(prompt="none", id_token_hint=held["id_token"])
    party.tokens(party.ask(party.pushed(again)), again)


def test_what_the_browser_brings_beside_it_counts_for_nothing(party: RelyingParty) -> None:
    """RFC 9126 section 4, RFC 9101 section 6.3: the pushed parameters alone."""
    request = party.request()
    beside = {
        "redirect_uri": "https://evil.example/cb",
        "scope": "openid email phone profile",
        "state": "another",
        "nonce": "another",
        "response_type": "token",
        "prompt": "none",
        "id_token_hint": "a.b.c",
    }
    page = party.ask({**beside, **party.pushed(request)})
    assert dict(parse_qsl(urlsplit(page.location).query)).keys() == {"client_id", "request_uri"}
    held = party.tokens(party.sign_in(page), request)
    assert party.user_info(held["access_token"])["email"]  # `openid` alone lets through what the client reads


def test_it_serves_once(party: RelyingParty) -> None:
    """Whoever comes with it again is sent to the app; of twenty at once one gets on."""
    request = party.request()
    brought = party.pushed(request)
    assert party.ask(brought).location.startswith("/login?")
    assert party.refused(party.ask(brought), request) == "invalid_request_uri"

    brought = party.pushed(request)
    led = at_once([lambda: party.ask(brought).location] * 20)
    assert sum(one.startswith("/login?") for one in led) == 1


def test_the_pages_go_on_with_another_name(party: RelyingParty) -> None:
    """A page is loaded again as often as its person likes, for an hour; the pushed name itself is no page's."""
    request = party.request()
    brought = party.pushed(request)
    stray = party.browser.get("/login", brought)
    assert stray.location.startswith("/error?error=invalid_request")
    page = party.ask(brought)
    party.world.clock.advance(90 * SECOND)
    assert party.shown(page).has_form("/login")
    party.tokens(party.sign_in(page), request)
    party.world.clock.advance(HOUR)
    late = party.browser.get(page.location)
    assert party.refused(late, request) == "invalid_request_uri"


def test_it_lives_ninety_seconds(party: RelyingParty) -> None:
    """The app is told, since its address was checked when it pushed."""
    request = party.request()
    brought = party.pushed(request)
    party.world.clock.advance(90 * SECOND)
    assert party.refused(party.ask(brought), request) == "invalid_request_uri"


def test_it_is_its_clients_alone(party: RelyingParty) -> None:
    """A name of another client or pool, or one that was changed, sends nobody anywhere."""
    brought = party.pushed(party.request())
    other, abroad = another(party), relying_party(party.world)
    for one in (other, abroad):
        page = one.ask({**brought, "client_id": one.client.client_id})
        assert page.location.startswith("/error?error=invalid_request"), page
    uri = brought["request_uri"]
    for changed in (
        uri[:-1],
        uri[:-9] + ("A" if uri[-9] != "A" else "B") + uri[-8:],
        PREFIX,
        PREFIX + "x",
        PREFIX + "é",
    ):
        page = party.ask({**brought, "request_uri": changed})
        assert page.location.startswith("/error?error=invalid_request"), page
    assert party.ask(brought).location.startswith("/login?")


def test_a_client_proves_itself_as_at_the_token_endpoint(party: RelyingParty) -> None:
    """By Basic or in the form; a public one has nothing to prove, and brings a challenge."""
    path, host = party.path("pushed_authorization_request_endpoint"), {"Host": party.browser.host}
    request, secret = party.request(), str(party.client.secret)
    assert post(party.world, path, {**request, "client_secret": secret}, host).status == 201
    assert post(party.world, path, request, host).error == (400, "invalid_client")
    assert post(party.world, path, {**request, "client_secret": "wrong"}, host).error == (400, "invalid_client")
    assert post(party.world, f"{path}?client_secret={secret}", request, host).error == (400, "invalid_request")
    assert post(party.world, path, {**request, "client_id": "nobodys"}, host).error == (400, "invalid_client")
    assert party.push(request, client_id="another").error == (400, "invalid_request")

    public = relying_party(party.world, GenerateSecret=False)
    request = public.request()
    assert public.push(request).error == (400, "invalid_request")
    assert public.push(request, code_challenge=VERIFIER, code_challenge_method="plain").error == (
        400,
        "invalid_request",
    )
    request |= pkce(VERIFIER)
    code = public.code(public.sign_in(public.ask(public.pushed(request))), request)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": public.redirect_uri}
    form |= {"client_id": public.client.client_id, "code_verifier": VERIFIER}
    answer = post(public.world, public.path("token_endpoint"), form, {"Host": public.browser.host})
    public.verified(answer.body, nonce=request["nonce"])


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"redirect_uri": "https://evil.example/cb"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "token"}, "unauthorized_client"),
        ({"scope": "openid nobodys/scope"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"resource": "no address#a"}, "invalid_target"),
        ({"request_uri": f"{PREFIX}x"}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "invalid_request"),
        ({"state": "s" * 7_000}, "invalid_request"),
    ],
)
def test_what_is_wrong_is_told_when_it_is_pushed(
    party: RelyingParty, changed: dict[str, str | None], error: str
) -> None:
    """RFC 9126 section 2.3: as at the authorization endpoint, in an answer."""
    assert party.push(party.request(**changed)).error == (400, error)


def test_pushing_leaves_no_row(party: RelyingParty) -> None:
    """Nobody fills a table by pushing: a row is written when a browser comes."""
    count = "SELECT COUNT(*) FROM nonces WHERE pool_id = $1"
    brought = [party.pushed(party.request()) for _ in range(5)]
    assert party.world.rows(count, party.client.pool.pool_id) == [(0,)]
    party.ask(brought[0])
    assert party.world.rows(count, party.client.pool.pool_id) == [(1,)]


def test_a_pool_may_take_pushed_requests_alone(party: RelyingParty) -> None:
    """The metadata say so; neither the authorization endpoint nor a page takes another then."""
    world, pool_id = party.world, party.client.pool.pool_id
    assert party.provider["require_pushed_authorization_requests"] is False
    world.run(lambda: set_preferences(world.house, pool_id, ["pushed_requests_only=on"]))
    told = world.get(f"/{pool_id}/.well-known/openid-configuration")[2]
    assert b'"require_pushed_authorization_requests":true' in told
    request = party.request()
    assert party.refused(party.ask(request), request) == "invalid_request"
    assert party.refused(party.browser.get("/login", request), request) == "invalid_request"
    party.tokens(party.sign_in(party.ask(party.pushed(request))), request)
