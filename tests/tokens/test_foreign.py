"""Is an ID token of another provider taken only if it is one, by that provider, for us and of now? attacks.md 104 and 105."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poolkeeper.crypto import base64url, foreign_jws
from poolkeeper.providers import Providers
from poolkeeper.tokens.foreign import FEDERATION_SKEW, IDENTITY_POOL_SKEW, ForeignTokenRefused
from tokens.issuer import CLIENT, JWKS, NOW, Issuer, judge, key, story

Forge = Callable[[Issuer], str]


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: str = "") -> str:
    return f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}.{signature}"


@pytest.mark.parametrize("algorithm", sorted(foreign_jws.ALGORITHMS))
def test_a_token_is_taken_by_every_algorithm_of_a_public_key(algorithm: str) -> None:
    """As another implementation signs it; the claims come back whole."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        issuer.published = [key("one"), key(f"of {algorithm}", algorithm)]
        token = issuer.token(by=issuer.published[1], algorithm=algorithm, email="a@example.com", typ=None)
        claims = await judge(providers, issuer, token)
        assert claims == issuer.claims(email="a@example.com")

    story(told)


def _hmac_by_public_key(issuer: Issuer) -> str:
    signed = unsigned({"alg": "HS256", "kid": "one"}, issuer.claims()).rstrip(".")
    return f"{signed}.{b64(hmac.digest(issuer.published[0].as_pem(private=False), signed.encode(), 'sha256'))}"


def _signed_by_embedded_key(issuer: Issuer) -> str:
    thief = key("thief")
    return issuer.token(by=thief, header={"kid": "one", "jwk": thief.as_dict(private=False)})


def _changed_after_signing(issuer: Issuer) -> str:
    head, _, signature = issuer.token().split(".")
    return f"{head}.{b64(json.dumps(issuer.claims(sub='admin')).encode())}.{signature}"


def _longer_curve_signature(issuer: Issuer) -> str:
    issuer.published.append(key("curve", "ES256"))
    good = issuer.token(by=issuer.published[1], algorithm="ES256")
    signature = base64url.decode(good.rpartition(".")[2])
    return f"{good.rpartition('.')[0]}.{b64(signature[:32] + bytes(1) + signature[32:])}"


def _short_curve_signature(issuer: Issuer) -> str:
    issuer.published.append(key("curve", "ES256"))
    return unsigned({"alg": "ES256", "kid": "curve"}, issuer.claims(), b64(b"\0" * 64))


FORGERIES: dict[str, tuple[str, Forge]] = {
    "no signature": ("algorithm", lambda one: unsigned({"alg": "none", "kid": "one"}, one.claims())),
    "no signature, spelt NONE": ("algorithm", lambda one: unsigned({"alg": "NONE", "kid": "one"}, one.claims())),
    "an HMAC by the public key": ("algorithm", _hmac_by_public_key),
    "no algorithm": ("malformed", lambda one: unsigned({"kid": "one"}, one.claims())),
    "an algorithm of another key's kind": (
        "unknown-key",
        lambda one: one.token(by=key("one of a curve", "ES256"), algorithm="ES256", header={"kid": "one"}),
    ),
    "a signature of zeros": ("signature", _short_curve_signature),
    "a signature with a zero more": ("signature", _longer_curve_signature),
    "a signature of nothing": ("signature", lambda one: unsigned({"alg": "RS256", "kid": "one"}, one.claims())),
    "a key in the header": ("signature", _signed_by_embedded_key),
    "a thief's key of the same name": ("signature", lambda one: one.token(by=key("thief"), header={"kid": "one"})),
    "a thief's key, found at his address": (
        "unknown-key",
        lambda one: one.token(by=key("thief"), header={"jku": f"{one.url}/thief", "x5u": f"{one.url}/thief"}),
    ),
    "a kid that is a path": ("unknown-key", lambda one: one.token(header={"kid": "../../../../dev/null"})),
    "a kid that is a query": ("unknown-key", lambda one: one.token(header={"kid": "x' UNION SELECT 'one"})),
    "a kid as long as a book": ("unknown-key", lambda one: one.token(header={"kid": "k" * 1_000})),
    "no kid": ("unknown-key", lambda one: one.token(header={"kid": None})),
    "other claims than were signed": ("signature", _changed_after_signing),
    "an extension": ("malformed", lambda one: one.token(header={"crit": ["kid"]})),
    "an extension of no name": ("malformed", lambda one: unsigned({"alg": "RS256", "kid": "one", "crit": []}, {})),
    "a payload as it is": ("malformed", lambda one: unsigned({"alg": "RS256", "kid": "one", "b64": False}, {})),
    "an access token": ("malformed", lambda one: one.token(header={"typ": "at+jwt"})),
    "a logout token": ("malformed", lambda one: one.token(header={"typ": "logout+jwt"})),
    "a token in a token": ("malformed", lambda one: one.token(header={"cty": "JWT"})),
    "five segments": ("malformed", lambda _: "a.b.c.d.e"),
    "nothing": ("malformed", lambda _: ""),
    "a header as long as a book": ("malformed", lambda one: one.token(header={"x5c": ["M" * 20_000]})),
    "padding": ("malformed", lambda one: one.token() + "=="),
    "claims that are a list": ("malformed", lambda one: f"{one.token().split('.')[0]}.{b64(b'[]')}.AAAA"),
    "claims as deep as a well": (
        "malformed",
        lambda one: ".".join((one.token().split(".")[0], b64(b'{"a":' + b"[" * 30_000), "AAAA")),
    ),
    "more than any token has": ("malformed", lambda one: one.token(text="x" * 70_000)),
    "another issuer": ("issuer", lambda one: one.token(iss="https://issuer.example")),
    "the issuer with a slash": ("issuer", lambda one: one.token(iss=f"{one.url}/")),
    "the issuer in capitals": ("issuer", lambda one: one.token(iss=one.url.upper())),
    "a sibling of the issuer": ("issuer", lambda one: one.token(iss=f"{one.url}/other-tenant/v2.0")),
    "an issuer that is a list": ("issuer", lambda one: one.token(iss=[one.url])),
    "no issuer": ("missing", lambda one: one.token(iss=None)),
    "another client": ("audience", lambda one: one.token(aud="another-client")),
    "other clients": ("audience", lambda one: one.token(aud=["another-client", f"{CLIENT}2"])),
    "a client that is an object": ("audience", lambda one: one.token(aud={CLIENT: True})),
    "no client": ("missing", lambda one: one.token(aud=None)),
    "no end": ("missing", lambda one: one.token(exp=None)),
    "an end that is a text": ("malformed", lambda one: one.token(exp=str(NOW + 300))),
    "an end that is true": ("malformed", lambda one: one.token(exp=True)),
    "an end at the end of time": ("malformed", lambda one: one.token(exp=1e300)),
    "an end of four thousand digits": ("malformed", lambda one: one.token(exp=10**4_000)),
    "no beginning": ("missing", lambda one: one.token(iat=None)),
    "made tomorrow": ("not-yet", lambda one: one.token(iat=NOW + 86_400, exp=NOW + 90_000)),
    "good from tomorrow": ("not-yet", lambda one: one.token(nbf=NOW + 86_400, exp=NOW + 90_000)),
    "expired": ("expired", lambda one: one.token(exp=NOW - 61)),
    "nobody": ("missing", lambda one: one.token(sub=None)),
    "an empty name": ("subject", lambda one: one.token(sub="")),
    "a number for a name": ("subject", lambda one: one.token(sub=7)),
    "a name as long as a book": ("subject", lambda one: one.token(sub="s" * 256)),
    "a name with a NUL": ("subject", lambda one: one.token(sub="a\0b")),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_what_is_no_token_for_us_is_refused_for_its_reason(name: str) -> None:
    """The provider's own key signs a good one just before, so that each is refused for what it is."""
    reason, forge = FORGERIES[name]

    async def told(issuer: Issuer, providers: Providers) -> None:
        token = forge(issuer)
        assert await judge(providers, issuer, issuer.token()) == issuer.claims()
        refused = await judge(providers, issuer, token)
        assert isinstance(refused, ForeignTokenRefused)
        assert (refused.reason, "/thief" in issuer.asked) == (reason, False)

    story(told)


def test_a_refusal_brings_what_an_answer_says() -> None:
    """The claim that is missing, and when the token ended (identity-security.md 1.2)."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        missing = await judge(providers, issuer, issuer.token(aud=None))
        expired = await judge(providers, issuer, issuer.token(exp=NOW - 100))
        assert (missing.reason, missing.claim) == ("missing", "aud")
        assert (expired.reason, expired.expired_at) == ("expired", NOW - 100)

    story(told)


@pytest.mark.parametrize("skew", [FEDERATION_SKEW, IDENTITY_POOL_SKEW])
def test_clocks_may_differ_by_so_much_and_no_more(skew: int) -> None:
    """A minute for a sign-in, five for identity pools, in both directions."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        token = issuer.token(iat=NOW, exp=NOW + 300, nbf=NOW)
        verdicts = [
            await judge(providers, issuer, token, at=at, skew=skew)
            for at in (NOW - skew - 1, NOW - skew, NOW + 299 + skew, NOW + 300 + skew)
        ]
        assert [getattr(one, "reason", "taken") for one in verdicts] == ["not-yet", "taken", "taken", "expired"]

    story(told)


def test_a_client_may_be_one_of_several_and_an_issuer_one_of_two() -> None:
    """A list of audiences in the token, several of ours; Google writes its issuer in two ways."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        token = issuer.token(iss="accounts.example", aud=["elsewhere", "phone"], exp=NOW + 0.5)
        verdict = await judge(
            providers, issuer, token, issuers=(issuer.url, "accounts.example"), audiences={CLIENT, "phone"}
        )
        assert verdict["aud"] == ["elsewhere", "phone"]

    story(told)


def test_a_token_of_nobody_who_is_trusted_makes_us_ask_nobody() -> None:
    """Nor does one that is no token (attacks.md 107)."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        for token in (
            issuer.token(iss="https://issuer.example"),
            "a.b.c",
            issuer.token(header={"crit": ["kid"]}),
        ):
            assert isinstance(await judge(providers, issuer, token), ForeignTokenRefused)
        assert issuer.asked == []

    story(told)


def test_keys_at_a_given_address_need_no_discovery() -> None:
    """As the `jwks_uri` of ProviderDetails has it."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        assert await judge(providers, issuer, issuer.token(), jwks_uri=issuer.url + JWKS) == issuer.claims()
        assert issuer.asked == [JWKS]

    story(told)


def test_no_byte_of_a_token_can_be_changed() -> None:
    """Whatever is put in the place of any character, the token is refused, and as a refusal."""
    token = Issuer(url="https://issuer.example").token()
    keys = foreign_jws.read_keys(json.dumps({"keys": [key("one").as_dict(private=False)]}).encode())
    foreign_jws.read(token).verify(keys)

    @given(place=st.integers(0, len(token) - 1), sign=st.characters())
    @settings(max_examples=400, deadline=None)
    def changed(place: int, sign: str) -> None:
        other = token[:place] + sign + token[place + 1 :]
        if other != token:
            with pytest.raises(foreign_jws.BadForeignToken):
                foreign_jws.read(other).verify(keys)

    changed()
