"""Is a provider the issuer that it was set up as, to the letter? A slash at its end counts, as at AWS, and the log says what to do."""

import pytest

from api.world import World
from federation.partner import journey
from federation.provider import Provider
from hosted.log_lines import line_of
from oauth.browsing import CALLBACK


def test_an_issuer_with_another_slash_is_not_gone_to(world: World, provider: Provider) -> None:
    """Its discovery document has another name: nobody is sent there, and the log has the name that it gives itself."""
    walk = journey(world, provider, details={"oidc_issuer": f"{provider.issuer.url}/"})
    answer = walk.leave()
    assert answer.told["error_description"] == "Partner Error - provider is not available"
    detail = line_of(world, answer.headers)["detail"]
    assert f"the document is that of {provider.issuer.url!r}: set it up as that, to the letter" in detail


@pytest.mark.parametrize("slash", ["", "/"])
def test_an_issuer_that_ends_with_a_slash_is_one_of_its_own(world: World, provider: Provider, slash: str) -> None:
    """As Auth0's does; a token of the other spelling is refused, in AWS's words at the app (measured.md 12)."""
    named, other = f"{provider.issuer.url}{slash}", f"{provider.issuer.url}{'' if slash else '/'}"
    provider.issuer.said["issuer"] = named
    walk = journey(world, provider, details={"oidc_issuer": named})
    walk.said = {"iss": named}
    assert walk.sign_in().told["code"]
    walk.browser.cookies.clear()

    walk.said = {"iss": other}
    answer = walk.sign_in()
    assert answer.location.startswith(f"{CALLBACK}?")
    assert (answer.told["error"], answer.told["error_description"]) == (
        "invalid_request",
        f"Bad id_token issuer {other}",
    )
    detail = line_of(world, answer.headers)["detail"]
    assert f"a token of the issuer {other!r} and not of {named}, to the letter" in detail
