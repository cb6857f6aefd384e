"""Is a proof accepted that proves nothing? No forged, altered, borrowed or stale one, and none for something else (RFC 9449 4.3)."""

import http.client
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from api.forge import by_secret, jwt, segment, unsegment
from api.world import ClientOfTests, World
from hosted.places_of_tests import Estate, estate
from oauth.hosted import code_for, of_client, post
from oauth.proving import (
    PAR,
    TOKEN,
    USER_INFO,
    Holder,
    ada,
    ask,
    challenge_of,
    client,
    exchange_with,
    hash_of,
    holder,
    machine,
    user_info_with,
)
from poolkeeper.crypto import dpop

__all__ = ["ada", "client", "machine"]

INVALID = (400, "invalid_dpop_proof")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the proofs that the server takes apart."""
    proofs: list[str] = []
    take_apart = dpop.read

    def noted(text: str) -> dpop.ClaimedDpop:
        proofs.append(text)
        return take_apart(text)

    monkeypatch.setattr(dpop, "read", noted)
    return proofs


def test_a_stranger_s_proof_costs_no_arithmetic(
    world: World, client: ClientOfTests, machine: ClientOfTests, read: list[str]
) -> None:
    """The most expensive signatures are verified only for clients of the pool, and beside tokens that it has signed."""
    dear = holder(world, "ES512")
    for fields in (
        {"grant_type": "authorization_code", "code": "c", "client_id": "nobody"},
        {"grant_type": "client_credentials", "client_id": machine.client_id, "client_secret": "wrong"},
        {"grant_type": "refresh_token", "refresh_token": "r", "client_id": "https://nobody.example/app"},
        {"grant_type": "made up", "client_id": client.client_id},
        {"client_id": client.client_id},
    ):
        assert post(world, TOKEN, fields, dear.header()).status == 400, fields
    for fields in ({"client_id": "nobody"}, {"client_id": machine.client_id, "client_secret": "wrong"}):
        assert post(world, PAR, fields, dear.header(PAR)).error == (400, "invalid_client")
    for token in ("abc", "a.b.c", by_hmac(dear)):
        refused = user_info_with(dear, token)
        assert refused.error == (401, "invalid_token")
        assert challenge_of(refused).startswith('DPoP error="invalid_token"')
    assert not read
    assert ask(machine, dear.proof()).status == 200
    assert len(read) == 1


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
    """The table of forms says where a request came in: an address in numbers stands for the public one (attacks.md 104)."""
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
