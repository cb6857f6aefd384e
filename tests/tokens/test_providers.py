"""How often are we made to fetch, how long to wait, and from where? Documents of other providers: attacks.md 106 to 108."""

import asyncio
import gzip
import json
from contextlib import AsyncExitStack
from typing import Any

import pytest

from functions.receiver import Answer, receiving
from poolkeeper import providers as module
from poolkeeper.crypto import base64url, foreign_jws
from poolkeeper.providers import Providers, ProviderUnavailable
from tokens.issuer import DISCOVERY, JWKS, NOW, Issuer, document, issuing, judge, key, knowing, story

MINUTE = 60
HOUR = 3_600


def outcome(verdict: Any) -> str:
    return str(getattr(verdict, "reason", "taken"))


async def arrived(issuer: Issuer, path: str, times: int) -> None:
    """Wait until a provider has been asked so often."""
    while issuer.asked.count(path) < times:  # noqa: ASYNC110 - it is a server that is waited for
        await asyncio.sleep(0.001)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for providers half a second instead of five."""
    monkeypatch.setattr(module, "_SECONDS", 0.5)


def test_documents_are_fetched_once_for_all_who_wait_and_kept_for_an_hour() -> None:
    """Fifty tokens at once, and more for an hour (attacks.md 108)."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        token = issuer.token(exp=NOW + 2 * HOUR)
        verdicts = await asyncio.gather(*(judge(providers, issuer, token) for _ in range(50)))
        assert {outcome(one) for one in verdicts} == {"taken"}
        assert outcome(await judge(providers, issuer, token, at=NOW + HOUR - 1)) == "taken"
        assert issuer.asked == [DISCOVERY, JWKS]

        assert outcome(await judge(providers, issuer, token, at=NOW + HOUR)) == "taken"
        assert issuer.asked == [DISCOVERY, JWKS] * 2

    story(told)


def test_a_new_key_is_found_at_once_and_a_withdrawn_one_is_forgotten() -> None:
    """Rotation: the token that names the new key brings it."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        old = issuer.token(exp=NOW + HOUR)
        assert outcome(await judge(providers, issuer, old)) == "taken"
        issuer.published = [key("two")]
        assert outcome(await judge(providers, issuer, issuer.token(), at=NOW + MINUTE)) == "taken"
        assert outcome(await judge(providers, issuer, old, at=NOW + MINUTE)) == "unknown-key"

    story(told)


def test_keys_that_nobody_has_make_us_ask_once_a_minute() -> None:
    """Two thousand tokens of two thousand keys in ten minutes are ten questions and the first (attacks.md 108)."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        token = issuer.token(exp=NOW + HOUR)
        assert outcome(await judge(providers, issuer, token)) == "taken"
        _, payload, signature = token.split(".")
        for number in range(2_000):
            head = base64url.encode(json.dumps({"alg": "RS256", "kid": f"k{number}"}).encode())
            verdict = await judge(providers, issuer, f"{head}.{payload}.{signature}", at=NOW + 1 + number * 0.3)
            assert outcome(verdict) == "unknown-key"
        assert issuer.asked.count(JWKS) == 1 + 10
        assert outcome(await judge(providers, issuer, token, at=NOW + 601)) == "taken"

    story(told)


@pytest.mark.parametrize(
    "fault",
    [
        Answer(status=500, body=b'{"keys": []}'),
        Answer(drop=True),
        Answer(body=b"<html>"),
        Answer(body=b'{"keys": 7}'),
        Answer(status=302, headers={"Location": "http://localhost/"}),
        Answer(body=b" " * 300_000),
    ],
    ids=["500", "dropped", "html", "other JSON", "redirect", "huge"],
)
def test_old_keys_serve_for_a_day_while_new_ones_cannot_be_had(fault: Answer) -> None:
    """The provider is asked once a minute meanwhile; after a day nothing of it is believed any more."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        token = issuer.token(exp=NOW + 48 * HOUR)
        assert outcome(await judge(providers, issuer, token)) == "taken"
        issuer.faults = {DISCOVERY: fault, JWKS: fault}
        for second in range(2 * HOUR, 2 * HOUR + 5 * MINUTE, 10):
            assert outcome(await judge(providers, issuer, token, at=NOW + second)) == "taken"
        assert issuer.asked.count(JWKS) == 1 + 5
        assert outcome(await judge(providers, issuer, token, at=NOW + 24 * HOUR - 1)) == "taken"
        assert outcome(await judge(providers, issuer, token, at=NOW + 24 * HOUR)) == "unavailable"

        issuer.faults = {}
        assert outcome(await judge(providers, issuer, token, at=NOW + 24 * HOUR + MINUTE)) == "taken"

    story(told)


def test_a_provider_that_never_answered_is_asked_every_five_seconds_at_most() -> None:
    """So that it is found soon after it is there."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        token = issuer.token()
        issuer.faults = {DISCOVERY: Answer(status=503)}
        for tenth in range(100):
            assert outcome(await judge(providers, issuer, token, at=NOW + tenth / 10)) == "unavailable"
        assert issuer.asked == [DISCOVERY] * 2
        issuer.faults = {}
        assert outcome(await judge(providers, issuer, token, at=NOW + 10)) == "taken"

    story(told)


def test_a_provider_that_hangs_holds_up_no_other(impatient: None) -> None:
    """Nor those of its own users whose keys are known (attacks.md 108)."""

    async def told(slow: Issuer, providers: Providers) -> None:
        async with issuing() as (other, _):
            token = slow.token(exp=NOW + 2 * HOUR)
            assert outcome(await judge(providers, slow, token)) == "taken"
            slow.faults = {JWKS: Answer(hang=True)}
            later = NOW + HOUR
            first = asyncio.create_task(judge(providers, slow, token, at=later))
            await arrived(slow, JWKS, 2)
            assert outcome(await judge(providers, other, other.token(exp=NOW + 2 * HOUR), at=later)) == "taken"
            assert outcome(await judge(providers, slow, token, at=later)) == "taken"
            assert not first.done()
            assert outcome(await first) == "taken"

    story(told)


def test_whoever_stops_waiting_stops_nobody_else() -> None:
    """A request whose caller has gone away does not take the document from the others."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        token = issuer.token()
        first = asyncio.create_task(judge(providers, issuer, token))
        second = asyncio.create_task(judge(providers, issuer, token))
        await asyncio.sleep(0)
        first.cancel()
        assert outcome(await second) == "taken"
        assert first.cancelled()

    story(told)


def test_so_many_calls_to_one_host_are_under_way_and_no_more(impatient: None) -> None:
    """The sixty-fifth is refused at once, and the place is free again when one has ended."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        issuer.faults = {"/slow": Answer(hang=True)}
        waiting = [asyncio.create_task(providers.call("GET", f"{issuer.url}/slow", headers={})) for _ in range(64)]
        await asyncio.sleep(0)
        with pytest.raises(ProviderUnavailable, match="too many"):
            await providers.call("GET", issuer.url + JWKS, headers={})
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(one) for one in ended} == {ProviderUnavailable}
        assert (await providers.call("GET", issuer.url + JWKS, headers={})).status == 200

    story(told)


def test_an_answer_is_bounded_when_it_is_unpacked() -> None:
    """A few kilobytes that would be a hundred megabytes."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        packed = gzip.compress(b" " * 100_000_000)
        issuer.faults = {JWKS: Answer(body=packed, headers={"Content-Encoding": "gzip"})}
        assert outcome(await judge(providers, issuer, issuer.token())) == "unavailable"

    story(told)


@pytest.mark.parametrize("path", [DISCOVERY, JWKS])
def test_no_redirect_is_followed(path: str) -> None:
    """To nowhere: neither what is private nor another host is asked (attacks.md 107)."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        async with receiving(document({"keys": [key("thief").as_dict(private=False)]})) as private:
            issuer.faults = {path: Answer(status=307, headers={"Location": f"{private.url}/keys"})}
            assert outcome(await judge(providers, issuer, issuer.token())) == "unavailable"
            assert private.received == []

    story(told)


def test_an_issuer_keeps_the_slash_at_its_end() -> None:
    """The address of its document has one slash there, its name is compared with it (Discovery 4.1)."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        named = f"{issuer.url}/"
        issuer.said = {"issuer": named}
        assert outcome(await judge(providers, issuer, issuer.token(iss=named), issuers=(named,))) == "taken"
        assert outcome(await judge(providers, issuer, issuer.token(), issuers=(named,))) == "issuer"
        assert issuer.asked == [DISCOVERY, JWKS]

    story(told)


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://issuer.example"},
        {"issuer": None},
        {"jwks_uri": "http://keys.example/jwks"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": ""},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://user@issuer.example/authorize"},
        {"token_endpoint": "http://issuer.example/token"},
        {"userinfo_endpoint": "ldap://issuer.example/"},
    ],
    ids=str,
)
def test_a_document_of_another_or_with_odd_addresses_is_not_believed(said: dict[str, Any]) -> None:
    """The issuer is compared whole (attacks.md 106); nobody is sent to what is not https."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        issuer.said = said
        assert outcome(await judge(providers, issuer, issuer.token())) == "unavailable"
        assert issuer.asked == [DISCOVERY]

    story(told)


OPENED = {"dev": False, "egress_allow": ("127.0.0.0/8", "::1/128")}


@pytest.mark.parametrize(
    ("url", "settings", "reached"),
    [
        ("http://localhost:{port}/", {"dev": True}, "answered"),
        ("http://127.0.0.1:{port}/", {"dev": True}, "answered"),
        ("http://demo.auth.localhost:{port}/", {"dev": True}, "answered"),
        ("http://localhost:{port}/", {"dev": False}, "never"),
        ("http://localhost:{port}/", OPENED, "never"),
        ("https://localhost:{port}/", {"dev": False}, "never"),
        ("https://localhost:{port}/", OPENED, "connected"),
        ("http://0x7f.1:{port}/", {"dev": True}, "never"),
        ("http://user@localhost:{port}/", {"dev": True}, "never"),
        ("http://localhost.example:{port}/", {"dev": True}, "never"),
        ("gopher://localhost:{port}/", {"dev": True}, "never"),
    ],
)
def test_what_is_private_is_reached_where_the_operator_says_so(
    url: str, settings: dict[str, Any], reached: str, impatient: None
) -> None:
    """Plain HTTP on this machine is for development; networks that `egress_allow` opens are reached by https alone."""

    async def told() -> None:
        async with receiving(Answer()) as receiver, knowing(**settings) as providers:
            try:
                await providers.call("GET", url.format(port=receiver.port), headers={})
                came = "answered"
            except ProviderUnavailable:
                came = "connected" if receiver.connections else "never"
            assert came == reached

    asyncio.run(told())


def _without(jwk: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**jwk, **changes}.items() if value is not None}


def test_of_a_set_of_keys_those_are_taken_that_can_verify() -> None:
    """The others are passed over (RFC 7517 5): one bad entry takes nothing from the rest."""
    rsa, curve = key("one").as_dict(private=False), key("curve", "ES256").as_dict(private=False)
    listed = [
        {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"},
        {"kty": "OKP", "kid": "edwards", "crv": "Ed25519", "x": "AAAA"},
        _without(rsa, kid="for encryption", use="enc"),
        _without(rsa, kid="for wrapping", key_ops=["wrapKey"]),
        _without(rsa, kid="of an HMAC", alg="HS256"),
        _without(rsa, kid=None),
        _without(rsa, kid="even", e="AAAC"),
        _without(rsa, kid="slow", e="_" * 300),
        _without(rsa, kid="weak", n="8" * 171),
        _without(rsa, kid="huge", n="8" * 3_000),
        _without(curve, kid="off its curve", y=curve["x"]),
        _without(curve, kid="far off its curve", x="8" * 3_000),
        _without(curve, kid="of no curve", crv="P-192"),
        {"kid": "of no kind"},
        "nothing",
        _without(curve, kid="good", use="sig", alg="ES256", key_ops=["verify"], x5c=["MII"]),
        _without(rsa, kid="good"),
    ]
    keys = foreign_jws.read_keys(json.dumps({"keys": listed}).encode())
    assert {kid: [one.algorithm for one in found] for kid, found in keys.items()} == {"good": ["ES256", None]}


def test_a_key_that_says_its_algorithm_verifies_by_no_other() -> None:
    """RS256 and PS256 are signatures by one key: its owner says which."""
    issuer = Issuer(url="https://issuer.example")
    jwk = {**key("one").as_dict(private=False), "alg": "RS256"}
    keys = foreign_jws.read_keys(json.dumps({"keys": [jwk]}).encode())
    foreign_jws.read(issuer.token()).verify(keys)
    with pytest.raises(foreign_jws.BadForeignToken) as caught:
        foreign_jws.read(issuer.token(algorithm="PS256")).verify(keys)
    assert caught.value.fault == "unknown-key"


def test_of_keys_without_end_the_first_are_kept() -> None:
    """Sixty-four, whatever a provider publishes."""
    jwk = key("one").as_dict(private=False)
    listed = [{**jwk, "kid": f"k{number}"} for number in range(500)]
    assert len(foreign_jws.read_keys(json.dumps({"keys": listed}).encode())) == 64


def test_a_network_has_a_share_of_the_calls_to_a_host_and_waits_for_its_own(impatient: None) -> None:
    """Eight at once of one network at one host; who waits too long is told so, and nobody else waits."""

    async def told(issuer: Issuer, providers: Providers) -> None:
        url = f"{issuer.url}/token"
        async with AsyncExitStack() as held:
            for _ in range(7):
                await held.enter_async_context(providers.share("192.0.2.1", url))
            async with providers.share("192.0.2.1", f"{issuer.url}/another"):
                with pytest.raises(ProviderUnavailable, match="one network"):
                    await held.enter_async_context(providers.share("192.0.2.1", url))
                async with providers.share("192.0.2.2", url), providers.share("192.0.2.1", "https://other.example"):
                    pass
                next_one = asyncio.create_task(held.enter_async_context(providers.share("192.0.2.1", url)))
                await asyncio.sleep(0)
                assert not next_one.done()
            await next_one
        assert not providers._shares

    story(told)
