"""What does an identity provider say of a person? Their id there and claims as texts, the same for every protocol.

Source: oauth-federation.md 7.2; Developer guide, "Mapping IdP attributes to profiles and tokens".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

import msgspec

from poolkeeper.federation.saml.statements import Assertion
from poolkeeper.federation.upstream import Profile

# The provider's tokens, which an operator may map like claims.
_TOKENS = ("access_token", "id_token")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a provider said of a person, verified."""

    subject: str = field(repr=False)
    claims: Mapping[str, str] = field(repr=False)
    answer: Profile | Assertion = field(repr=False)

    def told(self) -> Mapping[str, Mapping[str, str]]:
        """Return the claims for InboundFederation, by source. Made only when asked for: most pools have no such function."""
        if isinstance(self.answer, Assertion):
            return {"samlResponse": self.claims}
        sources = {
            "tokenResponse": self.answer.token_response,
            "idToken": self.answer.id_token,
            "userInfo": self.answer.user_info,
        }
        return {name: _texts(values) for name, values in sources.items()}


def of(answer: Profile | Assertion) -> Statement:
    """Return the statement of an OpenID or social provider's profile, or of a SAML assertion."""
    if isinstance(answer, Assertion):
        claims = {name: text_of(values) for name, values in answer.attributes.items()}
    else:
        tokens = {name: answer.token_response[name] for name in _TOKENS if name in answer.token_response}
        claims = _texts({**tokens, **answer.claims})
    return Statement(subject=subject_of(answer), claims=claims, answer=answer)


def subject_of(answer: Profile | Assertion) -> str:
    """Return the provider's own id of a person, unchanged."""
    return answer.name_id.value if isinstance(answer, Assertion) else answer.subject


def text_of(value: Any) -> str:
    """Return a claim as a user's attribute holds it; several values are written `[one,two]`, each form-encoded.

    Deeper values become JSON: form-encoding them again at each depth would take minutes for a few kilobytes.
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        return _value(value)
    texts = [_value(member) for member in value]
    if len(texts) == 1:
        return texts[0]
    # AWS: all but letters, digits and `.-*_` is encoded.
    return f"[{','.join(quote_plus(text, safe='*').replace('~', '%7E') for text in texts)}]" if texts else ""


def _value(value: Any) -> str:
    """Return one value of a claim as a text, empty where it is nested too deep to be written."""
    if isinstance(value, str):
        return value.replace("\0", "")
    try:
        # UNVERIFIED: how Cognito writes an object, as `address` is, or a list in a list; a provider that sends one would tell.
        return "" if value is None else msgspec.json.encode(value).decode()
    except RecursionError:
        return ""


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): text_of(value) for name, value in values.items()}
