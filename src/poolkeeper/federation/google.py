"""What is special about Google? Its ID token has most claims; for others, such as birthdays, we ask the People API by name.

Sources: Google's OpenID Connect page and People API reference; AWS's ProviderDetails (docs/cognito/oauth-federation.md 7.1).
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from poolkeeper.federation.oidc import profile, verified_id_token
from poolkeeper.federation.upstream import Exchanged, Kind, Profile, fetch_claims, given_endpoints

# Google's documents name both; tokens of either issuer are Google's.
ISSUERS = ("https://accounts.google.com", "accounts.google.com")
JWKS_URI = "https://www.googleapis.com/oauth2/v3/certs"

# The fields that AWS lets a pool map beyond the ID token, with the member of an entry that has the value.
_PERSON_FIELDS: Mapping[str, str] = {
    "names": "displayName",
    "birthdays": "date",
    "genders": "value",
    "phoneNumbers": "value",
    "addresses": "formattedValue",
    "locales": "value",
}


async def identify(exchanged: Exchanged) -> Profile:
    """Return who signed in; the People API is asked only for fields that the pool maps. Raises FederationRefused."""
    id_token = await verified_id_token(exchanged)
    fields = [name for name in exchanged.wanted if name in _PERSON_FIELDS]
    person: dict[str, Any] = {}
    if fields:
        # AWS: `attributes_url_add_attributes`, the address ends where the names begin.
        fetched_person = await fetch_claims(
            exchanged, exchanged.endpoints.attributes_url + quote(",".join(fields), safe=",")
        )
        person = {
            name: value for name in fields if (value := _primary_text(fetched_person.get(name), _PERSON_FIELDS[name]))
        }
    return profile(exchanged, id_token, person)


def _primary_text(entries: Any, member: str) -> str:
    """Return the primary entry of a field as a text, empty where there is none.

    UNVERIFIED: how Cognito writes a birthday or a name that Google sends as an object. A pool with Google and `birthdays` mapped would tell.
    """
    listed = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    for entry in sorted(
        listed, key=lambda entry: not (isinstance(entry.get("metadata"), dict) and entry["metadata"].get("primary"))
    ):
        value = entry.get(member)
        if isinstance(value, dict) and all(isinstance(value.get(part), int) for part in ("year", "month", "day")):
            return f"{value['year']:04}-{value['month']:02}-{value['day']:02}"
        if isinstance(value, str):
            return value
    return ""


GOOGLE = Kind(endpoints=given_endpoints, identify=identify)
