"""Whether anything but an access token of ours, as we wrote it and while it lives, speaks for a user (attacks.md 53-62, 70)."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from api.forge import Forger, by_key, by_secret, claims_of, forger, jwt, segment, unsegment
from api.stage import BY_TOKEN, Stage, Wire, request_for, set_stage
from api.world import World, refused
from poolkeeper.clock import HOUR, SECOND
from poolkeeper.crypto import jws
from poolkeeper.model.group import GROUPS_OF_A_USER

INVALID = ("NotAuthorizedException", "Invalid Access Token")
SQL = ("' or 1", "' OR '1'='1", "../../etc/passwd", "../x", "%00", "a\x00b", "\ud800", "", "x" * 5000, "kid\r\n")


@pytest.fixture
def stage(world: World) -> Stage:
    return set_stage(world, "tokens")


def told(world: World, token: str) -> tuple[str, str]:
    """Return name and sentence of what GetUser says to a token; empty texts where it is taken."""
    status, answer = world.call("GetUser", {"AccessToken": token})
    return ("", "") if status == 200 else (answer["__type"], answer["message"])


def test_the_published_keys_are_public_ones(world: World, stage: Stage) -> None:
    """attacks.md 69: two keys, each with the public members and no other."""
    status, _, body = world.get(f"/{stage.pool.pool_id}/.well-known/jwks.json")
    keys = json.loads(body)["keys"]
    assert status == 200
    assert [set(one) for one in keys] == [{"alg", "e", "kid", "kty", "n", "use"}] * 2
    assert len({one["kid"] for one in keys}) == 2


def test_a_token_made_as_the_server_makes_it_is_taken(world: World, stage: Stage) -> None:
    """The forger of these tests can do it: what is refused below is refused for what was changed."""
    key = forger(world, stage.pool.pool_id)
    assert told(world, key.sign(claims_of(stage.tokens["AccessToken"]))) == ("", "")


def hmac_with_public_keys(key: Forger, claims: dict[str, Any]) -> Iterator[str]:
    """HS256 under everything that is public about our key, and under nothing (attacks.md 53, 56)."""
    public = key.private.public_key()
    secrets = [
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).strip(),
        public.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(key.jwk).encode(),
        json.dumps(key.jwk, separators=(",", ":")).encode(),
        key.jwk["n"].encode(),
        unsegment(key.jwk["n"]),
        b"",
        b"null",
        b"\x00",
    ]
    for secret, algorithm in product(secrets, ("HS256", "RS256")):
        yield jwt({"kid": key.kid, "alg": algorithm}, claims, by_secret(secret))


def unsigned(key: Forger, claims: dict[str, Any]) -> Iterator[str]:
    """No signature at all, under every spelling of none (attacks.md 53)."""
    for algorithm in ("none", "None", "NONE", "nOnE", "", "RS256"):
        yield jwt({"kid": key.kid, "alg": algorithm}, claims, lambda _: b"")
        yield jwt({"kid": key.kid, "alg": algorithm}, claims, lambda _: b"")[:-1]


def other_algorithms(key: Forger, claims: dict[str, Any]) -> Iterator[str]:
    """Our own signature under the name of another algorithm (attacks.md 53)."""
    for algorithm in ("RS384", "RS512", "PS256", "ES256", "EdDSA", "rs256", "HS256", None, ["RS256"], 1):
        yield key.sign(claims, alg=algorithm)


def keys_in_the_header(key: Forger, claims: dict[str, Any]) -> Iterator[str]:
    """Bring a key along in the token (attacks.md 54), with its signature and with ours."""
    stranger = jws.generate()
    own = jws.public_jwk("mine", stranger)
    for extra in ({"jwk": own}, {"jwk": key.jwk}, {"x5c": ["MIIB"]}, {"x5t": "AA"}, {"x5u": "https://evil.example/"}):
        for kid in (key.kid, "mine"):
            header = {"kid": kid, "alg": "RS256", **extra}
            yield jwt(header, claims, by_key(stranger))
            yield jwt(header, claims, by_key(key.private))


def critical_extensions(key: Forger, claims: dict[str, Any]) -> Iterator[str]:
    """Headers that must be understood, and are not (attacks.md 55), signed by our own key."""
    headers: list[dict[str, Any]] = [
        {"crit": ["x"], "x": 1},
        {"crit": []},
        {"b64": False, "crit": ["b64"]},
        {"b64": False},
        {"typ": "JWT"},
    ]
    for extra in headers:
        yield key.sign(claims, **extra)


def other_forms(key: Forger, claims: dict[str, Any]) -> Iterator[str]:
    """JWE, nested and compressed tokens, too few and too many segments (attacks.md 57)."""
    good = key.sign(claims)
    head, body, proof = good.split(".")
    jwe = segment(json.dumps({"alg": "RSA-OAEP", "enc": "A256GCM", "kid": key.kid}).encode())
    yield from (
        f"{jwe}.{segment(b'k' * 256)}.{segment(b'i' * 12)}.{body}.{segment(b't' * 16)}",
        key.sign(claims, zip="DEF"),
        key.sign(good.encode(), cty="JWT"),
        key.sign(good.encode()),
        f"{good}.{proof}",
        f"{head}.{body}",
        f"{head}.{body}.",
        f"{head}..{proof}",
        f".{body}.{proof}",
        "..",
        "a",
    )


def kids(key: Forger, claims: dict[str, Any]) -> Iterator[str]:
    """Key ids that are paths, SQL and worse (attacks.md 70), signed by our own key."""
    for kid in (*SQL, None, 7, [key.kid], {"kid": key.kid}, key.kid + "=", key.kid.lower(), " " + key.kid):
        yield jwt({"kid": kid, "alg": "RS256"}, claims, by_key(key.private))
    yield jwt({"alg": "RS256"}, claims, by_key(key.private))


def other_keys(key: Forger, claims: dict[str, Any]) -> Iterator[str]:
    """Our kid over somebody else's key."""
    yield jwt({"kid": key.kid, "alg": "RS256"}, claims, by_key(jws.generate()))


FORGERIES = [
    hmac_with_public_keys,
    unsigned,
    other_algorithms,
    keys_in_the_header,
    critical_extensions,
    other_forms,
    kids,
    other_keys,
]


@pytest.mark.parametrize("forgeries", FORGERIES, ids=lambda make: make.__name__)
def test_a_forged_token_speaks_for_nobody(
    world: World, stage: Stage, forgeries: Callable[[Forger, dict[str, Any]], Iterator[str]]
) -> None:
    """attacks.md 53-57, 70: each forgery is `Invalid Access Token`, or not even of a token's alphabet."""
    key, claims = forger(world, stage.pool.pool_id), claims_of(stage.tokens["AccessToken"])
    for token in forgeries(key, claims):
        name, sentence = told(world, token)
        if re.fullmatch(r"[A-Za-z0-9-_=.]+", token):
            assert (name, sentence) == INVALID, token
        else:
            assert name == "InvalidParameterException", token


def test_no_token_makes_the_server_call_anybody(world: World, stage: Stage) -> None:
    """attacks.md 54: an address in the header, or as the issuer, is not asked for keys."""
    key, claims = forger(world, stage.pool.pool_id), claims_of(stage.tokens["AccessToken"])
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0)
        address = f"http://127.0.0.1:{trap.getsockname()[1]}"
        for extra in ({"jku": f"{address}/jwks.json"}, {"x5u": f"{address}/x5u"}):
            assert told(world, key.sign(claims, **extra)) == INVALID
        issuer = f"{address}/{stage.pool.pool_id}"
        assert told(world, key.sign({**claims, "iss": issuer})) == INVALID
        with pytest.raises(BlockingIOError):
            trap.accept()


def test_an_oversized_token_is_not_even_decoded(world: World, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """attacks.md 58: above 96 KiB, or with a header or signature that is longer than ours, nothing of a token is decoded."""
    decoded: list[int] = []
    decode = jws._decode

    def counting(text: str) -> bytes:
        decoded.append(len(text))
        return decode(text)

    monkeypatch.setattr(jws, "_decode", counting)
    token = stage.tokens["AccessToken"]
    head, body, proof = token.split(".")
    for oversized in (f"{head}.{'A' * 120_000}.{proof}", f"{head * 2}.{body}.{proof}", f"{head}.{body}.{proof * 200}"):
        assert told(world, oversized) == INVALID
    assert decoded == []
    assert told(world, token) == ("", "")
    assert decoded


def test_a_key_that_is_not_there_costs_no_parsing(world: World, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of a pool are read again for an unknown key id, and parsed where they are other ones than before."""
    parsed: list[int] = []
    parse = jws.import_private

    def counting(der: bytes) -> RSAPrivateKey:
        parsed.append(len(der))
        return parse(der)

    monkeypatch.setattr(jws, "import_private", counting)
    token = stage.tokens["AccessToken"]
    _, body, proof = token.split(".")
    assert told(world, token) == ("", "")
    parsed.clear()
    for number in range(20):
        header = segment(b'{"kid":"%s","alg":"RS256"}' % jws.key_id(bytes([number]) * 32).encode())
        assert told(world, f"{header}.{body}.{proof}") == INVALID
    assert parsed == []

    memory = world.house.memory.pool_keys
    keys = memory.get(stage.pool.pool_id)
    assert keys is not None
    memory.put(stage.pool.pool_id, replace(keys, public={keys.id.kid: keys.public[keys.id.kid]}))
    assert told(world, token) == ("", "")
    assert len(parsed) == 2


def test_the_largest_token_that_is_issued_is_taken(world: World) -> None:
    """All the groups that a user may be in, with names of the length and of the characters that take most room."""
    pool = world.pool()
    pool.user("ada")
    for number in range(GROUPS_OF_A_USER):
        name = f"{number:03}" + "\U0001d50a" * 125
        world.signed.create_group(UserPoolId=pool.pool_id, GroupName=name)
        pool.admin("admin_add_user_to_group", "ada", GroupName=name)
    token = pool.client().tokens("ada")["AccessToken"]
    assert 68_000 < len(token) < jws.MAX_TOKEN
    assert told(world, token) == ("", "")


@pytest.mark.parametrize("operation", BY_TOKEN, ids=lambda one: one.name)
@pytest.mark.parametrize("kind", ["IdToken", "RefreshToken", "of another pool", "garbage"])
def test_only_an_access_token_opens_an_operation(
    world: World, stage: Stage, wire: Wire, operation: Any, kind: str
) -> None:
    """attacks.md 59: an ID or refresh token, and the token of another pool's keys, is no access token anywhere."""
    other = forger(world, world.pool().pool_id)
    tokens = {
        "of another pool": other.sign(claims_of(stage.tokens["AccessToken"])),
        "garbage": "eyJh.eyJh.abc",
        **stage.tokens,
    }
    request = {**request_for(operation, stage), "AccessToken": tokens[kind]}
    answer = wire.call(operation.name, request)
    assert (answer.error, json.loads(answer.body)["message"]) == INVALID


def test_an_access_token_has_its_id_without_revocation_too(world: World) -> None:
    """EnableTokenRevocation adds origin_jti, and `jti` to the ID token; an access token always has its own."""
    client = world.pool().client(EnableTokenRevocation=False)
    client.pool.user("ada")
    tokens = client.tokens("ada")
    access, identity = claims_of(tokens["AccessToken"]), claims_of(tokens["IdToken"])
    assert "jti" in access
    assert "jti" not in identity
    assert "origin_jti" not in access.keys() | identity.keys()
    again = client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])
    assert again["ChallengeParameters"] == {}
    assert claims_of(again["AuthenticationResult"]["AccessToken"])["jti"] != access["jti"]


@pytest.mark.parametrize("kind", ["AccessToken", "IdToken"])
def test_only_a_refresh_token_refreshes(world: World, stage: Stage, kind: str) -> None:
    """attacks.md 59: neither an access token nor an ID token is a refresh token, or can be revoked as one."""
    client, token = stage.client, stage.tokens[kind]
    invalid = ("NotAuthorizedException", "Invalid Refresh Token.")
    assert refused(lambda: client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token)) == invalid
    get = world.unsigned.get_tokens_from_refresh_token
    assert refused(lambda: get(ClientId=client.client_id, RefreshToken=token)) == invalid
    revoke = world.unsigned.revoke_token
    assert refused(lambda: revoke(ClientId=client.client_id, Token=token))[0] == "UnsupportedTokenTypeException"


def test_an_issuer_is_ours_or_it_is_not(world: World, stage: Stage) -> None:
    """attacks.md 59: what begins or ends as our issuer does is none of its forms."""
    key, claims = forger(world, stage.pool.pool_id), claims_of(stage.tokens["AccessToken"])
    ours, pool_id = claims["iss"], stage.pool.pool_id
    assert told(world, key.sign({**claims, "iss": f"https://cognito-idp.us-east-1.amazonaws.com/{pool_id}"})) == (
        "",
        "",
    )
    issuers = [
        *(f"{ours}{tail}" for tail in ("x", "/", "/x", " ", "?", "#", "/../other", "\x00")),
        *(f"{head}{ours}" for head in ("x", " ", "https://evil.example/", "https://evil.example?")),
        f"https://evil.example/{pool_id}",
        f"https://cognito-idp.eu-west-1.amazonaws.com/{pool_id}",
        f"http://cognito-idp.us-east-1.amazonaws.com/{pool_id}",
        ours.upper(),
        ours[:-1],
        pool_id,
        "",
        "/",
        *SQL,
        None,
        [ours],
        {"iss": ours},
    ]
    for issuer in issuers:
        assert told(world, key.sign({**claims, "iss": issuer})) == INVALID, issuer


@pytest.mark.parametrize(
    "change",
    [
        {"sub": "00000000-0000-4000-8000-000000000000"},
        {"client_id": "0" * 26},
        {"token_use": "id"},
        {"token_use": "Access"},
        {"scope": ""},
        {"scope": "openid"},
        {"scope": "aws.cognito.signin.user.administrator"},
        {"origin_jti": "00000000-0000-4000-8000-000000000000"},
        {"origin_jti": "' OR '1'='1"},
        {"origin_jti": "", "event_id": ""},
    ],
    ids=repr,
)
def test_claims_that_do_not_fit_the_session_are_refused(world: World, stage: Stage, change: dict[str, str]) -> None:
    """attacks.md 59: even under our signature a token speaks for its own session, user and client, and for sign-in alone."""
    key, claims = forger(world, stage.pool.pool_id), claims_of(stage.tokens["AccessToken"])
    assert told(world, key.sign({**claims, **change}))[0] == "NotAuthorizedException"


def test_a_token_of_the_same_pool_but_another_client_or_user_is_no_other(world: World, stage: Stage) -> None:
    """attacks.md 59: a session id of one user does not carry the name of another."""
    stage.pool.user("eve", password=stage.password)
    eve = claims_of(stage.client.tokens("eve", stage.password)["AccessToken"])
    key, claims = forger(world, stage.pool.pool_id), claims_of(stage.tokens["AccessToken"])
    for mixed in ({**eve, "origin_jti": claims["origin_jti"]}, {**claims, "sub": eve["sub"]}):
        assert told(world, key.sign(mixed)) == INVALID


WEIRD_NUMBERS = st.sampled_from(
    [
        b"1.5",
        b"1e3",
        b"1e400",
        b"-1e400",
        b"NaN",
        b"Infinity",
        b"-1",
        b"0",
        b"9" * 4_000,
        b"9007199254740992",
        b'"9999999999"',
        b"true",
        b"null",
        b"[]",
        b"{}",
        b'{"$gt":0}',
        b"9007199254740993.0",
    ]
)


def test_times_that_are_no_times_never_pass(world: World, stage: Stage) -> None:
    """attacks.md 60: `exp` and `iat` as fractions, texts, infinities, missing or negative: refused, and never an accident."""
    key, claims = forger(world, stage.pool.pool_id), claims_of(stage.tokens["AccessToken"])

    @settings(max_examples=60, deadline=None)
    @given(exp=WEIRD_NUMBERS, name=st.sampled_from(["exp", "iat", "both"]))
    def try_claims(exp: bytes, name: str) -> None:
        names = ("exp", "iat") if name == "both" else (name,)
        payload = json.dumps({key: value for key, value in claims.items() if key not in names}).encode()[:-1]
        payload += b"".join(b',"%s":%s' % (one.encode(), exp) for one in names) + b"}"
        if names == ("iat",) and exp in {b"-1", b"0"}:
            return
        assert told(world, key.sign(payload))[0] == "NotAuthorizedException", payload

    try_claims()
    for missing in ("exp", "iat", "iss", "sub", "client_id", "token_use", "scope"):
        left = {name: value for name, value in claims.items() if name != missing}
        assert told(world, key.sign(left))[0] == "NotAuthorizedException", missing


def test_claims_of_any_kind_are_no_accident(world: World, stage: Stage) -> None:
    """attacks.md 60, 61: whatever JSON stands in a signed token, the answer is a refusal or the bearer, and never a 500."""
    key, claims = forger(world, stage.pool.pool_id), claims_of(stage.tokens["AccessToken"])
    anything = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    )

    @settings(max_examples=60, deadline=None)
    @given(changed=st.dictionaries(st.sampled_from(sorted(claims)), anything, min_size=1, max_size=3))
    def try_claims(changed: dict[str, Any]) -> None:
        assert told(world, key.sign({**claims, **changed}))[0] in {"", "NotAuthorizedException"}

    try_claims()
    for body in (b"[]", b"null", b'"x"', b"", b"{", b"\xff", b"\xef\xbb\xbf{}", b'{"iss":"\\ud800"}', b"[" * 10_000):
        assert told(world, key.sign(body)) == INVALID, body


def spellings(token: str) -> Iterator[str]:
    """Return other texts that a lax reader would take for the same token."""
    head, body, proof = token.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(proof[-1])
    yield from (f"{head}.{body}.{proof[:-1]}{alphabet[last ^ bits]}" for bits in (1, 2, 3))
    yield from (f"{token}=", f"{token}==", f"{head}=.{body}.{proof}", f"{head}.{body}==.{proof}", f"{token}.")
    yield from (f" {token}", f"{token} ", f"{token}\n", f"{head}.\n{body}.{proof}", f"\ufeff{token}")
    yield from (token.replace("-", "+").replace("_", "/"), token.upper(), f"Bearer {token}", f"{token}\x00")
    claims, header = unsegment(body), unsegment(head)
    yield f"{segment(b' ' + header)}.{body}.{proof}"
    yield f"{head}.{segment(claims.replace(b':', b': ', 1))}.{proof}"


def test_a_token_has_one_spelling(world: World, stage: Stage) -> None:
    """attacks.md 62: no other text passes for a token, alive or revoked, so nothing slips past its revocation."""
    token = stage.tokens["AccessToken"]
    others = [one for one in spellings(token) if one != token]
    assert len(others) > 15
    for one in others:
        assert told(world, one)[0] in {
            "NotAuthorizedException",
            "InvalidParameterException",
            "SerializationException",
        }, one

    world.unsigned.global_sign_out(AccessToken=token)
    assert told(world, token) == ("NotAuthorizedException", "Access Token has been revoked")
    for one in others:
        assert told(world, one)[0], one


def test_a_token_ends_with_its_second(world: World, stage: Stage) -> None:
    """A token is good until its `exp` and not at it, by the server's clock."""
    token = stage.tokens["AccessToken"]
    world.clock.advance(HOUR - SECOND)
    assert told(world, token) == ("", "")
    world.clock.advance(SECOND)
    assert told(world, token) == ("NotAuthorizedException", "Access Token has expired")
