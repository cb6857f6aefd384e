"""Who comes back from a provider without having left, with what is not theirs, or from a provider that lies? Nobody gets in.

attacks.md 85, 101, 102, 104 to 108, 110.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from api.world import World
from federation.misbehaviour import MISBEHAVIOUR
from federation.partner import (
    NAME,
    Journey,
    add_provider,
    asked_of,
    details_of,
    journey,
    remove_provider,
    running_provider,
)
from federation.provider import SECRET, Provider
from federation.returns import refused, shown
from functions.receiver import Answer
from hosted.log_lines import line_of, line_with
from oauth.browsing import CALLBACK, Browser, Page, app_client, request_of
from pages.walking import arrived
from poolkeeper import providers as fetching
from poolkeeper.clock import MINUTE


def with_state(address: str, state: str) -> str:
    """Return an address with another state."""
    path, _, query = address.partition("?")
    return f"{path}?{urlencode({**dict(parse_qsl(query)), 'state': state})}"


def state_of(address: str) -> str:
    return dict(parse_qsl(urlsplit(address).query))["state"]


def test_another_browser_is_not_taken_in(world: World, provider: Provider) -> None:
    """attacks.md 85: who is lured to the address of somebody else's sign-in, whatever cookies they have."""
    walk = journey(world, provider)
    address = walk.at_provider(walk.leave())
    victim = Journey(Browser(walk.client.pool), walk.client, provider)
    refused(victim, victim.back(address), "the state of another browser")
    victim.leave()
    refused(victim, victim.back(address), "the state of another browser")
    assert provider.received == []
    arrived(walk.back(address))


def _flip(state: str, part: int) -> str:
    parts = state.split(".")
    parts[part] = ("B" if parts[part][0] != "B" else "C") + parts[part][1:]
    return ".".join(parts)


CHANGED: dict[str, tuple[str, Callable[[str], str]]] = {
    "another id": ("a state of another pool", lambda state: _flip(state, 1)),
    "another errand": ("a state that we did not make", lambda state: _flip(state, 2)),
    "cut": ("a state that we did not make", lambda state: state[:-4]),
    "longer": ("a state that we did not make", lambda state: f"{state}AAAA"),
    "without an id": ("no state of ours", lambda state: ".".join(state.split(".")[::2])),
    "somebody's": ("no state of ours", lambda state: state.split(".")[0] + ".f1b1c2d3"),
    "as long as a book": ("a state that we did not make", lambda state: state + "A" * 5_000),
    "an address": ("no state of ours", lambda state: state.split(".")[0] + ".https://thief.example/"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_state_that_was_changed_is_none(world: World, provider: Provider, name: str) -> None:
    """And leads to no app, whatever stands in it."""
    reason, change = CHANGED[name]
    walk = journey(world, provider)
    address = walk.at_provider(walk.leave())
    refused(walk, walk.back(with_state(address, change(state_of(address)))), reason)
    assert provider.received == []


def test_without_a_state_of_ours_there_is_a_page(world: World, provider: Provider) -> None:
    """None, one of a pool that is not there, an error without one: on the bare host nothing names a pool then."""
    walk = journey(world, provider)
    for query in ("", "code=a", "error=access_denied", "state=us-east-1_aaaaaaaaa.x&code=a", "state=x&code=a"):
        answer = walk.browser.get("/oauth2/idpresponse", query)
        assert answer.status == 400
        assert b"cannot sign you in" in answer.body
        assert "location" not in answer.headers
    for query in ("state=a&state=b", "state=%00", "state=%FF"):
        assert walk.browser.get("/oauth2/idpresponse", query).status == 400


def test_an_answer_serves_once(world: World, provider: Provider) -> None:
    """attacks.md 102: also for whoever kept the cookie, and for one of two at once."""
    walk = journey(world, provider)
    left = walk.leave()
    cookies = dict(walk.browser.cookies)
    address = walk.at_provider(left)
    arrived(walk.back(address))
    walk.browser.cookies = dict(cookies)
    words = refused(walk, walk.back(address), "the state was used before")
    assert "/login?" in words  # which begins anew

    walk.browser.cookies.clear()
    left = walk.leave()
    address = walk.at_provider(left)
    cookies = dict(walk.browser.cookies)

    def come(_: int) -> Page:
        return Journey(Browser(walk.client.pool, cookies=dict(cookies)), walk.client, provider).back(address)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(come, range(4)))
    assert sorted("code" in one.told for one in answers) == [False, False, False, True]


def test_a_state_has_its_time(world: World, provider: Provider) -> None:
    """A quarter of an hour; the page then leads back to the beginning."""
    walk = journey(world, provider)
    address = walk.at_provider(walk.leave())
    world.clock.advance(15 * MINUTE + 1)
    words = refused(walk, walk.back(address), "the state is too old")
    begun = next(part for part in words.split('"') if part.startswith("/login?")).replace("&amp;", "&")
    again = walk.browser.get(begun)
    assert again.status == 303
    assert again.location.startswith(provider.issuer.url)


def test_a_state_of_another_pool_is_nobodys(world: World, provider: Provider) -> None:
    """Nor does the name of another pool before it make it one of that."""
    walk, other = journey(world, provider), journey(world, provider)
    address = walk.at_provider(walk.leave())
    moved = state_of(address).replace(walk.client.pool.pool_id, other.client.pool.pool_id)
    refused(other, other.back(with_state(address, moved)), "a state of another pool")


@pytest.mark.parametrize("taken", ["off the client", "away", "away and made anew"])
def test_a_provider_that_is_taken_away_meanwhile_brings_nobody_in(world: World, provider: Provider, taken: str) -> None:
    """attacks.md 101: looked at when somebody leaves, and when they come back; the code is not even exchanged."""
    walk = journey(world, provider)
    address = walk.at_provider(walk.leave())
    pool, client = walk.client.pool, walk.client
    if taken == "off the client":
        settings = world.signed.describe_user_pool_client(UserPoolId=pool.pool_id, ClientId=client.client_id)
        kept = {
            name: value
            for name, value in settings["UserPoolClient"].items()
            if name not in {"CreationDate", "LastModifiedDate", "ClientSecret", "SupportedIdentityProviders"}
        }
        world.signed.update_user_pool_client(**kept, SupportedIdentityProviders=["COGNITO"])
    else:
        remove_provider(pool, NAME)
    if taken == "away and made anew":
        world.clock.advance(MINUTE)
        add_provider(pool, NAME, "OIDC", details_of(provider))
    back = walk.back(address)
    assert (back.told["error"], back.told["state"]) == ("invalid_request", "state-of-the-app")
    assert "does not exist" in back.told["error_description"]
    assert provider.received == []
    if taken != "away and made anew":
        assert "does not exist" in walk.leave().told["error_description"]


def test_who_is_signed_in_by_a_provider_that_is_gone_signs_in_anew(world: World, provider: Provider) -> None:
    """attacks.md 101: nothing goes on from what it vouched for."""
    walk = journey(world, provider)
    arrived(walk.sign_in())
    arrived(walk.leave(identity_provider=""))
    remove_provider(walk.client.pool, NAME)
    assert walk.leave(identity_provider="").location.startswith("/login?")


@pytest.mark.parametrize("name", ["", "Nobody", "partner", "Partner ", "Google"])
def test_a_provider_that_the_app_has_not_is_told_to_it(world: World, provider: Provider, name: str) -> None:
    """At its registered address alone."""
    walk = journey(world, provider, SupportedIdentityProviders=["COGNITO"])
    answer = walk.leave(identity_provider=name or NAME)
    assert answer.location.startswith(f"{CALLBACK}?")
    assert (answer.told["error"], answer.told["state"]) == ("invalid_request", "state-of-the-app")
    elsewhere = walk.leave(identity_provider=name or NAME, redirect_uri="https://thief.example/")
    assert elsewhere.location.startswith("/error?")


def test_a_no_of_the_provider_is_told_to_the_app(world: World, provider: Provider) -> None:
    """`access_denied` as such, in words that an answer may hold; any other error as invalid_request."""
    walk = journey(world, provider)
    for error, told in (("access_denied", "access_denied"), ("weird_thing", "invalid_request")):
        provider.answered = {"error": error, "error_description": 'No "entry"\r\nX: y', "code": None}
        answer = walk.sign_in()
        assert answer.location.startswith(f"{CALLBACK}?")
        assert (answer.told["error"], answer.told["state"]) == (told, "state-of-the-app")
        assert answer.told["error_description"] == "No entryX: y"
        assert not walk.browser.cookies


def test_the_answer_of_one_provider_is_not_taken_to_another(world: World, provider: Provider) -> None:
    """The mix-up of RFC 9700 4.4: the code of the honest one goes to nobody else, `iss` or not."""
    with running_provider() as thief:
        pool = world.pool()
        add_provider(pool, NAME, "OIDC", details_of(provider))
        add_provider(pool, "Thief", "OIDC", details_of(thief))
        client = app_client(pool, SupportedIdentityProviders=[NAME, "Thief"])
        walk = Journey(Browser(pool), client, provider)
        # The person means the thief's; what comes back is the honest one's, which says so.
        honest = walk.at_provider(walk.leave())
        code = dict(parse_qsl(urlsplit(honest).query))["code"]
        other = Journey(walk.browser, client, thief, name="Thief")
        left = other.leave()
        query = urlencode({"code": code, "state": asked_of(left)["state"], "iss": provider.issuer.url})
        answer = walk.browser.get("/oauth2/idpresponse", query)
        line = line_of(world, answer.headers)
        assert (line["outcome"], "issuer" in line["detail"]) == ("foreign_answer", True)
        assert "foreign_answer" in shown(walk, answer)
        assert thief.received == []
        # The state of one serves for no other: whoever it names is asked, and its client has no such code.
        arrived(walk.back(honest))


LIES = [
    "the nonce of another sign-in",
    "no nonce",
    "a token for another client",
    "a token of another issuer",
    "an HMAC by the public key",
    "no signature",
    "another's key of the same name",
    "no ID token",
    "an error that quotes the code",
    "a redirect for tokens",
    "tokens without end",
    "tokens that never come",
    "userInfo of another",
    "userInfo elsewhere",
    "no keys",
]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait two seconds for a provider instead of five."""
    monkeypatch.setattr(fetching, "_SECONDS", 2.0)


def test_a_provider_that_lies_brings_nobody_in(world: World, provider: Provider, impatient: None) -> None:
    """The app hears that it failed, the log why, and neither what is private (attacks.md 105, 107, 108, 110)."""
    walk = journey(world, provider)
    arrived(walk.sign_in())  # which it tells well before it lies, so that its keys are known
    walk.browser.cookies.clear()
    for name in LIES:
        reason, misbehave = MISBEHAVIOUR[name]
        with running_provider() as liar:
            lied = journey(world, liar)
            misbehave(liar)
            lied.said = {key: value for key, value in liar.id_token.items() if key not in {"iat", "exp"}}
            answer = lied.sign_in()
            assert answer.location.startswith(f"{CALLBACK}?"), name
            assert (answer.told["error"], answer.told["state"]) == ("invalid_request", "state-of-the-app"), name
            line = line_of(world, answer.headers)
            assert f"{reason}: " in line["detail"], (name, line)
            told = json.dumps(line) + answer.location
            private = (SECRET, "code-1", "an-access-token", "victim@example.com", "eyJ")
            assert not [one for one in private if one in told], name
            assert not lied.browser.cookies, name


def test_a_provider_that_hangs_holds_up_nobody_else(world: World, provider: Provider) -> None:
    """attacks.md 108: others sign in there by other providers, and by password, meanwhile."""
    walk = journey(world, provider)
    with running_provider() as slow:
        hung = journey(world, slow)
        address = hung.at_provider(hung.leave())
        slow.issuer.faults["/token"] = Answer(hang=True)
        with ThreadPoolExecutor(8) as pool:
            waiting = pool.submit(hung.back, address)
            arrived(walk.sign_in())
            assert world.get("/health")[0] == 200
            first_was_waiting = not waiting.done()
            answer = waiting.result(60)
        assert first_was_waiting
        assert answer.told["error"] == "invalid_request"


def test_no_provider_leads_into_the_private_network(world: World, provider: Provider) -> None:
    """attacks.md 107: what is set up so is not asked, wherever in the flow; nothing is told of why."""
    walk = journey(world, provider, details={"token_url": "https://169.254.169.254/latest"})
    answer = walk.sign_in()
    assert answer.told["error"] == "invalid_request"
    assert "169.254" not in answer.location


def test_the_log_says_which_address_of_the_provider_failed(world: World, provider: Provider) -> None:
    """A mistyped token_url: where it was asked, without the query, and that the answer names no error."""
    asked = f"{provider.issuer.url}/tokens"
    walk = journey(world, provider, details={"token_url": f"{asked}?of=mine"})
    provider.issuer.faults["/tokens"] = Answer(status=404, body=b"{}")
    line = line_of(world, walk.sign_in().headers)
    assert line["detail"].endswith(f"exchange: HTTP 404 of {asked}, no error name")


def test_the_log_says_which_attribute_lacks(world: World, provider: Provider) -> None:
    """What the app hears of the pool's schema, the log says too: whoever mends it reads the log."""
    schema = [{"Name": "family_name", "AttributeDataType": "String", "Required": True, "Mutable": True}]
    walk = journey(world, provider, pool=world.pool(Schema=schema))
    answer = walk.sign_in()
    assert answer.told["error_description"] == "attributes required: [family_name]"
    assert line_of(world, answer.headers)["detail"] == "attributes required: [family_name]"


def test_what_cannot_come_back_is_not_sent(world: World, provider: Provider) -> None:
    """A request that is too long for an address, on the way there and back."""
    walk = journey(world, provider)
    answer = walk.leave(state="s" * 6_000)
    assert answer.location.startswith(f"{CALLBACK}?")
    assert answer.told["error"] == "invalid_request"


def test_sign_ins_that_are_given_up_do_not_pile_up(world: World, provider: Provider) -> None:
    """The oldest cookies go; the newest sign-ins can still be finished, each in its own time."""
    walk = journey(world, provider)
    addresses = [walk.at_provider(walk.leave()) for _ in range(12)]
    assert len([name for name in walk.browser.cookies if name.startswith("comeback-")]) == 8
    arrived(walk.back(addresses[-2]))
    arrived(walk.back(addresses[-1]))


def test_no_line_of_the_log_has_a_state_or_a_secret_of_a_browser(world: World, provider: Provider) -> None:
    """Nor a code of the provider's."""
    walk = journey(world, provider)
    left = walk.leave()
    (secret,) = walk.browser.cookies.values()
    address = walk.at_provider(left)
    back = walk.back(address)
    arrived(back)
    assert line_with(world, back.headers["x-amz-cognito-request-id"])["outcome"] == "Success"
    log = b"\n".join(world.log)
    for private in (secret, state_of(address).split(".")[2], asked_of(left)["nonce"], "code-1-of"):
        assert private.encode() not in log


def test_who_was_signed_in_before_an_answer_that_is_posted_is_not_after(world: World, provider: Provider) -> None:
    """Another site's form brings no cookie of the session before, which ends all the same (attacks.md 72)."""
    walk = journey(world, provider)
    arrived(walk.sign_in())
    address = walk.at_provider(walk.leave(prompt="login"))
    name, cookie = next((one, text) for one, text in walk.browser.cookies.items() if one.startswith("session-"))
    copied = Browser(walk.client.pool, cookies={name: cookie})
    silent = request_of(walk.client, prompt="none")
    assert "code" in copied.get("/oauth2/authorize", silent).told
    walk.browser.cookies.pop(name)
    form = dict(parse_qsl(urlsplit(address).query))
    arrived(walk.browser.post("/oauth2/idpresponse", form, sec_fetch_site="cross-site"))
    assert copied.get("/oauth2/authorize", silent).told["error"] == "login_required"
