"""Is any proof taken that proves nothing? Forged, altered, borrowed, repeated, stale, or made for something else (RFC 9449 4.3, 11)."""

import http.client
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from api.forge import by_secret, jwt, segment, unsegment
from api.signing_in import at_once
from api.world import ClientOfTests, World
from hosted.places_of_tests import Estate, estate
from oauth.hosted import NAME, Answer, code_client, code_for, of_client, post
from oauth.machines import CREDENTIALS, pool_with_server
from oauth.proving import (
    TOKEN,
    USER_INFO,
    Holder,
    challenge_of,
    exchange_with,
    hash_of,
    holder,
    refresh_with,
    user_info_with,
)
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.lookup import find_pool
from poolkeeper.server.upkeep import set_preferences
from poolkeeper.tokens import dpop

INVALID = (400, "invalid_dpop_proof")


@pytest.fixture
def client(world: World) -> ClientOfTests:
    """Make a public app client and `ada`."""
    pool = pool_with_server(world)
    pool.user(NAME, email="ada@example.com")
    return code_client(pool)


@pytest.fixture
def machine(client: ClientOfTests) -> ClientOfTests:
    """Make an app client that stands for itself."""
    return client.pool.client(**CREDENTIALS)


@pytest.fixture
def ada(world: World) -> Holder:
    """Make somebody who holds a key."""
    return holder(world)


def ask(machine: ClientOfTests, proof: str, **headers: str) -> Answer:
    """Ask for a token of the client's own with a proof."""
    fields = {"grant_type": "client_credentials", **of_client(machine)}
    return post(machine.world, TOKEN, fields, {"DPoP": proof, **headers})


def now_of(held: Holder) -> int:
    return held.world.clock.now() // 1000


def by_hmac(held: Holder, algorithm: str = "HS256") -> str:
    """Sign by HMAC with the public key for a secret, as a library would that takes the algorithm from the token."""
    header = {"typ": "dpop+jwt", "alg": algorithm, "jwk": held.jwk}
    claims = {"jti": "1", "htm": "POST", "htu": held.world.url + TOKEN, "iat": now_of(held)}
    return jwt(header, claims, by_secret(json.dumps(held.jwk).encode()))


def unsigned(held: Holder) -> str:
    """Sign nothing."""
    return held.proof(header={"alg": "none"}).rpartition(".")[0] + "."


def of_another(held: Holder) -> str:
    """Show the key of somebody else."""
    return held.proof(header={"jwk": holder(held.world).jwk})


def altered(held: Holder) -> str:
    """Change what was signed."""
    header, claims, signature = held.proof().split(".")
    more = segment(json.dumps({"jti": "2", "htm": "POST", "htu": held.world.url + TOKEN, "iat": now_of(held)}).encode())
    assert claims != more
    return f"{header}.{more}.{signature}"


def huge_key(held: Holder) -> str:
    """Show a key of more bits than anybody needs, which takes its time."""
    return Holder(held.world, "RS256", rsa.generate_private_key(65537, 4224)).proof()


def small_key(held: Holder) -> str:
    """Show a key that can be broken."""
    return Holder(held.world, "RS256", rsa.generate_private_key(65537, 1024)).proof()


def stretched(held: Holder) -> str:
    """Write the same key in another way, which would be another thumbprint."""
    key = held.jwk
    return held.proof(header={"jwk": {**key, "x": segment(bytes(1) + unsegment(key["x"]))}})


def off_the_curve(held: Holder) -> str:
    """Show a point that is on no curve of ours."""
    return held.proof(header={"jwk": {**held.jwk, "x": segment(b"\x01" * 32)}})


def with_jwk(**members: Any) -> Callable[[Holder], str]:
    """Show a key with other members."""
    return lambda held: held.proof(header={"jwk": {**held.jwk, **members}})


def with_header(**members: Any) -> Callable[[Holder], str]:
    return lambda held: held.proof(header=members)


def with_claims(**claims: Any) -> Callable[[Holder], str]:
    return lambda held: held.proof(**claims)


def at(seconds: int) -> Callable[[Holder], str]:
    """Make a proof of another moment."""
    return lambda held: held.proof(iat=now_of(held) + seconds)


def to(change: Callable[[str], str]) -> Callable[[Holder], str]:
    """Make a proof for another address."""
    return lambda held: held.proof(htu=change(held.world.url + TOKEN))


PROVE_NOTHING: dict[str, Callable[[Holder], str]] = {
    "nothing": lambda _: "",
    "no JWT": lambda _: "a.b.c",
    "two segments": lambda held: held.proof().rpartition(".")[0],
    "not ASCII": lambda held: held.proof() + "\xe9",
    "of another": of_another,
    "altered": altered,
    "unsigned": unsigned,
    "none": with_header(alg="none"),
    "HMAC by the public key": by_hmac,
    "HMAC under the name of a curve": lambda held: by_hmac(held, "ES256"),
    "an algorithm for another kind of key": with_header(alg="RS256"),
    "an algorithm for another curve": with_header(alg="ES384"),
    "an algorithm that is not offered": with_header(alg="RS512"),
    "a key for another algorithm": with_jwk(alg="ES384"),
    "a symmetric key": with_header(jwk={"kty": "oct", "k": "c2VjcmV0"}),
    "a private key": lambda held: held.proof(header={"jwk": held.private_jwk}),
    "a private member": with_jwk(p="AQAB"),
    "a small key": small_key,
    "a huge key": huge_key,
    "a key of another spelling": stretched,
    "no key on the curve": off_the_curve,
    "no key": with_header(jwk=None),
    "a key by its address": with_header(jwk=None, jku="https://evil.example/keys"),
    "a key by its name": with_header(jwk=None, kid="1"),
    "a JWT of another kind": with_header(typ="JWT"),
    "no kind": with_header(typ=None),
    "an extension": with_header(crit=["b64"], b64=False),
    "no jti": with_claims(jti=None),
    "an empty jti": with_claims(jti=""),
    "a huge jti": with_claims(jti="j" * 257),
    "no htm": with_claims(htm=None),
    "another method": with_claims(htm="GET"),
    "the method in small letters": with_claims(htm="post"),
    "no htu": with_claims(htu=None),
    "another host": to(lambda url: url.replace("localhost", "evil.example")),
    "another port": to(lambda url: url.replace(str(urlsplit(url).port), "1")),
    "another scheme": to(lambda url: url.replace("http:", "https:")),
    "another endpoint": to(lambda url: url.replace(TOKEN, USER_INFO)),
    "a longer path": to(lambda url: url + "/"),
    "a path in capitals": to(str.upper),
    "a user before the host": to(lambda url: url.replace("://", "://user@")),
    "a line in the address": to(lambda url: url.replace("token", "to\nken")),
    "no address": to(lambda _: "http://["),
    "a path alone": to(lambda _: TOKEN),
    "no iat": with_claims(iat=None),
    "an iat that is a text": with_claims(iat="now"),
    "of long ago": at(-301),
    "of the future": at(61),
    "of the end of all time": at(2**60),
    "too large": with_claims(filler="f" * 6_000),
}


@pytest.mark.filterwarnings("ignore:Key size should be")
@pytest.mark.parametrize("case", PROVE_NOTHING)
def test_what_proves_nothing_is_refused(machine: ClientOfTests, ada: Holder, case: str) -> None:
    """One thing wrong at a time; the key of the proof is good, and its sender has the client's secret."""
    assert ask(machine, PROVE_NOTHING[case](ada)).error == INVALID
    assert ask(machine, ada.proof()).status == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url + "?client_id=1#part",
        lambda url: url.replace("http://localhost", "HTTP://LOCALHOST"),
        lambda url: url.replace("token", "%74oken"),
    ],
    ids=["query and fragment", "capitals", "an escape that needs none"],
)
def test_an_address_may_be_written_in_other_ways(
    machine: ClientOfTests, ada: Holder, change: Callable[[str], str]
) -> None:
    """RFC 9449 4.3 step 9, RFC 3986 6.2.2, 6.2.3."""
    assert ask(machine, to(change)(ada)).status == 200


@pytest.mark.parametrize("seconds", [-299, 0, 60])
def test_clocks_may_be_a_little_apart(machine: ClientOfTests, ada: Holder, seconds: int) -> None:
    """Five minutes behind, one ahead."""
    assert ask(machine, at(seconds)(ada)).status == 200


def test_a_proof_serves_once(world: World, machine: ClientOfTests, ada: Holder) -> None:
    """RFC 9449 11.1: also a moment before it is too old; of many at once one gets a token. Another's `jti` is another one."""
    proof = ada.proof(jti="the same")
    assert ask(machine, proof).status == 200
    assert ask(machine, proof).error == INVALID
    assert ask(machine, ada.proof(jti="the same")).error == INVALID
    assert ask(machine, holder(world).proof(jti="the same")).status == 200
    world.clock.advance(5 * MINUTE - SECOND)
    assert ask(machine, proof).error == INVALID
    proof = ada.proof()
    statuses = at_once([lambda: ask(machine, proof).status] * 12)
    assert sorted(statuses) == [200, *[400] * 11]


def test_a_proof_from_before_a_restore_serves_no_more(
    world: World, machine: ClientOfTests, ada: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """attacks.md 159: the rows that say which proofs were spent are those of the copy."""
    proof = ada.proof()
    monkeypatch.setattr(world.app, "house", replace(world.house, restored_at=world.clock.now()))
    assert ask(machine, proof).error == INVALID
    world.clock.advance(SECOND)
    assert ask(machine, ada.proof()).status == 200


def test_a_stolen_request_gives_nothing(client: ClientOfTests, ada: Holder) -> None:
    """A refresh token with the proof that went beside it, a code with its own."""
    code, proof = code_for(client), ada.header()
    token = exchange_with(client, code, proof).body["refresh_token"]
    used = ada.header()
    assert refresh_with(client, token, used).status == 200
    assert refresh_with(client, token, used).error == INVALID
    assert refresh_with(client, token, ada.header()).status == 200
    assert exchange_with(client, code, proof).status == 400


def test_a_proof_that_was_used_changes_nothing(world: World, client: ClientOfTests, ada: Holder) -> None:
    """It is spent before all else: no code, no session, no generation of a refresh token goes with it."""
    rotation = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0}
    rotating = code_client(client.pool, ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"], RefreshTokenRotation=rotation)
    used = ada.header()
    code = code_for(rotating)
    token = exchange_with(rotating, code, used).body["refresh_token"]
    code, sessions = code_for(rotating), "SELECT session_id, generation FROM sessions WHERE pool_id = $1"
    before = world.rows(sessions, client.pool.pool_id)
    assert exchange_with(rotating, code, used).error == INVALID
    assert refresh_with(rotating, token, used).error == INVALID
    assert world.rows(sessions, client.pool.pool_id) == before
    assert exchange_with(rotating, code, ada.header()).status == 200
    assert refresh_with(rotating, token, ada.header()).status == 200


@pytest.mark.parametrize("what", ["code", "refresh token"])
def test_of_many_requests_with_one_proof_one_is_answered(client: ClientOfTests, ada: Holder, what: str) -> None:
    """Each with a code or a session of its own, at the same moment."""
    proof = ada.header()
    codes = [code_for(client) for _ in range(6)]
    if what == "code":
        calls = [partial(exchange_with, client, code, proof) for code in codes]
    else:
        held = [exchange_with(client, code, ada.header()).body["refresh_token"] for code in codes]
        calls = [partial(refresh_with, client, token, proof) for token in held]
    answers = at_once(calls)
    assert sorted(one.status for one in answers) == [200, *[400] * 5]
    assert {one.error for one in answers if one.status == 400} == {INVALID}


def test_who_has_neither_code_nor_token_fills_no_table(world: World, client: ClientOfTests, ada: Holder) -> None:
    """A key costs nothing: proofs are written down for what is answered alone."""
    count = "SELECT COUNT(*) FROM nonces WHERE pool_id = $1"
    before = world.rows(count, client.pool.pool_id)
    assert exchange_with(client, "no code", ada.header()).error == (400, "invalid_grant")
    assert refresh_with(client, "no token", ada.header()).error == (400, "invalid_grant")
    assert user_info_with(ada, "no.access.token").status == 401
    assert world.rows(count, client.pool.pool_id) == before


def test_two_headers_are_refused(machine: ClientOfTests, ada: Holder) -> None:
    """RFC 9449 4.3 step 1: also where a proxy has joined them."""
    body = urlencode({"grant_type": "client_credentials", **of_client(machine)})
    for order in ((ada.proof(), "nothing"), ("nothing", ada.proof()), (ada.proof(), ada.proof())):
        connection = http.client.HTTPConnection(urlsplit(machine.world.url).netloc, timeout=30)
        connection.putrequest("POST", TOKEN)
        for proof in order:
            connection.putheader("DPoP", proof)
        connection.putheader("Content-Type", "application/x-www-form-urlencoded")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body.encode())
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["error"]) == INVALID
        connection.close()
    assert ask(machine, f"{ada.proof()}, {ada.proof()}").error == INVALID


@pytest.fixture
def juniper(world: World) -> Estate:
    """Make a pool with a prefix and a custom domain."""
    return estate(world)


def test_a_proof_is_for_one_address_and_the_host_header_names_none(
    world: World, juniper: Estate, machine: ClientOfTests, ada: Holder
) -> None:
    """The table of forms says where a request came in: a number stands for the public address (attacks.md 104)."""
    evil, port = "10.1.2.3", urlsplit(world.url).port
    assert ask(machine, ada.proof(htu=f"http://{evil}:{port}{TOKEN}"), Host=evil).error == INVALID
    assert ask(machine, ada.proof(), Host=evil).status == 200
    code = {"grant_type": "authorization_code", "code": "none", **of_client(juniper.client)}
    urls = {form: f"http://{host}:{port}{mount}{TOKEN}" for form, (host, mount) in juniper.forms.items()}
    for form, (host, mount) in juniper.forms.items():
        for other, url in urls.items():
            answer = post(world, mount + TOKEN, code, {"Host": host, **ada.header(htu=url)})
            assert answer.error == ((400, "invalid_grant") if other == form else INVALID), (form, other)
            told = answer.body.get("error_description", "")
            assert told == ("" if other == form else f"htu is another address than {urls[form]}")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"ath": None}, "invalid_dpop_proof"),
        ({"ath": ""}, "invalid_dpop_proof"),
        ({"ath": hash_of("another token")}, "invalid_dpop_proof"),
        ({"method": "POST"}, "invalid_dpop_proof"),
        ({"jti": None}, "invalid_dpop_proof"),
    ],
)
def test_beside_an_access_token_a_proof_is_for_that_token(
    client: ClientOfTests, ada: Holder, given: dict[str, Any], error: str
) -> None:
    """RFC 9449 4.3 step 12, 7.1: 401 with the challenge of DPoP."""
    token = exchange_with(client, code_for(client), ada.header()).body["access_token"]
    answer = user_info_with(ada, token, **given)
    assert answer.error == (401, error)
    assert challenge_of(answer).startswith(f'DPoP error="{error}"')
    assert user_info_with(ada, token).status == 200


def test_a_stolen_access_token_is_worth_nothing(world: World, client: ClientOfTests, ada: Holder) -> None:
    """With another key, without any, and with the proof that went beside it once; nothing else shown by the scheme of DPoP helps."""
    token = exchange_with(client, code_for(client), ada.header()).body["access_token"]
    assert user_info_with(holder(world), token).error == (401, "invalid_token")
    shown = {"Authorization": f"DPoP {token}"}
    assert world.get(USER_INFO, shown)[0] == 401
    seen = {**shown, "DPoP": ada.proof(USER_INFO, method="GET", token=token)}
    assert [world.get(USER_INFO, seen)[0] for _ in range(2)] == [200, 401]
    lower = {"Authorization": f"dpop {token}", "DPoP": ada.proof(USER_INFO, method="GET", token=token)}
    assert world.get(USER_INFO, lower)[0] == 200


def test_a_nonce_is_of_one_pool_and_of_now(world: World, machine: ClientOfTests, ada: Holder) -> None:
    """RFC 9449 8: a nonce that is given is looked at also where none is demanded."""
    pool, other = machine.pool, world.pool()
    world.run(lambda: set_preferences(world.house, pool.pool_id, ["dpop_nonces=on"]))
    world.signed.describe_user_pool(UserPoolId=pool.pool_id)
    wanted = (400, "use_dpop_nonce")
    nonce = ask(machine, ada.proof()).headers["dpop-nonce"]
    assert ask(machine, ada.proof(nonce=nonce)).status == 200
    for wrong in (nonce[:-1] + ("A" if nonce[-1] != "A" else "B"), nonce_of(world, other.pool_id), "A" * 28, "\xe9"):
        assert ask(machine, ada.proof(nonce=wrong)).error == wanted
    for unreadable in ("", "n" * 257, 5):
        assert ask(machine, ada.proof(nonce=unreadable)).error == INVALID
    world.clock.advance(2 * MINUTE)
    assert ask(machine, ada.proof(nonce=nonce)).status == 200
    world.clock.advance(2 * MINUTE)
    refused = ask(machine, ada.proof(nonce=nonce))
    assert refused.error == wanted
    assert refused.headers["dpop-nonce"] != nonce
    world.run(lambda: set_preferences(world.house, pool.pool_id, ["dpop_nonces=off"]))
    world.signed.describe_user_pool(UserPoolId=pool.pool_id)
    assert ask(machine, ada.proof(nonce=nonce)).error == wanted
    assert "dpop-nonce" not in ask(machine, ada.proof()).headers


def nonce_of(world: World, pool_id: str) -> str:
    """Return the nonce that another pool gives now."""

    async def find() -> str:
        pool = await find_pool(world.house, pool_id)
        assert pool is not None
        return dpop.nonce_of(pool, world.clock.now())

    return world.run(find)
