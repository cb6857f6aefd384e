"""What is done with an answer that a browser brings from a provider, or from somewhere else? RFC 9207, RFC 9700 4.4 and 4.5."""

import dataclasses

import pytest

from federation.provider import ATTEMPT, Provider, hashed, providing, refusal, sign_in, story, visit
from poolkeeper.federation import code_flow
from poolkeeper.providers import Providers
from tokens.issuer import NOW

ANSWERS: dict[str, tuple[str, dict[str, str | None]]] = {
    "another state": ("state", {"state": "another"}),
    "no state": ("state", {"state": None}),
    "a state in other letters": ("state", {"state": "ä"}),
    "another issuer": ("issuer", {"iss": "https://issuer.example"}),
    "another issuer's error": ("issuer", {"iss": "https://issuer.example", "error": "access_denied", "code": None}),
    "no": ("denied", {"error": "access_denied", "code": None}),
    "no, with a code": ("denied", {"error": "access_denied"}),
    "nothing": ("answer", {"code": None}),
    "a code of blanks and tabs": ("answer", {"code": "a\tb"}),
    "a code as long as a book": ("answer", {"code": "c" * 9_000}),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_is_none_is_not_taken_to_the_provider(name: str) -> None:
    """The token endpoint hears of none of them."""
    reason, changes = ANSWERS[name]

    async def told(provider: Provider, providers: Providers) -> None:
        provider.answered = changes
        refused = await refusal(sign_in(providers, provider.upstream()))
        assert (refused.reason, provider.received) == (reason, [])

    story(told)


def test_a_providers_words_are_cut_to_what_may_be_passed_on() -> None:
    """RFC 6749 4.1.2.1: no line breaks, quotes or other alphabets, and no end (attacks.md 97)."""

    async def told(provider: Provider, providers: Providers) -> None:
        said = 'No "entry"\r\nSet-Cookie: a=b\\ für \x00 alle' + "!" * 1_000
        provider.answered = {"error": "access\ndenied", "error_description": said, "code": None}
        refused = await refusal(sign_in(providers, provider.upstream()))
        assert refused.error == "accessdenied"
        assert refused.description.startswith("No entrySet-Cookie: a=b fr  alle!!!")
        assert len(refused.description) <= 200

    story(told)


def test_a_provider_that_promises_its_name_must_give_it() -> None:
    """RFC 9207: with the promise an answer without `iss` may be anybody's; with the right one it is taken."""

    async def told(provider: Provider, providers: Providers) -> None:
        provider.issuer.said["authorization_response_iss_parameter_supported"] = True
        assert (await refusal(sign_in(providers, provider.upstream()))).reason == "issuer"
        provider.answered = {"iss": provider.issuer.url}
        assert (await sign_in(providers, provider.upstream())).subject == "user-1"

    story(told)


def test_an_answer_of_one_provider_is_not_taken_to_another() -> None:
    """Mix-up (RFC 9700 4.4): the thief's provider sends on to the honest one, whose code it would like to be brought."""

    async def told(honest: Provider, providers: Providers) -> None:
        async with providing() as thief:
            for one in (honest, thief):
                one.answered = {"iss": one.issuer.url}
            # The person chose the thief; its endpoint sends the browser on to the honest provider, with the same state.
            url = await code_flow.begin(providers, "OIDC", thief.upstream(), ATTEMPT, now=NOW * 1000)
            elsewhere = url.replace(thief.issuer.url, honest.issuer.url)
            given = await visit(providers, elsewhere)
            refused = await refusal(
                code_flow.read_answer(providers, "OIDC", thief.upstream(), ATTEMPT, given, now=NOW * 1000)
            )
            assert (refused.reason, thief.received, honest.received) == ("issuer", [], [])

    story(told)


def test_the_code_of_another_sign_in_brings_nothing() -> None:
    """Injected into one's own: its verifier is another one, and where a provider does not look, its nonce is."""

    async def told(provider: Provider, providers: Providers) -> None:
        victims = dataclasses.replace(ATTEMPT, nonce="the-victims", code_verifier="w" * 43)
        upstream = provider.upstream()
        url = await code_flow.begin(providers, "OIDC", upstream, victims, now=NOW * 1000)
        stolen = (await visit(providers, url))["code"]
        assert (await refusal(sign_in(providers, upstream, more={"code": stolen}))).reason == "exchange"

        url = await code_flow.begin(providers, "OIDC", upstream, victims, now=NOW * 1000)
        stolen = (await visit(providers, url))["code"]
        provider.codes[stolen]["code_challenge"] = hashed(ATTEMPT.code_verifier)
        assert (await refusal(sign_in(providers, upstream, more={"code": stolen}))).reason == "nonce"

    story(told)
