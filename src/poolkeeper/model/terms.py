"""What are terms documents? Addresses by language, of what people agree to when they sign up at an app client.

Source: oauth-federation.md 5, "Localisation"; the API reference of CreateTerms.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from poolkeeper.errors import InvalidParameterException
from poolkeeper.model.languages import WORDS_OF_COGNITO

TERMS_OF_USE, PRIVACY_POLICY = "terms-of-use", "privacy-policy"
TERMS_OF_A_POOL = 40
_PREFIX, _DEFAULT = "cognito:", "cognito:default"
_SCHEMES = frozenset({"http", "https"})


@dataclass(frozen=True, slots=True)
class Agreement:
    """Both documents of an app client, as addresses in the language of a page."""

    terms_of_use: str
    privacy_policy: str


def require_links(links: Mapping[str, str] | None) -> Mapping[str, str]:
    """Return the links of a document, every one of which is an address that a browser may be led to.

    The model's pattern takes any text without blanks, and a link of `javascript:` would run on the sign-up page. Raises
    InvalidParameterException.
    """
    # UNVERIFIED: that AWS wants links, and what it says of a document without them or of a link that is no address;
    # CreateTerms without Links and with `javascript:alert(1)` would settle it.
    if not links:
        raise InvalidParameterException("Links must be provided when TermsSource is LINK.")
    for language, link in links.items():
        if not is_address(link):
            raise InvalidParameterException(f"The link of {language} is not a valid http or https URL.")
    return links


def is_address(link: str) -> bool:
    """Say whether a link is an absolute http or https address, as a browser reads it: it overlooks control characters."""
    try:
        parts = urlsplit(link)
        return parts.scheme in _SCHEMES and bool(parts.hostname) and link.isprintable() and "\\" not in link
    except ValueError:  # a bracket that is open, a port that is none
        return False


def link_for(links: Mapping[str, str], language: str) -> str:
    """Return the address for a language of the pages, that of cognito:default where it has none; empty without either."""
    link = links.get(_PREFIX + WORDS_OF_COGNITO[language]) or links.get(_DEFAULT, "")
    return link if is_address(link) else ""


def agreement(links_by_name: Mapping[str, Mapping[str, str]], language: str) -> Agreement | None:
    """Return what somebody who signs up agrees to; None unless the app client has both documents for the language."""
    links = [link_for(links_by_name.get(name, {}), language) for name in (TERMS_OF_USE, PRIVACY_POLICY)]
    return Agreement(*links) if all(links) else None
